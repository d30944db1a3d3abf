#!/usr/bin/env bash
# Installs moto, an emulation of AWS that is not ours, into the cache once, and prints its folder: the tests of the object
# store run against its S3.
set -euo pipefail

requirements=('moto[s3,iam]==5.1.14' 'Flask==3.1.3' 'flask-cors==6.0.5')
fingerprint=$(printf '%s\n' "${requirements[@]}" | sha256sum | cut -c1-12)
destination=${RETELL_CACHE_DIR:-$HOME/.cache/retell}/moto-$fingerprint
if [[ ! -e $destination/complete ]]; then
  rm -rf "$destination"
  python3 -m venv "$destination" >&2
  "$destination/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]}" >&2
  touch "$destination/complete"
fi
echo "$destination"
