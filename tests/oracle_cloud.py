"""A network for an OKE cluster in the simulated Oracle Cloud, as a program makes it; for the tests of that cloud."""

from dataclasses import dataclass
from typing import Any

from simulated_cloud import Engine, Resource

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
IGW = "oci:Core/internetGateway:InternetGateway"
NAT = "oci:Core/natGateway:NatGateway"
SGW = "oci:Core/serviceGateway:ServiceGateway"
ADDRESS = "oci:Core/publicIp:PublicIp"
TABLE = "oci:Core/routeTable:RouteTable"
LIST = "oci:Core/securityList:SecurityList"
DEFAULT_LIST = "oci:Core/defaultSecurityList:DefaultSecurityList"
GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
DRG = "oci:Core/drg:Drg"
ATTACHMENT = "oci:Core/drgAttachment:DrgAttachment"
LPG = "oci:Core/localPeeringGateway:LocalPeeringGateway"
RPC = "oci:Core/remotePeeringConnection:RemotePeeringConnection"
CPE = "oci:Core/cpe:Cpe"
IPSEC = "oci:Core/ipsec:Ipsec"
TUNNEL = "oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement"
CLUSTER = "oci:ContainerEngine/cluster:Cluster"
POOL = "oci:ContainerEngine/nodePool:NodePool"
ADDON = "oci:ContainerEngine/addon:Addon"
VAULT = "oci:Kms/vault:Vault"
KEY = "oci:Kms/key:Key"
POLICY = "oci:Identity/policy:Policy"
DYNAMIC_GROUP = "oci:Identity/dynamicGroup:DynamicGroup"
LOG_GROUP = "oci:Logging/logGroup:LogGroup"
LOG = "oci:Logging/log:Log"

REGION = "eu-frankfurt-1"
COMPARTMENT = "ocid1.compartment.oc1..aaaaaaaaacme"
TENANCY = "ocid1.tenancy.oc1..aaaaaaaaacme"
DOMAIN = "LaBx:EU-FRANKFURT-1-AD-1"
ALL_SERVICES = "all-fra-services-in-oracle-services-network"
OPERATOR = "198.18.3.77/32"
Inputs = dict[str, Any]
_NOWHERE = (RULE, DEFAULT_LIST, ADDON, LOG, ATTACHMENT, TUNNEL)
"""Types that are in no compartment of their own."""


@dataclass
class Network:
    """Everything that an OKE cluster needs around it."""

    vcn: Resource
    internet: Resource
    address: Resource
    nat: Resource
    services: Resource
    public_table: Resource
    private_table: Resource
    no_rules: Resource
    api: Resource
    workers: Resource
    pods: Resource
    api_group: Resource
    worker_group: Resource
    rules: dict[str, Resource]


def named(token: str, inputs: Inputs) -> Inputs:
    """The inputs in the tests' compartment, unless the type has none."""
    return inputs if token in _NOWHERE else {"compartmentId": COMPARTMENT, **inputs}


def create(cloud: Engine, token: str, name: str, inputs: Inputs) -> Resource:
    return cloud.create(token, name, named(token, inputs))


def service_id(cloud: Engine) -> str:
    found = cloud.invoke("oci:Core/getServices:getServices", {})["services"]
    return next(each["id"] for each in found if each["cidrBlock"] == ALL_SERVICES)


def rule_inputs(group: Resource, direction: str, peer: str, port: int | None, peer_type: str = "") -> Inputs:
    side = "source" if direction == "INGRESS" else "destination"
    kind = peer_type or ("NETWORK_SECURITY_GROUP" if peer.startswith("ocid1.") else "CIDR_BLOCK")
    ports = {"tcpOptions": {"destinationPortRange": {"min": port, "max": port}}} if port else {}
    return {
        "networkSecurityGroupId": group.id,
        "direction": direction,
        "protocol": "6",
        side: peer,
        f"{side}Type": kind,
        **ports,
    }


def subnet_inputs(vcn: Resource, block: str, table: Resource, rules: Resource, *, private: bool) -> Inputs:
    return {
        "vcnId": vcn.id,
        "cidrBlock": block,
        "routeTableId": table.id,
        "securityListIds": [rules.id],
        "prohibitPublicIpOnVnic": private,
    }


def _rules(cloud: Engine, api: Resource, workers: Resource) -> dict[str, Resource]:
    wanted = {
        "api-operator": rule_inputs(api, "INGRESS", OPERATOR, 6443),
        "api-6443": rule_inputs(api, "INGRESS", workers.id, 6443),
        "api-12250": rule_inputs(api, "INGRESS", workers.id, 12250),
        "workers-6443": rule_inputs(workers, "EGRESS", api.id, 6443),
        "workers-12250": rule_inputs(workers, "EGRESS", "10.0.0.0/28", 12250),
        "workers-services": rule_inputs(workers, "EGRESS", ALL_SERVICES, 443, "SERVICE_CIDR_BLOCK"),
    }
    return {name: cloud.create(RULE, name, inputs) for name, inputs in wanted.items()}


def network(cloud: Engine) -> Network:
    vcn = create(cloud, VCN, "vcn", {"cidrBlocks": ["10.0.0.0/16"], "dnsLabel": "mesh"})
    internet = create(cloud, IGW, "igw", {"vcnId": vcn.id})
    address = create(cloud, ADDRESS, "egress", {"lifetime": "RESERVED"})
    nat = create(cloud, NAT, "nat", {"vcnId": vcn.id, "publicIpId": address.id})
    services = create(cloud, SGW, "sgw", {"vcnId": vcn.id, "services": [{"serviceId": service_id(cloud)}]})
    everywhere = {"destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK"}
    to_services = {
        "destination": ALL_SERVICES,
        "destinationType": "SERVICE_CIDR_BLOCK",
        "networkEntityId": services.id,
    }
    public = {"vcnId": vcn.id, "routeRules": [{**everywhere, "networkEntityId": internet.id}]}
    private = {"vcnId": vcn.id, "routeRules": [{**everywhere, "networkEntityId": nat.id}, to_services]}
    public_table = create(cloud, TABLE, "public", public)
    private_table = create(cloud, TABLE, "private", private)
    none = create(cloud, LIST, "none", {"vcnId": vcn.id})
    api_group = create(cloud, GROUP, "api", {"vcnId": vcn.id})
    worker_group = create(cloud, GROUP, "workers", {"vcnId": vcn.id})
    return Network(
        vcn,
        internet,
        address,
        nat,
        services,
        public_table,
        private_table,
        none,
        create(cloud, SUBNET, "api", subnet_inputs(vcn, "10.0.0.0/28", public_table, none, private=False)),
        create(cloud, SUBNET, "workers", subnet_inputs(vcn, "10.0.10.0/24", private_table, none, private=True)),
        create(cloud, SUBNET, "pods", subnet_inputs(vcn, "10.0.32.0/19", private_table, none, private=True)),
        api_group,
        worker_group,
        _rules(cloud, api_group, worker_group),
    )


def cluster_inputs(parts: Network) -> Inputs:
    return {
        "compartmentId": COMPARTMENT,
        "vcnId": parts.vcn.id,
        "kubernetesVersion": "v1.33.1",
        "type": "ENHANCED_CLUSTER",
        "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
        "endpointConfig": {"subnetId": parts.api.id, "isPublicIpEnabled": True, "nsgIds": [parts.api_group.id]},
        "options": {
            "kubernetesNetworkConfig": {"servicesCidr": "10.96.0.0/16"},
            "openIdConnectDiscovery": {"isOpenIdConnectDiscoveryEnabled": True},
        },
    }


def image_id(cloud: Engine, version: str = "v1.33.1", architecture: str = "X86_64") -> str:
    """What a program does: the newest image that fits."""
    found = cloud.invoke(
        "oci:ContainerEngine/getNodePoolOption:getNodePoolOption",
        {"nodePoolOptionId": "all", "nodePoolK8sVersion": version, "nodePoolOsArch": architecture},
    )
    return found["sources"][0]["imageId"]


def pool_inputs(cloud: Engine, cluster: Resource, parts: Network) -> Inputs:
    pods = {
        "cniType": "OCI_VCN_IP_NATIVE",
        "podSubnetIds": [parts.pods.id],
        "maxPodsPerNode": 31,
    }
    return {
        "compartmentId": COMPARTMENT,
        "clusterId": cluster.id,
        "kubernetesVersion": "v1.33.1",
        "nodeShape": "VM.Standard.E5.Flex",
        "nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 16},
        "nodeSourceDetails": {"imageId": image_id(cloud), "sourceType": "IMAGE"},
        "nodeConfigDetails": {
            "size": 2,
            "placementConfigs": [{"availabilityDomain": DOMAIN, "subnetId": parts.workers.id}],
            "nsgIds": [parts.worker_group.id],
            "nodePoolPodNetworkOptionDetails": pods,
        },
        "initialNodeLabels": [{"key": "pool", "value": "default"}],
    }
