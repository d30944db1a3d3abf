#!/usr/bin/env bash
# Hands what this checkout's release build has compiled to the compilers inside of images, which ask the engine's Redis for
# it (engine.sh): nothing is then compiled twice. Inside of the engine's network; STAMP is the file that says which sources
# were handed over last. Nothing to do where nothing was built.
#   share-compiled.sh STAMP REDIS
set -euo pipefail
if (($# != 2)); then sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; fi
stamp=$(realpath "$1") redis=$2
cd "$(dirname "${BASH_SOURCE[0]}")/../../../apps/api"
if [[ ! -x build/release/retell ]]; then exit; fi

# What the Dockerfile's build stage copies and compiles.
sources=$(find CMakeLists.txt CMakePresets.json cmake src -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [[ -e $stamp && $(<"$stamp") == "$sources" ]]; then exit; fi

# A folder as deep as build/release, as names of files are told by the way to them; nothing of it is kept.
again=build/shared
rm -rf $again
trap 'rm -rf "$PWD/build/shared"' EXIT
mkdir -p $again
cmake --preset release -B $again >$again/configure.log
CCACHE_REMOTE_STORAGE=$redis CCACHE_RESHARE=true \
  cmake --build $again --target retell >$again/build.log
echo "$sources" >"$stamp"
