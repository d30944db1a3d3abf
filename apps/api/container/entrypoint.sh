#!/bin/sh
# Starts retell in the container. CONTAINER_MODELS says which local models are fetched into the volume before it serves:
# "defaults", names with commas, or nothing (the default).
set -eu

# The deployment guide's commands make secrets whose values stand in the guide for everyone to read. A server that signs
# people's sessions with one of them is open to all.
refuse_placeholder() {
  case $2 in
    your-*)
      echo "retell: the secret $1 still has the guide's example value; give it one of its own:" \
        "aws secretsmanager put-secret-value --secret-id .../$1 --secret-string file:///dev/stdin" >&2
      exit 78
      ;;
  esac
}

if [ "${1:-serve}" = serve ]; then
  refuse_placeholder jwt-secret "${RETELL_SECURITY_JWT_SECRET:-}"
  # Without an account of Twilio nothing is signed with its token.
  if [ -n "${RETELL_TWILIO_ACCOUNT_SID:-}" ]; then refuse_placeholder twilio-auth-token "${RETELL_TWILIO_AUTH_TOKEN:-}"; fi

  # What cannot be fetched leaves those models out; the server says so, and calls by other vendors go on.
  if [ "${CONTAINER_MODELS:-}" = defaults ]; then
    retell models pull --defaults || echo "some models could not be fetched" >&2
  else
    for model in $(echo "${CONTAINER_MODELS:-}" | tr ',' ' '); do
      retell models pull "$model" || echo "the model $model could not be fetched" >&2
    done
  fi
fi
# In place of the shell, so that SIGTERM reaches the server.
exec retell "$@"
