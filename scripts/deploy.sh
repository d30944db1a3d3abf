#!/usr/bin/env bash
# Brings the images of this commit into service: those that staging has already are taken for production, others are built;
# migrates the database, updates the API and then the Web, and goes back by itself when the new release does not come to serve.
# Needs aws (1 or 2), jq, git, curl and docker.
#
#   scripts/deploy.sh staging|production [options]
#
#   --dry-run      check everything and say what would be done; change nothing
#   --yes          do not ask before production is changed (for CI)
#   --skip-build   build nothing: take the commit's images that are in ECR already, production also those of staging
#   --build        build for production also what staging has
#   --any-branch   production also from a commit that is not on the main branch
#   --break-lock   take over the lock of a deploy that is dead
#   --no-smoke     leave out the test through the load balancer
#   -h, --help     this text
#
# Ends with
#   0  the release serves             5  an image could not be built or pushed
#   2  wrong options                  6  the migration failed; the services were not touched
#   3  a check did not pass           7  the release failed; the previous one serves again
#   4  another deploy is running      8  the release failed and so did going back: look at it now
#
# Environment:
#   AWS_PROFILE, AWS_REGION ...       as for the AWS CLI; the region is us-east-1 where none is set
#   RETELL_DEPLOY_ACCOUNT_ID          refuse every other account
#   RETELL_DEPLOY_TIMEOUT             seconds for a service to come to serve (1800)
#   RETELL_MIGRATION_TIMEOUT          seconds for the migration (900)
#   RETELL_DEPLOY_SUBNETS, RETELL_DEPLOY_SECURITY_GROUPS
#                                     network of the migration's task (default: the API's own)
#   RETELL_DEPLOY_ALARM_SECONDS       how long the service's alarms watch where old tasks stay for their calls (360)
#   RETELL_API_HOST, RETELL_WEB_HOST  hosts to test through the load balancer (default: those that Terraform told the API)
#   RETELL_DEPLOY_ACTOR               name for the record (default: user@host, in GitHub Actions the actor)
# shellcheck disable=SC2034,SC2154  # the parts in deploy/ share their names with this script
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for part in say names cloud release lock images revisions rollout switch checks migration; do
  # shellcheck source=/dev/null
  source "$root/scripts/deploy/$part.sh"
done
cd "$root"

action=deploy
dry_run=false assume_yes=false skip_build=false build_anyway=false any_branch=false break_lock=false smoke=true
wanted=''
while (($#)); do
  case $1 in
    --dry-run) dry_run=true ;;
    --yes) assume_yes=true ;;
    --skip-build) skip_build=true ;;
    --build) build_anyway=true ;;
    --any-branch) any_branch=true ;;
    --break-lock) break_lock=true ;;
    --no-smoke) smoke=false ;;
    -h | --help) print_help "$root/scripts/deploy.sh"; exit 0 ;;
    -*) die "$STATUS_USAGE" "unknown option: $1 (see --help)" ;;
    *) [[ -z "$wanted" ]] || die "$STATUS_USAGE" "one environment at a time (see --help)"; wanted=$1 ;;
  esac
  shift
done
name_environment "$wanted" || die "$STATUS_USAGE" "which environment: staging or production? (see --help)"
if $skip_build && $build_anyway; then die "$STATUS_USAGE" "--skip-build and --build contradict each other (see --help)"; fi

scratch=$(mktemp -d)
release=''
changing=false
leave() {
  local status=$?
  trap - EXIT
  # Nothing may leave the services half way, not even a mistake in these scripts.
  if $changing; then fail_release "stopped half way"; fi
  give_lock_back
  rm -rf "$scratch"
  exit "$status"
}
trap leave EXIT
heed_signals

# fail_release REASON: back to the previous release, and out.
fail_release() {
  local app status=$STATUS_ROLLED_BACK outcome=rolled-back
  changing=false
  bad "$1"
  for app in "${!target[@]}"; do mark_revision "${target[$app]}" failed; done
  if ! go_back; then status=$STATUS_STRANDED outcome=stranded; fi
  record "$outcome" "$release" "$(revision_name "${target[api]}")" "$(revision_name "${target[web]}")"
  give_lock_back
  rm -rf "$scratch"
  if ((status == STATUS_STRANDED)); then
    bad "Going back failed as well. What runs now: aws ecs describe-services --cluster $cluster --services $prefix-api $prefix-web"
    die "$status" "$release failed in $environment, and so did going back"
  fi
  if ((${#never_served[@]} > 0)); then die "$status" "$release failed in $environment, which served nothing before: mend it and deploy again"; fi
  die "$status" "$release failed in $environment; the previous release serves"
}

step "Checks for $environment"
require_tools aws jq git curl
if ! $skip_build; then require_tools docker; fi
check_identity
check_cluster
check_checkout "$any_branch"
check_lock
release=$(release_of_checkout)
schema=$(schema_of apps/api/migrations)
floor=$(schema_floor apps/api/migrations) || die "$STATUS_REFUSED" "the migrations cannot be read"
read_running
# Of each app: its image in the environment's repository, and where that is missing the one to take over.
declare -A described=() digest=() tried=()
for family in "$prefix-api" "$prefix-web" "$migrations_family"; do
  described[$family]=$(describe_revision "$family" 2>/dev/null) || problem "there is no task definition $family (terraform apply makes it)"
done
end_of_checks

running=$(describe_revision "${previous[api]}")
running_release=$(tag_of retell:release <<<"$running")
running_schema=$(tag_of retell:schema <<<"$running")
# While the new tasks start, the old ones serve from the migrated database.
can_run "$running_schema" "$floor" ||
  problem "a migration of this release takes away what the running release (schema ${running_schema:-unknown}) needs: deploy one of at least schema $floor first"
if [[ -n "$running_release" ]] && goes_back_from "$running_release"; then
  warn "$environment runs $running_release, which has commits that this release does not have"
fi
name_hosts <<<"${described[$prefix-api]}"
check_secrets "${described[@]}"
check_quota "${described[$prefix-api]}" "${described[$migrations_family]}"
for app in api web; do
  digest[$app]=$(image_digest "$app" "$release") || digest[$app]=''
  tried[$app]=''
  if [[ -n "${digest[$app]}" ]] || $build_anyway; then continue; fi
  tried[$app]=$(tried_digest "$app" "$release") || tried[$app]=''
  if $skip_build && [[ -z "${tried[$app]}" ]]; then
    problem "ECR has no image $(repository_name "$app"):$release${tried_prefix:+ and no $tried_prefix/$app:$release}, and --skip-build makes none"
  fi
done
if $skip_build && [[ -n "${tried[api]}${tried[web]}" ]]; then require_tools docker; fi
end_of_checks
good "all checks passed"

step "Plan"
say "release $release (schema $schema), replacing ${running_release:-an unnamed one}"
image_origins=''
for app in api web; do
  name=$(repository_name "$app"):$release
  if [[ -n "${digest[$app]}" ]]; then
    say "image $name is in ECR"
    origin='was in ECR'
  elif [[ -n "${tried[$app]}" ]]; then
    say "take $name from $tried_prefix/$app, ${tried[$app]}, which is not built again"
    origin="from $tried_prefix/$app@${tried[$app]}"
  else
    say "build and push $name"
    origin=built
  fi
  image_origins+=${image_origins:+, }"$app $origin"
done
say "migrate the database by a task of $migrations_family"
say "update $prefix-api from $(revision_name "${previous[api]}"), then $prefix-web from $(revision_name "${previous[web]}")"
if $dry_run; then
  good "dry run: nothing was changed"
  exit 0
fi
if [[ "$environment" == production ]] && ! $assume_yes; then confirm production; fi

take_lock "deploy of $release" "$break_lock"
# Somebody may have deployed between our look and our lock.
seen_api=${previous[api]} seen_web=${previous[web]}
read_running
end_of_checks
if [[ "${previous[api]}" != "$seen_api" || "${previous[web]}" != "$seen_web" ]]; then
  die "$STATUS_REFUSED" "the services have changed since they were looked at; start again"
fi

logged_in=false
for app in api web; do
  if [[ -n "${digest[$app]}" ]]; then continue; fi
  step "Image $(repository_name "$app"):$release"
  if ! $logged_in; then registry_login || die "$STATUS_BUILD" "docker could not log in to ECR"; logged_in=true; fi
  if [[ -n "${tried[$app]}" ]]; then
    take_over "$app" "${tried[$app]}" "$release" ||
      die "$STATUS_BUILD" "$app could not be taken from $tried_prefix/$app (--build builds it here instead)"
  else
    build_and_push "$app" "$release" || die "$STATUS_BUILD" "$app could not be built and pushed"
  fi
  digest[$app]=$(image_digest "$app" "$release") || die "$STATUS_BUILD" "ECR does not know the image that was just pushed"
  if $interrupted; then die "$STATUS_BUILD" "interrupted; the services were not touched"; fi
done

step "Revisions"
tags=$(jq -cn --arg release "$release" --arg schema "$schema" --arg floor "$floor" \
  '{"retell:release": $release, "retell:schema": $schema, "retell:schema-floor": $floor, "retell:outcome": "pending"}')
migration_revision=$(register_revision "$migrations_family" "$(pinned_image api "${digest[api]}")" "$prefix/api" "$tags") ||
  die "$STATUS_REFUSED" "no revision of $migrations_family could be registered; the services were not touched"
for app in api web; do
  target["$app"]=$(register_revision "$prefix-$app" "$(pinned_image "$app" "${digest[$app]}")" "$prefix/$app" "$tags") ||
    die "$STATUS_REFUSED" "no revision of $prefix-$app could be registered; the services were not touched"
  say "$(revision_name "${target[$app]}") is ${digest[$app]}"
done

step "Migration"
lock_is_ours || die "$STATUS_LOCKED" "somebody took the lock over; the services were not touched"
if ! run_migration "$migration_revision" "$(pinned_image api "${digest[api]}")"; then
  for app in api web; do mark_revision "${target[$app]}" failed; done
  record migration-failed "$release" "$(revision_name "${target[api]}")" "$(revision_name "${target[web]}")"
  die "$STATUS_MIGRATION" "the migration failed; the services were not touched and run what they ran"
fi
mark_revision "$migration_revision" live
good "the database is migrated"
if $interrupted; then die "$STATUS_MIGRATION" "interrupted after the migration; the services were not touched"; fi

changing=true
switch_services || fail_release "$switch_problem"
if $smoke; then
  step "Test through the load balancer"
  scripts/smoke.sh "$environment" --release "$release" || fail_release "the test through the load balancer failed"
fi
changing=false
for app in api web; do mark_revision "${target[$app]}" live; done
record live "$release" "$(revision_name "${target[api]}")" "$(revision_name "${target[web]}")"
step "Done"
good "$release serves in $environment"
say "back: scripts/rollback.sh $environment"
