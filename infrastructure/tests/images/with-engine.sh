#!/usr/bin/env bash
# Runs a command in the network of a Docker engine of its own (engine.sh), which it finds by DOCKER_HOST; ENGINE is a process
# in the engine's namespaces. Whatever the command left running there ends with it. Needs root.
#   with-engine.sh COMMAND...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
source "$here/suite.sh"
inside "$@"
