#!/usr/bin/env bash
# Compiler launcher: ccache, set up so that the same sources hit from any checkout folder.
set -euo pipefail

# Paths below the repository become relative; the current folder's name does not count. PCH_EXTSUM: Module.cmake writes a
# checksum that, unlike the precompiled header's own bytes, does not hold the build folder's name. Locale: it decides the
# language of messages, and an image's build would not find what a user's shell has compiled.
export CCACHE_BASEDIR=${BASH_SOURCE[0]%/apps/api/cmake/*} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime,locale
# The precompiled header itself names the folder that it was made in: each build folder makes its own.
[[ " $* " != *" -emit-pch "* ]] || exec "$@"
# ccache takes arguments behind -Xclang as they are, and so would hash the absolute name of the precompiled header.
exec ccache "${@/#"$PWD/"/}"
