#!/usr/bin/env bash
# Lints the Dockerfiles: two linters from npm, and what this product asks of its images. The last line is
# "N passed, N failed".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../../.. && pwd)

passed=0
failed=0
# check NAME COMMAND...: the command's output is shown when it fails.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    return
  fi
  failed=$((failed + 1))
  printf 'FAILED: %s\n%s\n' "$name" "$output"
}

# Every base is Debian's slim image or a stage above it: anything else could not be built without another registry.
only_debian() {
  awk 'toupper($1) == "FROM" {
         if ($2 != "debian:bookworm-slim" && !($2 in stage)) { print "line " NR ": FROM " $2; bad = 1 }
         if (toupper($3) == "AS") stage[$4] = 1
       }
       END { exit bad }' "$1"
}

# The classic builder must do: no mounts, no heredocs, no links, no other syntax.
no_buildkit() {
  ! grep -nE '^# *syntax=|^(RUN|COPY|ADD) +--(mount|link|network|security|parents|exclude)|<<-?"?[A-Za-z]+"?$' "$1"
}

# has FILE PATTERN: in the last stage.
has() { awk 'toupper($1) == "FROM" { text = "" } { text = text "\n" $0 } END { print text }' "$1" | grep -qE "$2"; }

not_root() { has "$1" '^USER retell$' && has "$1" '^ENTRYPOINT \["'; }
watched() { has "$1" '^HEALTHCHECK .*--timeout=' && has "$1" '^ +CMD \["curl".*http://127\.0\.0\.1:8080/health"\]'; }
# shellcheck disable=SC2016  # the variable is Docker's
labelled() { has "$1" 'org\.opencontainers\.image\.revision="\$RETELL_RELEASE"' && has "$1" 'com\.retellai-mvp\.sbom="'; }
# A secret in an ARG or ENV would be in every layer's history.
no_secrets() { ! grep -niE '^(ARG|ENV) .*(password|secret|token|api_?key)' "$1"; }

npm ci --silent --no-audit --no-fund --prefer-offline
for app in api web; do
  file=$root/apps/$app/Dockerfile
  check "$app: dockerfilelint" npx --no-install dockerfilelint -c . "$file"
  check "$app: dockerfile-utils" npx --no-install dockerfile-utils lint "$file"
  check "$app: only debian:bookworm-slim" only_debian "$file"
  check "$app: no BuildKit" no_buildkit "$file"
  check "$app: not root" not_root "$file"
  check "$app: health check" watched "$file"
  check "$app: labels" labelled "$file"
  check "$app: no secrets" no_secrets "$file"
done
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0 && passed > 0))
