#!/usr/bin/env bash
# Fetches and builds the in-process engines (whisper.cpp, llama.cpp, ONNX Runtime) once, into a cache outside the
# checkout. With everything in place it only prints the folder, so that every configure may call it.
#
#   scripts/engines.sh              fetch and build what is missing, then print the folder
#   scripts/engines.sh --print-dir  print the folder, build nothing
#
# RETELL_CACHE_DIR        where the cache lies              (default ~/.cache/retell)
# RETELL_BUILD_JOBS       compilers at once                 (default: number of CPUs)
# RETELL_ALLOW_UNPINNED=1 accept a source of the lock file that has no checksum
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
recipes=$repository/apps/api/cmake/engines
lock=$recipes/engines.lock
cache=${RETELL_CACHE_DIR:-$HOME/.cache/retell}
jobs=${RETELL_BUILD_JOBS:-$(nproc)}
cc=${CC:-clang-19}
cxx=${CXX:-clang++-19}

# Everything that decides what the libraries contain is in the folder's name.
fingerprint=$({ cat "$lock" "$recipes/llama/CMakeLists.txt" "${BASH_SOURCE[0]}"; echo "$cc $cxx"; uname -m; } | sha256sum | cut -c1-16)
destination=$cache/engines/$fingerprint

if [ "${1:-}" = --print-dir ] || [ -e "$destination/complete" ]; then
  echo "$destination"
  exit 0
fi

say() { echo "engines: $*" >&2; }
fail() { say "$*"; exit 1; }

for tool in "$cc" "$cxx" cmake ninja tar sha256sum ld.bfd objcopy ar; do
  command -v "$tool" >/dev/null || fail "$tool is needed to build the engines and is not installed"
done

# Several configures may start together: one builds, the others wait for it.
mkdir -p "$cache/engines" "$cache/downloads"
exec 9>"$cache/engines/lock"
flock 9
if [ -e "$destination/complete" ]; then
  echo "$destination"
  exit 0
fi

work=$cache/engines/build-$fingerprint
rm -rf "$work"
mkdir -p "$work/stage/lib" "$work/stage/include"
trap 'rm -rf "$work"' EXIT

checksum() { sha256sum "$1" | cut -d' ' -f1; }

# download <client> <what> <expected sha256>: prints the path of the verified file, or fails.
download() {
  local client=$1 what=$2 expected=$3 name target part
  name=$(echo "$what" | tr -c 'A-Za-z0-9.@_\n-' '_').tgz
  target=$cache/downloads/$name
  if [ -f "$target" ] && { [ "$expected" = unpinned ] || [ "$(checksum "$target")" = "$expected" ]; }; then
    echo "$target"
    return 0
  fi
  if [ "$expected" = unpinned ] && [ "${RETELL_ALLOW_UNPINNED:-0}" != 1 ]; then
    say "skipping $what: it has no checksum (RETELL_ALLOW_UNPINNED=1 accepts it)"
    return 1
  fi
  part=$(mktemp -d "$work/download.XXXXXX")
  say "fetching $what"
  case $client in
    npm) command -v npm >/dev/null || { say "npm is not installed"; return 1; }
         (cd "$part" && timeout 900 npm pack --silent "$what" >/dev/null) || return 1 ;;
    url) timeout 900 curl --fail --location --silent --show-error --retry 3 --output "$part/file.tgz" "$what" || return 1 ;;
    *)   say "unknown client '$client' in $lock"; return 1 ;;
  esac
  local file
  file=$(find "$part" -type f | head -1)
  [ -n "$file" ] || return 1
  if [ "$expected" != unpinned ] && [ "$(checksum "$file")" != "$expected" ]; then
    say "checksum of $what is $(checksum "$file"), the lock file says $expected"
    return 1
  fi
  mv "$file" "$target"
  echo "$target"
}

# fetch <engine>: unpacks the first source of the engine that can be had into $work/<engine>.
fetch() {
  local engine=$1 client what expected archive
  while read -r name client what expected; do
    [ "$name" = "$engine" ] || continue
    if archive=$(download "$client" "$what" "$expected"); then
      mkdir -p "$work/$engine"
      tar -xzf "$archive" -C "$work/$engine"
      return 0
    fi
  done < <(grep -v '^#' "$lock")
  fail "no source of $engine could be fetched (see $lock)"
}

folder_with() { dirname "$(find "$work/$1" -path "*$2" | awk '{ print length, $0 }' | sort -n | head -1 | cut -d' ' -f2-)"; }

cmake_flags=(-G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_COMPILER=$cc" "-DCMAKE_CXX_COMPILER=$cxx"
  -DCMAKE_POSITION_INDEPENDENT_CODE=ON "-DCMAKE_INSTALL_PREFIX=$work/stage" -DCMAKE_INSTALL_LIBDIR=lib)
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1
  cmake_flags+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi

build() {
  local engine=$1
  shift
  say "building $engine (a few minutes, once)"
  cmake -B "$work/$engine-build" "${cmake_flags[@]}" "$@" >"$work/$engine.log" 2>&1 || { cat "$work/$engine.log" >&2; fail "$engine did not configure"; }
  nice -n 10 cmake --build "$work/$engine-build" -j "$jobs" 2>&1 | tee -a "$work/$engine.log" |
    stdbuf -oL tr '\r' '\n' | awk -v engine="$engine" 'match($0, /^\[[0-9]+\/[0-9]+\]/) { if (++n % 20 == 0) print "engines: " engine " " substr($0, 1, RLENGTH) > "/dev/stderr" }' ||
    { tail -40 "$work/$engine.log" >&2; fail "$engine did not build"; }
  cmake --install "$work/$engine-build" >>"$work/$engine.log" 2>&1 || { tail -40 "$work/$engine.log" >&2; fail "$engine did not install"; }
}

fetch whisper
build whisper -S "$(folder_with whisper /include/whisper.h)/.." -DBUILD_SHARED_LIBS=OFF \
  -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_EXAMPLES=OFF -DWHISPER_BUILD_SERVER=OFF \
  -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF

fetch llama
build llama -S "$recipes/llama" "-DLLAMA_SOURCE_DIR=$(folder_with llama /cpp/llama.h)"

# Both engines hold a copy of ggml, and the prefix of llama.rn does not reach every name (quantize_row_q4_0, the classes
# of ggml::cpu): one object in which only llama's own interface is visible cannot clash, nor be mixed up silently.
say "sealing llama"
ld.bfd -r --force-group-allocation --whole-archive "$work/stage/lib/libretell_llama.a" -o "$work/llama.o"
objcopy --wildcard --keep-global-symbol='llama_*' --keep-global-symbol='lm_ggml_*' --keep-global-symbol='lm_gguf_*' "$work/llama.o"
rm "$work/stage/lib/libretell_llama.a"
ar rcs "$work/stage/lib/libretell_llama.a" "$work/llama.o"

# ONNX Runtime comes built; only its C interface is used, and the library is opened at run time.
fetch onnxruntime
case $(uname -m) in x86_64) ort_arch=x64 ;; aarch64) ort_arch=arm64 ;; *) fail "no ONNX Runtime for $(uname -m)" ;; esac
library=$(find "$work/onnxruntime" -type f \( -path "*/linux/$ort_arch/libonnxruntime.so*" -o -path "*/lib/libonnxruntime.so*" \) | head -1)
[ -n "$library" ] || fail "the ONNX Runtime package holds no libonnxruntime.so for linux/$ort_arch"
install -m 0755 "$library" "$work/stage/lib/libonnxruntime.so.1"

touch "$work/stage/complete"
rm -rf "$destination"
mv "$work/stage" "$destination"
say "ready in $destination"
echo "$destination"
