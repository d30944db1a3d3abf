#!/usr/bin/env bash
# Runs a command beside the stores of production: PostgreSQL, Redis and an emulation of S3 that checks signatures, on free
# ports, in the command's environment under the names that the server reads (RETELL_DATABASE_URL and so on). All of it is
# thrown away afterwards. Needs what scripts/install-deps.sh --tests installs.
#
#   scripts/with-stores.sh COMMAND...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
(($# > 0)) || { sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; }

programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
moto=$("$here/moto.sh")
folder=$(mktemp -d)
chmod 755 "$folder"
children=()
finish() {
  local child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  # For PostgreSQL that means: when all clients have gone. Those that have not are sent away.
  if ((${#children[@]} > 0)); then kill -INT "${children[0]}" 2>/dev/null || true; fi
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# until_works WHAT COMMAND...: tries for half a minute.
until_works() {
  local what=$1
  shift
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "$what did not start:" >&2
  cat "$folder/$what.log" >&2
  exit 1
}

# start NAME COMMAND...: in the background.
start() {
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 &
  children+=($!)
}

# PostgreSQL refuses to be root.
as_user=()
mkdir "$folder/postgres"
if ((EUID == 0)); then
  chown postgres "$folder/postgres"
  as_user=(setpriv "--reuid=postgres" "--regid=postgres" --clear-groups --)
fi
port=$(free_port)
"${as_user[@]}" "$programs/initdb" --no-sync --auth=trust --username=retell --encoding=UTF8 --locale=C.UTF-8 \
  "$folder/postgres/data" >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
start postgres "${as_user[@]}" "$programs/postgres" -D "$folder/postgres/data" -p "$port" -k "$folder/postgres" \
  -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c 'log_line_prefix=%e '
until_works postgres "$programs/psql" -h 127.0.0.1 -p "$port" -U retell -d postgres -c 'CREATE DATABASE retell'
export RETELL_DATABASE_URL=postgres://retell@127.0.0.1:$port/retell

port=$(free_port)
start redis redis-server --bind 127.0.0.1 --port "$port" --save '' --dir "$folder"
until_works redis redis-cli -p "$port" ping
export RETELL_CACHE_URL=redis://127.0.0.1:$port

port=$(free_port)
# What moto_setup.py does goes without keys; everything after it is checked.
start s3 env INITIAL_NO_AUTH_ACTION_COUNT=4 "$moto/bin/moto_server" -H 127.0.0.1 -p "$port"
until_works s3 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
read -r id secret < <("$moto/bin/python" "$here/../apps/api/tests/faults/moto_setup.py" "http://127.0.0.1:$port" retell-test)
export RETELL_RECORDINGS_STORE=s3://retell-test/test RETELL_RECORDINGS_ENDPOINT=http://127.0.0.1:$port
export RETELL_RECORDINGS_PATH_STYLE=true AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_REGION=us-east-1

status=0
"$@" || status=$?
# SQLSTATE class 42: a statement that PostgreSQL cannot make sense of; XX: its own mishaps. No request may cause either.
if grep -A 3 -E '^(42|XX)' "$folder/postgres.log" | head -n 40 >&2; then
  echo "PostgreSQL was asked for what it does not understand." >&2
  status=1
fi
(exit "$status")
