"""What Oracle Cloud computes, for the mocked engine; answers to what the OKE components ask."""

from typing import Any

ALL_SERVICES = "all-fra-services-in-oracle-services-network"
ZONES = ["LaBx:EU-FRANKFURT-1-AD-1", "LaBx:EU-FRANKFURT-1-AD-2", "LaBx:EU-FRANKFURT-1-AD-3"]
KUBECONFIG = """---
apiVersion: v1
kind: ""
clusters:
- name: cluster-x
  cluster: {server: "https://198.18.0.14:6443", certificate-authority-data: Q0E=}
users:
- name: user-x
  user: {exec: {command: oci, args: [ce, cluster, generate-token]}}
"""

COMPUTED: dict[str, dict[str, Any]] = {
    "oci:Core/publicIp:PublicIp": {"ipAddress": "198.18.3.4"},
    "oci:ContainerEngine/cluster:Cluster": {"name": "oke-1234567"},
    "oci:Kms/vault:Vault": {"managementEndpoint": "https://management.test"},
    "pulumi:index:Stash": {"output": "ocid1.image.oc1..kept"},
}


def _options(args: dict[str, Any]) -> dict[str, Any]:
    version, mark = args["nodePoolK8sVersion"].removeprefix("v"), "aarch64-" * (args["nodePoolOsArch"] == "AARCH64")
    names = [
        f"Oracle-Linux-8.10-{mark}2025.07.21-0-OKE-{version}-1002",
        f"Oracle-Linux-8.10-{mark}2025.09.16-0-OKE-{version}-1191",
        f"Oracle-Linux-8.10-{mark}2025.09.16-0-OKE-{version}-1187",
        "Oracle-Linux-8.10-2026.01.01-0-OKE-1.30.1-1300",
        f"Oracle-Linux-8.10-Gen2-GPU-2026.01.01-0-OKE-{version}-1300",
    ]
    return {"sources": [{"imageId": f"image of {each}", "sourceName": each, "sourceType": "IMAGE"} for each in names]}


def _tunnels(args: dict[str, Any]) -> dict[str, Any]:
    """Of `vpn-1-id` the greater id first, as the order says nothing: `vpn-1-id/b` at 198.51.100.12, then `…/a`."""
    connection = args["ipsecId"]
    number = 10 * int(connection.removesuffix("-id").rpartition("-")[2])
    both = (("b", 2), ("a", 1))
    return {
        "ipsecId": connection,
        "ipSecConnectionTunnels": [
            {**dict.fromkeys(_OF_TUNNEL, ""), "id": f"{connection}/{mark}", "vpnIp": f"198.51.100.{number + last}"}
            for mark, last in both
        ],
    }


_OF_TUNNEL = (
    *("associatedVirtualCircuits", "bgpSessionInfos", "compartmentId", "cpeIp", "displayName", "dpdConfigs", "dpdMode"),
    *("dpdTimeoutInSec", "encryptionDomainConfigs", "ikeVersion", "ipsecId", "natTranslationEnabled"),
    *("oracleCanInitiate", "phaseOneDetails", "phaseTwoDetails", "routing", "sharedSecret", "state", "status"),
    *("timeCreated", "timeStatusUpdated", "tunnelId"),
)

INVOKES: dict[str, Any] = {
    "oci:Core/getServices:getServices": lambda args: {
        "services": [{"id": "services", "name": "All FRA Services", "cidrBlock": ALL_SERVICES, "description": ""}]
    },
    "oci:Core/getIpsecConnectionTunnels:getIpsecConnectionTunnels": _tunnels,
    "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": lambda args: {
        "availabilityDomains": [{"name": zone, "id": zone, "compartmentId": ""} for zone in reversed(ZONES)]
    },
    "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": _options,
    "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": lambda args: {"content": KUBECONFIG},
}
