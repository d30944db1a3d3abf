#!/usr/bin/env bash
# From a fresh Debian 12 machine to an agent that you can talk to: installs, builds, fetches the local models, migrates,
# starts the server. Later runs start in under three seconds.
#
#   scripts/run.sh            start on http://localhost:8080 and talk to the demo agent in the browser
#   scripts/run.sh --demo     no browser, no microphone: a simulated caller phones the agent, and you read along
#
# Options: --port N, --data-dir DIR (default: data), --public-url URL (what Twilio and browsers reach, default http://localhost:N)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

port=8080
data_dir=$root/data
demo=false
serve_options=()
while (($#)); do
  case $1 in
    --demo) demo=true ;;
    --port) port=${2:?--port needs a number}; shift ;;
    --data-dir) data_dir=${2:?--data-dir needs a folder}; shift ;;
    --public-url) serve_options+=(--public-url "${2:?--public-url needs a URL}"); shift ;;
    -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done

retell=$root/apps/api/build/release/retell
scripts/install-deps.sh
scripts/engines.sh >/dev/null
scripts/build.sh release
"$retell" models pull --defaults
"$retell" migrate --data-dir "$data_dir" --quiet

if $demo; then
  exec "$retell" demo --data-dir "$data_dir"
fi

# The first key is shown once: the server keeps only its hash.
if [[ -z "$("$retell" keys list --quiet --data-dir "$data_dir")" ]]; then
  key=$("$retell" keys create --quiet --name first --data-dir "$data_dir")
  printf '\nYour first API key (shown only now):  %s\n' "$key"
fi
cat <<TEXT

  Talk to the demo agent    http://localhost:$port
  Use the API               curl -H "Authorization: Bearer <key>" http://localhost:$port/list-agents
  With the Retell SDK       new Retell({ apiKey: "<key>", baseURL: "http://localhost:$port" })
  A simulated phone call    $retell call --help
  Is all well?              $retell doctor

TEXT
exec "$retell" serve --port "$port" --data-dir "$data_dir" "${serve_options[@]}"
