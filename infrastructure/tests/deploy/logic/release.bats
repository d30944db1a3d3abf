#!/usr/bin/env bats
# Which release this is, and which releases can live with its migrations.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() {
  load_parts say names release
  migrations=$BATS_TEST_TMPDIR/migrations
  mkdir -p "$migrations"
}

@test "the schema is the newest migration's number, read as decimal" {
  touch "$migrations/0001_init.sql" "$migrations/0089_more.sql" "$migrations/README.md"
  [ "$(schema_of "$migrations")" = 89 ]
}

@test "no migration is schema 0" {
  [ "$(schema_of "$migrations")" = 0 ]
}

@test "the floor is the highest that any contract migration asks for" {
  echo 'CREATE TABLE a (x INT);' >"$migrations/0001_init.sql"
  printf -- '-- contract: oldest 0045\nALTER TABLE a DROP x;\n' >"$migrations/0050_drop.sql"
  printf -- '-- Tidies up.\n-- contract: oldest 0030\nDROP TABLE b;\n' >"$migrations/0051_drop.sql"
  [ "$(schema_floor "$migrations")" = 45 ]
}

@test "without a contract migration there is no floor" {
  echo '-- Contracts are what customers sign: a word in a comment is no mark' >"$migrations/0001_init.sql"
  [ "$(schema_floor "$migrations")" = 0 ]
}

@test "a contract migration without a number is refused" {
  printf -- '-- contract\nDROP TABLE a;\n' >"$migrations/0050_drop.sql"
  run schema_floor "$migrations"
  [ "$status" -ne 0 ]
  [[ "$output" == *"oldest NNNN"* ]]
}

@test "this repository's migrations can be read" {
  [ "$(schema_of "$repository/apps/api/migrations")" -ge 40 ]
  schema_floor "$repository/apps/api/migrations"
}

@test "a release can run at or above the floor, not below" {
  can_run 45 45
  can_run 46 45
  run ! can_run 44 45
}

@test "a release of unknown schema can run only where nothing was taken away" {
  can_run '' 0
  run ! can_run '' 45
  run ! can_run unknown 45
}

checkout() {
  cd "$BATS_TEST_TMPDIR"
  git init --quiet --initial-branch main work
  cd work
  git config user.email a@example.com
  git config user.name A
  git commit --quiet --allow-empty -m one
}

@test "a changed or a new file makes the checkout unclean" {
  checkout
  checkout_is_clean
  touch new
  run ! checkout_is_clean
}

@test "a commit of another branch is not on main" {
  checkout
  commit_is_on_main
  git switch --quiet -c other
  git commit --quiet --allow-empty -m two
  run ! commit_is_on_main
}

@test "where there is a remote its main counts, not the local one" {
  checkout
  git update-ref refs/remotes/origin/main HEAD
  git commit --quiet --allow-empty -m unpushed
  run ! commit_is_on_main
}

@test "going back is noticed, going on is not, an unknown commit is nothing" {
  checkout
  first=$(git rev-parse HEAD)
  git commit --quiet --allow-empty -m two
  second=$(git rev-parse HEAD)
  run ! goes_back_from "$first"
  git checkout --quiet "$first"
  goes_back_from "$second"
  run ! goes_back_from 123456789abc
}
