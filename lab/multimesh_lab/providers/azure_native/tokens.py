"""Type tokens of the simulated Azure, with the path under which ARM knows each type.

Owns: these names. Does not own: any rule.
"""

GROUP = "azure-native:resources:ResourceGroup"
VNET = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
NAT_GATEWAY = "azure-native:network:NatGateway"
PEERING = "azure-native:network:VirtualNetworkPeering"
VPN_GATEWAY = "azure-native:network:VirtualNetworkGateway"
LOCAL_GATEWAY = "azure-native:network:LocalNetworkGateway"
CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ROLE = "azure-native:authorization:RoleAssignment"
LOCK = "azure-native:authorization:ManagementLockByScope"
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
WINDOW = "azure-native:containerservice:MaintenanceConfiguration"
VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
WORKSPACE = "azure-native:operationalinsights:Workspace"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"

ARM_TYPES = {
    GROUP: "Microsoft.Resources/resourceGroups",
    VNET: "Microsoft.Network/virtualNetworks",
    SUBNET: "Microsoft.Network/virtualNetworks/subnets",
    ADDRESS: "Microsoft.Network/publicIPAddresses",
    NAT_GATEWAY: "Microsoft.Network/natGateways",
    PEERING: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    VPN_GATEWAY: "Microsoft.Network/virtualNetworkGateways",
    LOCAL_GATEWAY: "Microsoft.Network/localNetworkGateways",
    CONNECTION: "Microsoft.Network/connections",
    IDENTITY: "Microsoft.ManagedIdentity/userAssignedIdentities",
    ROLE: "Microsoft.Authorization/roleAssignments",
    LOCK: "Microsoft.Authorization/locks",
    CLUSTER: "Microsoft.ContainerService/managedClusters",
    POOL: "Microsoft.ContainerService/managedClusters/agentPools",
    WINDOW: "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
    VAULT: "Microsoft.KeyVault/vaults",
    KEY: "Microsoft.KeyVault/vaults/keys",
    WORKSPACE: "Microsoft.OperationalInsights/workspaces",
    DIAGNOSTICS: "Microsoft.Insights/diagnosticSettings",
}
"""The output `type` of each; a type within another has the outer one's path before its own."""

API_VERSIONS = {
    GROUP: "2024-03-01",
    VNET: "2024-05-01",
    SUBNET: "2024-05-01",
    ADDRESS: "2024-05-01",
    NAT_GATEWAY: "2024-05-01",
    PEERING: "2024-05-01",
    VPN_GATEWAY: "2024-05-01",
    LOCAL_GATEWAY: "2024-05-01",
    CONNECTION: "2024-05-01",
    IDENTITY: "2023-01-31",
    ROLE: "2022-04-01",
    LOCK: "2020-05-01",
    CLUSTER: "2025-09-01",
    POOL: "2025-09-01",
    WINDOW: "2025-09-01",
    VAULT: "2024-11-01",
    KEY: "2024-11-01",
    WORKSPACE: "2023-09-01",
    DIAGNOSTICS: "2021-05-01-preview",
}
"""The output `azureApiVersion`, as the SDK's documentation of each class says ("Uses Azure REST API version …")."""
