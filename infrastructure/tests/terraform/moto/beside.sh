#!/usr/bin/env bash
# The small profile and staging against an emulated AWS, in one account, as both environments of a real one are: applied,
# every value asked of AWS, each kept from the other's variables, taken down. Called by apply.sh.
# shellcheck disable=SC2016,SC2034,SC2154  # shared with the sourced files
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=/dev/null
. "$here/moto/track.sh"

zone=$(aws route53 create-hosted-zone --name retellai-mvp.com --caller-reference tests --query HostedZone.Id --output text)
zone=${zone##*/}
small=(-var-file=environments/production.tfvars -var-file=profiles/small.tfvars -var "route53_zone_id=$zone"
  -var github_repository=example/retell -var 'alarm_emails=["on-call@example.com"]' -var 'waf_trusted_cidrs=["203.0.113.7/32"]')
staging=(-var-file=environments/staging.tfvars -var certificate_validated=true
  -var github_repository=example/retell -var github_oidc_provider_exists=true)

./bootstrap.sh >/dev/null
for name in {prod,staging}/{jwt-secret,retell-api-key,twilio-auth-token}; do
  aws secretsmanager create-secret --name "$name" --secret-string "of-${name%/*}" >/dev/null
done
works "init" terraform init -no-color -input=false

# in_environment NAME: what is said of it is said with its name.
in_environment() {
  expect_environment "$1"
  want[jwt]=of-$short
  about="$1: "
}

# up NAME ARGUMENTS...
up() {
  in_environment "$1"
  shift
  works "apply" terraform apply -auto-approve -no-color "$@"
  works "nothing is left to change" terraform plan -detailed-exitcode -no-color "$@"
  assert_environment
}

up small "${small[@]}"
says "names of its hosts in the zone" "api.retellai-mvp.com. A app.retellai-mvp.com. A" route53 list-resource-record-sets \
  --hosted-zone-id "$zone" --query 'ResourceRecordSets[?AliasTarget].[Name, Type]'
says "proofs for the certificate in the zone" 2 route53 list-resource-record-sets --hosted-zone-id "$zone" \
  --query 'length(ResourceRecordSets[?Type==`CNAME`])'
says "alarms go by mail to" "email on-call@example.com" sns list-subscriptions --query 'Subscriptions[].[Protocol, Endpoint]'
says "addresses that the firewall does not count" "203.0.113.7/32" wafv2 get-ip-set --scope REGIONAL --name retell-prod-trusted \
  --id "$(aws wafv2 list-ip-sets --scope REGIONAL --query 'IPSets[0].Id' --output text)" --query 'IPSet.Addresses'
says "GitHub's tokens are trusted" "token.actions.githubusercontent.com sts.amazonaws.com" iam get-open-id-connect-provider \
  --open-id-connect-provider-arn "arn:aws:iam::$account:oidc-provider/token.actions.githubusercontent.com" --query '[Url, ClientIDList]'

works "a workspace for staging" terraform workspace new staging
up staging "${staging[@]}"
says "whose jobs may deploy it" "repo:example/retell:environment:staging" iam get-role --role-name retell-staging-deploy --query \
  'Role.AssumeRolePolicyDocument.Statement[1].Condition.StringEquals."token.actions.githubusercontent.com:sub"'
says "a state of its own" "env:/staging/retell.tfstate retell.tfstate" s3api list-objects-v2 \
  --bucket "retell-terraform-state-$account" --query 'sort(Contents[].Key)'
refused "production's variables in staging's workspace" "these are the variables of production" terraform apply -auto-approve \
  -input=false -no-color "${small[@]}"
refused "destroying staging with production's variables" "these are the variables of production" terraform destroy -auto-approve \
  -input=false -no-color "${small[@]}"
take_down "${staging[@]}"

terraform workspace select default >/dev/null
in_environment small
refused "staging's variables in production's workspace" "these are the variables of staging" terraform apply -auto-approve \
  -input=false -no-color "${staging[@]}"
refused "destroying production with staging's variables" "these are the variables of staging" terraform destroy -auto-approve \
  -input=false -no-color "${staging[@]}"
works "it has not noticed staging" terraform plan -detailed-exitcode -no-color "${small[@]}"
says "its database is there" retell-prod rds describe-db-instances --query 'DBInstances[].DBInstanceIdentifier'
take_down "${small[@]}"

about=
says "the zone is as it was" "NS SOA" route53 list-resource-record-sets --hosted-zone-id "$zone" --query 'sort(ResourceRecordSets[].Type)'
assert_gone retell-
says "nobody is trusted any more" "" iam list-open-id-connect-providers --query 'OpenIDConnectProviderList[].Arn'
report
