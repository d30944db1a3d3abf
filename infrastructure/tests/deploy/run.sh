#!/usr/bin/env bash
# The tests of deploy.sh and rollback.sh: their logic, the ECS stand-in, and the unmodified scripts against it. The last line
# is "N passed, N failed".
#
#   infrastructure/tests/deploy/run.sh            everything
#   infrastructure/tests/deploy/run.sh --quick    the logic, and the scripts with tasks that are processes
#   infrastructure/tests/deploy/run.sh NAME...    only these suites: logic standin scripts images
#
# The suite "images" builds, pushes and runs the real images, by a Docker engine of its own; it needs root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

suites=(logic standin scripts images)
case ${1:-} in
  --quick) suites=(logic scripts) ;;
  -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  ?*) suites=("$@") ;;
esac

passed=0
failed=0
log=$(mktemp)
finished=false
# A script that died has failed.
finish() {
  if ! $finished; then failed=$((failed + 1)); fi
  rm -f "$log"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0)) || exit 1
}
trap finish EXIT
trap 'exit 1' INT TERM

# count NAME PASSED FAILED
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  printf '%-12s %4d passed  %3d failed  %5d s\n' "$1" "$2" "$3" $((SECONDS - started))
}

# A suite that says nothing of how many tests it ran has failed.
suite_logic() {
  local good bad
  timeout 300 bats --tap logic >"$log" 2>&1 || grep -v '^ok' "$log" || true
  good=$(grep -c '^ok' "$log" || true)
  bad=$(grep -c '^not ok' "$log" || true)
  count logic "$good" $((good + bad == 0 ? 1 : bad))
}

# python_suite NAME SECONDS PATH MODULE...: in the place that $where is a way to.
where=()
python_suite() {
  local name=$1 seconds=$2 path=$3 ran bad status=0
  shift 3
  PYTHONPATH=$path timeout --kill-after=20 "$seconds" "${where[@]}" "$tools/bin/python" -W ignore -m unittest -v "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then cat "$log"; else grep ' requests ' "$log" || true; fi
  ran=$(sed -n 's/^Ran \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
  bad=$(sed -n 's/^FAILED (\(.*\))$/\1/p' "$log" | { grep -oE '[0-9]+' || true; } | awk '{ sum += $1 } END { print sum + 0 }')
  if [[ -z "$ran" ]]; then ran=0 bad=1; fi
  if ((status != 0 && bad == 0)); then bad=1; fi
  count "$name" $((ran > bad ? ran - bad : 0)) "$bad"
}

suite_standin() { python_suite standin 600 ../ecs test_tasks test_services; }
suite_scripts() { python_suite scripts 1200 .:scenarios test_scripts; }
suite_images() {
  if ((EUID != 0)); then echo "images: skipped, as a Docker engine of its own needs root"; return; fi
  where=(../images/with-engine.sh)
  python_suite images 3600 .:scenarios test_images_bad test_images_rollback test_images
  where=()
}

tools=$(../tools/install-aws.sh)
for suite in "${suites[@]}"; do
  started=$SECONDS
  "suite_$suite"
done
finished=true
