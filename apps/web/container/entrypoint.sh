#!/bin/sh
# Writes nginx's configuration for this container and starts it.
#   RETELL_API_URL   where the API is: https://api.example.com (needed)
set -eu

fail() { echo "retell-web: $*" >&2; exit 64; }

api=${RETELL_API_URL:-}
[ -n "$api" ] || fail "RETELL_API_URL must say where the API is, such as https://api.example.com"
api=${api%/}
# It becomes part of a configuration: nothing but an address may.
echo "$api" | grep -Eqx 'https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?' ||
  fail "RETELL_API_URL must be https://host or https://host:port, not '$api'"

# nginx asks these for the API's address again and again, because a load balancer's changes. IPv6 ones go into brackets.
resolvers=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' /etc/resolv.conf | tr '\n' ' ')

folder=/tmp/retell-web
mkdir -p "$folder"
cp /etc/retell-web/*.conf "$folder/"
sed -e "s|@API@|$api|g" -e "s|@RESOLVERS@|${resolvers:-127.0.0.1}|g" /etc/retell-web/site.conf >"$folder/site.conf"
# In place of the shell, so that the signal to stop reaches nginx.
exec /usr/sbin/nginx -e stderr -c "$folder/nginx.conf"
