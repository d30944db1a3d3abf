# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# The database's migration: one task of the new image, before any service changes. Sourced.

migration_timeout=${RETELL_MIGRATION_TIMEOUT:-900}

# migration_network: where the task runs: as the API does, unless RETELL_DEPLOY_SUBNETS and RETELL_DEPLOY_SECURITY_GROUPS
# (comma separated) say otherwise. Without it Fargate refuses every task.
migration_network() {
  jq -ecn --argjson service "$api_service" --arg subnets "${RETELL_DEPLOY_SUBNETS:-}" \
    --arg groups "${RETELL_DEPLOY_SECURITY_GROUPS:-}" '
    ($service.networkConfiguration.awsvpcConfiguration // {assignPublicIp: "DISABLED"})
    | if $subnets != "" then .subnets = ($subnets | split(",")) else . end
    | if $groups != "" then .securityGroups = ($groups | split(",")) else . end
    | if (.subnets // []) == [] then empty else {awsvpcConfiguration: .} end'
}

# migration_verdict IMAGE: of a stopped task on standard input: "ok", or what went wrong. Only the container of the image
# counts: a helper beside it is killed when it ends.
migration_verdict() {
  jq -r --arg image "$1" '
    ([.containers[] | select(.image == $image)][0] // .containers[0]) as $ours
    | if $ours.exitCode == 0 then "ok"
      elif $ours.exitCode != null then "it ended with \($ours.exitCode)"
      else "it never ran: \(.stoppedReason // $ours.reason // .stopCode // "no reason given")" end'
}

# migration_log DESCRIBED_REVISION TASK_ARN: its last lines. Read by the API that both versions of the CLI have.
migration_log() {
  local group stream
  read -r group stream < <(jq -r --arg task "${2##*/}" '.taskDefinition.containerDefinitions[0] as $c
    | $c.logConfiguration.options as $o | "\($o["awslogs-group"] // "") \($o["awslogs-stream-prefix"] // "")/\($c.name)/\($task)"' <<<"$1")
  if [[ -z "$group" ]]; then return 0; fi
  cloud logs get-log-events --log-group-name "$group" --log-stream-name "$stream" --limit 40 2>/dev/null |
    jq -r '.events[].message' | sed 's/^/   | /'
}

# run_migration REVISION IMAGE: 0 when it ended with 0.
run_migration() {
  local revision=$1 image=$2 network input answer task described verdict deadline silent=0
  network=$(migration_network) || { bad "the API's service tells no subnets; set RETELL_DEPLOY_SUBNETS and RETELL_DEPLOY_SECURITY_GROUPS"; return 1; }
  input=$(jq -n --arg cluster "$cluster" --arg revision "$revision" --argjson network "$network" \
    '{$cluster, taskDefinition: $revision, launchType: "FARGATE", count: 1, startedBy: "deploy", networkConfiguration: $network}')
  # The network once more as an argument: the guide's alias for run-task brings another one, and an argument beats the file.
  answer=$(cloud ecs run-task --cli-input-json "$(request run-migration "$input")" --network-configuration "$network") || return 1
  if ! task=$(jq -er '.tasks[0].taskArn' <<<"$answer"); then
    bad "the migration's task was not started: $(jq -r '[.failures[]? | "\(.reason) \(.detail // "")"] | join(", ")' <<<"$answer")"
    return 1
  fi
  say "task ${task##*/}"
  deadline=$((SECONDS + migration_timeout))
  while :; do
    if answer=$(cloud ecs describe-tasks --cluster "$cluster" --tasks "$task"); then
      silent=0
      if [[ "$(field '.tasks[0].lastStatus' <<<"$answer")" == STOPPED ]]; then break; fi
    else
      silent=$((silent + 1))
    fi
    # A migration that hangs or is given up is stopped: it must not end in an hour and find other programs.
    if $interrupted || ((SECONDS > deadline || silent > 12)); then
      bad "the migration is stopped: $($interrupted && echo interrupted || echo "not done after $migration_timeout s")"
      cloud ecs stop-task --cluster "$cluster" --task "$task" --reason "given up by deploy.sh" >/dev/null || true
      return 1
    fi
    sleep "$poll_seconds"
  done
  described=$(describe_revision "$revision") || described='{}'
  migration_log "$described" "$task" || true
  verdict=$(jq '.tasks[0]' <<<"$answer" | migration_verdict "$image")
  if [[ "$verdict" == ok ]]; then return 0; fi
  bad "the migration failed: $verdict"
  return 1
}
