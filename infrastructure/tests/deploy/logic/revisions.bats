#!/usr/bin/env bats
# Revisions: how the next one is made of the last, and which one a rollback takes.

# shellcheck disable=SC2034,SC2154,SC2164  # names are the deploy scripts' own; bats ends a test at a failed cd
bats_require_minimum_version 1.5.0
load load
setup() { load_parts say names cloud revisions; }

described() {
  cat <<'JSON'
{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/retell-prod-api:7", "family": "retell-prod-api",
  "revision": 7, "status": "ACTIVE", "requiresAttributes": [{"name": "x"}], "compatibilities": ["FARGATE"],
  "registeredAt": 1.5, "registeredBy": "arn:someone", "cpu": "1024", "memory": "2048", "networkMode": "awsvpc",
  "containerDefinitions": [
    {"name": "logs", "image": "public.ecr.aws/fluent:1"},
    {"name": "api", "image": "1.dkr.ecr.us-east-1.amazonaws.com/retell-prod/api@sha256:aaaa", "secrets": [{"name": "S", "valueFrom": "arn:s"}]}]},
 "tags": [{"key": "Environment", "value": "production"}, {"key": "retell:release", "value": "old"}, {"key": "aws:x", "value": "1"}]}
JSON
}
pin() { pinned_definition registry/retell-prod/api@sha256:bbbb retell-prod/api '{"retell:release":"new"}'; }

@test "only our container gets the image" {
  [ "$(described | pin | jq -r '[.containerDefinitions[].image] | join(" ")')" = "public.ecr.aws/fluent:1 registry/retell-prod/api@sha256:bbbb" ]
}

@test "what AWS adds is left out, the rest is kept" {
  [ "$(described | pin | jq -r 'keys_unsorted - ["tags"] | sort | join(" ")')" = "containerDefinitions cpu family memory networkMode" ]
  [ "$(described | pin | jq -r '.containerDefinitions[1].secrets[0].valueFrom')" = "arn:s" ]
}

@test "old tags stay, ours are replaced, AWS's own are not sent" {
  [ "$(described | pin | jq -c '[.tags[] | "\(.key)=\(.value)"]')" = '["Environment=production","retell:release=new"]' ]
}

@test "an image by tag is found as well" {
  [ "$(described | sed 's/@sha256:aaaa/:latest/' | pin | jq -r '.containerDefinitions[1].image')" = registry/retell-prod/api@sha256:bbbb ]
}

@test "a single container gets the image whatever it had" {
  one=$(described | jq '.taskDefinition.containerDefinitions = [{name: "api", image: "debian:bookworm-slim"}]')
  [ "$(pin <<<"$one" | jq -r '.containerDefinitions[0].image')" = registry/retell-prod/api@sha256:bbbb ]
}

@test "among several containers none is guessed" {
  run pin <<<"$(described | sed 's#retell-prod/api@#retell-prod/other@#')"
  [ "$status" -ne 0 ]
  [[ "$output" == *"no container"* ]]
}

@test "a tag is read" {
  [ "$(described | tag_of retell:release)" = old ]
  [ -z "$(described | tag_of retell:schema)" ]
}

@test "back goes to the newest earlier release that has served" {
  [ "$(choose_previous C <<<$'r5 C failed\nr4 B failed\nr3 A live\nr2 Z live')" = r3 ]
}

@test "the same release under another revision is not back" {
  [ "$(choose_previous C <<<$'r5 C live\nr4 B live')" = r4 ]
}

@test "a revision that nothing is known of is taken only where none has served" {
  [ "$(choose_previous C <<<$'r5 - -\nr4 B live')" = r4 ]
  [ "$(choose_previous C <<<$'r5 B failed\nr4 - -\nr3 - -')" = r4 ]
}

@test "a revision that was never tried is not taken" {
  run choose_previous C <<<$'r5 B pending\nr4 A failed'
  [ "$status" -ne 0 ]
  [ -z "$output" ]
}

@test "earlier revisions come newest first, whatever order they were listed in, and of this family alone" {
  cloud() { echo '{"taskDefinitionArns":["a/retell-prod-api:2","a/retell-prod-api:10","a/retell-prod-api:9","a/retell-prod-api-canary:3","a/retell-prod-api:11"]}'; }
  [ "$(revisions_before retell-prod-api 11 | tr '\n' ' ')" = "a/retell-prod-api:10 a/retell-prod-api:9 a/retell-prod-api:2 " ]
}

@test "AWS is asked of no more revisions than it takes, whatever becomes of SIGPIPE" {
  revisions_before() { seq -f 'a/retell-prod-api:%g' 40 -1 1; }
  describe_revision() {
    echo x >>"$BATS_TEST_TMPDIR/asked"
    sleep 0.05
    echo '{"tags": [{"key": "retell:release", "value": "B"}, {"key": "retell:outcome", "value": "live"}]}'
  }
  for action in '' -; do
    rm -f "$BATS_TEST_TMPDIR/asked"
    # shellcheck disable=SC2064  # the action of this turn
    [ "$(trap "$action" PIPE; choose_previous C < <(summaries_before retell-prod-api 41))" = a/retell-prod-api:40 ]
    sleep 3
    [ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -le 20 ]
  done
}

@test "what AWS does not tell is not passed over" {
  run choose_previous now < <(printf '%s\n' "arn:9 - unreadable" "arn:8 old live")
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  run choose_previous now < <(printf '%s\n' "arn:9 older live" "arn:8 - unreadable")
  [ "$status" -eq 0 ]
  [ "$output" = arn:9 ]
}

@test "a list that cannot be had is told, and so is a revision that cannot be described" {
  set -o pipefail
  cloud() { return 1; }
  [ "$(summaries_before f 9)" = "- - unreadable" ]
  cloud() {
    if [ "$2" = list-task-definitions ]; then echo '{"taskDefinitionArns":["a/f:8","a/f:7"]}'; else return 1; fi
  }
  [ "$(summaries_before f 9)" = "$(printf '%s\n' 'a/f:8 - unreadable' 'a/f:7 - unreadable')" ]
}
