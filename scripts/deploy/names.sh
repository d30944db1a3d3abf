# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Which names belong to an environment: the ones that Terraform gives. Sourced.

# name_environment staging|production: sets prefix and everything that hangs on it; fails for any other word.
name_environment() {
  environment=$1
  case $environment in
    staging) prefix=retell-staging api_host=api.staging.retellai-mvp.com web_host=staging.retellai-mvp.com ;;
    production) prefix=retell-prod api_host=api.retellai-mvp.com web_host=app.retellai-mvp.com ;;
    *) return 1 ;;
  esac
  cluster=$prefix-cluster
  migrations_family=$prefix-migrations
  # Lock and record of deploys.
  deployments_table=$prefix-deployments
  # Hosts of an installation under another domain.
  api_host=${RETELL_API_HOST:-$api_host}
  web_host=${RETELL_WEB_HOST:-$web_host}
}

service_name() { echo "$prefix-$1"; }
repository_name() { echo "$prefix/$1"; }

# revision_name ARN: retell-prod-api:42 of a task definition's ARN.
revision_name() { echo "${1##*/}"; }
