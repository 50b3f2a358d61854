#!/usr/bin/env bash
# Sets up what the machine lacks and runs every test: .NET, web, browser. Ends with one line of counts.
set -uo pipefail
cd "$(dirname "$0")"

build/setup.sh --with-tests || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
status=0

dotnet build EnergyAspire.sln --nologo --verbosity quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# The build writes the API documents, and the web app's types come from them; a difference means that they were not committed.
(cd web && npm run --silent api >/dev/null) || status=1
git diff --exit-code --stat -- docs/openapi web/src/api || { echo "The API documents or the web app's types are not as the build writes them: commit them."; status=1; }

(cd web && npm run --silent api:lint) || status=1

rm -rf web/TestResults
(cd web && CI=true npm run --silent check) || status=1

# One test program at a time: each starts servers of its own.
dotnet test --solution EnergyAspire.sln --no-build --max-parallel-test-modules 1 --report-xunit-trx \
  --results-directory "$results" || status=1

node build/count-tests.mjs "$results" web/TestResults || status=1
exit "$status"
