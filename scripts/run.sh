#!/usr/bin/env bash
# From a fresh Debian 12 machine to an agent that you can talk to: installs, builds, fetches the local models, migrates,
# starts the server. Later runs start in under three seconds.
#
#   scripts/run.sh            start on http://localhost:8080 and talk to the demo agent in the browser
#   scripts/run.sh --demo     no browser, no microphone: a simulated caller phones the agent, and you read along
#
# Options:
#   --port N            where to listen (8080)
#   --data-dir DIR      database, recordings, secrets (data)
#   --public-url URL    how Twilio reaches this server, with https:// (the call page is then switched off)
#   --language LANG     en-US or pt-BR: what --demo speaks, and which local models are fetched (that of $LANG, else en-US)
set -euo pipefail
started_in=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

data_dir=$root/data
demo=false
serve_options=()
language=en-US
if [[ "${LC_ALL:-${LANG:-}}" == pt* ]]; then language=pt-BR; fi
while (($#)); do
  case $1 in
    --demo) demo=true ;;
    --port) serve_options+=(--port "${2:?--port needs a number}"); shift ;;
    --data-dir) data_dir=${2:?--data-dir needs a folder}; shift ;;
    --public-url) serve_options+=(--public-url "${2:?--public-url needs a URL}"); shift ;;
    --language) language=${2:?--language needs en-US or pt-BR}; shift ;;
    -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done
if [[ "$language" != en-US && "$language" != pt-BR ]]; then
  echo "--language: expected en-US or pt-BR, not $language" >&2
  exit 2
fi
if [[ "$data_dir" != /* ]]; then data_dir=$started_in/$data_dir; fi

retell=$root/apps/api/build/release/retell
scripts/install-deps.sh
if [[ ! -x "$retell" ]]; then echo "Building, once: some ten minutes on two cores."; fi
scripts/engines.sh >/dev/null
scripts/build.sh release retell
if ! "$retell" models pull --defaults --language "$language"; then
  echo "Some models could not be fetched; what is there is used. Run this again with a network to fetch the rest." >&2
fi

if $demo; then
  exec "$retell" demo --data-dir "$data_dir" --language "$language"
fi
exec "$retell" serve --welcome --data-dir "$data_dir" "${serve_options[@]}"
