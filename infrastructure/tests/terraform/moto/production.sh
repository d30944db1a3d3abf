#!/usr/bin/env bash
# The guide's setup of production against an emulated AWS: state, secrets, init, plan, apply, outputs, as printed; then every
# value of the guide through the AWS CLI and the roles at work; then all of it is taken down. Called by apply.sh.
# shellcheck disable=SC2016,SC2154  # backquotes are JMESPath's; $account is of a sourced file
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=/dev/null
. "$here/moto/track.sh"
# shellcheck source=/dev/null
. "$here/moto/access.sh"
expect_environment production
state=retell-terraform-state-$account

works "bootstrap" ./bootstrap.sh
works "bootstrap again" ./bootstrap.sh
says "state keeps versions" Enabled s3api get-bucket-versioning --bucket "$state" --query Status
says "state is encrypted" aws:kms s3api get-bucket-encryption --bucket "$state" \
  --query 'ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm'
says "state is closed" "True True True True" s3api get-public-access-block --bucket "$state" --query \
  'PublicAccessBlockConfiguration.[BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets]'
works "state is read with TLS alone" sh -c "aws s3api get-bucket-policy --bucket $state --query Policy --output text |
  jq -e '.Statement[] | select(.Effect == \"Deny\" and .Condition.Bool[\"aws:SecureTransport\"] == \"false\")'"
says "state's lock" LockID dynamodb describe-table --table-name retell-terraform-lock --query 'Table.KeySchema[].AttributeName'

works "secret jwt-secret" aws secretsmanager create-secret --name prod/jwt-secret --secret-string your-super-secret-jwt-key
works "secret retell-api-key" aws secretsmanager create-secret --name prod/retell-api-key --secret-string your-retell-api-key
refused "plan before the secrets are there" "can't find the specified secret" sh -c \
  'terraform init -input=false -no-color && terraform plan -input=false -no-color -var-file=environments/production.tfvars'
works "secret twilio-auth-token" aws secretsmanager create-secret --name prod/twilio-auth-token --secret-string your-twilio-auth-token

works "terraform init" terraform init
works "terraform plan" terraform plan -var-file=environments/production.tfvars
works "terraform apply" terraform apply -auto-approve -no-color -var-file=environments/production.tfvars
works "the state is in the bucket" aws s3api head-object --bucket "$state" --key retell.tfstate
works "nothing is left to change" terraform plan -detailed-exitcode -var-file=environments/production.tfvars
says "output alb_dns_name" "$(terraform output -raw alb_dns_name)" elbv2 describe-load-balancers --names retell-prod \
  --query 'LoadBalancers[].DNSName'
works "certificate's records" sh -c 'terraform output -json certificate_validation_records | jq -e "length == 2 and all(.type == \"CNAME\")"'
says "without a certificate only health is served" "/health /health" elbv2 describe-rules \
  --listener-arn "$(aws elbv2 describe-listeners --output text --query 'Listeners[].ListenerArn' --load-balancer-arn \
    "$(aws elbv2 describe-load-balancers --names retell-prod --query 'LoadBalancers[0].LoadBalancerArn' --output text)")" \
  --query 'Rules[].Conditions[].PathPatternConfig.Values[]'

# Somebody else is at it.
aws dynamodb put-item --table-name retell-terraform-lock --item \
  "{\"LockID\": {\"S\": \"$state/retell.tfstate\"}, \"Info\": {\"S\": \"{\\\"ID\\\": \\\"1\\\", \\\"Who\\\": \\\"ana@laptop\\\"}\"}}"
refused "a second apply at the same time" "ana@laptop" terraform apply -auto-approve -no-color -input=false \
  -var-file=environments/production.tfvars
aws dynamodb delete-item --table-name retell-terraform-lock --key "{\"LockID\": {\"S\": \"$state/retell.tfstate\"}}"

works "apply once the certificate is issued" terraform apply -auto-approve -no-color -var-file=environments/production.tfvars \
  -var certificate_validated=true

assert_environment
# An hour; the emulation takes a second less.
says "the API's targets keep their calls" "3599" elbv2 describe-target-group-attributes --target-group-arn \
  "$(aws elbv2 describe-target-groups --names retell-prod-api --query 'TargetGroups[0].TargetGroupArn' --output text)" \
  --query 'Attributes[?Key==`deregistration_delay.timeout_seconds`].Value'

# The guide's run-task, with the network that Fargate insists on.
network=$(terraform output -raw migration_network_configuration)
works "run-task with the printed network" aws ecs run-task --cluster retell-prod-cluster \
  --task-definition retell-prod-migrations --launch-type FARGATE --network-configuration "$network"
works "alias for the short run-task" sh -c "terraform output -raw cli_alias | grep -qF 'run-task = run-task --network-configuration $network'"
# Set up twice, as people do. The CLI reads this file before every command: a second section of one name breaks them all.
for page in DEPLOYMENT DEPLOYMENT.pt-BR; do
  mkdir -p "$work/$page/.aws/cli"
  written=$(grep 'terraform output -raw cli_alias' "$here/../../../docs/$page.md")
  works "$page's alias" env HOME="$work/$page" sh -c "$written; $written"
  works "the CLI after $page's alias was set up twice" env HOME="$work/$page" aws sts get-caller-identity
done

assert_access

refused "destroy while protected" "deletion protection\|DeletionProtection" terraform destroy -auto-approve -no-color \
  -var-file=environments/production.tfvars -var certificate_validated=true -target=aws_db_instance.main
take_down -var-file=environments/production.tfvars -var certificate_validated=true
assert_gone retell-
says "the guide's secrets are left" "prod/jwt-secret prod/retell-api-key prod/twilio-auth-token" secretsmanager list-secrets \
  --query 'sort(SecretList[].Name)'

report
