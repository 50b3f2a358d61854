#!/bin/sh
# Unpacks Aspire's own orchestrator and dashboard into artifacts/aspire, once per version. Safe to call at each start.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../.." && pwd)/artifacts/aspire
version=$(sed -n 's/.*"@microsoft\/aspire-cli-linux-x64": "\(.*\)".*/\1/p' "$here/package.json")

for unpacked in "$target/versions/$version"_*; do
    if [ -x "$unpacked/dcp/dcp" ] && [ -x "$unpacked/managed/aspire-managed" ]; then
        exit 0
    fi
done

command -v npm > /dev/null || { echo "Aspire's engine comes as an npm package: install Node.js 20 or later (apt-get install nodejs npm)." >&2; exit 1; }
echo "Installing Aspire's engine $version (orchestrator and dashboard, 290 MB) ..."
cd "$here"
npm ci --no-audit --no-fund --loglevel=error

# The program keeps state in HOME; it has no business in the user's.
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
rm -rf "$target"
mkdir -p "$target"
HOME=$home ASPIRE_HOME=$home ASPIRE_CLI_TELEMETRY_OPTOUT=true DOTNET_NOLOGO=true \
    ./node_modules/@microsoft/aspire-cli-linux-x64/bin/aspire setup --install-path "$target" --non-interactive --nologo > "$home/log" 2>&1 || true

for unpacked in "$target/versions/$version"_*; do
    if [ -x "$unpacked/dcp/dcp" ] && "$unpacked/dcp/dcp" version > /dev/null 2>&1 && [ -x "$unpacked/managed/aspire-managed" ]; then
        rm -rf node_modules
        exit 0
    fi
done
cat "$home/log" >&2
rm -rf "$target"
echo "Aspire's engine could not be unpacked into artifacts/aspire." >&2
exit 1
