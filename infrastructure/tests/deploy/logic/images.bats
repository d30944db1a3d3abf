#!/usr/bin/env bats
# Whose image a release gets: production's own, else the one that staging tried.

# shellcheck disable=SC2034,SC2154  # names are the deploy scripts' own
bats_require_minimum_version 1.5.0
load load
setup() {
  load_parts say names cloud images
  name_environment production
  cloud() {
    printf '%s\n' "$*" >>"$scratch/asked"
    if [ -n "$answer_of_ecr" ]; then
      echo "$answer_of_ecr" >&2
      return 254
    fi
    echo '{"imageDetails": [{"imageDigest": "sha256:abc"}]}'
  }
  answer_of_ecr=''
}

refusal() { answer_of_ecr="An error occurred ($1) when calling the DescribeImages operation: $2"; }

@test "production looks into staging's repository, by the release's tag" {
  [ "$(tried_digest api 0123456789ab)" = sha256:abc ]
  grep -q -- '--repository-name retell-staging/api --image-ids imageTag=0123456789ab' "$scratch/asked"
}

@test "staging looks nowhere but into its own" {
  name_environment staging
  run ! tried_digest api 0123456789ab
  [ -z "$output" ]
  [ ! -e "$scratch/asked" ]
}

@test "an account without staging, or a staging without the release, is nothing to speak of" {
  local kind
  for kind in RepositoryNotFoundException ImageNotFoundException; do
    refusal "$kind" "it does not exist"
    run ! tried_digest web 0123456789ab
    [ -z "$output" ]
  done
}

@test "that it may not look there is told" {
  refusal AccessDeniedException "not authorized to perform: ecr:DescribeImages"
  run ! tried_digest web 0123456789ab
  [[ "$output" == *"retell-staging/web cannot be looked into"*"not authorized to perform: ecr:DescribeImages"* ]]
}

@test "an image is taken by its digest and pushed under the release's name, and is not built" {
  account=123456789012 region=eu-west-1 platform=()
  docker() { printf '%s\n' "docker $*" >>"$scratch/asked"; }
  take_over web sha256:abc 0123456789ab
  registry=123456789012.dkr.ecr.eu-west-1.amazonaws.com
  run cat "$scratch/asked"
  [ "${lines[0]}" = "docker pull $registry/retell-staging/web@sha256:abc" ]
  [ "${lines[1]}" = "docker tag $registry/retell-staging/web@sha256:abc $registry/retell-prod/web:0123456789ab" ]
  [ "${lines[2]}" = "docker push $registry/retell-prod/web:0123456789ab" ]
  [ "${#lines[@]}" -eq 3 ]
}

@test "what cannot be pulled is not pushed" {
  account=123456789012 region=eu-west-1 platform=()
  docker() { printf '%s\n' "docker $*" >>"$scratch/asked"; [ "$1" != pull ]; }
  run ! take_over api sha256:abc 0123456789ab
  run ! grep -q push "$scratch/asked"
}
