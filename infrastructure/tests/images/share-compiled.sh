#!/usr/bin/env bash
# Hands what this machine has compiled of the engines and of this checkout's release build to the compilers inside of images,
# which ask the engine's Redis for it (engine.sh): nothing is then compiled twice. Inside of the engine's network; STAMP is the
# file that says which sources were handed over last. Nothing to do where nothing was built.
#   share-compiled.sh STAMP REDIS
set -euo pipefail
if (($# != 2)); then sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; fi
stamp=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
if [[ ! -x apps/api/build/release/retell ]]; then exit; fi

# What the Dockerfile's stages copy and compile.
sources=$(cd apps/api && find ../../scripts/engines.sh CMakeLists.txt CMakePresets.json cmake src -type f -print0 | sort -z |
  xargs -0 sha256sum | sha256sum)
if [[ -e $stamp && $(<"$stamp") == "$sources" ]]; then exit; fi

# A folder as deep as build/release, as names of files are told by the way to them; nothing of it is kept.
again=apps/api/build/shared
rm -rf $again
trap 'rm -rf "$PWD/apps/api/build/shared"' EXIT
mkdir -p $again/cache

export CCACHE_REMOTE_STORAGE=$2 CCACHE_RESHARE=true
# The engines' own compilation heeds the locale: that of the image.
cache=${RETELL_CACHE_DIR:-$HOME/.cache/retell}
ln -s "$cache/downloads" $again/cache/downloads
env --unset=LC_ALL --unset=LC_CTYPE --unset=LC_MESSAGES LANG=C.UTF-8 RETELL_CACHE_DIR="$PWD/$again/cache" scripts/engines.sh \
  >$again/engines.log 2>&1
(cd apps/api && cmake --preset release -B build/shared) >$again/configure.log
cmake --build $again --target retell >$again/build.log
echo "$sources" >"$stamp"
