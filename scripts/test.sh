#!/usr/bin/env bash
# The tests, quickest first; installs and builds what they need. The last line is "N passed, N failed".
#
#   scripts/test.sh                 lint, unit tests, local models, servers that die, the published SDK and whole calls
#   scripts/test.sh --all           and the unit tests under ASan, UBSan and TSan, and every fuzz target
#   scripts/test.sh --only fast     one stage: lint, fast, models, faults, e2e, sanitizers or fuzz
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

stages=(lint fast models faults e2e)
while (($#)); do
  case $1 in
    --all) stages=(lint fast models faults e2e sanitizers fuzz) ;;
    --only) stages=("${2:?--only needs a stage}"); shift ;;
    -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0
failed=0
failures=()
started=$SECONDS

# count NAME PASSED FAILED: one line a suite, and the sums.
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  if (($3 > 0)); then failures+=("$1"); fi
  printf '%-28s %5d passed  %3d failed   %4d s\n' "$1" "$2" "$3" $((SECONDS - started))
}

# check NAME COMMAND...: a command whose exit status is the verdict.
check() {
  local name=$1
  shift
  if "$@" >"$results/check.log" 2>&1; then count "$name" 1 0; else tail -n 60 "$results/check.log"; count "$name" 0 1; fi
}

# googletest NAME PRESET LABEL: runs the label's executables and adds up their own counts; one that dies counts as failed.
googletest() {
  local name=$1 preset=$2 label=$3 out=$results/$1
  mkdir -p "$out"
  (cd apps/api && GTEST_OUTPUT="json:$out/" ctest --test-dir "build/$preset" -L "^$label\$" -j2 --output-on-failure \
    --output-junit "$out/ctest.xml") >"$out/ctest.log" 2>&1 || grep -vE '^ *[0-9]+/[0-9]+ .*Passed|\[ +(OK|RUN) +\]' "$out/ctest.log" | tail -n 120
  local p=0 f=0 dead
  if compgen -G "$out/*.json" >/dev/null; then
    p=$(jq -s 'map(.tests - .failures - (.disabled // 0)) | add' "$out"/*.json)
    f=$(jq -s 'map(.failures) | add' "$out"/*.json)
  fi
  dead=$(grep -c '<testcase .*status="fail"' "$out/ctest.xml" 2>/dev/null || true)
  dead=${dead:-0}
  # An executable that fails has at least one failed test of its own, unless it died without a report.
  if ((dead > 0 && f == 0)); then f=$dead; fi
  if ((p + f == 0)); then f=1; fi
  count "$name" "$p" "$f"
}

# node_tests NAME FOLDER: the node:test suites of a package, with its pinned dependencies.
node_tests() {
  local name=$1 folder=$2 log=$results/$1.tap
  (cd "$folder" && timeout 900 npm ci --silent --no-audit --no-fund --prefer-offline) >"$log" 2>&1 || { tail -n 30 "$log"; count "$name" 0 1; return; }
  (cd "$folder" && timeout 900 npm test --silent -- --test-reporter=tap) >"$log" 2>&1 || grep -vE '^ *(ok|# (Subtest|duration))' "$log" | tail -n 80
  local p f
  p=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  f=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  if [[ -z "$p" ]]; then p=0 f=1; fi
  count "$name" "$p" "$f"
}

build() {
  if ! scripts/build.sh "$@"; then
    count "build $1" 0 1
    return 1
  fi
}

stage_lint() {
  check format bash -c "git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror"
  check shellcheck bash -c "git ls-files '*.sh' .ci/run | xargs shellcheck"
  check structure scripts/check-structure.sh
}

stage_fast() {
  build dev || return 0
  googletest unit dev fast
}

stage_models() {
  build release || return 0
  check "model downloads" apps/api/build/release/retell models pull --defaults
  build dev || return 0
  googletest models dev models
}

stage_faults() {
  build dev || return 0
  RETELL_MOTO=$(scripts/moto.sh)
  export RETELL_MOTO
  googletest faults dev faults
}

stage_e2e() {
  build release || return 0
  local package
  for package in apps/api/tests/e2e/call apps/api/tests/contract apps/api/tests/e2e/twilio apps/api/tests/e2e/browser; do
    if [[ -f $package/package.json ]]; then node_tests "$(basename "$package")" "$package"; fi
  done
}

stage_sanitizers() {
  local preset
  for preset in asan tsan; do
    build "$preset" || continue
    googletest "$preset" "$preset" fast
  done
}

stage_fuzz() {
  build fuzz || return 0
  local target
  for target in apps/api/build/fuzz/tests/fuzz/fuzz_*; do
    if [[ -x $target && -f $target ]]; then
      check "$(basename "$target")" "$target" -max_total_time=8 -rss_limit_mb=2048 -print_final_stats=0 \
        -artifact_prefix="$results/"
    fi
  done
}

scripts/install-deps.sh --tests
scripts/engines.sh >/dev/null
export ROOT=$root
for stage in "${stages[@]}"; do
  printf '\n== %s\n' "$stage"
  "stage_$stage"
done

if ((failed > 0)); then printf '\nFailed: %s\n' "${failures[*]}"; fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0 && passed > 0))
