#!/usr/bin/env bash
# What AWS asks a month for each environment, beside the table of the deployment guide, and what a minute of a call costs,
# beside Retell's price. Sizes are read from infrastructure/terraform, prices from infrastructure/prices.
#
#   scripts/cost.sh                     0, 10, 100 and 1,000 calls at once, all month long
#   scripts/cost.sh --hours 176         calls in office hours alone: 8 hours on 22 days
#   scripts/cost.sh --json              the same figures for machines
#   scripts/cost.sh --prices FILE       another list of prices
set -euo pipefail
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prices=infrastructure/prices/us-east-1.json
terraform=infrastructure/terraform
hours=730
json=false
while (($#)); do
  case $1 in
    --hours | --prices)
      if (($# < 2)); then echo "$1 needs a value (see --help)" >&2; exit 2; fi
      if [[ $1 == --hours ]]; then hours=$2; else prices=$2; fi
      # A path of whoever calls, who may be in another folder.
      if [[ $1 == --prices && $2 != /* ]]; then prices=$from/$2; fi
      shift
      ;;
    --json) json=true ;;
    -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done
if ! [[ $hours =~ ^[0-9]{1,4}$ ]] || ((10#$hours < 1 || 10#$hours > 744)); then
  echo "--hours: from 1 to 744, the hours of a month" >&2
  exit 2
fi
hours=$((10#$hours))
if ! jq -e 'type == "object"' "$prices" >/dev/null 2>&1; then
  echo "--prices: $prices is no file that holds a list of prices in JSON" >&2
  exit 2
fi

levels=(0 10 100 1000)
declare -A files=(
  [production]=$terraform/environments/production.tfvars
  [small]="$terraform/environments/production.tfvars $terraform/profiles/small.tfvars"
  [staging]=$terraform/environments/staging.tfvars
)
environments=(production small staging)

# sizes FILES...: simple values of the variables as JSON: the defaults, then each file over them.
sizes() {
  {
    awk '/^variable "/ { name = $2; gsub(/"/, "", name) } /^  default +=/ { print name, "=", $3 }' "$terraform"/variables*.tf
    sed -n 's/^\([a-z0-9_]\+\) *= *\([^#]*[^# ]\).*$/\1 = \2/p' "$@"
  } | jq -Rn '[inputs | capture("^(?<key>\\w+) = (?<value>.*)$") | {key, value: (.value | try fromjson catch null)}] | from_entries'
}

# figures: {environment: {calls: estimate}}
figures() {
  local environment calls size
  for environment in "${environments[@]}"; do
    # shellcheck disable=SC2086  # several files
    size=$(sizes ${files[$environment]})
    for calls in "${levels[@]}"; do
      jq -c --argjson size "$size" --argjson calls "$calls" --argjson hours "$hours" \
        --arg environment "$environment" -f infrastructure/prices/estimate.jq "$prices" |
        jq -c --arg environment "$environment" --arg calls "$calls" '{($environment): {($calls): .}}'
    done
  done | jq -s 'reduce .[] as $one ({}; . * $one)'
}

all=$(figures)
if $json; then
  jq --argjson hours "$hours" --slurpfile prices "$prices" '{hours: $hours, prices: $prices[0].date, environments: .}' <<<"$all"
  exit
fi

jq -r '"Prices of \(.date), \(.region), US dollars a month, on demand.\n\(.source).\n"' "$prices"
echo "Without calls:"
jq -r --slurpfile guide infrastructure/prices/guide.json '
  def cell($width): tostring | (" " * ($width - length)) + .;
  def dollars: if . == null then "-" else round end;
  . as $all | $guide[0] as $guide
  | (["production", "small", "staging"]) as $names
  | ("" | cell(20)) + ("guide" | cell(10)) + ([$names[] | cell(12)] | add),
    ($all.production["0"].lines | keys_unsorted[] as $line
      | $line + (" " * (20 - ($line | length))) + ($guide[$line] | dollars | cell(10))
        + ([$names[] as $n | $all[$n]["0"].lines[$line] | dollars | cell(12)] | add)),
    "Total" + (" " * 15) + ($guide | add | dollars | cell(10)) + ([$names[] as $n | $all[$n]["0"].total | dollars | cell(12)] | add)
' <<<"$all"

printf '\nWith calls at once, %s hours a month:\n' "$hours"
jq -r --slurpfile prices "$prices" '
  def cell($width): tostring | (" " * ([$width - length, 1] | max)) + .;
  def cents: . * 10000 | round / 10000;
  ($prices[0].vendors_call_minute | add) as $vendors
  | ("" | cell(14)) + ("calls" | cell(8)) + ("tasks" | cell(8)) + ("AWS a month" | cell(14)) + ("a call minute" | cell(16))
    + ("with vendors" | cell(16)) + ("archive grows by" | cell(18)),
    (to_entries[] | .key as $name | .value | to_entries[] | .key as $calls | .value
      | $name + (" " * (14 - ($name | length))) + ($calls | cell(8)) + (.tasks | cell(8)) + (.total | round | cell(14))
        + (if .minutes == 0 then "-" else .total / .minutes | cents end | cell(16))
        + (if .minutes == 0 then "-" else .total / .minutes + $vendors | cents end | cell(16))
        + (if .minutes == 0 then "-" else .archive_month | round end | cell(18))
        + (if .full then "   more calls than this environment takes" else "" end))
' <<<"$all"
echo "(The archive: recordings of more than 90 days, in dollars a month for each month of calls that is kept.)"
echo
jq -r '"Vendors, a call minute: " + ([.vendors_call_minute | to_entries[] | "\(.key) \(.value)"] | join("; ")) + ".",
  "Retell, a call minute: " + ([.retell_call_minute | to_entries[] | "\(.key) \(.value)"] | join("; ")) + ".",
  "(\(.retell_source))"' "$prices"
