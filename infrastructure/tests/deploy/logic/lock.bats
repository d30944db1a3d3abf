#!/usr/bin/env bats
# The lock while a deploy goes on, and what is said when nobody listens.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() {
  load_parts say names cloud lock
  name_environment staging
  poll_seconds=0
  lock_owner=me
  lock_item='{"owner":{"S":"me"}}'
  cloud() { answer_of_aws "$@"; }
}

# As the file says, one line an attempt: nothing for success, else the complaint.
answer_of_aws() {
  local answer
  printf '%s\n' "$*" >>"$scratch/asked"
  answer=$(head -n 1 "$scratch/answers")
  sed -i 1d "$scratch/answers"
  if [ -z "$answer" ]; then return 0; fi
  echo "$answer" >&2
  return 254
}
answers() { printf '%s\n' "$@" >"$scratch/answers"; }

@test "it is renewed before each change" {
  answers ''
  lock_is_ours
  [ "$(wc -l <"$scratch/asked")" -eq 1 ]
  until=$(grep -o '"expires_at":{"N":"[0-9]*' "$scratch/asked" | grep -o '[0-9]*$')
  [ "$until" -gt $(($(date +%s) + LOCK_SECONDS - 60)) ]
}

@test "somebody else's is lost at once" {
  answers 'An error occurred (ConditionalCheckFailedException) when calling PutItem' ''
  run lock_is_ours
  [ "$status" -eq 1 ]
  [ "$(wc -l <"$scratch/asked")" -eq 1 ]
}

@test "a throttled answer says nothing of whose it is" {
  answers 'An error occurred (ThrottlingException)' ''
  lock_is_ours
  answers ThrottlingException ThrottlingException 'An error occurred (ThrottlingException)'
  run lock_is_ours
  [ "$status" -eq 0 ]
  [[ "$output" == *"could not be renewed: An error occurred (ThrottlingException)"* ]]
}

@test "a reader that goes away ends nothing" {
  cat >"$scratch/speak.sh" <<'SCRIPT'
set -euo pipefail
source "$1/scripts/deploy/say.sh"
interrupted=false
heed_signals
read -r _ <"$2"
for _ in 1 2 3; do step one; say two; good three; warn four; bad five; done 2>&1
echo "$interrupted" >"$3"
SCRIPT
  mkfifo "$scratch/gate"
  bash "$scratch/speak.sh" "$repository" "$scratch/gate" "$scratch/end" 2>/dev/null | true &
  sleep 0.3
  echo go >"$scratch/gate"
  wait
  [ "$(cat "$scratch/end")" = false ]
}
