#!/usr/bin/env bats
# Going back when a release does not come to serve.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() {
  load_parts say names cloud lock revisions rollout switch checks
  name_environment production
  cloud() { echo "$*" >>"$scratch/asked"; }
  describe_revision() { echo '{}'; }
  service_now() {
    jq -cn --arg state "$state" --argjson running "$running" '{runningCount: $running, deployments: [
      {id: "d", status: "PRIMARY", taskDefinition: "retell-prod-x:1", rolloutState: $state, runningCount: $running, desiredCount: 2, pendingCount: 0}]}'
  }
}

@test "a service that served nothing before is not taken back to what never ran" {
  state=FAILED running=0
  read_running
  touched=(api)
  run go_back
  [ "$status" -eq 0 ]
  [[ "$output" == *"retell-prod-api served nothing before"* ]]
  [ ! -e "$scratch/asked" ]
}

@test "one that serves is" {
  state=COMPLETED running=2
  read_running
  [ "${#never_served[@]}" -eq 0 ]
  [ "${previous[api]}" = retell-prod-x:1 ]
}
