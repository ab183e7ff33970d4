"""Load balancers that the clouds make for Services: how to ask for one, whom it admits, and its address.

Owns: what differs between clouds. Does not own: the Services.
"""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import cidr_of

_ANNOTATIONS: dict[str, dict[str, str]] = {
    # A passthrough balancer on a backend service, the kind that Google recommends and keeps developing.
    "gcp": {"cloud.google.com/l4-rbs": "enabled"},
    # A network balancer: its addresses are stable for each zone, a classic one's are not.
    "aws": {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
        # What EKS itself would take; the AWS Load Balancer Controller, where it is installed, would not.
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
    },
    "azure": {},
    # OKE writes the rules that let the peers in and the balancer through into security groups of its own.
    "oci": {
        "oci.oraclecloud.com/load-balancer-type": "nlb",
        "oci.oraclecloud.com/security-rule-management-mode": "NSG",
    },
    "none": {},
}
"""Of a public balancer."""

_PRIVATE_ANNOTATIONS: dict[str, dict[str, str]] = {
    "gcp": {
        "networking.gke.io/load-balancer-type": "Internal",
        # Peers come from other regions and through VPN gateways, which a regional balancer would not answer.
        "networking.gke.io/internal-load-balancer-allow-global-access": "true",
    },
    "aws": {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
        # The first is for EKS itself, the second for the AWS Load Balancer Controller, where it is installed.
        "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
    },
    "azure": {
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    },
    "oci": {
        "oci.oraclecloud.com/load-balancer-type": "nlb",
        "oci-network-load-balancer.oraclecloud.com/internal": "true",
        "oci.oraclecloud.com/security-rule-management-mode": "NSG",
    },
}
"""Of a balancer inside the network, for private roads; an existing cluster has none."""


def balancer_annotations(cloud: str, *, private: bool, http_port: int | None = None) -> dict[str, str]:
    """What to write on a Service of that cloud for a public load balancer, or one inside the cluster's network.

    `http_port`: one that speaks HTTP; Azure would ask it for "/", find the gateway ill, and send nothing to it.
    """
    annotations = (_PRIVATE_ANNOTATIONS if private else _ANNOTATIONS)[cloud]
    if cloud == "azure" and http_port is not None:
        return {**annotations, f"service.beta.kubernetes.io/port_{http_port}_health-probe_protocol": "tcp"}
    return annotations


def addresses_of(status: k8s.core.v1.outputs.ServiceStatus | None) -> list[str]:
    """Addresses or host names of the load balancer in a Service's status, in the order of the status."""
    found = (status.load_balancer.ingress if status and status.load_balancer else None) or []
    return [told for each in found if (told := each.ip or each.hostname)]


def address_of(service: str, status: k8s.core.v1.outputs.ServiceStatus | None) -> str:
    """The load balancer's address in a Service's status; raises `pulumi.RunError` where it has a host name."""
    found = status.load_balancer.ingress if status and status.load_balancer else None
    address = found[0].ip if found else None
    if not address:
        called = found[0].hostname if found else None
        raise pulumi.RunError(
            f"the load balancer of {service} has {f'the host name {called}' if called else 'nothing'} in place of an "
            "address, but remotes need the address of their control plane; "
            "give it to a cluster of another cloud, or write  topology: multi-primary"
        )
    return address


def source_ranges(ips: list[str]) -> list[str]:
    """Kubernetes takes an empty list for "everybody", which is the opposite of what it would mean here."""
    if not ips:
        raise pulumi.RunError(
            "admitted_ips is empty: the load balancer would admit everybody; name the peers' egress addresses"
        )
    return sorted(ip if "/" in ip else cidr_of(ip) for ip in ips)
