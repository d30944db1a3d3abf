# shellcheck shell=bash
# Sourced by what runs against an emulated AWS of its own: starts it, goes to a copy of the configuration, counts what holds.
# shellcheck disable=SC2034,SC2154  # the sourced files and the script share their names

set -euo pipefail
eval "$("$here/setup.sh")"
export PATH=$RETELL_TOOLS:$PATH
for part in emulation expected assertions gone; do
  # shellcheck source=/dev/null
  . "$here/moto/$part.sh"
done

passed=0
failed=0
about=
work=$(mktemp -d)
finish() {
  stop_aws
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
start_aws "$work"

# The checkout stays as it is: bootstrap.sh writes beside itself.
cp -r "$here/../../terraform" "$work/terraform"
cd "$work/terraform"
rm -rf .terraform* backend.tf ./*.tfstate*

# take_down ARGUMENTS...: as infrastructure/terraform/README.md says.
take_down() {
  local off=(-var deletion_protection=false -var skip_final_snapshot=true -var force_destroy=true -var secret_recovery_days=0) key
  key=$(aws kms describe-key --key-id "alias/$prefix" --query KeyMetadata.KeyId --output text)
  works "apply without protection" terraform apply -auto-approve -no-color "$@" "${off[@]}"
  refused "destroy takes the key along" prevent_destroy terraform destroy -auto-approve -no-color "$@" "${off[@]}"
  works "the key is let go of" terraform state rm aws_kms_key.main
  works "terraform destroy" terraform destroy -auto-approve -no-color "$@" "${off[@]}"
  # shellcheck disable=SC2016  # the inner shell's
  works "the state is empty" sh -c 'test -z "$(terraform state list)"'
  says "the key stays, as it alone reads what is left" Enabled kms describe-key --key-id "$key" --query KeyMetadata.KeyState
}

report() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}
