# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# What must be in order before anything is changed. All problems are told at once. Sourced.

problems=0
# What the API's service was when it was looked at; its network is the migration's too.
api_service='{}'

problem() {
  bad "$*"
  problems=$((problems + 1))
}

end_of_checks() {
  if ((problems > 0)); then die "$STATUS_REFUSED" "$problems of the checks did not pass; nothing was changed"; fi
}

require_tools() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || problem "$tool is needed and not installed"
  done
  end_of_checks
}

# Account and region; both versions of the CLI are told the region by the same variables.
check_identity() {
  local answer
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region 2>/dev/null || true)}}
  region=${region:-us-east-1}
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  answer=$(cloud sts get-caller-identity) || die "$STATUS_REFUSED" "AWS does not know you: log in first (aws configure, or aws sso login)"
  account=$(field .Account <<<"$answer")
  caller=$(field .Arn <<<"$answer")
  if [[ -n "${RETELL_DEPLOY_ACCOUNT_ID:-}" && "$account" != "$RETELL_DEPLOY_ACCOUNT_ID" ]]; then
    die "$STATUS_REFUSED" "this is account $account, but $environment lives in $RETELL_DEPLOY_ACCOUNT_ID"
  fi
  say "$caller, region $region"
}

check_cluster() {
  local status
  status=$(cloud ecs describe-clusters --clusters "$cluster" | field '.clusters[0].status') || true
  if [[ "$status" != ACTIVE ]]; then
    die "$STATUS_REFUSED" "there is no cluster $cluster in $region (terraform apply makes it; is this the right region?)"
  fi
}

check_checkout() {
  local any_branch=$1
  checkout_is_clean || problem "there are uncommitted changes: no commit could say what was deployed"
  if [[ "$environment" == production ]] && ! $any_branch && ! commit_is_on_main; then
    problem "this commit is not on the main branch (--any-branch deploys it all the same)"
  fi
}

# secret_of VALUE_FROM: the name to ask for, without the key inside of it and its version.
secret_of() { cut -d: -f1-7 <<<"$1"; }

# check_secrets DESCRIBED_REVISION...: every secret that a container is given exists and has a value. The values are not
# read: who deploys need not know them.
check_secrets() {
  local described value answer
  local -A asked=()
  for described in "$@"; do
    while read -r value; do
      if [[ -z "$value" || -n "${asked[$value]:-}" ]]; then continue; fi
      asked[$value]=1
      if [[ "$value" != arn:*:secretsmanager:* ]]; then continue; fi
      if ! answer=$(cloud secretsmanager describe-secret --secret-id "$(secret_of "$value")" 2>&1); then
        problem "the secret $(secret_of "$value") cannot be found: ${answer##*: }"
      elif ! jq -e '.DeletedDate == null and ([.VersionIdsToStages[]?[]] | index("AWSCURRENT") != null)' <<<"$answer" >/dev/null; then
        problem "the secret $(secret_of "$value") has no value, or is about to be deleted"
      fi
    done < <(jq -r '.taskDefinition.containerDefinitions[].secrets[]?.valueFrom' <<<"$described")
  done
}

# vcpus_at_peak CPU_UNITS MIGRATION_CPU_UNITS: what the API's service on standard input takes while old and new tasks run
# side by side, with the migration's task.
vcpus_at_peak() {
  jq --argjson cpu "$1" --argjson migration "$2" '
    ((.desiredCount * (.deploymentConfiguration.maximumPercent // 200) / 100 | floor) * $cpu + $migration) / 1024'
}

# check_quota API_DESCRIBED MIGRATION_DESCRIBED: Fargate starts no task beyond the account's vCPUs, and a deploy would hang.
check_quota() {
  local api_cpu migration_cpu peak quota
  api_cpu=$(field .taskDefinition.cpu <<<"$1")
  migration_cpu=$(field .taskDefinition.cpu <<<"$2")
  peak=$(vcpus_at_peak "${api_cpu:-0}" "${migration_cpu:-0}" <<<"$api_service")
  if ! quota=$(cloud service-quotas get-service-quota --service-code fargate --quota-code L-3032A538 2>/dev/null |
    jq -er .Quota.Value); then
    warn "the Fargate quota cannot be read; at its peak this needs $peak vCPUs"
    return
  fi
  if jq -en --argjson peak "$peak" --argjson quota "$quota" '$peak > $quota' >/dev/null; then
    problem "Fargate's quota is $quota vCPUs, and the API alone needs $peak while old and new tasks run side by side"
  fi
}
