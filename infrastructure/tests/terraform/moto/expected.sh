# shellcheck shell=bash
# Sourced: what the guide says of each environment, and what the small profile changes of it.
# shellcheck disable=SC2034  # the sourcing script reads them

declare -A want

# expect_environment production|small|staging: sets $prefix, $short and $want.
expect_environment() {
  prefix=retell-prod
  short=prod
  want=(
    [nat]=3
    [flow]=ALL
    [api_host]=api.retellai-mvp.com
    [web_host]=app.retellai-mvp.com
    [insights]=enabled
    [database]="postgres db.r6g.xlarge True 30"
    [cache]="cache.r6g.large 2 enabled"
    [budget]="2000 USD"
    [backup_plan]=retell-prod
    [redis_alarms]=8
    [jwt]=your-super-secret-jwt-key
  )
  case $1 in
    production) ;;
    small)
      want[nat]=1
      want[flow]=REJECT
      want[database]="postgres db.t4g.large True 30"
      want[cache]="cache.t4g.medium 2 enabled"
      want[budget]="700 USD"
      want[backup_plan]=""
      ;;
    staging)
      prefix=retell-staging
      short=staging
      want[nat]=1
      want[flow]=REJECT
      want[api_host]=api.staging.retellai-mvp.com
      want[web_host]=staging.retellai-mvp.com
      want[insights]=disabled
      want[database]="postgres db.t3.large False 7"
      want[cache]="cache.t3.medium 1 disabled"
      want[budget]="600 USD"
      want[backup_plan]=""
      want[redis_alarms]=4
      ;;
  esac
}
