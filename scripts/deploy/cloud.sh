# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the parts share their names with each other and with the script that sources them
# The AWS CLI, version 1 or 2, as these scripts use it. Sourced.

# Version 2 would page its output; both retry what is throttled.
export AWS_PAGER='' AWS_RETRY_MODE=${AWS_RETRY_MODE:-standard} AWS_MAX_ATTEMPTS=${AWS_MAX_ATTEMPTS:-5}

cloud() { aws --output json "$@"; }

# field FILTER: one value of the JSON on standard input; empty when it is not there.
field() { jq -r "$1 // empty"; }

# request NAME JSON: a file for --cli-input-json. Big input does not fit into an argument, and arguments are seen by all.
request() {
  local file=$scratch/$1.json
  printf '%s' "$2" >"$file"
  echo "file://$file"
}

# service_now SERVICE: what describe-services says of it, or fails.
service_now() {
  local answer
  answer=$(cloud ecs describe-services --cluster "$cluster" --services "$1") || return 1
  jq -e '.services[0] // empty | select(.status == "ACTIVE")' <<<"$answer"
}
