# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Which names belong to an environment: the ones that Terraform gives. Sourced.

# name_environment staging|production: sets prefix and everything that hangs on it; fails for any other word.
name_environment() {
  environment=$1
  # Whose images an environment takes before it builds its own: production what was tried in staging.
  tried_prefix=''
  case $environment in
    staging) prefix=retell-staging api_host=api.staging.retellai-mvp.com web_host=staging.retellai-mvp.com ;;
    production) prefix=retell-prod tried_prefix=retell-staging api_host=api.retellai-mvp.com web_host=app.retellai-mvp.com ;;
    *) return 1 ;;
  esac
  cluster=$prefix-cluster
  migrations_family=$prefix-migrations
  # Lock and record of deploys.
  deployments_table=$prefix-deployments
  # Before anything else is known (name_hosts).
  api_host=${RETELL_API_HOST:-$api_host}
  web_host=${RETELL_WEB_HOST:-$web_host}
}

# name_hosts: of an installation under another domain, as Terraform told them to the API, whose described revision is on
# standard input. RETELL_API_HOST and RETELL_WEB_HOST are stronger. For the test through the load balancer too.
name_hosts() {
  local api web
  read -r api web < <(jq -r '[.taskDefinition.containerDefinitions[].environment[]? | {key: .name, value}] | from_entries
    | [.RETELL_SERVER_PUBLIC_URL, .RETELL_SERVER_CORS_ORIGINS] | map((. // "") | split(",")[0] // "" | ltrimstr("https://") | split("/")[0] // "")
    | map(if . == "" or . == "*" then "-" else . end) | join(" ")')
  if [[ -z "${RETELL_API_HOST:-}" && "${api:--}" != - ]]; then api_host=$api; fi
  if [[ -z "${RETELL_WEB_HOST:-}" && "${web:--}" != - ]]; then web_host=$web; fi
  export RETELL_API_HOST=$api_host RETELL_WEB_HOST=$web_host
}

service_name() { echo "$prefix-$1"; }
repository_name() { echo "$prefix/$1"; }

# revision_name ARN: retell-prod-api:42 of a task definition's ARN.
revision_name() { echo "${1##*/}"; }
