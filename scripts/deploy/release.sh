# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# What is being released: the commit, and what its migrations ask of older programs. Sourced; runs in the checkout.

# A release is named by its commit. That is also the images' tag.
release_of_checkout() { git rev-parse --short=12 HEAD; }

# The checkout's newest migration, as a number: what this release knows of the database.
schema_of() {
  local folder=$1 newest
  newest=$(find "$folder" -maxdepth 1 -name '[0-9]*_*.sql' -printf '%f\n' | sort | tail -n 1)
  [[ -n "$newest" ]] || { echo 0; return; }
  echo $((10#${newest%%_*}))
}

# A migration that takes something away from older programs says which is the oldest that can live with it, by the newest
# migration which that one had:
#   -- contract: oldest 0045
# schema_floor FOLDER: the highest such number, 0 without any. A contract line without a number is refused.
schema_floor() {
  local folder=$1 floor=0 line number
  while IFS= read -r line; do
    if [[ ! "$line" =~ ^--\ contract:\ oldest\ ([0-9]+) ]]; then
      echo "a contract migration must say '-- contract: oldest NNNN', found: $line" >&2
      return 1
    fi
    number=$((10#${BASH_REMATCH[1]}))
    if ((number > floor)); then floor=$number; fi
  done < <(find "$folder" -maxdepth 1 -name '*.sql' -exec grep -hiE '^--[[:space:]]*contract\b' {} +)
  echo "$floor"
}

# can_run SCHEMA FLOOR: whether a release that knows SCHEMA can run on a database that has been taken to FLOOR. A release
# without a known schema can where nothing was ever taken away.
can_run() {
  local schema=$1 floor=$2
  if ((${floor:-0} == 0)); then return 0; fi
  [[ "$schema" =~ ^[0-9]+$ ]] && ((schema >= floor))
}

# Uncommitted changes would be built, and no commit could say what was deployed.
checkout_is_clean() { [[ -z "$(git status --porcelain --untracked-files=normal)" ]]; }

# Production gets what everyone has: commits of the main branch, where there is a remote the remote's.
commit_is_on_main() {
  local main=refs/remotes/origin/main
  if ! git rev-parse --quiet --verify "$main" >/dev/null; then main=refs/heads/main; fi
  git merge-base --is-ancestor HEAD "$main" 2>/dev/null
}

# goes_back_from RELEASE: whether deploying the checkout takes back commits which that release has.
goes_back_from() {
  local running=$1
  git cat-file -e "$running^{commit}" 2>/dev/null && ! git merge-base --is-ancestor "$running" HEAD
}
