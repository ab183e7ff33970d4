"""Linkerd and Consul by the real engine and three real API servers: the whole graph, more and fewer clusters, its end.

Helm is real, the charts are stand-ins that record what they were given (stand_in_charts.py), load balancers and
Consul's controllers are stand-ins too (stand_in_controllers.py): no proxy runs, and no traffic is shown here.
"""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mesh_kinds
import pytest
import stand_in_charts
from lab_engine import Lab
from mesh_world import World, bearer, custom_resources, recorded, secret, started, strictly_taken
from secret_scanner import readable, secrets_in, shown_by
from stack_life import Life, Step, work

NAMES = ("east", "south", "west")
PROGRAM = """
import json
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh

told = json.load(open("mesh.json"))
mesh = multimesh.MultiCloudMesh("shop", told["args"])
enrolled = mesh.enrol("web")
services = {
    name: [
        k8s.core.v1.Service(
            f"{name}-api",
            metadata={"name": "api", "namespace": "web"},
            spec={"ports": [{"port": 80}], "selector": {"app": "api"}},
            opts=cluster.inside(depends_on=[enrolled[name]]),
        )
    ]
    for name, cluster in mesh.clusters.items()
}
if told["shares"]:
    getattr(mesh, told["shares"])("web", "api", after=services)
"""
MESHES: dict[str, tuple[dict[str, Any], str]] = {
    "linkerd": ({"linkerd": {"probes": [{"to": "web/store", "paths": ["/live"]}]}}, "export"),
    "consul": ({"consul": {"exports": ["web/api"]}}, "federate"),
    "federation": ({"consul": {"topology": "federation", "primary": "west"}}, "federate"),
}
RULES: dict[str, list[dict[str, Any]]] = {
    "linkerd": [
        {"callers": ["web/front", "other"], "to": "web/api", "ports": ["8080"]},
        {"callers": ["web/front"], "to": "web/store", "ports": ["8080"], "methods": ["GET"], "paths": ["/v1/*"]},
    ],
    "consul": [{"callers": ["web/front"], "to": "web/api", "methods": ["GET"], "paths": ["/v1/*", "/health"]}],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with started(tmp_path_factory.mktemp("world"), NAMES) as found:
        yield found


@dataclass(frozen=True)
class Stack:
    """A mesh over some of the clusters."""

    life: Life
    world: World

    def declare(self, mesh: str, names: tuple[str, ...], has: tuple[str, ...] = (), **more: Any) -> None:
        """The mesh over these clusters, in which a rule says who calls `web/api`.

        `has`: those that have the Gateway API's kinds from elsewhere.
        """
        chosen, shares = MESHES[mesh]
        key = next(iter(chosen))
        of = {
            **chosen[key],
            "gateway_api": has,
            "charts": {"repository": self.world.charts},
            "version": stand_in_charts.VERSION,
        }
        existing = {
            name: {"kubeconfig": self.world.kubeconfigs[name], "egress_ips": [f"203.0.113.{number}"]}
            for number, name in enumerate(NAMES, 1)
            if name in names
        }
        security = {"default": "deny", "allow": RULES[key]}
        args = {"existing": existing, key: of, "security": security, **more}
        (self.life.folder / "mesh.json").write_text(json.dumps({"args": args, "shares": shares}))

    def sweep(self) -> None:
        """Nothing of a mesh stays on any server."""
        self.life.destroy()
        self.world.sweep()


@pytest.fixture
def stack(lab: Lab, world: World, tmp_path: Path) -> Stack:
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM)
    return Stack(life, world)


def touched(steps: list[Step]) -> set[str]:
    """The logical names of what is updated, replaced or deleted."""
    return {name for _, name, op in work(steps) if op != "create"}


ENDED = {"delete", "discard", "read-discard"}
"""What happens to what is no longer declared; what was only read is forgotten."""
LINKED = {
    "linkerd": {"shop-west-multicluster-release", "shop-east-multicluster-release"},
    "consul": {
        *(f"shop-{name}-consul-release" for name in ("east", "west")),
        *(f"shop-{name}-consul-exportedservices-default" for name in ("east", "west")),
        *(f"shop-{name}-web-serviceintentions-api" for name in ("east", "west")),
        *(f"shop-{name}-web-serviceresolver-api" for name in ("east", "west")),
    },
    # The primary's gateway admits one more, and its resolver knows one more; so does its gateway of each other.
    "federation": {
        "shop-east-consul-release",
        "shop-west-consul-release",
        "shop-west-web-serviceresolver-api",
    },
}
"""What knows of the other clusters, in those that were there."""


KINDS = {
    "linkerd": {
        "AuthorizationPolicy",
        "HTTPRoute",
        "Link",
        "MeshTLSAuthentication",
        "NetworkAuthentication",
        "Server",
    },
    "consul": {
        *("ExportedServices", "PeeringAcceptor", "PeeringDialer"),
        *("Mesh", "ProxyDefaults", "ServiceDefaults", "ServiceIntentions", "ServiceResolver"),
    },
    "federation": {"ProxyDefaults", "ServiceDefaults", "ServiceIntentions", "ServiceResolver"},
}
"""Custom resources that each has."""


@pytest.mark.parametrize("mesh", MESHES)
def test_the_life_of_a_mesh(stack: Stack, mesh: str) -> None:
    stack.declare(mesh, ("east", "west"))
    shown = {(step.type, step.name) for step in stack.life.preview()}
    assert {name for kind, name in shown if kind.endswith(":Release")}, "a first preview shows the releases"
    stack.life.up()
    stack.life.unchanged()
    assert not stack.life.preview()
    LOOKS[mesh](stack.world)
    assert strictly_taken(stack.world.server("west"), custom_resources(stack.life)) >= KINDS[mesh]
    lab, folder = stack.life.lab, stack.life.folder
    assert readable(shown_by(lab, folder, "test"), secrets_in(lab, folder, "test")) == []

    stack.declare(mesh, NAMES)
    steps = stack.life.preview()
    assert not [step for step in steps if step.replaces], "nothing of what is there is replaced"
    assert touched(steps) == LINKED[mesh]
    stack.life.up()
    stack.life.unchanged()

    stack.declare(mesh, ("east", "west"))
    steps = stack.life.preview()
    gone = {name for _, name, op in work(steps) if op in ENDED}
    assert all("south" in name for name in gone), gone
    assert touched(steps) - gone == LINKED[mesh]
    stack.life.up()
    stack.life.unchanged()
    stack.sweep()


def _linkerd(world: World) -> None:
    """Each knows the other by a Link whose credentials the other's API server takes."""
    for here, other in (("east", "west"), ("west", "east")):
        server = world.server(here)
        links = "/apis/multicluster.linkerd.io/v1alpha3/namespaces/linkerd-multicluster/links"
        (link,) = server.items(links)
        gateway = world.server(other).call("GET", "/api/v1/namespaces/linkerd-multicluster/services/linkerd-gateway")
        assert link["metadata"]["name"] == other
        assert link["spec"]["gatewayAddress"] == gateway["status"]["loadBalancer"]["ingress"][0]["ip"]
        assert link["spec"]["probeSpec"] == {
            "failureThreshold": "3",
            "path": "/ready",
            "period": "3s",
            "port": "4191",
            "timeout": "30s",
        }
        of_here, of_other = (f"203.0.113.{NAMES.index(name) + 1}/32" for name in (here, other))
        assert gateway["spec"]["loadBalancerSourceRanges"] == [of_here]
        assert of_other != of_here
        for namespace in ("linkerd-multicluster", "linkerd"):
            kubeconfig = secret(server, namespace, link["spec"]["clusterCredentialsSecret"])["kubeconfig"]
            assert bearer(world.server(other), kubeconfig) == (
                "system:serviceaccount:linkerd-multicluster:linkerd-service-mirror-remote-access-default"
            )
        api = server.call("GET", "/api/v1/namespaces/web/services/api")
        assert api["metadata"]["labels"] == {"mirror.linkerd.io/exported": "true"}
        values = recorded(server, "linkerd-multicluster", "linkerd-multicluster")
        assert [each["link"]["ref"]["name"] for each in values["controllers"]] == [other]
        assert "PRIVATE KEY" not in json.dumps(recorded(server, "linkerd", "linkerd-control-plane"))
        policies = "/apis/policy.linkerd.io"
        rules = server.items(f"{policies}/v1alpha1/namespaces/web/meshtlsauthentications")
        (whole,) = [rule for rule in rules if rule["metadata"]["name"] == "api-8080"]
        assert whole["spec"]["identities"] == [
            "*.other.serviceaccount.identity.linkerd.cluster.local",
            "front.web.serviceaccount.identity.linkerd.cluster.local",
        ]
        served = server.items(f"{policies}/v1beta3/namespaces/web/servers")
        assert {each["metadata"]["name"]: each["spec"]["port"] for each in served} == {
            "api-8080": 8080,
            "store-8080": 8080,
        }
        routed = server.items(f"{policies}/v1beta3/namespaces/web/httproutes")
        (match,) = [
            each
            for route in routed
            for rule in route["spec"]["rules"]
            for each in rule["matches"]
            if each["path"]["value"] == "/v1"
        ]
        assert match == {"path": {"type": "PathPrefix", "value": "/v1"}, "method": "GET"}
        assert {ref["name"] for route in routed for ref in route["spec"]["parentRefs"]} == {"store-8080"}
        (probed,) = server.items(f"{policies}/v1alpha1/namespaces/web/networkauthentications")
        let_in = {
            each["spec"]["targetRef"]["name"]: each["spec"]["requiredAuthenticationRefs"][0]
            for each in server.items(f"{policies}/v1alpha1/namespaces/web/authorizationpolicies")
        }
        assert let_in[probed["metadata"]["name"]]["kind"] == "NetworkAuthentication"
        assert {route["metadata"]["name"] for route in routed} < set(let_in), "no route lets in whoever comes"


_CONSUL = "/apis/consul.hashicorp.com/v1alpha1/namespaces"


def _consul(world: World) -> None:
    """East made a token for west, and west has it."""
    east, west = world.server("east"), world.server("west")
    (acceptor,) = east.items(f"{_CONSUL}/consul/peeringacceptors")
    (dialer,) = west.items(f"{_CONSUL}/consul/peeringdialers")
    assert (acceptor["metadata"]["name"], dialer["metadata"]["name"]) == ("west", "east")
    made = secret(east, "consul", acceptor["spec"]["peer"]["secret"]["name"])
    taken = secret(west, "consul", dialer["spec"]["peer"]["secret"]["name"])
    assert made == taken
    for server, other in ((east, "west"), (west, "east")):
        (mesh,) = server.items(f"{_CONSUL}/consul/meshes")
        assert mesh["spec"] == {"peering": {"peerThroughMeshGateways": True}}
        (exported,) = server.items(f"{_CONSUL}/consul/exportedservices")
        assert exported["spec"]["services"] == [{"name": "api", "consumers": [{"peer": other}]}]
        (intentions,) = server.items(f"{_CONSUL}/web/serviceintentions")
        assert {(each["name"], each.get("peer")) for each in intentions["spec"]["sources"]} == {
            ("front", None),
            ("front", other),
        }
        (resolver,) = server.items(f"{_CONSUL}/web/serviceresolvers")
        assert resolver["spec"] == {"failover": {"*": {"targets": [{"peer": other}]}}}
        values = recorded(server, "consul", "consul")
        assert "PRIVATE KEY" not in json.dumps(values)
        assert values["global"]["datacenter"] != other


def _federation(world: World) -> None:
    """East follows west: it has west's token and gateways, and the same key of the gossip; west says what holds."""
    east, west = world.server("east"), world.server("west")
    name = "consul-acl-replication-acl-token"
    assert secret(east, "consul", name) == secret(west, "consul", name)
    assert secret(east, "consul", "consul-gossip") == secret(west, "consul", "consul-gossip")
    values = recorded(east, "consul", "consul")
    gateway = west.call("GET", "/api/v1/namespaces/consul/services/consul-mesh-gateway")
    address = gateway["status"]["loadBalancer"]["ingress"][0]["ip"]
    assert values["global"]["federation"]["primaryGateways"] == [f"{address}:443"]
    assert values["global"]["federation"]["primaryDatacenter"] == "west"
    first = "/api/v1/namespaces/consul/secrets/consul-bootstrap-token"
    assert west.call("GET", first)
    assert not east.call("GET", first), "who may do everything is told to nobody who does not ask"
    for kind in ("serviceintentions", "serviceresolvers", "proxydefaults"):
        listed = east.items_in_the_end(f"/apis/consul.hashicorp.com/v1alpha1/{kind}")
        assert listed == [], "the primary's hold for all"
    (intentions,) = west.items(f"{_CONSUL}/consul/serviceintentions")
    assert intentions["spec"]["destination"] == {"name": "api"}
    assert west.items(f"{_CONSUL}/consul/proxydefaults")
    (resolver,) = west.items(f"{_CONSUL}/consul/serviceresolvers")
    targets = [{"datacenter": "west"}, {"datacenter": "east"}]
    assert resolver["spec"] == {"failover": {"*": {"targets": targets}}}, "each passes over itself"


LOOKS = {"linkerd": _linkerd, "consul": _consul, "federation": _federation}


@pytest.mark.parametrize("mesh", ["consul", "federation"])
def test_a_datacenter_alone_and_its_first_peer(stack: Stack, mesh: str) -> None:
    """The chart refuses to join what has no gateway; a peer less is taken away before the last one is alone."""
    stack.declare(mesh, ("west",))
    stack.life.up()
    stack.life.unchanged()
    stack.declare(mesh, ("east", "west"))
    assert not [step for step in stack.life.preview() if step.replaces]
    stack.life.up()
    LOOKS[mesh](stack.world)

    # As docs/consul.md says it: the controllers of peerings go with the last of them.
    if mesh == "consul":
        stack.life.destroy("--target", "**ConsulPeering**")
    stack.declare(mesh, ("west",))
    stack.life.up()
    stack.life.unchanged()
    stack.sweep()


_ROUTES = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ROUTE = f"{_ROUTES}/httproutes.gateway.networking.k8s.io"


def test_kinds_that_are_there_already(stack: Stack) -> None:
    """Helm takes over nothing that it has not made, and leaves alone what it was not told to make."""
    server = stack.world.server("south")
    (kind,) = mesh_kinds.definitions(mesh_kinds.GATEWAY_API)
    server.call("POST", _ROUTES, kind)
    try:
        stack.declare("consul", ("south",))
        assert "invalid ownership metadata" in stack.life.refused("up", "--yes", "--skip-preview")
        stack.declare("consul", ("south",), has=("south",))
        stack.life.up()
        stack.life.unchanged()
        stack.sweep()
        assert server.call("GET", _ROUTE), "and not to take away"
    finally:
        server.call("DELETE", _ROUTE)


def test_another_mesh_in_the_place_of_one(stack: Stack) -> None:
    """What is the mesh's goes and comes; clusters, their providers and the workloads' Services stay as they are.

    Both charts bring the Gateway API's kinds: the old one gives them up first, as docs/meshes.md says it. In east they
    are kept, since somebody has routes there; in west the new chart brings its own.
    """
    stack.declare("linkerd", ("east", "west"))
    stack.life.up()
    east, west = stack.world.server("east"), stack.world.server("west")
    kept_by_helm = {"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}}
    east.call("PATCH", _ROUTE, kept_by_helm, "application/merge-patch+json")
    stack.declare("linkerd", ("east", "west"), has=("east", "west"))
    stack.life.up()
    assert east.call("GET", _ROUTE)
    assert not west.call("GET", _ROUTE)

    stack.declare("consul", ("east", "west"), has=("east",))
    steps = stack.life.preview()
    kept = ("multimesh:index:ExistingCluster", "pulumi:providers:kubernetes")
    assert not [step for step in steps if step.type in kept]
    changed = work(steps)
    namespaces = {(name, op) for kind, name, op in changed if kind.endswith(":Namespace") and name.endswith("-web")}
    assert namespaces == {("shop-east-web", "update"), ("shop-west-web", "update")}, "their marks, and nothing else"
    assert not {name for kind, name, _ in changed if kind.endswith("v1:Service") and name.endswith("-api")}
    made = {name for kind, name, op in changed if kind.endswith(":Release") and op == "create"}
    gone = {name for kind, name, op in changed if kind.endswith(":Release") and op == "delete"}
    assert made == {"shop-east-consul-release", "shop-west-consul-release"}
    assert gone == {
        f"shop-{name}-{part}"
        for name in ("east", "west")
        for part in ("linkerd-crds", "linkerd-control-plane", "multicluster-release")
    }
    stack.life.up()
    stack.life.unchanged()
    assert east.call("GET", _ROUTE)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "linkerd-crds"
    assert west.call("GET", _ROUTE)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "consul"
    stack.sweep()
    assert east.call("GET", _ROUTE)
    assert not west.call("GET", _ROUTE)
    east.call("DELETE", _ROUTE)
