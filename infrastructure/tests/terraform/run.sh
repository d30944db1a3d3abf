#!/usr/bin/env bash
# Tests of infrastructure/terraform, without an AWS account. The last line is "N passed, N failed".
#
#   infrastructure/tests/terraform/run.sh             everything
#   infrastructure/tests/terraform/run.sh --quick     lint, validate, plans and the rules they must keep
#   infrastructure/tests/terraform/run.sh --apply     the rest: terraform test, and the guide against an emulated AWS
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configuration=$(cd "$here/../../terraform" && pwd)
root=$(cd "$here/../../.." && pwd)

quick=true apply=true
case ${1:-} in
  "") ;;
  --quick) apply=false ;;
  --apply) quick=false ;;
  -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
esac

work=$(mktemp -d)
passed=0
failed=0
started=$SECONDS
finished=false
finish() {
  $finished || failed=$((failed + 1))
  rm -rf "$work"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0)) || exit 1
}
trap finish EXIT
trap 'exit 1' INT TERM

# count NAME PASSED FAILED
count() {
  passed=$((passed + $2)) failed=$((failed + $3))
  printf '%-44s %4d passed %3d failed  %4d s\n' "$1" "$2" "$3" $((SECONDS - started))
}

# check NAME COMMAND...: one test, whose exit status is the verdict; what it printed is shown when it failed.
check() {
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1; then count "$name" 1 0; return 0; fi
  tail -n 40 "$work/log"
  count "$name" 0 1
  return 1
}

# counted NAME COMMAND...: many tests, whose last line says "… N passed, N failed".
counted() {
  local name=$1 p f status=0
  shift
  "$@" >"$work/log" 2>&1 || status=$?
  p=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -n 1 || true)
  f=${p#* passed, } f=${f% failed} p=${p%% *}
  p=${p:-0} f=${f:-0}
  if ((p + f == 0 || (status != 0 && f == 0))); then f=$((f + 1)); fi
  if ((f > 0)); then grep -vE '\.\.\. pass$|^$' "$work/log" | tail -n 60 || true; fi
  count "$name" "$p" "$f"
}

# A folder of its own, so that nothing of a test lies in the checkout; the empty backend keeps the state there as well.
copy_of_configuration() {
  cp -r "$configuration" "$1"
  rm -rf "$1"/.terraform* "$1"/*.tfstate* "$1"/backend.tf
  echo '# local: a test' >"$1/backend.tf"
  mkdir -p "$1/tests"
  cp "$here"/hcl/*.tftest.hcl "$1/tests/"
}

in_copy() { (cd "$work/copy" && "$@"); }

lint() {
  mapfile -t scripts < <(cd "$root" && git ls-files 'infrastructure/terraform/*.sh' 'infrastructure/tests/terraform/*.sh' scripts/cost.sh)
  check "terraform fmt" terraform -chdir="$configuration" fmt -check -diff -recursive || true
  check "terraform fmt of tests" terraform fmt -check -diff -recursive "$here/hcl" || true
  check "shellcheck" shellcheck "${scripts[@]/#/$root/}" || true
  check "lint for 1.6 finds what it must" python3 "$here/lint16.py" --self-test || true
  check "no feature newer than Terraform 1.6" python3 "$here/lint16.py" "$configuration"/*.tf "$here"/hcl/*.hcl || true
  counted "the provider's checks of single values" python3 -B "$here/standin/checks_test.py"
}

# planned NAME ARGUMENTS...: the plan as JSON, every value known: of an apply that makes values up, planned once more,
# which must find nothing left to change.
planned() {
  local name=$1
  shift
  in_copy terraform apply -no-color -input=false -auto-approve "-state=$work/$name.tfstate" "$@" &&
    in_copy terraform plan -no-color -input=false -detailed-exitcode "-state=$work/$name.tfstate" "-out=$work/$name.plan" "$@" &&
    in_copy terraform show -json "$work/$name.plan" >"$work/$name.json"
}

plans() {
  check "terraform init" in_copy terraform init -no-color -input=false || return 0
  check "terraform validate" in_copy terraform validate -no-color || return 0
  check "a misspelt argument is refused" misspelt || true
  check "plan production, then nothing to change" planned production -var-file=environments/production.tfvars || return 0
  check "plan small, then nothing to change" planned small -var-file=environments/production.tfvars -var-file=profiles/small.tfvars \
    -var certificate_validated=true -var 'waf_trusted_cidrs=["203.0.113.7/32","198.51.100.0/24"]' || return 0
  check "plan a new token for Redis, and nothing else" new_token || true
  check "plan staging in production's workspace: refused" refused "$mixed_up" -var-file=environments/staging.tfvars || true
  check "destroy production with staging's variables: refused" refused "$mixed_up" -destroy "-state=$work/production.tfstate" \
    -var-file=environments/staging.tfvars || true
  check "the same without a look at AWS: refused" refused "$mixed_up" -destroy -refresh=false "-state=$work/production.tfstate" \
    -var-file=environments/staging.tfvars || true
  check "destroy the key: refused" refused prevent_destroy -destroy "-state=$work/production.tfstate" \
    -var-file=environments/production.tfvars || true
  in_copy terraform workspace new staging >/dev/null
  check "plan staging, then nothing to change" planned staging -var-file=environments/staging.tfvars || return 0
  check "plan production in staging's workspace: refused" refused "$mixed_up" -var-file=environments/production.tfvars || true
  check "destroy staging with production's variables: refused" refused "$mixed_up" -destroy "-state=$work/staging.tfstate" \
    -var-file=environments/production.tfvars || true
  in_copy terraform workspace select default >/dev/null
  counted "rules" python3 "$here/policy/check.py" "production=$work/production.json" "small=$work/small.json" "staging=$work/staging.json"
}

# The guide's way to change Redis' token, planned on production as it stands: nothing else may change, the sealing key least.
new_token() {
  in_copy terraform plan -no-color -input=false "-state=$work/production.tfstate" "-out=$work/token.plan" \
    -var-file=environments/production.tfvars -var redis_token_update=ROTATE \
    -replace='aws_secretsmanager_secret_version.generated["redis-auth-token"]' || return 1
  in_copy terraform show -json "$work/token.plan" | jq -e '
    [.resource_changes[] | select(.change.actions - ["no-op", "read"] != [])]
    | (map({key: .address, value: .change.actions}) | from_entries) == {
        "aws_secretsmanager_secret_version.generated[\"redis-auth-token\"]": ["delete", "create"],
        "aws_elasticache_replication_group.main": ["update"]}
      and any(.[]; .address == "aws_elasticache_replication_group.main"
        and .change.after.auth_token_update_strategy == "ROTATE" and .change.after.auth_token != .change.before.auth_token)'
}

misspelt() {
  cp -r "$work/copy" "$work/misspelt"
  sed -i 's/^  multi_az /  multiaz  /' "$work/misspelt/rds.tf"
  local said
  if said=$(terraform -chdir="$work/misspelt" validate -no-color 2>&1); then return 1; fi
  grep -q 'An argument named "multiaz" is not expected here' <<<"$said"
}

mixed_up='these are the variables of'
# refused PATTERN ARGUMENTS...: no plan, and the reason is told.
refused() {
  local pattern=$1 said
  shift
  if said=$(in_copy terraform plan -no-color -input=false "$@" 2>&1); then return 1; fi
  echo "$said"
  # Terraform breaks its lines where they get long.
  tr -s '\n ' ' ' <<<"$said" | grep -q "$pattern"
}

eval "$("$here/setup.sh")"
unset AWS_ENDPOINT_URL
copy_of_configuration "$work/copy"
if $quick; then
  lint
  counted "cost estimate" "$here/cost_test.sh"
  counted "words of smoke.sh" "$here/smoke_test.sh"
  plans
fi
if $apply; then
  in_copy terraform init -no-color -input=false >/dev/null
  counted "terraform test" in_copy terraform test -no-color -var-file=environments/production.tfvars
  counted "apply to an emulated AWS, destroy" "$here/moto/apply.sh"
fi
finished=true
