#!/usr/bin/env bash
# Tests of what scripts/smoke.sh says to those who call it wrongly, and of a curl that tells nothing of certificates; what it
# finds in an environment is tested with the deployments. The last line is "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
smoke=$here/../../../scripts/smoke.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0
failed=0
# ends WHAT STATUS WORDS ARGUMENTS...
ends() {
  local what=$1 wanted=$2 words=$3 status=0
  shift 3
  PATH=$work:$PATH "$smoke" "$@" >"$work/said" 2>&1 || status=$?
  if [[ $status == "$wanted" ]] && grep -qF -e "$words" "$work/said"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $what: $status instead of $wanted, and not \"$words\": $(head -n 3 "$work/said")"
  fi
}

# Answers nothing, and like an old one knows no %{certs}.
printf '#!/bin/sh\nexit 0\n' >"$work/curl"
chmod +x "$work/curl"

ends "no environment" 2 "staging or production?"
ends "two environments" 2 "one environment at a time: staging or production?" staging production
ends "a release without a name" 2 "--release needs a value" staging --release
ends "a release that is another option" 2 "--release needs a value" staging --release --dns
ends "an address that is left out" 2 "--connect needs a value" staging --connect
ends "an option that is none" 2 "unknown option: --no" staging --no
ends "a certificate that curl does not tell of" 1 "not checked: until when the certificate is good" staging --connect 127.0.0.1:443

echo "$passed passed, $failed failed"
((failed == 0))
