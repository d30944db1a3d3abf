# shellcheck shell=bash
# Sourced by track.sh, which counts in $passed and $failed: an emulated AWS on a free port of this machine, and how its
# answers are judged.
# shellcheck disable=SC2154  # $here and $about are the caller's

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_aws FOLDER: exports the endpoint and keys that the emulation takes; its log lies in the folder.
start_aws() {
  local port
  port=$(free_port)
  # An ordinary account has AWS' own policies; those of the emulation are left out unless it is asked for them.
  MOTO_IAM_LOAD_MANAGED_POLICIES=true "$RETELL_TOOLS/python" "$here/moto/server.py" -H 127.0.0.1 -p "$port" >"$1/moto.log" 2>&1 &
  aws_pid=$!
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 AWS_PAGER=
  export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=an-emulation-takes-any AWS_EC2_METADATA_DISABLED=true
  for _ in $(seq 150); do
    if aws sts get-caller-identity >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  tail "$1/moto.log" >&2
  return 1
}

stop_aws() { kill "$aws_pid" 2>/dev/null || true; }

verdict() {
  if [[ $2 == yes ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAIL %s%s: %s\n' "$about" "$1" "$3"; fi
}

# says WHAT EXPECTED ARGUMENTS...: what the AWS CLI prints as text, its white space evened out.
says() {
  local what=$1 expected=$2 found
  shift 2
  # CLI 1 asks RDS by a name of its own unless it is told otherwise on the command line.
  found=$(aws --endpoint-url "$AWS_ENDPOINT_URL" "$@" --output text 2>&1 | tr -s '\t\n ' ' ' | sed 's/ $//') || true
  if [[ $found == "$expected" ]]; then verdict "$what" yes; else verdict "$what" no "\"$found\" instead of \"$expected\""; fi
}

# works WHAT COMMAND...
works() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then verdict "$what" yes; else verdict "$what" no "$(tail -n 3 <<<"$said")"; fi
}

# refused WHAT PATTERN COMMAND...: fails, and says why.
refused() {
  local what=$1 pattern=$2 said
  shift 2
  if said=$("$@" 2>&1); then
    verdict "$what" no "it was allowed"
  # Terraform breaks its lines where they get long.
  elif tr -s '\n ' ' ' <<<"$said" | grep -q "$pattern"; then
    verdict "$what" yes
  else
    verdict "$what" no "$(tail -n 3 <<<"$said")"
  fi
}
