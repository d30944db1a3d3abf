#!/usr/bin/env bash
# run_shards.sh <test program> <count>: runs a program of real-time conversations as `count` processes at once: they wait
# far more than they work.
set -euo pipefail
program=$1
count=$2
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
pids=()
for ((i = 0; i < count; i++)); do
  # A report each: those of one folder would take the same name.
  if [[ -n "${GTEST_OUTPUT:-}" ]]; then export GTEST_OUTPUT=${GTEST_OUTPUT%/*}/${program##*/}_$i.json; fi
  GTEST_TOTAL_SHARDS=$count GTEST_SHARD_INDEX=$i "$program" --gtest_brief=1 >"$log/$i" 2>&1 &
  pids+=($!)
done
status=0
for ((i = 0; i < count; i++)); do
  wait "${pids[$i]}" || {
    status=1
    cat "$log/$i"
  }
done
[ "$status" -eq 0 ] && cat "$log"/* | grep -c PASSED
exit "$status"
