#!/usr/bin/env bash
# Prepares Terraform for a machine that cannot fetch hashicorp/aws: the stand-in provider in a mirror that terraform init
# finds. Prints the assignments that a shell needs; everything lies in the cache, outside of the checkout.
#
#   eval "$(infrastructure/tests/terraform/setup.sh)"
#   cd infrastructure/terraform && terraform init && terraform plan -var-file=environments/production.tfvars
#
# RETELL_TOOLS, the folder with python, aws and moto_server, is printed as well.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configuration=$(cd "$here/../../terraform" && pwd)
cache=${RETELL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/retell}
package=@cdktn/provider-aws
package_version=25.7.0

terraform=$("$here/../tools/install-terraform.sh")

# digest FILES...: of their contents.
digest() { cat "$@" | sha256sum | cut -c1-12; }

# once FOLDER COMMAND...: makes the folder in one go, or not at all; of several that try at a time one wins.
once() {
  local folder=$1
  shift
  if [[ -e $folder/complete ]]; then return; fi
  mkdir -p "$cache"
  (
    flock 9
    if [[ -e $folder/complete ]]; then exit; fi
    rm -rf "$folder"
    mkdir -p "$folder"
    "$@" "$folder" >&2
    touch "$folder/complete"
  ) 9>"$cache/terraform-tests.lock"
}

install_tools() {
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
}
tools=$cache/terraform-tools-$(digest "$here/requirements.txt")
once "$tools" install_tools

download_bindings() { (cd "$1" && npm pack --silent "$package@$package_version" >/dev/null && mv ./*.tgz bindings.tgz); }
bindings=$cache/provider-aws-$package_version
once "$bindings" download_bindings

# What the schema depends on: the bindings, the programs that read them, the types that the configuration names.
types=$(grep -hoE '^(resource|data) "aws_\w+"' "$configuration"/*.tf | sort -u)
schema=$cache/terraform-schema-$(digest "$here"/standin/{bindings,waf_statement,extract,protocol}.py <(echo "$types $package_version") "$terraform")
extract_schema() {
  "$tools/bin/python" "$here/standin/extract.py" "$bindings/bindings.tgz" "$configuration" "$1/schema.json"
  PYTHONPATH=$here/standin "$tools/bin/python" -c \
    'import pathlib, sys, protocol; pathlib.Path(sys.argv[2]).write_bytes(protocol.describe(sys.argv[1]))' \
    "$terraform" "$1/protocol.desc"
}
once "$schema" extract_schema
version=$(jq -r .version "$schema/schema.json")

platform=$("$terraform" version -json 2>/dev/null | jq -r .platform)
install_mirror() {
  local folder=$1/mirror/registry.terraform.io/hashicorp/aws/$version/$platform
  mkdir -p "$folder"
  cat >"$folder/terraform-provider-aws_v${version}_x5" <<END
#!/bin/sh
export STANDIN_SCHEMA=$schema/schema.json STANDIN_PROTOCOL=$schema/protocol.desc PYTHONDONTWRITEBYTECODE=1
exec $tools/bin/python $here/standin/provider.py
END
  chmod +x "$folder"/*
  cat >"$1/terraformrc" <<END
provider_installation {
  filesystem_mirror {
    path = "$1/mirror"
  }
}
disable_checkpoint = true
END
}
mirror=$cache/terraform-mirror-$(digest "${BASH_SOURCE[0]}" <(echo "$here $schema $tools"))
once "$mirror" install_mirror

echo "export TF_CLI_CONFIG_FILE=$mirror/terraformrc RETELL_TOOLS=$tools/bin PATH=$(dirname "$terraform"):\$PATH"
