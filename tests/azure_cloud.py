"""A network and an AKS cluster in the simulated Azure, as a program makes them; for the tests of that cloud."""

from dataclasses import dataclass
from typing import Any

from simulated_cloud import Engine, Resource

from multimesh_lab.providers.azure_native import authorization

GROUP = "azure-native:resources:ResourceGroup"
VNET = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
NAT = "azure-native:network:NatGateway"
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

REGION = "westeurope"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
Inputs = dict[str, Any]


@dataclass
class Network:
    """Everything that an AKS cluster needs around it."""

    group: Resource
    vnet: Resource
    address: Resource
    nat: Resource
    nodes: Resource
    pods: Resource
    control_plane: Resource
    kubelet: Resource
    roles: dict[str, Resource]


def create(cloud: Engine, token: str, name: str, group: Resource, inputs: Inputs) -> Resource:
    """The resource in the group."""
    return cloud.create(token, name, {"resourceGroupName": group.outputs["name"], **inputs})


def subnet_inputs(vnet: Resource, cidr: str, nat: Resource | None = None, *, delegated: bool = False) -> Inputs:
    inputs: Inputs = {
        "resourceGroupName": vnet.inputs["resourceGroupName"],
        "virtualNetworkName": vnet.outputs["name"],
        "addressPrefix": cidr,
        "defaultOutboundAccess": False,
    }
    if nat is not None:
        inputs["natGateway"] = {"id": nat.id}
    if delegated:
        inputs["delegations"] = [{"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}]
    return inputs


def grant(cloud: Engine, name: str, role: str, identity: Resource, scope: str) -> Resource:
    """The role for the identity."""
    definition = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    inputs = {"principalId": identity.outputs["principalId"], "principalType": "ServicePrincipal"}
    return cloud.create(ROLE, name, {**inputs, "roleDefinitionId": definition, "scope": scope})


def network(cloud: Engine) -> Network:
    """A network with a NAT gateway, and identities that may use it."""
    group = cloud.create(GROUP, "shop", {"location": REGION})
    space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]}}
    vnet = create(cloud, VNET, "vnet", group, space)
    standard = {"name": "Standard"}
    address = create(
        cloud,
        ADDRESS,
        "egress",
        group,
        {"publicIPAllocationMethod": "Static", "sku": standard, "zones": ["1", "2", "3"]},
    )
    nat = create(cloud, NAT, "nat", group, {"sku": standard, "publicIpAddresses": [{"id": address.id}]})
    nodes = cloud.create(SUBNET, "nodes", subnet_inputs(vnet, "10.1.0.0/20", nat))
    pods = cloud.create(SUBNET, "pods", subnet_inputs(vnet, "10.2.0.0/16", nat, delegated=True))
    acting, kubelet = (create(cloud, IDENTITY, each, group, {}) for each in ("control-plane", "kubelet"))
    roles = {
        "nodes": grant(cloud, "nodes", authorization.NETWORK_CONTRIBUTOR, acting, nodes.id),
        "pods": grant(cloud, "pods", authorization.NETWORK_CONTRIBUTOR, acting, pods.id),
        "kubelet": grant(cloud, "kubelet", authorization.MANAGED_IDENTITY_OPERATOR, acting, kubelet.id),
    }
    return Network(group, vnet, address, nat, nodes, pods, acting, kubelet, roles)


def pool(network: Network, **change: Any) -> Inputs:
    """The cluster's own pool."""
    inputs: Inputs = {
        "name": "system",
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "vmSize": "Standard_D4s_v5",
        "count": 2,
        "enableAutoScaling": True,
        "minCount": 2,
        "maxCount": 4,
        "availabilityZones": ["1", "2", "3"],
        "orchestratorVersion": "1.34",
        "vnetSubnetID": network.nodes.id,
        "upgradeSettings": {"maxSurge": "1"},
    }
    return {key: value for key, value in {**inputs, **change}.items() if value is not None}


def cluster_inputs(network: Network) -> Inputs:
    """A private cluster with an overlay for pods."""
    return {
        "resourceGroupName": network.group.outputs["name"],
        "location": REGION,
        "dnsPrefix": "shop",
        "kubernetesVersion": "1.34",
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [network.control_plane.id]},
        "identityProfile": {"kubeletidentity": {"resourceId": network.kubelet.id}},
        "agentPoolProfiles": [pool(network)],
        "networkProfile": {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "networkDataplane": "cilium",
            "networkPolicy": "cilium",
            "podCidr": "10.128.0.0/14",
            "serviceCidr": "10.96.0.0/16",
            "dnsServiceIP": "10.96.0.10",
            "outboundType": "userAssignedNATGateway",
        },
        "apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/24", "198.51.100.7"]},
        "aadProfile": {"managed": True, "enableAzureRBAC": True},
        "disableLocalAccounts": True,
        "oidcIssuerProfile": {"enabled": True},
        "securityProfile": {"workloadIdentity": {"enabled": True}},
        "tags": {"team": "mesh"},
    }


def pool_inputs(network: Network, cluster: Resource, **change: Any) -> Inputs:
    """A pool of its own."""
    place = {"resourceGroupName": network.group.outputs["name"], "resourceName": cluster.outputs["name"]}
    inputs = {key: value for key, value in pool(network, mode="User", **change).items() if key != "name"}
    return {**place, "agentPoolName": "apps", **inputs}


def given(resource: Resource) -> Inputs:
    """The inputs as the program gave them, with the drawn name."""
    return {key: value for key, value in resource.inputs.items() if not key.startswith("__")}
