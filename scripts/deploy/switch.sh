# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Taking both services to other revisions, and back when that fails. Sourced.

# Of each app: what ran before, what is to run.
declare -A previous=() target=()
# Apps whose service was told to change, in order; and those that served nothing before.
touched=()
declare -A never_served=()
switch_problem=''

primary_of() { jq -c '.deployments[] | select(.status == "PRIMARY")' <<<"$1"; }

# switch_service APP: to its target; 1 with switch_problem when it does not come to serve.
switch_service() {
  local app=$1 id service
  step "$(service_name "$app"): $(revision_name "${previous[$app]}") to $(revision_name "${target[$app]}")"
  lock_is_ours || { switch_problem="the lock is not ours any more"; return 1; }
  service=$(service_now "$(service_name "$app")") || { switch_problem="$app cannot be described"; return 1; }
  forget_old_events "$service"
  touched+=("$app")
  id=$(start_rollout "$app" "${target[$app]}") || { switch_problem="$app could not be updated"; return 1; }
  if wait_rollout "$app" "$id"; then
    good "$(service_name "$app") runs $(revision_name "${target[$app]}")"
    return 0
  fi
  switch_problem="$(service_name "$app"): $rollout_problem"
  local line
  while read -r line; do bad "$line"; done < <(why_tasks_stopped "$app" "$id" || true)
  return 1
}

# The API first: a new page may ask for what only the new API has, never the other way round.
switch_services() {
  local app
  for app in api web; do
    if [[ -z "${target[$app]:-}" || "${target[$app]}" == "${previous[$app]}" ]]; then continue; fi
    switch_service "$app" || return 1
  done
}

# go_back_with APP: to what ran before. What somebody else has deployed meanwhile is left alone.
go_back_with() {
  local app=$1 service primary revision id by_itself
  if [[ -n "${never_served[$app]:-}" ]]; then
    warn "$(service_name "$app") served nothing before: there is nothing to go back to"
    return 0
  fi
  lock_is_ours || warn "the lock is not ours any more; what this $action has changed is taken back all the same"
  service=$(service_now "$(service_name "$app")") || return 1
  primary=$(primary_of "$service")
  revision=$(field .taskDefinition <<<"$primary")
  by_itself=$(jq -r '(.rolloutStateReason // "") | test("circuit breaker: rolling back")' <<<"$primary")
  if [[ "$revision" == "${previous[$app]}" ]]; then
    say "$(service_name "$app") is going back by itself (deployment circuit breaker)"
    id=$(field .id <<<"$primary")
  elif [[ "$revision" == "${target[$app]}" ]] || $by_itself; then
    # By itself ECS goes back to the last deployment that it calls completed. Where what ran before still had old tasks with
    # calls beside it, that is an older one.
    id=$(start_rollout "$app" "${previous[$app]}") || return 1
  else
    bad "$(service_name "$app") runs $(revision_name "$revision"), which this $action did not start: left alone"
    return 1
  fi
  wait_rollout "$app" "$id" || { bad "$(service_name "$app"): $rollout_problem"; return 1; }
  good "$(service_name "$app") runs $(revision_name "${previous[$app]}") again"
}

# go_back: all touched services, the last first. Every one is tried, also after one that failed.
go_back() {
  local i status=0
  # Half way back is the worst place to stop at.
  interrupted=false
  trap 'warn "going back; this is not interrupted"' INT TERM HUP
  for ((i = ${#touched[@]} - 1; i >= 0; i--)); do
    step "Back: $(service_name "${touched[i]}")"
    go_back_with "${touched[i]}" || status=1
  done
  return $status
}

# read_running: what the services run now, into previous. A service in the middle of another deployment is a problem, but
# not one whose old tasks only finish their calls.
read_running() {
  local app service primary state sight
  for app in api web; do
    if ! service=$(service_now "$(service_name "$app")"); then
      problem "the service $(service_name "$app") does not exist in $cluster"
      continue
    fi
    primary=$(primary_of "$service")
    previous[$app]=$(field .taskDefinition <<<"$primary")
    if nothing_has_run <<<"$service"; then never_served[$app]=1; fi
    state=$(rollout_state "$(field .id <<<"$primary")" <<<"$service")
    case $state in
      completed) ;;
      failed*) warn "$(service_name "$app"): the last deployment failed (${state#failed })" ;;
      full)
        if ! { sight=$(service_sight "$service") && only_calls_remain "$(field .id <<<"$primary")" <<<"$sight"; }; then
          problem "$(service_name "$app") is in the middle of another deployment"
        fi ;;
      *)
        if nothing_has_run <<<"$service" && [[ -z "$(describe_revision "${previous[$app]}" | tag_of retell:release)" ]]; then
          say "$(service_name "$app") waits for its first release"
        else
          problem "$(service_name "$app") is in the middle of another deployment"
        fi ;;
    esac
    if ! $lock_held && [[ "$(field .deploymentConfiguration.deploymentCircuitBreaker.rollback <<<"$service")" != true ]]; then
      warn "$(service_name "$app") has no deployment circuit breaker with rollback"
    fi
    if [[ "$app" == api ]]; then api_service=$service; fi
  done
}
