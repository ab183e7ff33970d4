"""The keys of Consul as the mesh.

Owns: the keys under `consul`. Does not own: whether values are right (plan/rules/consul.py).
"""

from typing import Any, TypedDict

from pulumi_multimesh.config.charts import ChartsArgs


class ConsulGatewayArgs(TypedDict, total=False):
    """The mesh gateways, through which clusters reach each other."""

    replicas: int
    """Gateway pods; 2 unless given.

    1 where the load balancer has a host name alone: Envoy refuses a gateway of several replicas under one.
    """


class ConsulArgs(TypedDict, total=False):
    """Consul as the mesh: servers in each cluster, each a datacenter that has the cluster's name."""

    topology: str
    """`peering` (unless given) or `federation`.

    `peering`: datacenters stand alone and share what is exported. `federation`: one, `primary`, decides for all, and
    every service is everybody's; what cannot be told from the primary cannot be changed while it is away.
    """
    primary: str
    """The cluster with the primary datacenter; for `federation`."""
    version: str
    """Of the chart `consul`; the one in `versions.CONSUL` unless given."""
    charts: ChartsArgs
    """Where the chart comes from."""
    servers: int
    """Servers in each cluster: 1, 3 or 5; 3 unless given, of which one may be lost."""
    storage: str
    """Of each server, as Kubernetes writes it; `10Gi` unless given."""
    gateway: ConsulGatewayArgs
    """The mesh gateways."""
    exports: list[str]
    """Services that every peer may call, as `NAMESPACE/SERVICE`; none unless given. A federation shares all of them."""
    machines: list[str]
    """Clusters whose servers machines of their network can join, by an internal load balancer; none unless given.

    `CLUSTER`, or `CLUSTER/SERVICE` for a service that runs on such machines and is to have a token.
    """
    gateway_api: list[str]
    """Clusters that have the Gateway API's kinds already; in all others the chart installs them."""
    values: dict[str, dict[str, Any]]
    """Further chart values by chart (`consul`)."""
