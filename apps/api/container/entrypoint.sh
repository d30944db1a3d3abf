#!/bin/sh
# Starts retell in the container. CONTAINER_MODELS says which local models are fetched into the volume before it serves:
# "defaults", names with commas, or nothing (the default).
set -eu

if [ "${1:-serve}" = serve ] && [ -n "${CONTAINER_MODELS:-}" ]; then
  # What cannot be fetched leaves those models out; the server says so, and calls by other vendors go on.
  if [ "$CONTAINER_MODELS" = defaults ]; then
    retell models pull --defaults || echo "some models could not be fetched" >&2
  else
    for model in $(echo "$CONTAINER_MODELS" | tr ',' ' '); do
      retell models pull "$model" || echo "the model $model could not be fetched" >&2
    done
  fi
fi
# In place of the shell, so that SIGTERM reaches the server.
exec retell "$@"
