#!/usr/bin/env bats
# The migration's task: where it runs and how it ended.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() { load_parts say names cloud rollout checks migration; }

@test "the network is the API's own" {
  api_service='{"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s1"],"securityGroups":["g1"],"assignPublicIp":"DISABLED"}}}'
  [ "$(migration_network | jq -r '.awsvpcConfiguration | "\(.subnets[0]) \(.securityGroups[0]) \(.assignPublicIp)"')" = "s1 g1 DISABLED" ]
}

@test "variables override it" {
  api_service='{"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s1"],"securityGroups":["g1"]}}}'
  RETELL_DEPLOY_SUBNETS=a,b RETELL_DEPLOY_SECURITY_GROUPS=g run migration_network
  [ "$(jq -c '.awsvpcConfiguration | [.subnets, .securityGroups]' <<<"$output")" = '[["a","b"],["g"]]' ]
}

@test "without subnets there is no network to be had" {
  api_service='{}'
  run migration_network
  [ "$status" -ne 0 ]
}

verdict() { migration_verdict img; }

@test "0 is good" { [ "$(echo '{"containers":[{"image":"img","exitCode":0}],"stopCode":"EssentialContainerExited"}' | verdict)" = ok ]; }

@test "7 is not" { [ "$(echo '{"containers":[{"image":"img","exitCode":7}]}' | verdict)" = "it ended with 7" ]; }

@test "a helper that was killed with it does not count" {
  [ "$(echo '{"containers":[{"image":"logs","exitCode":137},{"image":"img","exitCode":0}]}' | verdict)" = ok ]
}

@test "a task that never ran is no success" {
  [ "$(echo '{"containers":[{"image":"img"}],"stopCode":"TaskFailedToStart","stoppedReason":"CannotPullContainerError: x"}' | verdict)" = "it never ran: CannotPullContainerError: x" ]
}

@test "the peak counts old and new tasks, and the migration" {
  [ "$(echo '{"desiredCount":4,"deploymentConfiguration":{"maximumPercent":200}}' | vcpus_at_peak 2048 1024)" = 17 ]
}

@test "a secret's name is taken without key and version" {
  [ "$(secret_of arn:aws:secretsmanager:us-east-1:1:secret:prod/jwt-secret-AbCdEf:key::)" = arn:aws:secretsmanager:us-east-1:1:secret:prod/jwt-secret-AbCdEf ]
}

@test "environments have the guide's names" {
  name_environment production
  [ "$cluster $(service_name api) $(repository_name web) $migrations_family" = "retell-prod-cluster retell-prod-api retell-prod/web retell-prod-migrations" ]
  name_environment staging
  [ "$cluster" = retell-staging-cluster ]
  run ! name_environment prod
}

@test "the network is told as an argument too, which an alias of run-task cannot overrule" {
  api_service='{"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s1"],"securityGroups":["g1"]}}}'
  cluster=c
  cloud() {
    if [ "$2" = run-task ]; then
      printf '%s\n' "$@" >"$scratch/asked"
      echo '{"tasks":[],"failures":[{"reason":"RESOURCE"}]}'
    fi
  }
  run run_migration arn:revision:1 img
  [ "$status" -ne 0 ]
  [ "$(grep -A1 -- '^--network-configuration$' "$scratch/asked" | tail -n 1 | jq -c .awsvpcConfiguration.subnets)" = '["s1"]' ]
}

described() { jq -cn --arg url "$1" --arg origins "$2" \
  '{taskDefinition: {containerDefinitions: [{environment: [{name: "RETELL_SERVER_PUBLIC_URL", value: $url}, {name: "RETELL_SERVER_CORS_ORIGINS", value: $origins}]}]}}'; }

@test "hosts are those that Terraform told the API" {
  name_environment staging
  name_hosts <<<"$(described https://api.voice.example https://app.voice.example,https://b.example)"
  [ "$api_host $web_host $RETELL_API_HOST" = "api.voice.example app.voice.example api.voice.example" ]
}

@test "hosts that are said are stronger, and those that nobody told are the guide's" {
  RETELL_API_HOST=said.example
  name_environment staging
  name_hosts <<<"$(described https://api.voice.example '*')"
  [ "$api_host $web_host" = "said.example staging.retellai-mvp.com" ]
}
