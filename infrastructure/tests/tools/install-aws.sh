#!/usr/bin/env bash
# Installs what the deployment's tests need beside scripts/install-deps.sh: Debian's HAProxy and bats, and into the cache,
# once, the AWS CLI 1, boto3 and moto (an emulation of AWS). Prints the folder of the latter.
#   install-aws.sh [--cli2]     --cli2: Debian's AWS CLI 2 as well, as /usr/bin/aws
set -euo pipefail
cache=${RETELL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/retell}

# Suites that run beside each other need the same, and so does apt.
mkdir -p "$cache"
exec 9>"$cache/install.lock"
flock 9

packages=()
command -v bats >/dev/null || packages+=(bats)
[[ -x /usr/sbin/haproxy ]] || packages+=(haproxy)
command -v openssl >/dev/null || packages+=(openssl)
if [[ ${1:-} == --cli2 && ! -x /usr/bin/aws ]]; then packages+=(awscli); fi
if ((${#packages[@]} > 0)); then
  as_root=()
  if ((EUID != 0)); then as_root=(sudo); fi
  # The tests start an HAProxy of their own; Debian's must not be started, and policy-rc.d is how a package is told.
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod +x $policy
    trap '"${as_root[@]}" rm -f $policy' EXIT
  fi
  "${as_root[@]}" apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
fi

requirements=('moto==5.2.1' 'Flask==3.1.3' 'flask-cors==6.0.5' 'awscli==1.45.11')
fingerprint=$(printf '%s\n' "${requirements[@]}" | sha256sum | cut -c1-12)
destination=$cache/aws-$fingerprint
if [[ ! -e $destination/complete ]]; then
  rm -rf "$destination"
  python3 -m venv "$destination" >&2
  "$destination/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]}" >&2
  touch "$destination/complete"
fi
echo "$destination"
