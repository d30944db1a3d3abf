# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# One deploy or rollback of an environment at a time, and the record of who did which. Sourced.
#
# Both live in a DynamoDB table of Terraform's: a conditional write is the one thing that two machines cannot both win. The
# lock is its item with release LOCK. It is renewed before each change and expires long after the longest change would have
# ended, so that a machine that died does not lock everybody out; --break-lock is for those who cannot wait.

lock_held=false
lock_owner=''
lock_item='{}'
readonly LOCK_SECONDS=7200

who_am_i() { echo "${RETELL_DEPLOY_ACTOR:-${GITHUB_ACTOR:-$(id -un)@$(uname -n)}}"; }

uuid() { cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen; }

text_item() { jq -cn '[$ARGS.named | to_entries[] | {key, value: {S: .value}}] | from_entries' "$@"; }

read_lock() {
  cloud dynamodb get-item --table-name "$deployments_table" --consistent-read \
    --key "$(text_item --arg environment "$environment" --arg release LOCK)"
}

# lock_holder NOW: of a read lock on standard input who has it, in one line; empty when nobody has.
lock_holder() {
  jq -r --argjson now "$1" '.Item // empty | select((.expires_at.N | tonumber) >= $now)
    | "\(.who.S): \(.what.S), since \(.since.S)"'
}

check_lock() {
  local lock holder
  lock=$(read_lock) || { problem "the table $deployments_table cannot be read (terraform apply makes it)"; return 0; }
  holder=$(lock_holder "$(date +%s)" <<<"$lock")
  if [[ -n "$holder" ]]; then warn "$environment is locked by $holder"; fi
}

# lock_from NOW: our lock, as it is written at that time.
lock_from() { jq -c --arg at $(($1 + LOCK_SECONDS)) '.expires_at = {N: $at}' <<<"$lock_item"; }

# take_lock WHAT BREAK(true|false): ends the script when somebody else has it.
take_lock() {
  local what=$1 break_it=$2 lock holder complaint now
  now=$(date +%s)
  lock_owner=$(uuid)
  lock_item=$(text_item --arg environment "$environment" --arg release LOCK --arg owner "$lock_owner" --arg who "$(who_am_i)" \
    --arg what "$what" --arg since "$(date -u +%FT%TZ)")
  lock=$(read_lock) || die "$STATUS_REFUSED" "the lock cannot be read"
  holder=$(lock_holder "$now" <<<"$lock")
  local condition=(--condition-expression 'attribute_not_exists(who) OR expires_at < :now'
    --expression-attribute-values "{\":now\":{\"N\":\"$now\"}}")
  if $break_it; then
    if [[ -n "$holder" ]]; then warn "taking over the lock of $holder"; fi
    condition=()
  fi
  if ! complaint=$(cloud dynamodb put-item --table-name "$deployments_table" --item "$(lock_from "$now")" "${condition[@]}" 2>&1); then
    if [[ "$complaint" != *ConditionalCheckFailed* ]]; then die "$STATUS_REFUSED" "the lock cannot be taken: $complaint"; fi
    die "$STATUS_LOCKED" "$environment is locked by ${holder:-somebody who was quicker}. Wait; if that is dead, --break-lock takes over."
  fi
  lock_held=true
}

# Before each change: renews the lock, and fails when somebody has taken it over. An answer that AWS does not give says
# nothing of that; the change itself will find out whether AWS answers.
lock_is_ours() {
  local complaint attempt
  for attempt in 1 2 3; do
    if complaint=$(cloud dynamodb put-item --table-name "$deployments_table" --item "$(lock_from "$(date +%s)")" \
      --condition-expression '#owner = :owner' --expression-attribute-names '{"#owner":"owner"}' \
      --expression-attribute-values "{\":owner\":{\"S\":\"$lock_owner\"}}" 2>&1); then return 0; fi
    if [[ "$complaint" == *ConditionalCheckFailed* ]]; then return 1; fi
    if ((attempt < 3)); then sleep "$poll_seconds"; fi
  done
  warn "the lock could not be renewed: ${complaint##*$'\n'}"
}

# Gives the lock back if it is still ours; never fails, as it runs on the way out.
give_lock_back() {
  if ! $lock_held; then return 0; fi
  lock_held=false
  cloud dynamodb delete-item --table-name "$deployments_table" \
    --key "$(text_item --arg environment "$environment" --arg release LOCK)" \
    --condition-expression '#owner = :owner' --expression-attribute-names '{"#owner":"owner"}' \
    --expression-attribute-values "{\":owner\":{\"S\":\"$lock_owner\"}}" >/dev/null 2>&1 ||
    warn "the lock was not given back: it is somebody else's by now, or AWS does not answer"
}

# record OUTCOME RELEASE API_REVISION WEB_REVISION: who did what, how it went, and where a deploy had its images from
# (image_origins); sorted by time. A missing record must not undo a deploy.
record() {
  local item at
  at=$(date -u +%FT%T.%3NZ)
  item=$(text_item --arg environment "$environment" --arg release "$at ${2:-unnamed}" --arg at "$at" --arg action "$action" \
    --arg who "$(who_am_i)" --arg outcome "$1" --arg commit "${2:-unnamed}" --arg api "${3:--}" --arg web "${4:--}" \
    --arg images "${image_origins:--}" --arg principal "${caller:--}")
  cloud dynamodb put-item --table-name "$deployments_table" --item "$item" >/dev/null ||
    warn "the record of this $action could not be written"
}
