#!/usr/bin/env bash
# Tries the system behind TLS on this machine without containers: the services in Production with the environment of compose.yaml, secrets of
# make-env.sh, and nginx with nginx.conf and a certificate of its own in front. By curl it signs in and checks what TLS and the proxy change.
# Everything listens on loopback addresses and free ports, data is temporary, and everything ends with the script. It takes about a minute.
# Needs a built solution and what build/setup.sh --with-tests installs. Installs nginx by apt-get if it is missing.
# Usage: deploy/try-tls.sh
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin
host=energy.example

if ! command -v nginx >/dev/null; then
  echo "==> Installing the Debian package nginx"
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  # With the runlevel the package doesn't start a server of its own where there is no systemd.
  $sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx >/dev/null
  [ ! -d /run/systemd/system ] || $sudo systemctl disable --now --quiet nginx
fi

folder=$(mktemp -d)
chmod 711 "$folder" # nginx's workers have a user of their own.
processes=()
end() {
  local process
  trap - EXIT
  for process in "${processes[@]}"; do kill -TERM "$process" 2>/dev/null || true; done
  for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() { printf 'try-tls: %s\n' "$*" >&2; tail -n 3 "$folder"/*.log >&2; exit 1; }
start() { # name of the log, then the program
  "${@:2}" >"$folder/$1.log" 2>&1 &
  processes+=($!)
}
await() { # seconds, what, then a command that succeeds when it is so
  local end=$((SECONDS + $1))
  until "${@:3}"; do
    [ $SECONDS -lt $end ] || fail "$2: not within $1 seconds."
    sleep 0.2
  done
}

declare -A ports=()
for name in tls plain redis provisioning identity users devices monitoring gateway metrics doctor; do
  while :; do
    port=$((20000 + RANDOM % 10000))
    [[ " ${ports[*]} " != *" $port "* ]] && ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  done
  ports[$name]=$port
done
public=$host:${ports[tls]}

# Secrets and the broker's accounts, as an installation gets them.
mkdir "$folder/deploy" "$folder/EnergyAspire.Hosting"
cp deploy/make-env.sh "$folder/deploy"
cp EnergyAspire.Hosting/broker-definitions.json "$folder/EnergyAspire.Hosting"
"$folder/deploy/make-env.sh" "$public" >/dev/null
declare -A secrets=()
while IFS='=' read -r name value; do secrets[$name]=$value; done <"$folder/deploy/.env"

# PostgreSQL and RabbitMQ are started as for the tests. The broker imports the definitions, so the services' accounts get the generated passwords.
servers=tests/EnergyAspire.Testing.Servers/bin/Debug/net10.0/EnergyAspire.Testing.Servers.dll
[ -f "$servers" ] || fail "The solution isn't built: dotnet build"
start servers env -u TEST_SERVERS dotnet "$servers" "$folder/servers.json"
printf 'requirepass %s\n' "${secrets[REDIS_PASSWORD]}" >"$folder/redis.conf"
start redis redis-server "$folder/redis.conf" --bind 127.0.0.1 --port "${ports[redis]}" --dir "$folder" --save ""
await 120 "PostgreSQL and RabbitMQ are ready" test -f "$folder/servers.json"
of_servers() { node -p "const { Postgres, Broker, Management } = JSON.parse(require('fs').readFileSync('$folder/servers.json')); $1"; }
postgres=$(of_servers Postgres)
broker=$(of_servers 'new URL(Broker).host')
of_servers '(url => `user = "${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}"`)(new URL(Broker))' \
  | curl --silent --show-error --fail --max-time 30 --config - --header 'Content-Type: application/json' \
    --data "@$folder/deploy/rabbitmq-definitions.json" "$(of_servers 'new URL("api/definitions", Management).href')"

# The environment of a service in compose.yaml, one variable a line, with this run's addresses. The file is written so that lines can be read.
environment() {
  local line key="" service="" section="" issuer=https://$public name value target
  while IFS= read -r line; do
    if [[ $line =~ ^([a-z-]+): ]]; then key=${BASH_REMATCH[1]} service="" section=""; fi
    if [[ $key == services && $line =~ ^\ \ ([a-z]+):$ ]]; then service=${BASH_REMATCH[1]} section=""; fi
    if [[ $line =~ ^\ \ \ \ ([a-z_]+): ]]; then section=${BASH_REMATCH[1]}; fi
    [[ $key == x-environment || ($service == "$1" && $section == environment) ]] || continue
    [[ $line =~ ^\ +([A-Za-z_][A-Za-z0-9_-]*):\ (.*)$ ]] || continue
    name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}

    value=${value#'"'} value=${value%'"'} value=${value#'&issuer '}
    value=${value/#'*issuer'/$issuer}
    while [[ $value =~ \$\{([A-Z_]+):\?\} ]]; do value=${value/"${BASH_REMATCH[0]}"/"${secrets[${BASH_REMATCH[1]}]}"}; done
    case $name in
      ConnectionStrings__postgres) value=$postgres ;;
      ConnectionStrings__*-db) value=${value/#Host=postgres/"$(sed 's/;\(Username\|Password\)=[^;]*//g' <<<"$postgres")"} ;;
      ConnectionStrings__messaging) value=${value/rabbitmq:5672/$broker} ;;
      ConnectionStrings__cache) value=${value/redis:6379/127.0.0.1:${ports[redis]}} ;;
      Gateway__TrustedProxies__0) value=127.0.0.1 ;;
      ASPNETCORE_HTTP_PORTS) value="${ports[$1]};${ports[metrics]}" ;;
      Metrics__Port) value=${ports[metrics]} ;;
      services__*) target=${name#services__} value=http://127.0.0.1:${ports[${target%%__*}]} ;;
    esac
    printf '%s=%s\n' "$name" "$value"
  done <deploy/compose.yaml
}
run() { # service, then further arguments of its program
  local program=EnergyAspire.${1^} addresses="http://127.0.0.1:${ports[$1]}" variables
  # Addresses replace the ports of the container, which would be open to other machines. Only the gateway has the port for metrics here.
  if [ "$1" = gateway ]; then addresses+=";http://127.0.0.1:${ports[metrics]}"; fi
  mapfile -t variables < <(environment "$1")
  cd "services/$program"
  exec env "${variables[@]}" ASPNETCORE_URLS="$addresses" dotnet "bin/Debug/net10.0/$program.dll" "${@:2}"
}
check_health() { (run "$1" --check-health) >"$folder/$1-health.log" 2>&1; }

start provisioning run provisioning
await 60 "The databases are provisioned" check_health provisioning
for service in identity users devices monitoring gateway; do start "$service" run "$service"; done

# nginx.conf with this run's addresses and a certificate.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj "/CN=$host" \
  -addext "subjectAltName=DNS:$host,DNS:other.example" -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
sed -e "s#/etc/letsencrypt/live/$host/fullchain.pem#$folder/certificate.pem#" -e "s#/etc/letsencrypt/live/$host/privkey.pem#$folder/key.pem#" \
  -e "s/127.0.0.1:8080/127.0.0.1:${ports[gateway]}/" -e "s/listen 80;/listen 127.0.0.1:${ports[plain]};/" \
  -e "s/listen 443/listen 127.0.0.1:${ports[tls]}/" deploy/nginx.conf >"$folder/site.conf"
cat >"$folder/nginx.conf" <<CONF
daemon off;
pid $folder/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  include $folder/site.conf;
}
CONF
start nginx nginx -p "$folder" -e stderr -c "$folder/nginx.conf"
for service in identity users devices monitoring gateway; do await 120 "$service is ready" check_health "$service"; done
echo "Ready: $(cat "$folder"/gateway-health.log)"

failures=0
check() { # what is so, whether it is, what was seen
  if [ "$2" = true ]; then echo "ok     $1"; else echo "WRONG  $1"; failures=$((failures + 1)); fi
  [ -z "${3:-}" ] || sed 's/^/         /' <<<"$3"
}
equal() { [ "$1" = "$2" ] && echo true || echo false; }
matches() { [[ $1 =~ $2 ]] && echo true || echo false; }

origin=https://$public
# The browser: it accepts the certificate, keeps cookies, and prints headers and body. Its address isn't the proxy's.
browser() {
  curl --silent --show-error --include --max-time 20 --interface 127.0.0.3 --cacert "$folder/certificate.pem" --cookie "$folder/cookies" \
    --cookie-jar "$folder/cookies" --resolve "$public:127.0.0.1" --resolve "$host:${ports[plain]}:127.0.0.1" \
    --resolve "other.example:${ports[tls]}:127.0.0.1" "$@" | tr -d '\r'
}
header() { grep -i "^$1:" <<<"$2" || true; } # name, answer
status() { head -n 1 <<<"$1" | cut -d ' ' -f 2; }
sign_in() { browser --header 'X-CSRF: 1' --header "Origin: $origin" --json "{\"username\": \"$1\", \"password\": \"$2\"}" "${@:3}"; }

echo "== TLS"
answer=$(browser "http://$host:${ports[plain]}/devices?page=2")
location=$(header location "$answer")
check "Without TLS the browser is redirected" "$(matches "$(status "$answer") $location" "^308 .*https://$host")" "$location"
answer=$(browser "$origin/.well-known/openid-configuration")
check "HSTS" "$(matches "$(header strict-transport-security "$answer")" 'max-age=[1-9]')" "$(header strict-transport-security "$answer")"
issuer=$(grep -o '"issuer": *"[^"]*"' <<<"$answer" || true)
check "The issuer in the discovery document is the public address" "$(matches "$issuer" "\"$origin/?\"$")" "$issuer"
addresses=$(grep -o '"https\?://[^"]*"' <<<"$answer" || true)
check "All addresses in it begin with the public one" "$(equal "$(grep -c "^\"$origin/" <<<"$addresses")" "$(grep -c . <<<"$addresses")")"

echo "== Session"
answer=$(sign_in "${secrets[FIRST_ADMIN_USERNAME]}" "${secrets[FIRST_ADMIN_PASSWORD]}" "$origin/session")
check "The first admin signs in" "$(equal "$(status "$answer")" 200)" "$(status "$answer")"
cookies=$(header set-cookie "$answer")
attributes=$(sed 's/=[^;]*;/=...;/' <<<"$cookies")
check "The session is in cookies with the prefix __Host-" "$(matches "$cookies" '__Host-energy-session')" "$attributes"
check "Every cookie is Secure and HttpOnly, and names no domain" \
  "$(equal "$(grep -i '; secure' <<<"$cookies" | grep -i '; httponly' | grep -vic '; domain')" "$(grep -c . <<<"$cookies")")"
answer=$(browser "$origin/session")
check "The browser is signed in" "$(matches "$answer" '"role":"admin"')"
for path in /api/users /api/devices /api/monitoring/alerts /api/auth/sagas; do
  answer=$(browser "$origin$path")
  check "$path answers" "$(equal "$(status "$answer")" 200)" "$(status "$answer")"
done

echo "== WebSockets and server-sent events"
socket=(--http1.1 --max-time 3 --header 'Connection: Upgrade' --header 'Upgrade: websocket' --header 'Sec-WebSocket-Version: 13'
  --header 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
answer=$(browser "${socket[@]}" --header "Origin: $origin" "$origin/api/monitoring/live" 2>/dev/null || true)
check "A WebSocket opens" "$(equal "$(status "$answer")" 101)" "$(status "$answer")"
answer=$(browser "${socket[@]}" --header "Origin: https://other.example" "$origin/api/monitoring/live" 2>/dev/null || true)
check "A WebSocket of another site's page is refused" "$(equal "$(status "$answer")" 403)" "$(status "$answer")"
answer=$(browser "$origin/api/monitoring/ledger?verify=true")
check "Server-sent events arrive" "$(matches "$answer" 'event: result')" "$(header content-type "$answer")"

echo "== Who is trusted"
answer=$(browser "https://other.example:${ports[tls]}/session")
check "Another host is refused" "$(equal "$(status "$answer")" 400)" "$(status "$answer")"
answer=$(browser "$origin/metrics")
check "The gateway's metrics aren't public" "$(equal "$(status "$answer")" 404)" "$(status "$answer")"
check "They are at a port of their own" "$(matches "$(curl --silent --max-time 20 "http://127.0.0.1:${ports[metrics]}/metrics")" '# TYPE ')"

# Both sign-ins fail, and the audit log tells from which address they came. curl uses other loopback addresses than nginx.
forged=(--header 'X-Forwarded-For: 203.0.113.66' --header 'X-Forwarded-Proto: https' --header "X-Forwarded-Host: $public"
  --header 'Forwarded: for=203.0.113.66')
sign_in through-the-proxy no-such-password "${forged[@]}" "$origin/session" >/dev/null
answer=$(sign_in past-the-proxy no-such-password "${forged[@]}" --interface 127.0.0.2 --header "Host: $public" \
  "http://127.0.0.1:${ports[gateway]}/session")
check "Forged headers past the proxy don't make it HTTPS: no HSTS" "$(equal "$(header strict-transport-security "$answer")" "")"
audit=$(browser "$origin/api/auth/audit?action=sign_in_failed" | grep -o '"actor":"[^"]*","address":"[^"]*"' || true)
check "A forged X-Forwarded-For through the proxy isn't believed" "$(matches "$audit" '"through-the-proxy","address":"[:f]*127\.0\.0\.3"')" "$audit"
check "A forged X-Forwarded-For past the proxy isn't believed" "$(matches "$audit" '"past-the-proxy","address":"[:f]*127\.0\.0\.2"')"

echo "== Doctor"
export Doctor__BrokerManagement
Doctor__BrokerManagement=$(of_servers Management)
findings=$( (run doctor) 2>&1 || true)
# The test servers don't wait for the disk.
failed=$(grep '^FAILED' <<<"$findings" | grep -v 'PostgreSQL: durability' || true)
check "The doctor of compose.yaml finds nothing wrong" "$(equal "$failed" "")" "$(tail -n 1 <<<"$findings")"
check "It could ask every server" "$(matches "$findings" 'ok +Redis')" "$(grep -A 1 '^not checked' <<<"$findings" || true)"

echo "== Logs"
problems=$(grep -hE -A 1 '^(fail|crit): ' "$folder"/{provisioning,identity,users,devices,monitoring,gateway}.log || true)
check "No service logged an error" "$(equal "$problems" "")" "$problems"
check "nginx logged no error" "$(equal "$(grep -E '\[(error|crit|alert|emerg)\]' "$folder/nginx.log" || true)" "")"

[ $failures -eq 0 ] || { echo "try-tls: $failures checks failed." >&2; exit 1; }
