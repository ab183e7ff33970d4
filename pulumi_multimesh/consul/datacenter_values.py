"""The values of the chart `consul` for one datacenter.

Owns: these values. Does not own: the Secrets that they name (trust.py), and the release (datacenter.py).
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from pulumi_multimesh.charts import merged
from pulumi_multimesh.consul.trust import server_certificate_values, trust_values
from pulumi_multimesh.load_balancer import balancer_annotations, source_ranges
from pulumi_multimesh.plan import consul_names

_PORT = 443


class ConsulPrimary(TypedDict):
    """The primary datacenter, as another that is federated with it has to know it."""

    datacenter: str
    gateways: pulumi.Input[list[str]]
    """Addresses or host names of its mesh gateways."""
    replication_token: pulumi.Input[str]
    """In base64."""
    api_server: pulumi.Input[str]
    """URL of this datacenter's own API server, which the primary asks who a login is."""


class ConsulSettings(TypedDict):
    """What is told of a datacenter."""

    datacenter: str
    """Its name: the cluster's."""
    cloud: str
    """`gcp`, `aws`, `azure`, `oci` or `none`: decides the load balancers' annotations."""
    admitted_ips: NotRequired[pulumi.Input[list[str]]]
    """The peers' egress addresses or, on private roads, their ranges; a datacenter without peers has no gateway."""
    private: NotRequired[bool]
    """A load balancer inside the cluster's network, which peers reach by a private road; false unless given."""
    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further annotations of the gateways' load balancer."""
    address: NotRequired[pulumi.Input[str]]
    """That of the gateways, where it is known before; what the load balancer says unless given."""
    gateway_replicas: NotRequired[int]
    """2 unless given."""
    servers: NotRequired[int]
    """3 unless given."""
    storage: NotRequired[str]
    """Of each server; `10Gi` unless given."""
    shows_servers: NotRequired[bool]
    """Whether machines of the network reach the servers, by an internal load balancer; false unless given.

    Only on a known cloud, whose words for one are known.
    """
    federated: NotRequired[bool]
    """Whether datacenters are federated and not peered; false unless given."""
    primary: NotRequired[ConsulPrimary]
    """The primary of a federation; none given is to be it."""
    gateway_api: NotRequired[bool]
    """Whether to install the Gateway API's kinds, which Consul's own gateways want; true unless given.

    False where they are there already: Helm takes over nothing that it has not made.
    """


def datacenter_values(args: ConsulSettings) -> dict[str, Any]:
    """Of the chart `consul`; texts of YAML are written as JSON, which is YAML too."""
    # The chart refuses to join what has no gateway, so that a datacenter without peers is installed as one that stands
    # alone, and is told with its first peer how it is joined.
    joined, federated = "admitted_ips" in args, args.get("federated", False)
    general: dict[str, Any] = {
        "name": consul_names.RELEASE,
        "datacenter": args["datacenter"],
        "peering": {"enabled": joined and not federated},
        **_gateway_api(args),
    }
    servers = {"replicas": args.get("servers", 3), "storage": args.get("storage", "10Gi")}
    return {
        "global": merged(
            merged(general, trust_values(bootstraps="primary" not in args)), _federation(args, joined=joined)
        ),
        "server": {**servers, **server_certificate_values(), "exposeService": _shown_servers(args)},
        "connectInject": {
            "enabled": True,
            "replicas": 2,
            # All pods of the namespaces that are enrolled, and no others.
            "default": True,
            "namespaceSelector": f'{{"matchLabels": {{"{consul_names.ENROLLED}": "enabled"}}}}',
        },
        "meshGateway": _gateway(args) if joined else {"enabled": False},
    }


def _gateway_api(args: ConsulSettings) -> dict[str, Any]:
    """Consul's own kinds are installed in any case."""
    if args.get("gateway_api", True):
        return {}
    # Without the chart's kinds nobody knows whether TCPRoute is there, and the controller would not start without it.
    return {"installK8sNetworkingCRDs": False, "crds": {"enableTcpRoute": False}}


def _federation(args: ConsulSettings, *, joined: bool) -> dict[str, Any]:
    if not (joined and args.get("federated", False)):
        return {}
    primary = args.get("primary")
    if primary is None:
        return {"federation": {"enabled": True}, "acls": {"createReplicationToken": True}}
    gateways = pulumi.Output.from_input(primary["gateways"])
    return {
        "federation": {
            "enabled": True,
            "primaryDatacenter": primary["datacenter"],
            "primaryGateways": gateways.apply(lambda found: [f"{each}:{_PORT}" for each in found]),
            "k8sAuthMethodHost": primary["api_server"],
        },
        "acls": {"replicationToken": {"secretName": consul_names.REPLICATION_TOKEN, "secretKey": "token"}},
    }


def _gateway(args: ConsulSettings) -> dict[str, Any]:
    annotations = {
        **balancer_annotations(args["cloud"], private=args.get("private", False)),
        **args.get("annotations", {}),
    }
    admitted = pulumi.Output.from_input(args.get("admitted_ips", [])).apply(source_ranges)
    service: dict[str, Any] = {
        "type": "LoadBalancer",
        "port": _PORT,
        "additionalSpec": pulumi.Output.concat("loadBalancerSourceRanges: ", pulumi.Output.json_dumps(admitted)),
    }
    if annotations:
        service["annotations"] = pulumi.Output.json_dumps(annotations)
    return {
        "enabled": True,
        "replicas": args.get("gateway_replicas", 2),
        "wanAddress": _wan_address(args),
        "service": service,
    }


def _wan_address(args: ConsulSettings) -> dict[str, Any]:
    """Envoy takes one gateway alone under a host name, so that an address is told where there is one."""
    if "address" not in args:
        return {"source": "Service"}
    return {"source": "Static", "static": args["address"], "port": _PORT}


def _shown_servers(args: ConsulSettings) -> dict[str, Any]:
    """Said in any case: the chart itself shows servers to everybody once there are peers."""
    if not args.get("shows_servers", False):
        return {"enabled": False}
    annotations = balancer_annotations(args["cloud"], private=True)
    return {"enabled": True, "type": "LoadBalancer", "annotations": pulumi.Output.json_dumps(annotations)}
