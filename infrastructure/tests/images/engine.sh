#!/usr/bin/env bash
# A Docker engine for the tests, of its own: its network, mounts and images are nobody else's, and what it builds reaches the
# package mirrors through a network in user space. Needs root. What is built lies in the cache, and so does what compilers
# made: a Redis that ccache inside of a build finds, so that a changed source does not compile everything anew. One engine
# runs at a time; a second one waits.
#
#   eval "$(infrastructure/tests/images/engine.sh start FOLDER)"     sets DOCKER_HOST and ENGINE, its process
#   infrastructure/tests/images/engine.sh stop FOLDER                ends it; what it built stays in the cache
set -euo pipefail
action=${1:-} folder=${2:-}
if [[ ! $action =~ ^(start|stop)$ || -z $folder ]]; then sed -n '2,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; fi
cache=${RETELL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/retell}
base=debian:bookworm-slim
# Docker's own default, said so that the base image can name it.
bridge=172.17.0.1
compilers=redis://$bridge

if [[ $action == stop ]]; then
  for name in compilers engine network; do
    if [[ -s $folder/$name.pid ]]; then kill "$(cat "$folder/$name.pid")" 2>/dev/null || true; fi
  done
  for _ in $(seq 200); do
    # Redis removes its file once what it knows is written.
    if [[ ! -e $folder/dockerd.pid && ! -e $folder/compilers.pid ]]; then exit; fi
    sleep 0.1
  done
  exit
fi

((EUID == 0)) || { echo "an engine needs root" >&2; exit 1; }
packages=()
for need in dockerd:docker.io runc:runc slirp4netns:slirp4netns iptables:iptables debootstrap:debootstrap \
  redis-server:redis-server docker-registry:docker-registry; do
  PATH=$PATH:/usr/sbin command -v "${need%%:*}" >/dev/null || packages+=("${need##*:}")
done
mkdir -p "$folder" "$cache/docker" "$cache/docker-compilers"
install() (
  # Beside it another suite may install what it needs.
  flock 9
  # Debian's own engine must not start: policy-rc.d is how a package is told.
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
) 9>"$cache/install.lock"
if ((${#packages[@]} > 0)); then install "${packages[@]}"; fi

# What an engine before left in the folder is not this one.
rm -f "$folder"/*.pid "$folder/network.ready"
nameserver=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)
# Where this process may not raise its own limits, containers cannot be given more than it has.
# shellcheck disable=SC2016  # expanded inside
unshare --net --mount bash -c '
  # Two engines would spoil what they share; the lock ends with the process.
  exec 9>"$2.lock"
  flock 9
  ip link set lo up
  echo $$ >"$1/namespace.pid"
  until [[ -e $1/network.ready ]]; do sleep 0.1; done
  exec /usr/sbin/dockerd --data-root "$2" --exec-root "$1/exec" --pidfile "$1/dockerd.pid" --host "unix://$1/docker.sock" \
    --bip "$4/16" --dns "$3" --default-ulimit nofile=1024:1024 --default-ulimit nproc=1024:1024' \
  engine "$folder" "$cache/docker" "$nameserver" "$bridge" >"$folder/dockerd.log" 2>&1 &
echo $! >"$folder/engine.pid"
until [[ -s $folder/namespace.pid ]]; do sleep 0.1; done
slirp4netns --configure --mtu=1400 --disable-host-loopback "$(cat "$folder/namespace.pid")" tap0 >"$folder/network.log" 2>&1 &
echo $! >"$folder/network.pid"
for _ in $(seq 100); do
  if nsenter --net="/proc/$(cat "$folder/namespace.pid")/ns/net" ip address show tap0 2>/dev/null | grep -q 'inet '; then break; fi
  sleep 0.1
done
touch "$folder/network.ready"
export DOCKER_HOST=unix://$folder/docker.sock
for _ in $(seq 300); do
  if docker version >/dev/null 2>&1; then break; fi
  sleep 0.1
done
docker version >/dev/null 2>&1 || { tail -n 20 "$folder/dockerd.log" >&2; exit 1; }
# Reached from the engine's own network only. It writes everything down when it ends.
nsenter --net="/proc/$(cat "$folder/namespace.pid")/ns/net" redis-server --bind "$bridge" --protected-mode no \
  --dir "$cache/docker-compilers" --save 86400 1 --maxmemory 1gb --maxmemory-policy allkeys-lru \
  --daemonize yes --pidfile "$folder/compilers.pid" --logfile "$folder/compilers.log" >&2

# The base image, from its registry where that can be reached, else made of the packages that it consists of. Where a
# network has a certificate authority of its own, builds must know it as this machine does.
if ! docker image inspect $base >/dev/null 2>&1 && ! timeout 120 docker pull --quiet $base >/dev/null 2>&1; then
  root=$cache/debian-bookworm
  if [[ ! -e $root.tar ]]; then
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >&2
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/{doc,man,locale}/*
    tar -C "$root" -cf "$root.tar.new" .
    mv "$root.tar.new" "$root.tar"
    rm -rf "$root"
  fi
  docker import --change 'CMD ["bash"]' \
    --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$root.tar" $base >&2
fi
# A setting of the base, not an argument of the build: the guide's command stays as it stands, and so do those of deploy.sh.
# Nothing is left in the layers.
if ! docker image inspect --format '{{.Config.Env}}' $base | grep -q CCACHE_REMOTE_STORAGE; then
  printf 'FROM %s\nENV CCACHE_REMOTE_STORAGE=%s CCACHE_REMOTE_ONLY=true\n' $base $compilers |
    docker build --quiet --tag $base - >&2
fi
nsenter --net="/proc/$(cat "$folder/namespace.pid")/ns/net" "$(dirname "${BASH_SOURCE[0]}")/share-compiled.sh" \
  "$cache/docker-compilers/shared" "$compilers" >&2
echo "export DOCKER_HOST=$DOCKER_HOST ENGINE=$(cat "$folder/namespace.pid")"
