# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Starting a deployment of a service, waiting for it, and judging how it went. Sourced.
#
# `aws ecs wait services-stable` also returns 0 after ECS has gone back to the old revision by itself, so it says nothing.
# What counts is what became of the deployment that we started, by its id.

poll_seconds=${RETELL_DEPLOY_POLL_SECONDS:-5}
rollout_timeout=${RETELL_DEPLOY_TIMEOUT:-1800}
# ECS takes a deployment back while its alarms watch it, which is until the last old task is gone. Where old tasks stay for
# their calls, this is how long an alarm needs to notice (alarms.tf: 5 minutes, and what CloudWatch takes).
alarm_seconds=${RETELL_DEPLOY_ALARM_SECONDS:-360}
# How often in a row a good sight must be seen, where ECS itself has not said yet that it is done.
steady_polls=${RETELL_DEPLOY_STEADY_POLLS:-3}
rollout_problem=''
interrupted=false
declare -A seen_events=()

# rollout_state ID: in one word what a service (on standard input) says of that deployment; the reason follows "failed".
rollout_state() {
  jq -r --arg id "$1" '
    (.deployments | length) as $all
    | ([.deployments[] | select(.id == $id)][0]) as $ours
    | if $ours == null then "gone"
      elif $ours.rolloutState == "FAILED" then "failed \($ours.rolloutStateReason // "no reason given")"
      elif $ours.status != "PRIMARY" then "superseded"
      elif $ours.rolloutState == "COMPLETED" then "completed"
      elif $ours.runningCount < $ours.desiredCount or $ours.pendingCount > 0 then "waiting"
      elif $ours.rolloutState == null and $all == 1 then "completed"
      else "full" end'
}

# nothing_has_run: whether the service on standard input has its first deployment, and no task of it runs: Terraform makes
# services before there is any image.
nothing_has_run() {
  jq -e '(.deployments | length) == 1 and .deployments[0].rolloutState != "COMPLETED" and .runningCount == 0' >/dev/null
}

# has_alarms: whether ECS takes a deployment of the service on standard input back when an alarm goes off.
has_alarms() { jq -e '.deploymentConfiguration.alarms | (.enable == true) and (.rollback == true)' >/dev/null; }

# only_calls_remain ID: reads {tasks, protected: [arns], healthy: [addresses] or null}. True when all new tasks are healthy
# in the load balancer and every old one that is not stopping yet is protected: it has live calls, which may go on for an
# hour. Waiting for them would make every deploy as long as the longest call.
only_calls_remain() {
  jq -e --arg id "$1" '
    def address: [.attachments[]?.details[]? | select(.name == "privateIPv4Address") | .value][0];
    .protected as $protected | .healthy as $healthy
    | [.tasks[] | select(.startedBy == $id)] as $new
    | [.tasks[] | select(.startedBy != $id and .desiredStatus == "RUNNING")] as $old
    | ($new | length > 0)
      and all($new[]; .lastStatus == "RUNNING" and ($healthy == null or (address as $a | $healthy | index($a) != null)))
      and all($old[]; .taskArn as $arn | $protected | index($arn) != null)' >/dev/null
}

# What only_calls_remain needs to know of a service.
service_sight() {
  local service=$1 arns tasks='[]' protected='[]' healthy=null group
  mapfile -t arns < <(cloud ecs list-tasks --cluster "$cluster" --service-name "$(field .serviceName <<<"$service")" |
    jq -r '.taskArns[]')
  if ((${#arns[@]} > 0)); then
    tasks=$(cloud ecs describe-tasks --cluster "$cluster" --tasks "${arns[@]}" | jq .tasks) || return 1
    # The API takes ten tasks at a time.
    local i
    for ((i = 0; i < ${#arns[@]}; i += 10)); do
      protected=$(cloud ecs get-task-protection --cluster "$cluster" --tasks "${arns[@]:i:10}" |
        jq --argjson before "$protected" '$before + [.protectedTasks[] | select(.protectionEnabled) | .taskArn]') || return 1
    done
  fi
  group=$(field '.loadBalancers[0].targetGroupArn' <<<"$service")
  if [[ -n "$group" ]]; then
    healthy=$(cloud elbv2 describe-target-health --target-group-arn "$group" |
      jq '[.TargetHealthDescriptions[] | select(.TargetHealth.State == "healthy") | .Target.Id]') || return 1
  fi
  jq -n --argjson tasks "$tasks" --argjson protected "$protected" --argjson healthy "$healthy" \
    '{$tasks, $protected, $healthy}'
}

# Marks what has happened before as seen.
forget_old_events() {
  local id
  while read -r id; do seen_events[$id]=1; done < <(jq -r '.events[]?.id' <<<"$1")
}

print_new_events() {
  local id message
  while IFS=$'\t' read -r id message; do
    if [[ -z "$id" || -n "${seen_events[$id]:-}" ]]; then continue; fi
    seen_events[$id]=1
    say "$message"
  done < <(jq -r '[.events[]?] | reverse[] | [.id, .message] | @tsv' <<<"$1")
}

# start_rollout APP REVISION: prints the id of the deployment that it made.
start_rollout() {
  local answer
  answer=$(cloud ecs update-service --cluster "$cluster" --service "$(service_name "$1")" --task-definition "$2") || return 1
  jq -er --arg revision "$2" \
    '.service.deployments[] | select(.status == "PRIMARY" and .taskDefinition == $revision) | .id' <<<"$answer"
}

# why_tasks_stopped APP ID: the reasons of the tasks that a deployment lost.
why_tasks_stopped() {
  local arns
  mapfile -t arns < <(cloud ecs list-tasks --cluster "$cluster" --service-name "$(service_name "$1")" \
    --desired-status STOPPED | jq -r '.taskArns[:100][]')
  if ((${#arns[@]} == 0)); then return 0; fi
  cloud ecs describe-tasks --cluster "$cluster" --tasks "${arns[@]}" | jq -r --arg id "$2" '
    [.tasks[] | select(.startedBy == $id)
     | "\(.stopCode // "?"): \(.stoppedReason // "no reason given")"
       + ([.containers[]? | select(.exitCode != null) | ", \(.name) ended with \(.exitCode)"] | join(""))
       + ([.containers[]? | select(.reason != null) | ", \(.name): \(.reason)"] | join(""))]
    | group_by(.)[] | "\(length) x \(.[0])"'
}

# wait_rollout APP ID: until the deployment serves (0) or will not (1, and rollout_problem says why).
wait_rollout() {
  local app=$1 id=$2 service state progress='' now_progress sight
  local deadline=$((SECONDS + rollout_timeout)) silent=0 gone=0 steady=0 steady_since=0 watched
  while :; do
    rollout_problem=''
    if $interrupted; then rollout_problem="interrupted"; return 1; fi
    if ((SECONDS > deadline)); then rollout_problem="not done after $rollout_timeout s"; return 1; fi
    if ! service=$(service_now "$(service_name "$app")"); then
      # A lost answer is no failed deployment.
      silent=$((silent + 1))
      if ((silent > 12)); then rollout_problem="AWS does not answer"; return 1; fi
      sleep "$poll_seconds"
      continue
    fi
    silent=0
    print_new_events "$service"
    now_progress=$(jq -r --arg id "$id" '.deployments[] | select(.id == $id)
      | "\(.runningCount) of \(.desiredCount) new tasks run, \(.pendingCount) on their way, \(.failedTasks // 0) failed"' <<<"$service")
    if [[ -n "$now_progress" && "$now_progress" != "$progress" ]]; then say "$now_progress"; progress=$now_progress; fi

    state=$(rollout_state "$id" <<<"$service")
    case $state in
      completed) return 0 ;;
      failed*) rollout_problem="ECS gave the deployment up: ${state#failed }"; return 1 ;;
      superseded) rollout_problem="another deployment took its place"; return 1 ;;
      gone)
        # Right after the change an answer can be older than it; three of them cannot.
        gone=$((gone + 1))
        if ((gone >= 3)); then rollout_problem="the deployment is gone: ECS went back, or somebody else deployed"; return 1; fi ;;
      full)
        if sight=$(service_sight "$service") && only_calls_remain "$id" <<<"$sight"; then steady=$((steady + 1)); else steady=0; fi
        if ((steady == 1)); then
          steady_since=$SECONDS
          if has_alarms <<<"$service"; then say "only old tasks with live calls remain; its alarms watch it for $alarm_seconds s"; fi
        fi
        watched=true
        if has_alarms <<<"$service" && ((SECONDS - steady_since < alarm_seconds)); then watched=false; fi
        if $watched && ((steady >= steady_polls)); then
          say "old tasks with live calls stay until these have ended"
          return 0
        fi ;;
    esac
    if [[ "$state" != gone ]]; then gone=0; fi
    if [[ "$state" != full ]]; then steady=0; fi
    sleep "$poll_seconds"
  done
}
