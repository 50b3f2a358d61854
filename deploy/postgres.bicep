// PostgreSQL for EnergyAspire: a flexible server that the container apps reach over TLS. azd deploys it, because the AppHost's manifest names it.
// The databases and roles are created by the project EnergyAspire.Provisioning.

@description('Region of the server; azd passes that of the environment.')
param location string = resourceGroup().location

@description('Name of the administrator.')
param administratorLogin string

@description('Password of the administrator.')
@secure()
param administratorPassword string

@description('Compute size. Burstable sizes are for trials only: ingest uses the processor all the time.')
param skuName string = 'Standard_D2ds_v5'

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param skuTier string = 'GeneralPurpose'

@description('Storage in GiB. It grows by itself.')
param storageSizeGB int = 128

@description('How many days of changes are kept, for restoring to any moment in them.')
@minValue(7)
@maxValue(35)
param backupRetentionDays int = 14

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'energyaspire-${uniqueString(resourceGroup().id)}'
  location: location
  sku: {
    name: skuName
    tier: skuTier
  }
  properties: {
    version: '17'
    administratorLogin: administratorLogin
    administratorLoginPassword: administratorPassword
    storage: {
      storageSizeGB: storageSizeGB
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupRetentionDays
      geoRedundantBackup: 'Disabled'
    }
  }
}

// Container apps without a virtual network have no fixed addresses. This rule admits Azure's own addresses; passwords and TLS protect the server.
resource azureServices 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2024-08-01' = {
  parent: server
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

// As on the project's own servers: rare checkpoints, and compressed full-page writes.
resource walSize 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'max_wal_size'
  properties: {
    value: '8192'
    source: 'user-override'
  }
  dependsOn: [azureServices]
}

resource walCompression 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'wal_compression'
  properties: {
    value: 'on'
    source: 'user-override'
  }
  dependsOn: [walSize]
}

output host string = server.properties.fullyQualifiedDomainName
