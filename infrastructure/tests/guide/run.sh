#!/usr/bin/env bash
# Does what the deployment guide says: every block of commands of docs/DEPLOYMENT.pt-BR.md, as it stands, in an emulated AWS
# with a Docker engine of its own, for which it needs root. The last line is "N passed, N failed".
#
#   infrastructure/tests/guide/run.sh             compares docs/deployment-coverage.md with what was run
#   infrastructure/tests/guide/run.sh --write     writes it
#   infrastructure/tests/guide/run.sh --show      prints what the commands answer
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${1:-} in
  "" | --write | --show) ;;
  -h | --help) sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) echo "Unknown option: $1 (see --help)" >&2; exit 2 ;;
esac
((EUID == 0)) || { echo "a Docker engine of its own needs root" >&2; exit 1; }
tools=$("$here/../tools/install-aws.sh" --cli2)
eval "$("$here/../terraform/setup.sh")"
exec "$here/../images/with-engine.sh" "$tools/bin/python" -W ignore "$here/guide.py" "$@"
