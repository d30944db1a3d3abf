#!/usr/bin/env bash
# The guide's setup against an emulated AWS: state, secrets, init, plan, apply, outputs, as printed; then every value of the
# guide through the AWS CLI; then all of it is taken down. The last line is "N passed, N failed". Called by run.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
eval "$("$here/setup.sh")"
export PATH=$RETELL_TOOLS:$PATH
# shellcheck source=/dev/null
. "$here/moto/emulation.sh"
# shellcheck source=/dev/null
. "$here/moto/assertions.sh"
# shellcheck source=/dev/null
. "$here/moto/access.sh"

passed=0
failed=0
work=$(mktemp -d)
finish() {
  stop_aws
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
start_aws "$work"

# The checkout stays as it is: bootstrap.sh writes beside itself.
cp -r "$here/../../terraform" "$work/terraform"
cd "$work/terraform"
rm -rf .terraform* backend.tf ./*.tfstate*

works "bootstrap" ./bootstrap.sh
works "bootstrap again" ./bootstrap.sh
says "state keeps versions" Enabled s3api get-bucket-versioning --bucket retell-terraform-state-123456789012 --query Status
says "state's lock" LockID dynamodb describe-table --table-name retell-terraform-lock --query 'Table.KeySchema[].AttributeName'

works "secret jwt-secret" aws secretsmanager create-secret --name prod/jwt-secret --secret-string your-super-secret-jwt-key
works "secret retell-api-key" aws secretsmanager create-secret --name prod/retell-api-key --secret-string your-retell-api-key
refused "plan before the secrets are there" "can't find the specified secret" sh -c \
  'terraform init -input=false -no-color && terraform plan -input=false -no-color -var-file=environments/production.tfvars'
works "secret twilio-auth-token" aws secretsmanager create-secret --name prod/twilio-auth-token --secret-string your-twilio-auth-token

works "terraform init" terraform init
works "terraform plan" terraform plan -var-file=environments/production.tfvars
works "terraform apply" terraform apply -auto-approve -no-color -var-file=environments/production.tfvars
works "the state is in the bucket" aws s3api head-object --bucket retell-terraform-state-123456789012 --key retell.tfstate
works "nothing is left to change" terraform plan -detailed-exitcode -var-file=environments/production.tfvars
works "terraform output alb_dns_name" terraform output alb_dns_name
works "certificate's records" sh -c 'terraform output -json certificate_validation_records | grep -q CNAME'
works "apply once the certificate is issued" terraform apply -auto-approve -no-color -var-file=environments/production.tfvars \
  -var certificate_validated=true

assert_network
assert_balancer
assert_services
assert_data
assert_watching

# The guide's run-task, with the network that Fargate insists on.
network=$(terraform output -raw migration_network_configuration)
works "run-task with the printed network" aws ecs run-task --cluster retell-prod-cluster \
  --task-definition retell-prod-migrations --launch-type FARGATE --network-configuration "$network"
works "alias for the short run-task" sh -c "terraform output -raw cli_alias | grep -qF 'run-task = run-task --network-configuration $network'"

assert_access

unprotected=(-var-file=environments/production.tfvars -var deletion_protection=false -var skip_final_snapshot=true
  -var force_destroy=true -var secret_recovery_days=0 -var certificate_validated=true)
refused "destroy while protected" "deletion protection\|DeletionProtection" terraform destroy -auto-approve -no-color \
  -var-file=environments/production.tfvars -var certificate_validated=true -target=aws_db_instance.main
works "apply without protection" terraform apply -auto-approve -no-color "${unprotected[@]}"
works "terraform destroy" terraform destroy -auto-approve -no-color "${unprotected[@]}"
says "the cluster is gone" INACTIVE ecs describe-clusters --clusters retell-prod-cluster --query 'clusters[].status'
says "no database is left" "" rds describe-db-instances --query 'DBInstances[].DBInstanceIdentifier'
says "the state's bucket is all that is left" retell-terraform-state-123456789012 s3api list-buckets --query 'Buckets[].Name'
says "the guide's secrets are left" "prod/jwt-secret prod/retell-api-key prod/twilio-auth-token" secretsmanager list-secrets \
  --query 'sort(SecretList[].Name)'

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
