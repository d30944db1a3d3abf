#!/usr/bin/env bash
# Prints the Debian packages whose libraries a program is linked with, one a line: what the runtime image installs. Made
# from the program itself, so that a new library is never forgotten.
#   runtime-packages.sh PROGRAM
set -euo pipefail
program=${1:?which program}

declare -A place=()
while read -r name arrow path _; do
  if [[ "$arrow" == '=>' && "$path" == /* ]]; then place[$name]=$path; fi
done < <(ldd "$program")

for name in $(objdump -p "$program" | awk '$1 == "NEEDED" {print $2}'); do
  # The loader itself is listed without a place, and is there in any case.
  if [[ "$name" == ld-linux* ]]; then continue; fi
  path=${place[$name]:?the loader does not find $name}
  path=$(realpath "$path")
  # Debian's /lib is a link to /usr/lib; a package's list has one or the other.
  owner=$(dpkg -S "$path" 2>/dev/null || dpkg -S "${path#/usr}")
  echo "${owner%%:*}"
done | sort -u
