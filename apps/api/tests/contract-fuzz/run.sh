#!/usr/bin/env bash
# Requests made from the server's own OpenAPI document, well-formed and not, against a running server: none may end in a
# 5xx. Bounded by time, in seconds (90 unless told otherwise).
#
#   apps/api/tests/contract-fuzz/run.sh [SECONDS]
#
# RETELL_TEST_BINARY chooses another binary than the release build. The last line is "N requests, N server errors".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-90}
binary=${RETELL_TEST_BINARY:-../../build/release/retell}

# The tool lives in a cache, in an environment of its own, made anew when its pinned versions change.
digest=$(sha256sum requirements.txt | cut -c1-12)
tools=${XDG_CACHE_HOME:-$HOME/.cache}/retell/schemathesis-$digest
if [[ ! -x $tools/bin/st ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
fi

folder=$(mktemp -d)
server=
finish() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
export RETELL_LOG_LEVEL=error RETELL_DEMO=false
key=$("$binary" keys create --quiet --data-dir "$folder")
"$binary" serve --port "$port" --data-dir "$folder" >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if curl -sf "$url/health" >/dev/null; then break; fi
  sleep 0.1
done

status=0
# One worker: with several, Python 3.11 itself fails now and then ("AST constructor recursion depth mismatch").
"$tools/bin/st" run "$url/openapi.json" --header "Authorization: Bearer $key" --checks not_a_server_error \
  --phases coverage,fuzzing,stateful --max-time "$seconds" --request-timeout 20 --seed 1 --workers 1 \
  --suppress-health-check all --warnings off --continue-on-failure --no-color --report-dir "$folder/report" \
  >"$folder/fuzz.log" 2>&1 || status=$?
if ! kill -0 "$server" 2>/dev/null; then
  echo "the server died"
  status=1
fi
# What the server itself counted.
counts=$(curl -sf "$url/metrics" | awk '/^retell_http_requests_total\{/ {
    all += $NF
    if ($0 ~ /status="5/) failed += $NF
  } END { printf "%d requests, %d server errors", all, failed }')
if ((status != 0)); then
  grep -v '^$' "$folder/fuzz.log" | tail -n 120
  tail -n 20 "$folder/server.log"
fi
echo "$counts"
[[ $counts == *" 0 server errors" ]] && ((status == 0))
