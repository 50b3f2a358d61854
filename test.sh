#!/usr/bin/env bash
# Sets up what the machine lacks and runs every test: .NET, web, browser. Ends with one line of counts.
# Usage: ./test.sh [--coverage]   which also measures what the tests run through, and takes longer
set -uo pipefail
cd "$(dirname "$0")"

build/setup.sh --with-tests || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
status=0
coverage=()
if [ "${1:-}" = "--coverage" ]; then
  export COVERAGE=true
  coverage=(--coverlet --coverlet-output-format cobertura --coverlet-include '[EnergyAspire.*]*' --coverlet-exclude '[*.Tests]*' --coverlet-exclude '[EnergyAspire.Testing]*')
fi

# The compiler server saves a start of the compiler for each project.
dotnet build EnergyAspire.sln --nologo --verbosity quiet -p:UseSharedCompilation=true || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# The build writes the API documents, and the web app's types come from them; a difference means that they were not committed.
(cd web && npm run --silent api >/dev/null) || status=1
git diff --exit-code --stat -- docs/openapi web/src/api || { echo "The API documents or the web app's types are not as the build writes them: commit them."; status=1; }

(cd web && npm run --silent api:lint) || status=1

(cd web && npm run --silent api:compare) || status=1

# PostgreSQL and RabbitMQ for all test programs. Those that start, stop and kill servers have their own.
running="$PWD/artifacts/test-servers.json"
rm -f "$running"
dotnet tests/EnergyAspire.Testing.Servers/bin/Debug/net10.0/EnergyAspire.Testing.Servers.dll "$running" >artifacts/test-servers.log 2>&1 &
servers=$!
trap 'kill -TERM $servers 2>/dev/null; wait $servers 2>/dev/null' EXIT
until [ -f "$running" ]; do
  kill -0 $servers 2>/dev/null || { cat artifacts/test-servers.log; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
  sleep 0.2
done
export TEST_SERVERS=$running

# Two lanes, each with one test program at a time. Single programs use half of two cores; three at a time exceed their deadlines. The lanes take about
# equally long.
programs() { local module modules=""; for module in "$@"; do modules+="tests/EnergyAspire.$module.Tests/bin/Debug/net10.0/EnergyAspire.$module.Tests.dll;"; done; printf '%s' "$modules"; }
lane() {
  dotnet test --test-modules "$(programs "$@")" --max-parallel-test-modules 1 --report-xunit-trx --results-directory "$results/$1" "${coverage[@]}"
}
first=(System Monitoring Identity Simulator Messaging Devices Users Hosting OpenApi)
second=(Services Gateway Architecture Benchmarks)
# Afterwards, alone: up to eleven services that are killed and replaced, and must answer in time meanwhile.
last=(Chaos)
for folder in tests/EnergyAspire.*.Tests; do
  name=${folder#tests/EnergyAspire.}
  case " ${first[*]} ${second[*]} ${last[*]} " in *" ${name%.Tests} "*) ;; *) echo "$folder is in no lane of test.sh."; status=1 ;; esac
done

lane "${first[@]}" >artifacts/first-lane.log 2>&1 &
other=$!
rm -rf web/TestResults
(cd web && CI=true npm run --silent check) || status=1
lane "${second[@]}" || status=1
wait $other || status=1
cat artifacts/first-lane.log
lane "${last[@]}" || status=1

if [ ${#coverage[@]} -gt 0 ]; then
  dotnet tool restore >/dev/null && dotnet reportgenerator "-reports:$results/**/*cobertura*.xml" -targetdir:artifacts/coverage "-reporttypes:Html;TextSummary" \
    "-filefilters:-*.g.cs" -verbosity:Error && grep -E "^ *(Line|Branch) coverage|^EnergyAspire" artifacts/coverage/Summary.txt || status=1
fi

node build/count-tests.mjs "$results" web/TestResults || status=1
exit "$status"
