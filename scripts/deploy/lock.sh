# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# One deploy or rollback of an environment at a time, and the record of who did which. Sourced.
#
# Both live in one DynamoDB table: a conditional write is the one thing that two machines cannot both win. The lock does
# not expire by itself, because a deploy that lost its network may still be half way; --break-lock takes it over.

lock_held=false
lock_owner=''

who_am_i() { echo "${RETELL_DEPLOY_ACTOR:-${GITHUB_ACTOR:-$(id -un)@$(uname -n)}}"; }

text_item() { jq -cn '[$ARGS.named | to_entries[] | {key, value: {S: .value}}] | from_entries' "$@"; }

ensure_deploys_table() {
  if cloud dynamodb describe-table --table-name "$deploys_table" >/dev/null 2>&1; then return; fi
  say "making the table $deploys_table"
  # Two first deploys may come here together; the table is what counts, not who made it.
  cloud dynamodb create-table --table-name "$deploys_table" --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=kind,AttributeType=S AttributeName=at,AttributeType=S \
    --key-schema AttributeName=kind,KeyType=HASH AttributeName=at,KeyType=RANGE >/dev/null || true
  aws dynamodb wait table-exists --table-name "$deploys_table"
}

lock_key='{"kind":{"S":"lock"},"at":{"S":"-"}}'

# The holder in one line; empty when nobody has it.
lock_holder() {
  cloud dynamodb get-item --table-name "$deploys_table" --consistent-read --key "$lock_key" |
    field 'if .Item then "\(.Item.who.S): \(.Item.what.S), since \(.Item.since.S)" else empty end'
}

# take_lock WHAT BREAK(true|false): ends the script when somebody else has it.
take_lock() {
  local what=$1 break_it=$2 item holder problem
  lock_owner=$(uuid)
  item=$(text_item --arg kind lock --arg at - --arg owner "$lock_owner" --arg who "$(who_am_i)" --arg what "$what" \
    --arg since "$(date -u +%FT%TZ)")
  local condition=(--condition-expression 'attribute_not_exists(kind)')
  if $break_it; then
    holder=$(lock_holder || true)
    if [[ -n "$holder" ]]; then warn "taking over the lock of $holder"; fi
    condition=()
  fi
  if ! problem=$(cloud dynamodb put-item --table-name "$deploys_table" --item "$item" "${condition[@]}" 2>&1); then
    if [[ "$problem" != *ConditionalCheckFailed* ]]; then die "$STATUS_REFUSED" "the lock cannot be taken: $problem"; fi
    die "$STATUS_LOCKED" "$environment is locked by $(lock_holder). Wait for it; if it is dead, --break-lock takes over."
  fi
  lock_held=true
}

uuid() { cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen; }

# Before each change: somebody may have taken the lock over.
lock_is_ours() {
  local owner
  owner=$(cloud dynamodb get-item --table-name "$deploys_table" --consistent-read --key "$lock_key" | field .Item.owner.S)
  [[ "$owner" == "$lock_owner" ]]
}

# Gives the lock back if it is still ours; never fails, as it runs on the way out.
give_lock_back() {
  if ! $lock_held; then return 0; fi
  lock_held=false
  cloud dynamodb delete-item --table-name "$deploys_table" --key "$lock_key" \
    --condition-expression '#owner = :owner' --expression-attribute-names '{"#owner":"owner"}' \
    --expression-attribute-values "{\":owner\":{\"S\":\"$lock_owner\"}}" >/dev/null 2>&1 ||
    warn "the lock was not given back: it is somebody else's by now, or AWS does not answer"
}

# record OUTCOME RELEASE API_REVISION WEB_REVISION: who did what, and how it went. A missing record must not undo a deploy.
record() {
  local item
  item=$(text_item --arg kind "$action" --arg at "$(date -u +%FT%T.%3NZ)" --arg who "$(who_am_i)" --arg outcome "$1" \
    --arg release "${2:--}" --arg api "${3:--}" --arg web "${4:--}" --arg principal "${caller:--}")
  cloud dynamodb put-item --table-name "$deploys_table" --item "$item" >/dev/null ||
    warn "the record of this $action could not be written"
}
