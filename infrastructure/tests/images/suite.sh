# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the suites share their names with it
# What the images' suites share: an engine of their own, verdicts, and questions to images and containers. Sourced with
# $here set, from the repository's root.

work=$(mktemp -d)
passed=0
failed=0
started=false
children=()
# Nothing of a run is left but what the next one builds upon.
clean() {
  docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
  docker network prune --force >/dev/null
  docker volume prune --force >/dev/null
  docker images --format '{{.Repository}}:{{.Tag}}' | { grep -vE ':(latest|bookworm-slim|<none>)$|^<none>' || true; } |
    xargs --no-run-if-empty docker rmi --no-prune >/dev/null
  docker image prune --force --filter until=168h >/dev/null
}
finish() {
  # An engine that a signal to all of us has ended already cleans nothing; the next one will.
  if $started; then clean || true; fi
  if ((${#children[@]} > 0)); then kill "${children[@]}" 2>/dev/null || true; fi
  "$here/engine.sh" stop "$work/engine" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

# verdict NAME WANTED FOUND
verdict() {
  if [[ $2 == "$3" ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAIL %s: "%s" instead of "%s"\n' "$1" "$3" "$2"; fi
}

summary() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

eval "$("$here/engine.sh" start "$work/engine")"
started=true
clean
inside() { nsenter --net="/proc/$ENGINE/ns/net" "$@"; }
get() { inside curl --silent --max-time 10 "$@"; }

# build_image APP STEPS: the guide's command, and once more as a release, of which at least so many steps must be kept.
build_image() {
  local app=$1 steps=$2 status=0 began=$SECONDS kept
  docker build -t "retell-prod/$app:latest" -f "apps/$app/Dockerfile" . >"$work/build.log" 2>&1 || status=$?
  if ((status != 0)); then tail -n 60 "$work/build.log"; fi
  verdict "the guide's docker build" 0 "$status"
  if ((status != 0)); then summary; fi
  kept=$(grep -c 'Using cache' "$work/build.log" || true)
  echo "built in $((SECONDS - began)) s, with $kept of $(grep -c '^Step ' "$work/build.log") steps from the cache"
  docker build -t "retell-prod/$app:release" --build-arg RETELL_RELEASE=0123456789ab -f "apps/$app/Dockerfile" . \
    >"$work/again.log" 2>&1
  verdict "a release builds only its own layer anew" true \
    "$([[ $(grep -c 'Using cache' "$work/again.log") -ge $steps ]] && echo true)"
}

# fetch_models: of calls, into the cache, by the image that is under test; where they are already nothing is done.
models=${RETELL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/retell}/models
fetch_models() {
  if [[ -d $models/smollm2-135m-instruct ]]; then return; fi
  mkdir -p "$models"
  docker run --rm --user 0 --volume "$(dirname "$models"):/var/lib/retell/models" "$image" models pull --defaults >"$work/models.log" 2>&1 ||
    { tail -n 20 "$work/models.log"; exit 1; }
}

# about FORMAT: of the image that is under test.
about() { docker image inspect --format "$1" "$image"; }

# size_of IMAGE: in bytes.
size_of() { docker image inspect --format '{{.Size}}' "$1"; }

# ordinary MEGABYTES: what every image of ours is, and how much larger than Debian's it may be.
ordinary() {
  local added
  verdict "not root" retell "$(about '{{.Config.User}}')"
  verdict "the release is a label" 0123456789ab "$(about '{{index .Config.Labels "org.opencontainers.image.revision"}}')"
  added=$((($(size_of "$image") - $(size_of debian:bookworm-slim)) / 1000000))
  echo "$added MB more than Debian"
  verdict "at most $1 MB more than Debian" "$1" $((added > $1 ? added : $1))
}

# until_healthy CONTAINER: its log is shown when it does not come to be. Needs $address.
until_healthy() {
  for _ in $(seq 300); do
    if [[ $(get -o /dev/null -w '%{http_code}' "http://$address:8080/health" || true) == 200 ]]; then return; fi
    sleep 0.1
  done
  docker logs "$1"
}

# own_health CONTAINER: what the image's HEALTHCHECK comes to say.
own_health() {
  local health=starting
  for _ in $(seq 600); do
    health=$(docker inspect --format '{{.State.Health.Status}}' "$1")
    if [[ $health != starting ]]; then break; fi
    sleep 0.1
  done
  echo "$health"
}
