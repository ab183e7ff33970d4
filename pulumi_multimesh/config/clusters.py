"""What all kinds of clusters have in common: ranges, node pools, maintenance, and what a cluster alone is told.

Owns: these keys. Does not own: the keys of one cloud (the modules beside this one).
"""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.access import LoginArgs


class RangesArgs(TypedDict, total=False):
    """Address ranges that a cluster is pinned to, as CIDR strings; what is left out comes from the address plan."""

    nodes: str
    """Nodes; on EKS the whole VPC, from which pods take their addresses too."""
    pods: str
    """Pods; not on EKS, where they share the VPC's range."""
    services: str
    """Cluster IPs of Services."""
    control_plane: str
    """GKE's control plane, a /28; the API endpoint's subnet on OKE."""
    load_balancers: str
    """The subnet of load balancers on OKE."""
    vpn_gateway: str
    """The subnet of the VPN gateway on AKS, /27 or larger; with `connectivity: vpn` alone."""


class AddressesArgs(TypedDict, total=False):
    """Where the address plan takes its ranges from."""

    supernet: str
    """All ranges come from here; `10.0.0.0/8` unless given."""
    reserved: dict[str, str]
    """Ranges in use elsewhere, by owner: `{"office": "10.0.0.0/16"}`; nothing is placed in them."""
    book: str
    """The address book's file: it remembers what each cluster, VPN gateway and tunnel has; none unless given.

    A path from the program's working folder; `multimesh plan` starts from the folder of the stack's configuration. Only
    in a mesh. `multimesh plan --stack NAME --update-book` writes it.
    """
    asns: dict[str, str]
    """BGP's autonomous system numbers to pin, by cluster: `{"gcp-eu": "64530"}`; from the plan unless given.

    Only in a mesh, one for each network.
    """


class TaintArgs(TypedDict):
    """A Kubernetes taint, which keeps pods away that do not tolerate it."""

    key: str
    """The taint's key, such as `dedicated`."""
    value: NotRequired[str]
    """The taint's value; none unless given."""
    effect: str
    """`NoSchedule`, `PreferNoSchedule` or `NoExecute`."""


class NodePoolArgs(TypedDict, total=False):
    """Machines of one kind; a pool's name is its key."""

    machine_type: str
    """The cloud's machine type, one with room for istiod and a gateway unless given.

    `e2-standard-4` (GCP), `m6i.large` (AWS), `Standard_D4s_v5` (Azure), `VM.Standard.E5.Flex` (Oracle).
    """
    size: int
    """Nodes in the whole pool, always that many; not beside `min_size` and `max_size`."""
    min_size: int
    """Fewest nodes in the whole pool, at least 1; 2 unless given, so that one can be drained."""
    max_size: int
    """Most nodes in the whole pool; 4 unless given."""
    disk_size_gb: int
    """Boot disk in GiB; 50 unless given (128 on Azure, whose images need more)."""
    zones: list[str]
    """Zones of the pool's nodes; the cluster's unless given."""
    labels: dict[str, str]
    """Kubernetes labels of the nodes."""
    taints: list[TaintArgs]
    """Kubernetes taints of the nodes."""
    spot: bool
    """Cheaper machines that the cloud may take back at any time; false unless given."""
    max_unavailable: int
    """Nodes that an upgrade may take away at once; 0 unless given where `max_surge` exists, else 1."""


class SurgingNodePoolArgs(NodePoolArgs, total=False):
    """A pool that can be upgraded with nodes beyond its size."""

    max_surge: int
    """Nodes that an upgrade may add at once; 1 unless given, so that no capacity is lost meanwhile."""


class MaintenanceArgs(TypedDict):
    """When the cloud may upgrade by itself, every week anew."""

    days: list[str]
    """Days, such as `[saturday, sunday]`; AKS takes one."""
    start: str
    """Hour and minute in UTC, such as `"03:00"`."""
    hours: int
    """How long, 4 to 24; GKE wants 48 hours within 32 days, so 12 on one day of the week or 6 on two."""


class AloneArgs(TypedDict, total=False):
    """What a cluster is told by the mesh, and by the program when it stands alone."""

    api_access: dict[str, str]
    """Ranges that may reach the API server, by name: `{"office": "203.0.113.0/24"}`; at least one.

    The machine that runs Pulumi must be in one.
    """
    admitted_ips: pulumi.Input[list[str]]
    """Single addresses that may reach it too, such as other clusters' egress."""
    addresses: AddressesArgs
    """Where ranges come from that are not pinned."""
    tags: dict[str, str]
    """Tags or labels on all that can carry them."""
    oidc_login: LoginArgs
    """An OIDC provider whose tokens the API server takes, as `access.login` of a mesh; on EKS and OKE alone.

    With `clusters: []` it is turned off again.
    """
    unreachable: bool
    """Its API server cannot be reached: nothing in it is looked at or changed; false unless given."""
    lost: bool
    """It is gone for good: what was in it is forgotten when it is taken out, or refreshed; false unless given."""
