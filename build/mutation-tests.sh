#!/usr/bin/env bash
# Mutates the state machine of sagas, the clock of sites and the parser of readings, and reports which mutations their tests don't find.
# The reports are in tests/mutation/*/StrykerOutput. Takes some minutes for each.
# Usage: build/mutation-tests.sh [monitoring] [identity]
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- monitoring identity
dotnet tool restore >/dev/null
for part in "$@"; do
  (cd "tests/mutation/$part" && dotnet stryker --skip-version-check)
done
