# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# Task definition revisions: each is pinned to an image's digest and says which release it is. Sourced.

# Tags of a revision:
#   retell:release       the commit
#   retell:schema        the newest migration that the release knows
#   retell:schema-floor  what the release's migrations ask of older ones (release.sh)
#   retell:outcome       pending, live (it has served) or failed

# describe_revision REVISION: the definition with its tags.
describe_revision() { cloud ecs describe-task-definition --task-definition "$1" --include TAGS; }

# tag_of KEY: of the described revision on standard input.
tag_of() { jq -r --arg key "$1" '[.tags[]? | select(.key == $key) | .value][0] // empty'; }

# pinned_definition IMAGE REPOSITORY TAGS_JSON: turns a described revision on standard input into the request for the next
# one. Containers of that repository get the image, whatever tag or digest they had; a single container gets it in any
# case. What AWS adds to a description is left out.
pinned_definition() {
  jq -e --arg image "$1" --arg repository "$2" --argjson wanted "$3" '
    def of_repository: (.image | sub("@sha256:.*$"; "") | sub(":[^/:]*$"; "") | sub("^[^/]*\\.[^/]*/"; "")) == $repository;
    (.tags // []) as $old
    | .taskDefinition
    | (.containerDefinitions | length) as $containers
    | if ($containers > 1 and ([.containerDefinitions[] | select(of_repository)] | length) == 0)
      then error("no container of \(.family) runs an image of \($repository)") else . end
    | .containerDefinitions |= map(if $containers == 1 or of_repository then .image = $image else . end)
    | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy,
          .deregisteredAt)
    | .tags = ([$old[] | select(.key as $key | $wanted | has($key) | not) | select(.key | startswith("aws:") | not)]
               + [$wanted | to_entries[] | {key, value}])'
}

# register_revision FAMILY IMAGE REPOSITORY TAGS_JSON: starts from the family's newest revision, so that what Terraform
# changed rides along. Prints the new ARN.
register_revision() {
  local family=$1 input
  input=$(describe_revision "$family" | pinned_definition "$2" "$3" "$4") || return 1
  cloud ecs register-task-definition --cli-input-json "$(request "register-$family" "$input")" |
    jq -er .taskDefinition.taskDefinitionArn
}

# mark_revision ARN OUTCOME: for the next rollback. A service is not undone for a missing tag.
mark_revision() {
  cloud ecs tag-resource --resource-arn "$1" --tags "key=retell:outcome,value=$2" >/dev/null ||
    warn "$(revision_name "$1") could not be marked as $2"
}

# revisions_before FAMILY REVISION: ARNs of the active revisions below that number, newest first. The order is made here:
# the answer's own is by page.
revisions_before() {
  cloud ecs list-task-definitions --family-prefix "$1" --status ACTIVE --sort DESC --max-items 200 |
    jq -r --arg family "$1" --argjson revision "$2" '
      [.taskDefinitionArns[] | {arn: ., family: (split("/")[-1] | split(":")[0]), number: (split(":")[-1] | tonumber)}
       | select(.family == $family and .number < $revision)] | sort_by(-.number)[].arn'
}

# choose_previous RUNNING_RELEASE: of lines "arn release outcome" (newest first, - for none) the release to go back to: the
# newest that has served; one that nothing is known of only where there is no such. 1 when there is none; 2 when a line says
# that AWS did not answer: what cannot be read is not passed over.
choose_previous() {
  local running=$1 arn release outcome unknown=''
  while read -r arn release outcome; do
    if [[ "$outcome" == unreadable ]]; then return 2; fi
    if [[ "$release" != - && "$release" == "$running" ]]; then continue; fi
    if [[ "$outcome" == live ]]; then echo "$arn"; return 0; fi
    if [[ -z "$unknown" && "$outcome" == - ]]; then unknown=$arn; fi
  done
  if [[ -z "$unknown" ]]; then return 1; fi
  echo "$unknown"
}

# summarise_revision ARN: one line for choose_previous.
summarise_revision() {
  local described
  described=$(describe_revision "$1") || return 1
  jq -r --arg arn "$1" '[.tags[]? | {key, value}] | from_entries
    | "\($arn) \(.["retell:release"] // "-") \(.["retell:outcome"] // "-")"' <<<"$described"
}

# summaries_before FAMILY REVISION: lines for choose_previous, newest first. One question to AWS a revision, and none any more
# once nobody reads on: where a shell ignores SIGPIPE, as some job runners have it, only the failed write tells.
summaries_before() {
  local arns arn line
  arns=$(revisions_before "$1" "$2") || { echo "- - unreadable"; return 0; }
  head -n 50 <<<"$arns" | while read -r arn; do
    if [[ -z "$arn" ]]; then continue; fi
    line=$(summarise_revision "$arn") || line="$arn - unreadable"
    echo "$line" 2>/dev/null || break
  done
}
