#!/usr/bin/env bash
# Our REST API against an equal implementation with Fastify, pg and zod, on one PostgreSQL, in one run.
#
#   bench/rest/run.sh [--seconds 10] [--calls 5000] [--only "get agent"] [--binary FILE] [--json]
#
# Needs PostgreSQL 15, wrk and Node.js, which it installs on Debian; and the release build (scripts/build.sh release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

as_root=()
if ((EUID != 0)); then as_root=(sudo); fi
missing=()
for need in wrk:wrk /usr/lib/postgresql/15/bin/initdb:postgresql-15 psql:postgresql-client-15 taskset:util-linux; do
  command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
if ((${#missing[@]} > 0)); then
  "${as_root[@]}" apt-get install -y -q "${missing[@]}" >&2
fi
if [[ ! -d peer/node_modules ]]; then (cd peer && npm ci --silent >&2); fi
exec node run.js "$@"
