# shellcheck shell=bash
# Loads the shell library of the deploy scripts, with the smallest surroundings that its pure functions need.
# shellcheck disable=SC2034
load_parts() {
  repository=$(cd "$BATS_TEST_DIRNAME/../../../.." && pwd)
  scratch=$BATS_TEST_TMPDIR
  action=deploy
  local part
  for part in "$@"; do
    # shellcheck source=/dev/null
    source "$repository/scripts/deploy/$part.sh"
  done
}
