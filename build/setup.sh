#!/usr/bin/env bash
# Sets up what this checkout needs and the machine lacks; says what it installs and does nothing twice.
# Usage: build/setup.sh [--with-tests]
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

require() { # command, what it is, how to get it
  command -v "$1" >/dev/null || fail "$2 is missing. $3"
}

install_packages() { # Debian packages
  command -v apt-get >/dev/null || fail "Please install with this system's package manager: $*"
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Please install as root: apt-get install $*"
    sudo="sudo"
  fi
  say "Installing Debian packages: $*"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null

  # The AppHost runs servers of its own; those that the packages start as system services are not wanted.
  if [ -d /run/systemd/system ]; then
    for service in postgresql rabbitmq-server redis-server prometheus; do
      case " $* " in *" $service "*) $sudo systemctl disable --now --quiet "$service" && say "Turned off the system service $service" ;; esac
    done
  fi
}

require dotnet "The .NET SDK" "Version 10 is at https://dotnet.microsoft.com/download."
dotnet --version >/dev/null 2>&1 || fail "The .NET SDK 10 is missing: $(dotnet --list-sdks | tr '\n' ' ')is here. Version 10 is at https://dotnet.microsoft.com/download."
require node "Node.js" "Version 20 or later is at https://nodejs.org."
require npm "npm" "It comes with Node.js."
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node.js $(node --version) is too old; version 20 or later is needed."

engine_answers() { timeout 5 docker info >/dev/null 2>&1 || timeout 5 podman info >/dev/null 2>&1; }

# Without a container engine PostgreSQL, RabbitMQ and Redis are this machine's own; the tests of that need them in any case.
missing=()
if [ "${1:-}" = "--with-tests" ] || [ "${Servers:-}" = "local" ] || ! engine_answers; then
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null || missing+=(rabbitmq-server)
  command -v redis-server >/dev/null || missing+=(redis-server)
fi
if [ "${1:-}" = "--with-tests" ]; then
  command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium-headless-shell)
  command -v prometheus >/dev/null || missing+=(prometheus)
  command -v mosquitto_pub >/dev/null || missing+=(mosquitto-clients)
fi
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"

# npm writes this file when node_modules is as the lock file says.
if [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
  say "Installing the web app's packages"
  (cd web && npm ci --silent)
  touch web/node_modules/.package-lock.json
fi
