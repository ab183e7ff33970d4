"""What a machine outside Kubernetes says to Consul's HTTP API, by which it becomes a part of the mesh.

Owns: the bodies of these requests. Does not own: the token itself (consul/keys.py), and who sends them: nobody here.
From developer.hashicorp.com, HTTP API: `/acl/token`, `/catalog/register`; Consul, acl/policy_templates and
agent/consul/catalog_endpoint.go for what a registration has to be allowed.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

PROXY_PORT = 20000
"""Where a machine's proxy listens: as those of pods, by consul-k8s, constants."""


def proxy_id(service: str) -> str:
    """The service's proxy, by the name that a service identity may register: `-proxy-service-id` of the dataplane."""
    return f"{service}-sidecar-proxy"


def token_request(datacenter: str, service: str, accessor: str, token: str, nodes: Sequence[str]) -> str:
    """The body of `PUT /v1/acl/token`: who bears the token is this service on these nodes, and nobody else.

    `accessor`: the UUID by which the token is spoken of; no secret. `token`: its secret. `nodes`: the machines by the
    names that they register.
    """
    return json.dumps(
        {
            "AccessorID": accessor,
            "SecretID": token,
            "Description": f"{service} on machines of {datacenter}",
            "ServiceIdentities": [{"ServiceName": service, "Datacenters": [datacenter]}],
            # To register a machine is to write its node, which the service's identity may not.
            "NodeIdentities": [{"NodeName": node, "Datacenter": datacenter} for node in sorted(nodes)],
        }
    )


def registrations(
    datacenter: str, service: str, node: str, address: str, port: int, calls: Mapping[str, int]
) -> list[str]:
    """The bodies of `PUT /v1/catalog/register`, to be sent in this order: the service, and its proxy.

    `node`: the machine's name. `address`: where pods and machines reach it. `port`: the service's own, on which the
    machine alone has to reach it. `calls`: by service that the machine calls, the port of its loopback for that.
    """
    where = {"Datacenter": datacenter, "Node": node, "Address": address}
    itself = {"ID": service, "Service": service, "Address": address, "Port": port}
    proxied: dict[str, Any] = {
        "DestinationServiceName": service,
        "DestinationServiceID": service,
        "LocalServiceAddress": "127.0.0.1",
        "LocalServicePort": port,
        "Upstreams": [{"DestinationName": name, "LocalBindPort": local} for name, local in sorted(calls.items())],
    }
    proxy = {
        "Kind": "connect-proxy",
        "ID": proxy_id(service),
        "Service": proxy_id(service),
        "Address": address,
        "Port": PROXY_PORT,
        "Proxy": proxied,
    }
    return [json.dumps({**where, "Service": each}) for each in (itself, proxy)]
