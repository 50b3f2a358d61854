#!/usr/bin/env bash
# Writes what compose.yaml needs: .env with the public host and generated secrets, and rabbitmq-definitions.json with the accounts at the broker.
# It never changes a value in .env. After an update run it again: it adds what the new version needs and writes the definitions anew.
# Needs bash, coreutils and openssl.
# Usage: deploy/make-env.sh PUBLIC_HOST, such as energy.example or energy.example:8443. The host is in .env later and may be left out.
set -euo pipefail
cd "$(dirname "$0")"
fail() { printf 'make-env: %s\n' "$*" >&2; exit 1; }

definitions=../EnergyAspire.Hosting/broker-definitions.json
[ -f "$definitions" ] || fail "$definitions is missing. The script belongs to the repository."
umask 077

declare -A values=()
if [ -f .env ]; then
  while IFS='=' read -r name value || [ -n "$name" ]; do
    if [[ $name =~ ^[A-Z_]+$ ]]; then values[$name]=$value; fi
  done < .env
fi

known=${values[PUBLIC_HOST]:-}
host=${1:-$known}
host=${host,,}
[ -n "$host" ] || fail "Usage: make-env.sh PUBLIC_HOST, such as energy.example"
[[ $host =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$ ]] || fail "PUBLIC_HOST is a host name, and a port if it isn't 443: $host"
[ -z "$known" ] || [ "${known,,}" = "$host" ] || fail "PUBLIC_HOST is $known in .env. Change it there."

# Letters and digits, so that no file and no connection string needs quotes.
secret() {
  local text=""
  while [ ${#text} -lt 32 ]; do text+=$(openssl rand -base64 48 | tr -dc 'A-Za-z0-9'); done
  printf '%s' "${text:0:32}"
}

new=()
add() { # name, value
  [ -n "${values[$1]:-}" ] || { values[$1]=$2; new+=("$1=$2"); }
}

password_of() { local name=${1//-/_}; printf 'RABBITMQ_%s_PASSWORD' "${name^^}"; }

accounts=()
while IFS= read -r line; do
  if [[ $line =~ \"name\":\ \"([a-z-]+)\",\ \"password_hash\": ]]; then accounts+=("${BASH_REMATCH[1]}"); fi
done < "$definitions"
[ ${#accounts[@]} -gt 0 ] || fail "$definitions names no accounts."

add PUBLIC_HOST "$host"
add FIRST_ADMIN_USERNAME admin
for name in FIRST_ADMIN_PASSWORD KEY_PASSPHRASE POSTGRES_PASSWORD AUTH_DB_PASSWORD USER_DB_PASSWORD DEVICE_DB_PASSWORD MONITORING_DB_PASSWORD \
  REDIS_PASSWORD GRAFANA_ADMIN_PASSWORD IDENTITY_CLIENT_SECRET DEVICES_CLIENT_SECRET MONITORING_CLIENT_SECRET; do
  add "$name" "$(secret)"
done
for account in admin "${accounts[@]}"; do
  add "$(password_of "$account")" "$(secret)"
done

# RabbitMQ's hash of a password: a salt of four bytes, and SHA-256 of salt and password.
hash_of() {
  local salt
  salt=$(openssl rand -hex 4)
  salted() { printf '%b' "\\x${salt:0:2}\\x${salt:2:2}\\x${salt:4:2}\\x${salt:6:2}"; }
  { salted; { salted; printf '%s' "$1"; } | openssl dgst -sha256 -binary; } | base64 --wrap=0
}

{
  while IFS= read -r line; do
    if [[ $line =~ \"name\":\ \"([a-z-]+)\",\ \"password_hash\": ]]; then
      name=$(password_of "${BASH_REMATCH[1]}")
      line=${line/'"password_hash": ""'/'"password_hash": "'$(hash_of "${values[$name]}")'"'}
    fi
    printf '%s\n' "$line"
    case $line in
      '  "users": [')
        printf '    {"name": "admin", "password_hash": "%s", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": "administrator"},\n' \
          "$(hash_of "${values[RABBITMQ_ADMIN_PASSWORD]}")" ;;
      '  "permissions": [') printf '    {"user": "admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},\n' ;;
    esac
  done < "$definitions"
} > rabbitmq-definitions.json.new
written=$(< rabbitmq-definitions.json.new)
[[ $written == *'"name": "admin"'* && $written == *'"user": "admin"'* && $written != *'"password_hash": ""'* ]] \
  || fail "The definitions could not be written: $definitions has another form."

# The broker's own user in the container reads it. The hashes are of random passwords of 32 characters.
chmod 644 rabbitmq-definitions.json.new

if [ ${#new[@]} -gt 0 ]; then
  {
    if [ -s .env ]; then
      cat .env
      [ -z "$(tail -c 1 .env)" ] || echo # The last line may lack its end.
    fi
    printf '%s\n' "${new[@]}"
  } > .env.new
  chmod 600 .env.new
  mv .env.new .env
fi
mv rabbitmq-definitions.json.new rabbitmq-definitions.json

echo "Wrote deploy/rabbitmq-definitions.json; values added to deploy/.env: ${#new[@]}."
echo "The first admin of https://${values[PUBLIC_HOST]} is ${values[FIRST_ADMIN_USERNAME]}; the password is FIRST_ADMIN_PASSWORD in deploy/.env."
