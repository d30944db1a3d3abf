#!/usr/bin/env bats
# How a deployment is judged.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() { load_parts say names cloud rollout; }

# service DEPLOYMENTS...: what describe-services says.
service() { jq -n --args '{deployments: [$ARGS.positional[] | fromjson]}' "$@"; }
deployment() { jq -cn --arg id "$1" --arg status "$2" --arg state "$3" --argjson running "$4" --argjson desired "$5" \
  '{$id, $status, rolloutState: $state, rolloutStateReason: "because", runningCount: $running, desiredCount: $desired, pendingCount: 0}'; }
state() { rollout_state new; }

@test "completed" { [ "$(service "$(deployment new PRIMARY COMPLETED 2 2)" | state)" = completed ]; }

@test "too few tasks: waiting" {
  [ "$(service "$(deployment new PRIMARY IN_PROGRESS 1 2)" "$(deployment old ACTIVE COMPLETED 2 2)" | state)" = waiting ]
}

@test "all new tasks run, old ones are there still: full, not completed" {
  [ "$(service "$(deployment new PRIMARY IN_PROGRESS 2 2)" "$(deployment old ACTIVE COMPLETED 1 2)" | state)" = full ]
}

@test "given up by the circuit breaker, with its reason" {
  [ "$(service "$(deployment back PRIMARY IN_PROGRESS 0 2)" "$(deployment new ACTIVE FAILED 0 2)" | state)" = "failed because" ]
}

@test "gone: ECS went back and has forgotten it, though the service is stable" {
  [ "$(service "$(deployment back PRIMARY COMPLETED 2 2)" | state)" = gone ]
}

@test "somebody else's deployment took its place" {
  [ "$(service "$(deployment other PRIMARY IN_PROGRESS 0 2)" "$(deployment new ACTIVE IN_PROGRESS 2 2)" | state)" = superseded ]
}

@test "a service without rollout states is done when it alone runs enough" {
  [ "$(service "$(deployment new PRIMARY COMPLETED 2 2 | jq -c 'del(.rolloutState)')" | state)" = completed ]
}

task() { jq -cn --arg arn "$1" --arg by "$2" --arg last "$3" --arg desired "$4" --arg address "$5" \
  '{taskArn: $arn, startedBy: $by, lastStatus: $last, desiredStatus: $desired,
    attachments: [{details: [{name: "privateIPv4Address", value: $address}]}]}'; }
sight() { jq -cn --argjson protected "$1" --argjson healthy "$2" --args \
  '{tasks: [$ARGS.positional[] | fromjson], $protected, $healthy}' "${@:3}"; }

@test "old tasks with calls do not hold a deploy up" {
  sight '["old"]' '["10.0.0.1"]' "$(task a new RUNNING RUNNING 10.0.0.1)" "$(task old before RUNNING RUNNING 10.0.0.2)" |
    only_calls_remain new
}

@test "an old task without protection does" {
  run ! only_calls_remain new <<<"$(sight '[]' '["10.0.0.1"]' "$(task a new RUNNING RUNNING 10.0.0.1)" "$(task old before RUNNING RUNNING 10.0.0.2)")"
}

@test "old tasks that are stopping do not" {
  sight '[]' '["10.0.0.1"]' "$(task a new RUNNING RUNNING 10.0.0.1)" "$(task old before DEACTIVATING STOPPED 10.0.0.2)" |
    only_calls_remain new
}

@test "a new task that the load balancer does not find healthy does" {
  run ! only_calls_remain new <<<"$(sight '["old"]' '["10.0.0.2"]' "$(task a new RUNNING RUNNING 10.0.0.1)" "$(task old before RUNNING RUNNING 10.0.0.2)")"
}

@test "no new task at all does" {
  run ! only_calls_remain new <<<"$(sight '["old"]' null "$(task old before RUNNING RUNNING 10.0.0.2)")"
}

@test "a service that Terraform has just made waits for its first release" {
  first=$(service "$(deployment new PRIMARY IN_PROGRESS 0 2)" | jq '.runningCount = 0')
  nothing_has_run <<<"$first"
  run nothing_has_run <<<"$(jq '.runningCount = 1' <<<"$first")"
  [ "$status" -ne 0 ]
  run nothing_has_run <<<"$(service "$(deployment new PRIMARY IN_PROGRESS 0 2)" "$(deployment old ACTIVE COMPLETED 0 2)" | jq '.runningCount = 0')"
  [ "$status" -ne 0 ]
}

# watched ALARMS STATE_THEN: waits for a deployment that has old tasks with calls beside it, at its third look STATE_THEN.
watched() {
  local alarms=$1 then=$2
  poll_seconds=0.2 steady_polls=1 alarm_seconds=2 cluster=c prefix=p
  name_environment production
  : >"$scratch/looks"
  service_now() {
    echo >>"$scratch/looks"
    local state=IN_PROGRESS
    if (($(wc -l <"$scratch/looks") >= 3)); then state=$then; fi
    service "$(deployment new PRIMARY "$state" 2 2)" "$(deployment old ACTIVE COMPLETED 1 2)" |
      jq -c --argjson on "$alarms" '.deploymentConfiguration.alarms = {enable: $on, rollback: true}'
  }
  service_sight() { sight '["old"]' null "$(task a new RUNNING RUNNING 10.0.0.1)" "$(task old before RUNNING RUNNING 10.0.0.2)"; }
  wait_rollout api new
}

@test "a deployment with alarms is watched for as long as these need, though only calls hold it up" {
  run watched true FAILED
  [ "$status" -eq 1 ]
  run watched true IN_PROGRESS
  [ "$status" -eq 0 ]
  [ "$(wc -l <"$scratch/looks")" -ge 3 ]
}

@test "one without alarms is not" {
  run watched false FAILED
  [ "$status" -eq 0 ]
}
