#!/usr/bin/env bats
# What the API's container does before it serves. retell itself is stood for by a script that says how it was called.

bats_require_minimum_version 1.5.0
setup() {
  entrypoint=$BATS_TEST_DIRNAME/../../../../apps/api/container/entrypoint.sh
  # shellcheck disable=SC2016  # for the script
  printf '#!/bin/sh\necho "retell $*"\n[ "$1 $3" != "models missing" ]\n' >"$BATS_TEST_TMPDIR/retell"
  chmod +x "$BATS_TEST_TMPDIR/retell"
  PATH=$BATS_TEST_TMPDIR:$PATH
}

@test "it serves, with nothing fetched before" {
  run "$entrypoint" serve
  [ "$output" = "retell serve" ]
}

@test "the default models are fetched first" {
  CONTAINER_MODELS=defaults run "$entrypoint" serve
  [ "$output" = $'retell models pull --defaults\nretell serve' ]
}

@test "models by name; one that cannot be had is left out" {
  CONTAINER_MODELS=missing,small run "$entrypoint" serve
  [ "$status" -eq 0 ]
  [ "$output" = $'retell models pull missing\nthe model missing could not be fetched\nretell models pull small\nretell serve' ]
}

@test "a migration fetches none" {
  CONTAINER_MODELS=defaults run "$entrypoint" migrate up
  [ "$output" = "retell migrate up" ]
}

@test "the guide's example secrets are refused, by name and without their value" {
  RETELL_SECURITY_JWT_SECRET=your-super-secret-jwt-key run "$entrypoint" serve
  [ "$status" -eq 78 ]
  [[ "$output" == *"the secret jwt-secret still has the guide's example value"* ]]
  [[ "$output" != *your-super* && "$output" != *"retell serve"* ]]
  RETELL_TWILIO_ACCOUNT_SID=AC1 RETELL_TWILIO_AUTH_TOKEN=your-twilio-auth-token run "$entrypoint" serve
  [ "$status" -eq 78 ]
}

@test "a token that nothing is signed with may be anything" {
  RETELL_TWILIO_AUTH_TOKEN=your-twilio-auth-token run "$entrypoint" serve
  [ "$output" = "retell serve" ]
}
