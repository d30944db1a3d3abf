#!/usr/bin/env bash
# All three shapes of the infrastructure against an emulated AWS, from the guide's first command to the last thing taken down:
# production in one account, the small profile and staging in another, side by side. The last line is "N passed, N failed".
# Called by run.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What both need is made once, before they begin.
"$here/../setup.sh" >/dev/null
tracks=(production beside)
declare -A pids
for track in "${tracks[@]}"; do
  "$here/$track.sh" >"$work/$track" 2>&1 &
  pids[$track]=$!
done
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"; exit 1' INT TERM

passed=0
failed=0
for track in "${tracks[@]}"; do
  wait "${pids[$track]}" || true
  cat "$work/$track"
  counts=$(grep -oE '^[0-9]+ passed, [0-9]+ failed$' "$work/$track" | tail -n 1 || true)
  if [[ -z $counts ]]; then
    echo "FAIL $track: it broke off"
    failed=$((failed + 1))
    continue
  fi
  passed=$((passed + ${counts%% *}))
  counts=${counts#* passed, }
  failed=$((failed + ${counts%% *}))
done
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
