#!/usr/bin/env bash
# Installs what building, testing and running need on Debian 12 (as root or through sudo). Does nothing when all is there.
#   scripts/install-deps.sh [--tests]     --tests adds what only the tests need (Chromium, clang-tidy, shellcheck ...)
set -euo pipefail

packages=(
  # compiler and build
  clang-19 libclang-rt-19-dev cmake ninja-build ccache mold git pkg-config ca-certificates curl unzip xz-utils jq
  # libraries
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libpq-dev libsqlite3-dev libsodium-dev libexpected-dev
  libspdlog-dev libfmt-dev libjemalloc-dev prometheus-cpp-dev libcli11-dev libtomlplusplus-dev libhowardhinnant-date-dev libre2-dev
  libspeexdsp-dev
  # speech that needs no download
  flite1-dev libpocketsphinx-dev pocketsphinx-en-us espeak-ng
  # the package clients that fetch engines and models
  python3 python3-venv python3-pip
)
if [[ "${1:-}" == "--tests" ]]; then
  packages+=(clang-tidy-19 clang-format-19 libclang-19-dev llvm-19-dev libgtest-dev libgmock-dev librapidcheck-dev
    libbenchmark-dev chromium fonts-liberation shellcheck sqlite3 sox postgresql-15 redis-server)
fi
# A Node.js of one's own (nvm, NodeSource) is as good as Debian's.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then packages+=(nodejs npm); fi

declare -A installed=()
while read -r package state; do
  if [[ "$state" == "installed" ]]; then installed[$package]=1; fi
done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  if [[ -z "${installed[$package]:-}" ]]; then missing+=("$package"); fi
done
if ((${#missing[@]} == 0)); then exit 0; fi

if [[ ! -r /etc/os-release ]] || ! grep -q '^ID=debian' /etc/os-release; then
  echo "This installer knows Debian 12. Install the equivalents of: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "Run as root, or install sudo. Missing packages: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
# The tests start servers of their own, on free ports: Debian's must neither be created nor started, and policy-rc.d is how
# a package is told.
if [[ "${1:-}" == "--tests" && ! -e /etc/postgresql-common/createcluster.conf ]]; then
  "${as_root[@]}" mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
policy=/usr/sbin/policy-rc.d
if [[ "${1:-}" == "--tests" && ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
  "${as_root[@]}" chmod +x $policy
  trap '"${as_root[@]}" rm -f $policy' EXIT
fi
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
