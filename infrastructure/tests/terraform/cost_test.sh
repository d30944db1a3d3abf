#!/usr/bin/env bash
# Tests of scripts/cost.sh: its figures against sums made by hand from a list of round prices, and its words for mistakes.
# The last line is "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
cost=$root/scripts/cost.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0
failed=0
# same WHAT EXPECTED FOUND
same() {
  if [[ $2 == "$3" ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $1: $3 instead of $2"; fi
}
# between WHAT LOW HIGH FOUND
between() { same "$1: $4 in $2..$3" true "$(jq -n --argjson x "$4" "\$x >= $2 and \$x <= $3")"; }

figure() { jq -r "$1" "$work/real.json"; }
"$cost" --json >"$work/real.json"

# By hand: 2 tasks of 2 vCPU and 4 GiB (10 GiB of disk above the free), one Web task and one on Spot of 1/4 vCPU and 1/2 GiB.
same "Fargate of production" 157.49 "$(figure '.environments.production["0"].lines["ECS Fargate"]')"
# 2 x 0.45 x 730 + 2 x 100 x 0.115 + 50 x 0.095
same "RDS of production" 684.75 "$(figure '.environments.production["0"].lines.RDS')"
# 2 x 0.206 x 730
same "Redis of production" 300.76 "$(figure '.environments.production["0"].lines.ElastiCache')"
# 1 x 0.145 x 730 + 50 x 0.115
same "RDS of staging" 111.6 "$(figure '.environments.staging["0"].lines.RDS')"
# 3 x 0.045 x 730
same "NAT of production" 98.55 "$(figure '.environments.production["0"].lines["NAT gateways"]')"
same "lines add up" true "$(figure '.environments.production["0"] | (.lines | add) - .total | fabs < 0.05')"

# What the profile is for: the guide's total, give or take 5 %.
between "small profile against the guide's 580" 551 609 "$(figure '.environments.small["0"].total')"
same "calls cost more" true "$(figure '[.environments.production["0","10","100","1000"].total] | . == sort and (unique | length) == 4')"
same "minutes of 100 calls" 4380000 "$(figure '.environments.production["100"].minutes')"
# 4,380,000 minutes x 0.0018 GiB x 0.004
same "what the archive of 100 calls grows by" 31.54 "$(figure '.environments.production["100"].archive_month')"
same "tasks for 1,000 calls" "2 4" "$(figure '[.environments.production["0","1000"].tasks] | join(" ")')"
same "staging takes 1,000 calls" false "$(figure '.environments.staging["1000"].full')"

"$cost" --json --hours 176 >"$work/office.json"
same "office hours cost less" true "$(jq -n --slurpfile all "$work/real.json" --slurpfile office "$work/office.json" \
  '$office[0].environments.production["100"].total < $all[0].environments.production["100"].total')"

"$cost" >"$work/text"
same "the guide's total" 1 "$(grep -c '^Total  *580 ' "$work/text")"
same "Retell's price" 1 "$(grep -c '^Retell, a call minute: .*0\.07.*0\.1341' "$work/text")"
same "the date of the prices" 1 "$(grep -c "^Prices of $(jq -r .date "$root/infrastructure/prices/us-east-1.json")" "$work/text")"

# What the guide says in words of the two environments, its dates and classes, in both languages.
about() { jq -n --argjson x "$1" '$x / 5 | round * 5'; }
production=$(about "$(figure '.environments.production["0"].total')")
small=$(about "$(figure '.environments.small["0"].total')")
rds=$(figure '.environments.production["0"].lines.RDS | round')
redis=$(figure '.environments.production["0"].lines.ElastiCache | round')
for page in DEPLOYMENT DEPLOYMENT.pt-BR; do
  thousands=,
  if [[ $page == *pt-BR ]]; then thousands=.; fi
  text=$(tr -s '>\n ' ' ' <"$root/docs/$page.md")
  for words in "db.r6g.xlarge ≈ \$$rds" "cache.r6g.large ≈ \$$redis" "≈ \$${production:0:1}$thousands${production:1}" "≈ \$$small:" \
    "$(jq -r .date "$root/infrastructure/prices/us-east-1.json")"; do
    same "$page says \"$words\"" true "$([[ $text == *"$words"* ]] && echo true)"
  done
done

jq 'del(.rds.instance_hour["db.t3.large"])' "$root/infrastructure/prices/us-east-1.json" >"$work/prices.json"
status=0
"$cost" --prices "$work/prices.json" >"$work/said" 2>&1 || status=$?
same "a class without a price is told" "no price for db.t3.large" "$(grep -o 'no price for db.t3.large' "$work/said" | head -n 1)"
same "and fails" true "$([[ $status != 0 ]] && echo true)"
status=0
"$cost" --hours 0 >/dev/null 2>&1 || status=$?
same "hours must be those of a month" 2 "$status"

# The month's hours may begin with a nought, which bash takes for an octal number.
same "hours with a nought before them" "$("$cost" --json --hours 8)" "$("$cost" --json --hours 08 2>&1)"
# refuses WHAT WORDS ARGUMENTS...: with status 2 and one line that holds the words.
refuses() {
  local what=$1 words=$2 status=0
  shift 2
  "$cost" "$@" >"$work/said" 2>&1 || status=$?
  same "$what: status" 2 "$status"
  same "$what: words" "1 true" "$(wc -l <"$work/said") $(grep -qF -e "$words" "$work/said" && echo true)"
}
refuses "prices that are not there" "/nope is no file" --prices /nope
echo "not JSON" >"$work/text"
refuses "prices that are none" "$work/text is no file" --prices "$work/text"
refuses "hours without a number" "--hours needs a value" --hours
refuses "prices without a file" "--prices needs a value" --prices
refuses "hours that are no number" "from 1 to 744" --hours 1e3
same "prices named from another folder" "$(cat "$work/office.json")" \
  "$(cd "$root/infrastructure/prices" && "$cost" --json --hours 176 --prices us-east-1.json)"

echo "$passed passed, $failed failed"
((failed == 0))
