#!/bin/sh
# Writes nginx's configuration for this container and starts it.
#   RETELL_API_URL               where the API is: https://api.example.com (needed)
#   RETELL_STOP_NOTICE_SECONDS   how long it goes on answering once it is told to stop (0)
set -eu

fail() { echo "retell-web: $*" >&2; exit 64; }

api=${RETELL_API_URL:-}
[ -n "$api" ] || fail "RETELL_API_URL must say where the API is, such as https://api.example.com"
api=${api%/}
# It becomes part of a configuration: nothing but an address may.
echo "$api" | grep -Eqx 'https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?' ||
  fail "RETELL_API_URL must be https://host or https://host:port, not '$api'"

notice=${RETELL_STOP_NOTICE_SECONDS:-0}
echo "$notice" | grep -Eqx '[0-9]{1,3}' || fail "RETELL_STOP_NOTICE_SECONDS must be a number of seconds below 1000, not '$notice'"

# nginx asks these for the API's address again and again, because a load balancer's changes. IPv6 ones go into brackets.
resolvers=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' /etc/resolv.conf | tr '\n' ' ')

folder=/tmp/retell-web
mkdir -p "$folder"
cp /etc/retell-web/*.conf "$folder/"
sed -e "s|@API@|$api|g" -e "s|@RESOLVERS@|${resolvers:-127.0.0.1}|g" /etc/retell-web/site.conf >"$folder/site.conf"
rm -f "$folder/stopping"
if [ "$notice" -eq 0 ]; then
  # In place of the shell, so that the signal to stop reaches nginx.
  exec /usr/sbin/nginx -e stderr -c "$folder/nginx.conf"
fi

# Spot takes a task away while the load balancer still sends it visitors, and nginx closes its door as soon as it is asked
# to quit. So it goes on for a while, and says by /health that no more visitors should come.
/usr/sbin/nginx -e stderr -c "$folder/nginx.conf" &
nginx=$!
# shellcheck disable=SC2317  # the trap calls it
take_leave() {
  trap '' TERM QUIT
  : >"$folder/stopping"
  sleep "$notice"
  kill -QUIT "$nginx" || true
}
trap take_leave TERM QUIT
# Who presses Ctrl-C has no visitors to wait for.
trap 'kill -TERM "$nginx" || true' INT
# A signal ends the waiting, not nginx.
status=0
wait "$nginx" || status=$?
while kill -0 "$nginx" 2>/dev/null; do
  status=0
  wait "$nginx" || status=$?
done
exit "$status"
