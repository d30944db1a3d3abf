#!/usr/bin/env bash
# The rules of the house that a compiler does not see: which module may include what, and how long a file may be.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../apps/api"

bad=0
# forbid WHY PATTERN FILES...: prints each line that matches.
forbid() {
  local why=$1 pattern=$2 found
  shift 2
  found=$(printf '%s\n' "$@" | grep -v '^$' | xargs -r grep -nE "$pattern" || true)
  if [[ -n "$found" ]]; then
    printf '%s:\n%s\n\n' "$why" "$found"
    bad=1
  fi
}

mapfile -t all < <(git ls-files 'src/*.cpp' 'src/*.hpp' 'tests/*.cpp' 'tests/*.hpp')
outside() { printf '%s\n' "${all[@]}" | grep -vE "$1" || true; }
inside() { printf '%s\n' "${all[@]}" | grep -E "$1" || true; }

mapfile -t files < <(outside '^src/net/')
forbid "Boost.Beast belongs in net/ alone (each unit that sees it costs 14 s)" 'boost/beast' "${files[@]}"
mapfile -t files < <(outside '^src/storage/db/')
forbid "SQL headers belong in storage/db/ alone" '#include <(sqlite3|libpq-fe)\.h' "${files[@]}"
mapfile -t files < <(inside '^src/(audio|json|text|crypto|domain|engine/turn)/')
forbid "These modules are pure: no Asio" 'boost/asio|core/(task|worker|mailbox|race|task_group)\.hpp' "${files[@]}"
forbid "Include from a module's root, not by relative path" '#include "\.\./' "${all[@]}"
mapfile -t files < <(inside '^src/')
forbid "Awaitable operators swallow errors: use core::race" '#include .*awaitable_operators' "${files[@]}"

while read -r lines file; do
  if ((lines > 450)); then
    printf '%s has %d lines: is it one concept? (limit 450)\n' "$file" "$lines"
    bad=1
  fi
done < <(git ls-files '*.cpp' '*.hpp' '*.js' '*.ts' '*.sh' '*.py' | xargs wc -l | awk '$2 != "total" {print $1, $2}')
exit $bad
