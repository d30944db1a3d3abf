#!/usr/bin/env bash
# The tests, quickest first; installs and builds what they need. The last line is "N passed, N failed".
#
#   scripts/test.sh                 lint, unit tests, infrastructure, clang-tidy, local models, dying servers, the published
#                                   SDK, whole calls, deployments to an emulated AWS
#   scripts/test.sh --all           and the unit tests under ASan, UBSan and TSan, and every fuzz target
#   scripts/test.sh --only fast     one stage: lint, fast, infrastructure, tidy, models, faults, e2e, deployment, sanitizers
#                                   or fuzz
#
# FUZZ_SECONDS      how long each fuzz target runs   (default 8)
# RETELL_NO_SKIPS   not empty: a test that is skipped has failed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

stages=(lint fast infrastructure tidy models faults e2e deployment)
while (($#)); do
  case $1 in
    --all) stages+=(sanitizers fuzz) ;;
    --only) stages=("${2:?--only needs a stage}"); shift ;;
    -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

# The programs under test would take it for a setting of theirs, and warn of it.
no_skips=${RETELL_NO_SKIPS:-}
unset RETELL_NO_SKIPS

results=$(mktemp -d)
declare -A begun=() allowed=()  # suites in the background: process, seconds
passed=0
failed=0
failures=()
started=$SECONDS
stage=setup
finished=false

# Whatever happens, the last line says how it went; a script that died has failed.
finish() {
  if ! $finished; then
    failed=$((failed + 1))
    failures+=("$stage (broken off)")
  fi
  if ((failed > 0)); then printf '\nFailed: %s\n' "${failures[*]}"; fi
  if ((${#begun[@]} > 0)); then kill "${begun[@]}" 2>/dev/null || true; fi
  if [[ -s $results/why ]]; then cat "$results/why"; fi
  rm -rf "$results"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0)) || exit 1
}
trap finish EXIT
trap 'exit 1' INT TERM

# count NAME PASSED FAILED: one line a suite, and the sums.
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  if (($3 > 0)); then failures+=("$1"); fi
  printf '%-28s %5d passed  %3d failed   %4d s\n' "$1" "$2" "$3" $((SECONDS - started))
}

# within SECONDS COMMAND...: fails rather than hangs; what does not end when asked to is killed. At a terminal the command
# stays in the foreground, where Ctrl-C reaches it.
foreground=()
if [[ -t 0 ]]; then foreground=(--foreground); fi
within() { timeout "${foreground[@]}" --kill-after=30 "$@"; }

# because NAME: what comes in, cut short, is said at the end too, where the reader of a long log looks first.
because() { { printf '\n%s\n' "$1"; head -c 4000; } >>"$results/why"; }

# check NAME SECONDS COMMAND...: a command whose exit status is the verdict.
check() {
  local name=$1 status=0
  shift
  within "$@" >"$results/check.log" 2>&1 || status=$?
  if ((status == 0)); then count "$name" 1 0; return; fi
  tail -n 60 "$results/check.log"
  tail -n 15 "$results/check.log" | because "$name"
  if ((status == 124 || status == 137)); then echo "$name took longer than $1 s"; fi
  count "$name" 0 1
}

# begin NAME SECONDS COMMAND...: many tests, which end with "N passed, N failed", in the background.
begin() {
  local name=$1
  shift
  allowed[$name]=$1
  # Not by `within`, which would be a shell of its own that a signal ends alone.
  timeout "${foreground[@]}" --kill-after=30 "$@" >"$results/$name.log" 2>&1 &
  begun[$name]=$!
}

# verdict NAME: of what was begun; what dies without saying how it went has failed.
verdict() {
  local name=$1 log=$results/$1.log p f status=0
  wait "${begun[$name]}" || status=$?
  unset "begun[$name]"
  read -r p f < <(sed -n 's/^\([0-9]\+\) passed, \([0-9]\+\) failed$/\1 \2/p' "$log" | tail -n 1) || true
  p=${p:-0} f=${f:-0}
  if ((p + f == 0 || (status != 0 && f == 0))); then f=$((f + 1)); fi
  if ((f > 0)); then
    tail -n 120 "$log"
    { grep -E '^ *(FAIL|ERROR|not ok)' "$log" || tail -n 15 "$log"; } | because "$name"
  fi
  if ((status == 124 || status == 137)); then echo "$name took longer than ${allowed[$name]} s"; fi
  count "$name" "$p" "$f"
}

# suite NAME SECONDS COMMAND...: begun, and waited for.
suite() {
  begin "$@"
  verdict "$1"
}

# googletest NAME PRESET LABEL: runs the label's executables and adds up their own counts; one that dies, or none at all,
# counts as failed. Skipped tests count as nothing, and say why.
googletest() {
  local name=$1 preset=$2 label=$3 out=$results/$1 status=0
  mkdir -p "$out"
  (cd apps/api && GTEST_OUTPUT="json:$out/" within 2400 ctest --test-dir "build/$preset" -L "^$label\$" -j2 \
    --output-on-failure --output-junit "$out/ctest.xml") >"$out/ctest.log" 2>&1 || status=$?
  if ((status != 0)); then
    { grep -vE '^ *[0-9]+/[0-9]+ .*Passed|\[ +(OK|RUN) +\]' "$out/ctest.log" || true; } | tail -n 120
  fi
  local p=0 f=0 report dead
  for report in "$out"/*.json; do
    # No report at all, or one cut off by death: then the test program is among the dead.
    read -r p f < <(jq -r --argjson p "$p" --argjson f "$f" '[.testsuites[].testsuite[]]
      | map(select(has("failures"))) as $bad | map(select(.result == "COMPLETED" and (has("failures") | not))) as $good
      | "\($p + ($good | length)) \($f + ($bad | length))"' "$report" 2>/dev/null || echo "$p $f")
  done
  # Replayed seeds of fuzz targets are no Google tests: each target counts as one.
  p=$((p + $(grep -c '<testcase name="seeds_.*status="run"' "$out/ctest.xml" 2>/dev/null || true)))
  dead=$(grep -c '<testcase .*status="fail"' "$out/ctest.xml" 2>/dev/null || true)
  if ((status != 0 && f == 0)); then f=$((dead > 0 ? dead : 1)); fi
  if ((p + f == 0)); then f=1; fi
  # What was skipped, and why: on the line after its place.
  { grep -A1 ': Skipped$' "$out/ctest.xml" 2>/dev/null || true; } | { grep -v '^--$' || true; } | paste -d' ' - -
  if [[ -n $no_skips ]]; then f=$((f + $(grep -c ': Skipped$' "$out/ctest.xml" 2>/dev/null || true))); fi
  if ((f > 0)); then
    for report in "$out"/*.json; do
      jq -r '.testsuites[].testsuite[] | select(has("failures"))
        | "\(.classname).\(.name)\n" + (.failures[0].failure[0:1000])' "$report" 2>/dev/null || true
    done | because "$name"
  fi
  count "$name" "$p" "$f"
}

# node_tests NAME FOLDER [COMMAND...]: the node:test suites of a package, with its pinned dependencies; COMMAND runs them.
node_tests() {
  local name=$1 folder=$2 log=$results/$1.tap
  shift 2
  (cd "$folder" && within 900 npm ci --silent --no-audit --no-fund --prefer-offline) >"$log" 2>&1 || { tail -n 30 "$log"; count "$name" 0 1; return; }
  local p f status=0
  (cd "$folder" && within 900 "$@" npm test --silent -- --test-reporter=tap) >"$log" 2>&1 || status=$?
  if ((status != 0)); then { grep -vE '^ *(ok|# (Subtest|duration))' "$log" || true; } | tail -n 80; fi
  p=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  f=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$log" | tail -n 1)
  p=${p:-0} f=${f:-0}
  if ((p + f == 0 || (status != 0 && f == 0))); then f=1; fi
  if ((f > 0)); then { grep -E '^ *not ok' "$log" || tail -n 15 "$log"; } | because "$name"; fi
  count "$name" "$p" "$f"
}

# The engines first: what they print while they are built belongs to no suite.
build() {
  if ! within 3600 scripts/engines.sh >/dev/null || ! within 3600 scripts/build.sh "$@"; then
    count "build $1" 0 1
    return 1
  fi
}

stage_lint() {
  check format 300 bash -c "git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 --dry-run --Werror"
  check shellcheck 300 bash -c "git ls-files '*.sh' .ci/run | xargs shellcheck"
  check structure 60 scripts/check-structure.sh
}

stage_fast() {
  build dev || return 0
  googletest unit dev fast
}

# What the deployment is made of, as far as it is seen without running it. The stand-in mostly waits.
stage_infrastructure() {
  begin "ECS stand-in" 600 infrastructure/tests/deploy/run.sh standin
  suite "terraform plans" 900 infrastructure/tests/terraform/run.sh --quick
  suite "Dockerfiles" 300 infrastructure/tests/images/lint.sh
  suite "deploy logic" 300 infrastructure/tests/deploy/run.sh logic
  verdict "ECS stand-in"
}

stage_tidy() {
  build dev || return 0
  check clang-tidy 2400 scripts/tidy.py
}

stage_models() {
  build release || return 0
  check "model downloads" 1800 apps/api/build/release/retell models pull --defaults
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
  # The same again on what production runs on.
  node_tests "contract, Postgres+Redis+S3" apps/api/tests/contract "$root/scripts/with-stores.sh"
  check "API fuzzing" 300 apps/api/tests/contract-fuzz/run.sh 40
  check "API fuzzing, Postgres" 300 scripts/with-stores.sh apps/api/tests/contract-fuzz/run.sh 40
}

# Terraform against an emulated AWS; the scripts' own business; the images with an engine of its own, deployed in every way,
# good and bad, under load, and each by itself; the guide word by word. What mostly waits runs together: of engines there is
# one.
stage_deployment() {
  if ((EUID == 0)); then begin "deploys of the images" 4500 infrastructure/tests/deploy/run.sh images; fi
  begin "deploy scripts" 1200 infrastructure/tests/deploy/run.sh scripts
  suite "terraform apply" 1800 infrastructure/tests/terraform/run.sh --apply
  verdict "deploy scripts"
  if ((EUID == 0)); then
    verdict "deploys of the images"
    suite "API image" 3600 infrastructure/tests/images/api.sh
    suite "Web image" 900 infrastructure/tests/images/web.sh
    suite "deployment guide" 3600 infrastructure/tests/guide/run.sh
  else
    echo "API image, Web image, deploys of the images, deployment guide: skipped, as a Docker engine of its own needs root"
    if [[ -n $no_skips ]]; then count "images and guide" 0 1; fi
  fi
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
  local target name seconds=${FUZZ_SECONDS:-8} crashes=$root/apps/api/build/fuzz/crashes
  mkdir -p "$crashes"
  for target in apps/api/build/fuzz/tests/fuzz/fuzz_*; do
    if [[ ! -x $target || ! -f $target ]]; then continue; fi
    name=$(basename "$target")
    mkdir -p "$results/$name"
    check "$name" $((seconds + 120)) "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
      -artifact_prefix="$crashes/${name}_" "$results/$name" "apps/api/tests/fuzz/seeds/${name#fuzz_}"
  done
}

within 1800 scripts/install-deps.sh --tests
export ROOT=$root
for stage in "${stages[@]}"; do
  printf '\n== %s\n' "$stage"
  "stage_$stage"
done
finished=true
