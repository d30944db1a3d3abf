#!/usr/bin/env bash
# Whether an environment works as seen from outside: through its load balancer, with its certificate, both hosts.
#
#   scripts/smoke.sh staging|production [options]
#
#   --release NAME     the Web must be of that release
#   --connect ADDRESS  host:port to connect to instead of what DNS says (default: the load balancer of the API's service)
#   --dns              use DNS, as visitors do
#   --calls            also place a simulated call (needs RETELL_API_KEY and RETELL_AGENT_ID, and a built retell)
#   -h, --help         this text
#
# Ends with 0 when every check passed, 2 for wrong options, 3 without a load balancer, 1 otherwise. RETELL_SMOKE_CONNECT stands for --connect, RETELL_API_HOST and
# RETELL_WEB_HOST for other host names, CURL_CA_BUNDLE for another certificate authority.
# shellcheck disable=SC2034,SC2154  # the parts in deploy/ share their names with this script
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
for part in say names cloud; do
  # shellcheck source=/dev/null
  source "$root/scripts/deploy/$part.sh"
done

wanted='' release='' connect=${RETELL_SMOKE_CONNECT:-} use_dns=false calls=false
while (($#)); do
  case $1 in
    --release | --connect)
      if [[ -z "${2:-}" || "$2" == -* ]]; then die "$STATUS_USAGE" "$1 needs a value (see --help)"; fi
      if [[ "$1" == --release ]]; then release=$2; else connect=$2; fi
      shift
      ;;
    --dns) use_dns=true ;;
    --calls) calls=true ;;
    -h | --help) print_help "$root/scripts/smoke.sh"; exit 0 ;;
    -*) die "$STATUS_USAGE" "unknown option: $1 (see --help)" ;;
    *)
      if [[ -n "$wanted" ]]; then die "$STATUS_USAGE" "one environment at a time: $wanted or $1? (see --help)"; fi
      wanted=$1
      ;;
  esac
  shift
done
name_environment "$wanted" || die "$STATUS_USAGE" "which environment: staging or production? (see --help)"

# Before DNS points there, and to be sure that it is this environment that answers.
load_balancer() {
  local group balancer
  group=$(service_now "$(service_name api)" | field '.loadBalancers[0].targetGroupArn') || return 1
  balancer=$(cloud elbv2 describe-target-groups --target-group-arns "$group" | field '.TargetGroups[0].LoadBalancerArns[0]') || return 1
  cloud elbv2 describe-load-balancers --load-balancer-arns "$balancer" | field '.LoadBalancers[0].DNSName'
}

if ! $use_dns && [[ -z "$connect" ]]; then
  connect=$(load_balancer) || die "$STATUS_REFUSED" "the load balancer of $prefix-api was not found; --dns or --connect says where to look"
  connect=$connect:443
fi
route=()
if [[ -n "$connect" ]]; then route=(--connect-to "::$connect"); fi

passed=0 failed=0
answer=$(mktemp -d)
trap 'rm -rf "$answer"' EXIT

# get URL [curl options...]: prints the status; headers and body are left in $answer.
get() {
  local url=$1
  shift
  curl --silent --show-error --max-time 15 --retry 3 --retry-delay 1 --retry-connrefused "${route[@]}" "$@" \
    --dump-header "$answer/headers" --output "$answer/body" --write-out '%{http_code}' "$url" 2>"$answer/problem" || true
}

# expect NAME WANTED FOUND
expect() {
  if [[ "$2" == "$3" ]]; then
    good "ok: $1"
    passed=$((passed + 1))
  else
    bad "FAILED: $1: expected $2, got $3 $(head -c 200 "$answer/problem" 2>/dev/null || true)"
    failed=$((failed + 1))
  fi
}

# header NAME: its value in the last answer, without regard to case.
header() { sed -n "s/^$1: *\([^\r]*\)\r*$/\1/Ip" "$answer/headers" | tail -n 1; }

expect "the API is there" 200 "$(get "https://$api_host/health")"
expect "the API takes calls and has its database" 200 "$(get "https://$api_host/ready")"
expect "the API asks for a key" 401 "$(get "https://$api_host/list-agents")"
expect "errors have Retell's shape" error "$(jq -r '.status // "none"' "$answer/body" 2>/dev/null || echo none)"
expect "the Web is there" 200 "$(get "https://$web_host/health")"
expect "the page loads" 200 "$(get "https://$web_host/")"
expect "the page may not be framed" DENY "$(header X-Frame-Options)"
expect "browsers stay with https" 1 "$(header Strict-Transport-Security | grep -c 'max-age=' || true)"
if [[ -n "$release" ]]; then
  get "https://$web_host/release.txt" >/dev/null
  expect "the Web is of this release" "$release" "$(tr -d '[:space:]' <"$answer/body")"
fi
# A certificate that ends within two weeks was not renewed.
expires=$(curl --silent --max-time 15 "${route[@]}" --output /dev/null --write-out '%{certs}' "https://$api_host/health" 2>/dev/null |
  sed -n 's/^Expire date:\(.*\)$/\1/p' | head -n 1) || true
if [[ -n "$expires" ]]; then
  days=$((($(date -d "$expires" +%s) - $(date +%s)) / 86400))
  expect "the certificate is good for two weeks and more" true "$( ((days >= 14)) && echo true || echo "$days days")"
else
  warn "not checked: until when the certificate is good (curl before 7.88, or one without OpenSSL, does not tell)"
fi
if [[ -n "$connect" && "$connect" == *:443 ]] || $use_dns; then
  http_route=()
  if [[ -n "$connect" ]]; then http_route=(--connect-to "::${connect%:443}:80"); fi
  expect "http is sent on to https" 301 "$(curl --silent --max-time 15 "${http_route[@]}" --output /dev/null --write-out '%{http_code}' "http://$api_host/" || true)"
fi
if $calls; then
  : "${RETELL_API_KEY:?--calls needs RETELL_API_KEY}" "${RETELL_AGENT_ID:?--calls needs RETELL_AGENT_ID}"
  status=0
  "$root/apps/api/build/release/retell" call --server "https://$api_host" --agent "$RETELL_AGENT_ID" --say "Hello, who is there?" || status=$?
  expect "an agent answers a call" 0 "$status"
fi

printf '\n   %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
