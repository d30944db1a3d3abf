#!/usr/bin/env bash
# Builds the API's image with the guide's command, runs it as ECS does, and holds a call with it. Needs root: the engine is
# its own (engine.sh). The last line is "N passed, N failed".
# shellcheck disable=SC2034,SC2154  # suite.sh shares its names with this script
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."
# shellcheck source=/dev/null
source "$here/suite.sh"

build_image api 40

image=retell-prod/api:release
fetch_models
ordinary 420
within_image() { docker run --rm --entrypoint "$1" $image "${@:2}"; }
sbom=$(about '{{index .Config.Labels "com.retellai-mvp.sbom"}}')
verdict "what it consists of lies where the label says" 2 "$(within_image grep -cE '^PackageName: (libpq5|whisper)$' "$sbom")"
verdict "no compiler" "" "$(within_image find /usr/bin /usr/local/bin -name 'clang*' -o -name 'g++*' -o -name cmake)"
verdict "the certificates of RDS" true "$([[ $(within_image grep -c 'BEGIN CERTIFICATE' /etc/ssl/rds.pem) -ge 30 ]] && echo true)"
verdict "no secret has a value" "" "$(about '{{range .Config.Env}}{{println .}}{{end}}' | grep -iE 'password|secret|token|api_key' || true)"

# refused NAME: the guide's example value of that secret. Its own name must be told, and what is wrong.
refused() {
  local code=0 said
  said=$(docker run --rm --env "$@" $image 2>&1) || code=$?
  verdict "refused: $1" "78 yes" "$code $(grep -q "still has the guide's example value" <<<"$said" && echo yes || echo "$said")"
}
refused RETELL_SECURITY_JWT_SECRET=your-super-secret-jwt-key
refused RETELL_TWILIO_AUTH_TOKEN=your-twilio-token --env RETELL_TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef

# As the task definition has it: no capability, nothing to write but the two volumes. The models are the machine's own.
docker run --detach --name api --read-only --cap-drop ALL --user 10001:10001 --init --memory 2g \
  --volume data:/var/lib/retell --volume tmp:/tmp --volume "$models:/var/lib/retell/models/models:ro" $image >/dev/null
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' api)
until_healthy api
ask() { get -o /dev/null -w '%{http_code}' "http://$address:8080$1"; }
verdict "/health" 200 "$(ask /health)"
verdict "/ready" 200 "$(ask /ready)"
verdict "a key is asked for" 401 "$(ask /list-agents)"
verdict "the root cannot be written" "Read-only file system" \
  "$(docker exec api touch /usr/local/bin/new 2>&1 | grep -o 'Read-only file system')"
within_api() { docker exec api retell "$@"; }
verdict "retell --help" true "$(within_api --help | grep -q 'retell SUBCOMMAND --help' && echo true)"
diagnosis=0
within_api doctor >"$work/doctor" || diagnosis=$?
verdict "retell doctor" 0 "$diagnosis"
if ((diagnosis != 0)); then cat "$work/doctor"; fi

# A call, from inside: its key by the environment, where no argument shows it.
RETELL_API_KEY=$(within_api keys create --quiet)
export RETELL_API_KEY
docker exec --env RETELL_API_KEY api retell call --json --say 'What is the capital of France?' >"$work/call" 2>"$work/call.err" || true
if ! jq -e . "$work/call" >/dev/null; then cat "$work/call.err"; docker logs --tail 20 api; fi
said() { jq -r --arg role "$1" '[.call.transcript_object[] | select(.role == $role) | .content] | join(" ")' "$work/call"; }
verdict "the call ended well" "ended user_hangup" "$(jq -r '.call | "\(.call_status) \(.disconnection_reason)"' "$work/call")"
verdict "the question was understood" capital "$(said user | grep -oi 'capital' | head -n 1 | tr C c)"
verdict "and answered" Paris "$(said agent | grep -o Paris | head -n 1)"
recording=$(jq -r '.call.recording_url' "$work/call")
docker exec api curl --silent --fail --output /tmp/call.wav "$recording" || true
verdict "the recording is a WAV file" RIFF "$(docker exec api head -c 4 /tmp/call.wav)"
verdict "in which the answer is heard" true \
  "$(docker exec api retell transcribe --json --language en-US /tmp/call.wav 2>"$work/heard.err" |
    jq '[.[] | select(.speaker == "agent") | .text] | join(" ") | test("Paris")')"
docker logs api >"$work/log" 2>&1
verdict "no key in the log" 0 "$(grep -cF "$RETELL_API_KEY" "$work/log" || true)"
verdict "the log is JSON, line for line" 0 "$(jq -R 'fromjson? // "bad"' "$work/log" | grep -c '^"bad"$' || true)"

began=$SECONDS
docker stop --time 120 api >/dev/null
verdict "it stops within 20 s when nobody calls" true "$( ((SECONDS - began <= 20)) && echo true)"
verdict "and ends well" 0 "$(docker inspect --format '{{.State.ExitCode}}' api)"
docker start api >/dev/null
verdict "Docker's own health check" healthy "$(own_health api)"
verdict "what was stored is there again" "$(jq -r .call_id "$work/call")" \
  "$(docker exec --env RETELL_API_KEY api sh -c 'curl --silent --header "Authorization: Bearer $RETELL_API_KEY" http://127.0.0.1:8080/v2/get-call/"$1"' sh \
    "$(jq -r .call_id "$work/call")" | jq -r .call_id)"

summary
