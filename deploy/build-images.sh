#!/usr/bin/env bash
# Builds the container images of the services, with the product's version and "latest" as tags. The .NET SDK builds them without a Dockerfile, from
# Microsoft's images for ASP.NET Core. The gateway's image contains the web app, so Node.js is needed too.
# Without a registry the images go to this machine's Docker or Podman; with one they are pushed there, as the account that is logged in.
# Usage: deploy/build-images.sh [registry, such as registry.example]
set -euo pipefail
cd "$(dirname "$0")/.."

registry=${1:-}
version=$(dotnet msbuild -getProperty:Version services/EnergyAspire.Gateway/EnergyAspire.Gateway.csproj)
for service in Provisioning Identity Users Devices Monitoring Gateway Doctor; do
  # The quotes inside keep MSBuild from reading the second tag as a property.
  dotnet publish "services/EnergyAspire.$service" -t:PublishContainer -c Release --nologo -v quiet \
    "-p:ContainerImageTags=\"$version;latest\"" ${registry:+"-p:ContainerRegistry=$registry"}
  echo "Built ${registry:+$registry/}energyaspire/${service,,}:$version"
done
