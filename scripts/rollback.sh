#!/usr/bin/env bash
# Takes the API and the Web back to an earlier release. The database stays as it is: a release that could not run on it is
# refused. Needs aws (1 or 2), jq and curl.
#
#   scripts/rollback.sh staging|production             to the release before the running one
#   scripts/rollback.sh staging|production REVISION    to that revision of the API, and the Web of the same release
#
#   --web-revision N   that revision of the Web instead (the two number their revisions apart)
#   --api-only         leave the Web as it is
#   --dry-run          say what would be done; change nothing
#   --yes              do not ask before production is changed
#   --break-lock       take over the lock of a deploy that is dead
#   --no-smoke         leave out the test through the load balancer
#   -h, --help         this text
#
# Ends with
#   0  the earlier release serves     4  a deploy or another rollback is running
#   2  wrong options                  7  the earlier release does not come to serve; what ran before serves again
#   3  a check did not pass           8  that failed and so did going back: look at it now
#
# RETELL_DEPLOY_* and AWS_* variables: see scripts/deploy.sh --help.
# shellcheck disable=SC2034,SC2154  # the parts in deploy/ share their names with this script
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for part in say names cloud release lock revisions rollout switch checks; do
  # shellcheck source=/dev/null
  source "$root/scripts/deploy/$part.sh"
done
cd "$root"

action=rollback
dry_run=false assume_yes=false break_lock=false smoke=true api_only=false
wanted='' revision='' web_revision=''
while (($#)); do
  case $1 in
    --web-revision) web_revision=${2:-}; shift; [[ "$web_revision" =~ ^[0-9]+$ ]] || die "$STATUS_USAGE" "--web-revision needs a number" ;;
    --api-only) api_only=true ;;
    --dry-run) dry_run=true ;;
    --yes) assume_yes=true ;;
    --break-lock) break_lock=true ;;
    --no-smoke) smoke=false ;;
    -h | --help) print_help "$root/scripts/rollback.sh"; exit 0 ;;
    -*) die "$STATUS_USAGE" "unknown option: $1 (see --help)" ;;
    *)
      if [[ -z "$wanted" ]]; then wanted=$1
      elif [[ -z "$revision" && "$1" =~ ^[0-9]+$ ]]; then revision=$1
      else die "$STATUS_USAGE" "what is '$1'? (see --help)"; fi ;;
  esac
  shift
done
name_environment "$wanted" || die "$STATUS_USAGE" "which environment: staging or production? (see --help)"

scratch=$(mktemp -d)
release=''
changing=false
leave() {
  local status=$?
  trap - EXIT
  if $changing; then fail_rollback "stopped half way"; fi
  give_lock_back
  rm -rf "$scratch"
  exit "$status"
}
trap leave EXIT
heed_signals

# fail_rollback REASON: to what ran before, and out.
fail_rollback() {
  local status=$STATUS_ROLLED_BACK outcome=undone
  changing=false
  bad "$1"
  if ! go_back; then status=$STATUS_STRANDED outcome=stranded; fi
  record "$outcome" "$release" "$(revision_name "${target[api]}")" "$(revision_name "${target[web]:-}")"
  give_lock_back
  rm -rf "$scratch"
  if ((status == STATUS_STRANDED)); then die "$status" "the rollback of $environment failed, and so did undoing it"; fi
  die "$status" "the rollback of $environment failed; what ran before serves"
}

# All of a family are below it.
readonly newest_number=2147483647

# previous_api: the API's revision to go back to when none was named.
previous_api() {
  local running_release
  running_release=$(describe_revision "${previous[api]}" | tag_of retell:release) || return 2
  choose_previous "${running_release:--}" < <(summaries_before "$prefix-api" "${previous[api]##*:}")
}

# web_of_release RELEASE: the newest revision of the Web with that release that did not fail. 2 when AWS did not answer.
web_of_release() {
  local arn named outcome
  while read -r arn named outcome; do
    if [[ "$outcome" == unreadable ]]; then return 2; fi
    if [[ "$named" == "$1" && "$outcome" != failed ]]; then echo "$arn"; return 0; fi
  done < <(summaries_before "$prefix-web" "$newest_number")
  return 1
}

# migrated_floor: what the migrations that were run ask of older releases, those of failed deploys too. Fails when AWS does
# not answer: nothing known is not the same as nothing asked.
migrated_floor() {
  local arns arn described floor
  arns=$(revisions_before "$migrations_family" "$newest_number") || return 1
  for arn in $(head -n 20 <<<"$arns"); do
    described=$(describe_revision "$arn") || return 1
    floor=$(tag_of retell:schema-floor <<<"$described")
    if [[ -n "$floor" ]]; then echo "$floor"; return 0; fi
  done
  echo 0
}

unreadable() { die "$STATUS_REFUSED" "AWS does not say which revisions of $1 there are; nothing was changed"; }

# The ARN of an active revision, or nothing.
active_revision() {
  cloud ecs describe-task-definition --task-definition "$1" 2>/dev/null |
    jq -er '.taskDefinition | select(.status == "ACTIVE") | .taskDefinitionArn'
}

step "Checks for $environment"
require_tools aws jq curl
check_identity
check_cluster
check_lock
read_running
end_of_checks

if [[ -n "$revision" ]]; then
  target[api]=$(active_revision "$prefix-api:$revision") || problem "there is no active revision $prefix-api:$revision"
else
  found=0
  target[api]=$(previous_api) || found=$?
  case $found in
    0) ;;
    2) unreadable "$prefix-api" ;;
    *) problem "no earlier release of $prefix-api is known; name a revision" ;;
  esac
fi
end_of_checks
described_api=$(describe_revision "${target[api]}")
release=$(tag_of retell:release <<<"$described_api")
if [[ "$(tag_of retell:outcome <<<"$described_api")" == failed ]]; then warn "$(revision_name "${target[api]}") failed when it was deployed"; fi

target[web]=''
if [[ -n "$web_revision" ]]; then
  target[web]=$(active_revision "$prefix-web:$web_revision") || problem "there is no active revision $prefix-web:$web_revision"
elif $api_only; then
  say "$prefix-web stays as it is"
elif [[ -n "$release" ]]; then
  found=0
  target[web]=$(web_of_release "$release") || found=$?
  case $found in
    0) ;;
    2) unreadable "$prefix-web" ;;
    *) problem "no revision of $prefix-web belongs to release $release; --web-revision names one, --api-only leaves it" ;;
  esac
else
  warn "$(revision_name "${target[api]}") belongs to no release (it was registered by hand): $prefix-web stays as it is"
fi
schema=$(tag_of retell:schema <<<"$described_api")
floor=$(migrated_floor) || unreadable "$migrations_family"
can_run "$schema" "$floor" ||
  problem "$(revision_name "${target[api]}") knows schema ${schema:-unknown}, but the database has been taken to where only $floor and newer can run. Deploy a mended release instead."
# What was deleted since then would let no task start.
check_secrets "$described_api"
end_of_checks
name_hosts <<<"$described_api"

step "Plan"
say "release ${release:-unnamed}"
say "$prefix-api from $(revision_name "${previous[api]}") to $(revision_name "${target[api]}")"
if [[ -n "${target[web]}" ]]; then say "$prefix-web from $(revision_name "${previous[web]}") to $(revision_name "${target[web]}")"; fi
if $dry_run; then
  good "dry run: nothing was changed"
  exit 0
fi
if [[ "${target[api]}" == "${previous[api]}" && (-z "${target[web]}" || "${target[web]}" == "${previous[web]}") ]]; then
  good "that is what runs already"
  exit 0
fi
if [[ "$environment" == production ]] && ! $assume_yes; then confirm production; fi

take_lock "rollback to $(revision_name "${target[api]}")" "$break_lock"
# Somebody may have deployed between our look and our lock.
seen_api=${previous[api]} seen_web=${previous[web]}
read_running
end_of_checks
if [[ "${previous[api]}" != "$seen_api" || "${previous[web]}" != "$seen_web" ]]; then
  die "$STATUS_REFUSED" "the services have changed since they were looked at; start again"
fi

changing=true
switch_services || fail_rollback "$switch_problem"
if $smoke; then
  step "Test through the load balancer"
  smoke_options=()
  if [[ -n "$release" && -n "${target[web]}" ]]; then smoke_options=(--release "$release"); fi
  scripts/smoke.sh "$environment" "${smoke_options[@]}" || fail_rollback "the test through the load balancer failed"
fi
changing=false
record live "$release" "$(revision_name "${target[api]}")" "$(revision_name "${target[web]:-}")"
step "Done"
good "$environment runs release ${release:-unnamed} ($(revision_name "${target[api]}"))"
