#!/usr/bin/env bash
# Starts EnergyAspire; sets up first what the machine lacks. Arguments go to the AppHost.
set -euo pipefail
cd "$(dirname "$0")"

case " $* " in *" --Servers=local "*) export Servers=local ;; esac
build/setup.sh
exec dotnet run --project EnergyAspire.AppHost -- "$@"
