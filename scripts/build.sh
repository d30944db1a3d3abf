#!/usr/bin/env bash
# Configures (once) and builds one preset: dev, release, asan, tsan or fuzz. Prints little when all is well.
#   scripts/build.sh PRESET [ninja targets...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../apps/api"

preset=${1:?which preset: dev, release, asan, tsan or fuzz}
shift
if [[ ! -f build/$preset/build.ninja ]]; then
  mkdir -p "build/$preset"
  cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || { cat "build/$preset/configure.log" >&2; exit 1; }
fi
# Ninja's own one-line progress on a terminal; in a log only the outcome and what failed.
if [[ -t 1 ]]; then
  exec cmake --build "build/$preset" --target "${@:-all}"
fi
log=build/$preset/build.log
if ! cmake --build "build/$preset" --target "${@:-all}" >"$log" 2>&1; then
  grep -E -A12 'FAILED|error:' "$log" | grep -v -- '-c /' | head -120 >&2
  exit 1
fi
tail -n 1 "$log" | grep -v 'no work to do' || true
