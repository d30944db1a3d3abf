#!/usr/bin/env bash
# Builds the Web's image with the guide's command, runs it as ECS does, and asks it. Needs root: the engine is its own
# (engine.sh). The last line is "N passed, N failed".
# shellcheck disable=SC2034,SC2154  # suite.sh shares its names with this script
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."

# shellcheck source=/dev/null
source "$here/suite.sh"

build_image web 10

image=retell-prod/web:release
ordinary 120
sbom=$(about '{{index .Config.Labels "com.retellai-mvp.sbom"}}')
verdict "what it consists of lies where the label says" 1 \
  "$(docker run --rm --entrypoint grep retell-prod/web:release -c '^PackageName: nginx$' "$sbom")"

bridge=$(inside ip -json -4 address show docker0 | jq -r '.[0].addr_info[0].local')
nsenter --net="/proc/$ENGINE/ns/net" python3 "$here/echo.py" "$bridge" 9000 &
children+=($!)

# refused WORDS VALUE [NOTICE]: a start that must fail.
refused() {
  local code=0 said
  said=$(docker run --rm -e "RETELL_API_URL=$2" -e "RETELL_STOP_NOTICE_SECONDS=${3:-0}" retell-prod/web:release 2>&1) || code=$?
  verdict "refused: $2" "64 yes" "$code $(grep -q "$1" <<<"$said" && echo yes || echo "$said")"
}
refused "must say where the API is" ""
refused "must be https://host" "https://api.example.com; include /etc/passwd"
refused "must be a number of seconds below 1000" "https://api.example.com" soon

# As the task definition has it: no capability, nothing to write but /tmp, which is a volume.
docker run --detach --name web --read-only --cap-drop ALL --user 10001:10001 --init --volume tmp:/tmp \
  --memory 512m -e "RETELL_API_URL=http://$bridge:9000" retell-prod/web:release >/dev/null
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' web)
until_healthy web
verdict "/health" ok "$(get "http://$address:8080/health")"
verdict "the call page" "200 text/html; charset=utf-8" \
  "$(get -o "$work/page" -w '%{http_code} %{content_type}' "http://$address:8080/")"
verdict "it is the page of this repository" "$(sha256sum <apps/api/web-call/index.html)" "$(sha256sum <"$work/page")"
verdict "the status page" 200 "$(get -o /dev/null -w '%{http_code}' "http://$address:8080/status/")"
verdict "the release" 0123456789ab "$(get "http://$address:8080/release.txt")"
verdict "what is not there" 404 "$(get -o /dev/null -w '%{http_code}' "http://$address:8080/etc/passwd")"
get -o /dev/null -D "$work/headers" -H 'Accept-Encoding: gzip' "http://$address:8080/"
header() { sed -n "s/^$1: *\([^\r]*\)\r*$/\1/Ip" "$work/headers"; }
verdict "pages come compressed" gzip "$(header Content-Encoding)"
verdict "no frames" DENY "$(header X-Frame-Options)"
verdict "https only" "max-age=31536000; includeSubDomains" "$(header Strict-Transport-Security)"
verdict "no scripts of others" true "$(header Content-Security-Policy | grep -q "default-src 'none'; script-src 'self'" && echo true)"
verdict "the microphone is the page's" true "$(header Permissions-Policy | grep -q 'microphone=(self)' && echo true)"
verdict "no version of nginx" nginx "$(header Server)"

verdict "the API is asked whether it is ready" /ready "$(get "http://$address:8080/status/api" | jq -r .path)"
verdict "the page's requests go on" "/demo/agents?a=1" "$(get "http://$address:8080/demo/agents?a=1" | jq -r .path)"
verdict "WebSockets are asked for" websocket "$(get -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
  "http://$address:8080/media/web/token-of-a-call" | jq -r .upgrade)"
verdict "the visitor's address goes on" "9.8.7.6, $bridge" "$(get -H 'X-Forwarded-For: 9.8.7.6' "http://$address:8080/demo/x" | jq -r .for)"
# A log is read by more people than a call is meant for.
verdict "no token in the log" "0 1" "$(docker logs web 2>/dev/null >"$work/log"; grep -c token-of-a-call "$work/log" || true) $(jq -s '[.[] | select(.message == "GET /media/")] | length' "$work/log")"

get "http://$address:8080/demo/slow" >"$work/slow" &
slow=$!
sleep 1
docker stop --time 20 web >/dev/null
wait "$slow" || true
verdict "what is being answered is finished on the way out" /demo/slow "$(jq -r .path "$work/slow" 2>/dev/null || echo cut)"
verdict "and it ends well" 0 "$(docker inspect --format '{{.State.ExitCode}}' web)"
docker start web >/dev/null
verdict "Docker's own health check" healthy "$(own_health web)"
kill "${children[0]}"
wait "${children[0]}" 2>/dev/null || true
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' web)
verdict "without an API" "503 The API does not answer." "$(get -w ' %{http_code}' "http://$address:8080/status/api" |
  sed 's/^\(.*\) \([0-9]*\)$/\2 \1/' | { read -r code body; echo "$code $(jq -r .message <<<"$body")"; })"

# With a notice it stays for those who are still sent to it, and its health alone says that it leaves.
docker run --detach --name leaving --read-only --cap-drop ALL --user 10001:10001 --init --volume /tmp \
  -e RETELL_API_URL=https://api.example.com -e RETELL_STOP_NOTICE_SECONDS=6 retell-prod/web:release >/dev/null
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' leaving)
until_healthy leaving
docker kill --signal QUIT leaving >/dev/null
sleep 2
verdict "told to stop, it is not healthy" 503 "$(get -o /dev/null -w '%{http_code}' "http://$address:8080/health")"
verdict "and still serves" 200 "$(get -o /dev/null -w '%{http_code}' "http://$address:8080/")"
verdict "until the notice is over" 0 "$(timeout 30 docker wait leaving)"

summary
