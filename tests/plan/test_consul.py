"""Consul as the mesh: its plan, and every fault that it brings."""

from typing import Any

import pytest
from configurations import ABSENT, changed, existing
from exception_days import UNTIL

from pulumi_multimesh import versions
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.shared_services import federated_host, host
from pulumi_multimesh.plan.validate import validate

BASE = changed({"istio": ABSENT, "consul": {}})
RULE: dict[str, Any] = {"callers": ["web/front"], "to": "web/api"}
FEDERATION: dict[str, Any] = {"topology": "federation", "primary": "gcp-eu"}

FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "topology": ({"consul/topology": "mesh"}, "consul.topology", "not a known topology"),
    "primary beside peering": ({"consul/primary": "gcp-eu"}, "consul.primary", "has no effect"),
    "no primary": ({"consul/topology": "federation"}, "consul.primary", "is missing"),
    "another primary": ({"consul": {**FEDERATION, "primary": "nowhere"}}, "consul.primary", "not a cluster"),
    "servers": ({"consul/servers": 2}, "consul.servers", "not a number of servers"),
    "storage": ({"consul/storage": "10 GB"}, "consul.storage", "not a size"),
    "replicas": ({"consul/gateway": {"replicas": 0}}, "consul.gateway.replicas", "too small"),
    "machines": ({"consul/machines": ["nowhere"]}, "consul.machines[0]", "not a cluster"),
    "machines of an unknown cloud": (
        {"existing/old": existing(), "consul/machines": ["old"]},
        "consul.machines[0]",
        "unknown cloud",
    ),
    "a machine's service": ({"consul/machines": ["gcp-eu/My App"]}, "consul.machines[0]", "names no service"),
    "gateway API": ({"consul/gateway_api": ["nowhere"]}, "consul.gateway_api[0]", "not a cluster"),
    "exports": ({"consul/exports": ["api"]}, "consul.exports[0]", "not a service"),
    "exports of a federation": ({"consul": {**FEDERATION, "exports": ["web/api"]}}, "consul.exports", "no effect"),
    "chart": ({"consul/values": {"istiod": {}}}, "consul.values.istiod", "not a chart"),
    "workloads' life": ({"pki": {"workload_minutes": 60}}, "pki.workload_minutes", "no effect"),
    "a namespace as target": (
        {"security": {"allow": [{**RULE, "to": "web"}]}},
        "security.allow[0].to",
        "names a namespace",
    ),
    "a namespace as caller": (
        {"security": {"allow": [{**RULE, "callers": ["web"]}]}},
        "security.allow[0].callers[0]",
        "names a namespace",
    ),
    "one app name in two namespaces": (
        {"security": {"allow": [RULE, {**RULE, "to": "shop/api"}, {**RULE, "to": "web/api", "methods": ["GET"]}]}},
        "security.allow[1].to",
        "the same service as web/api",
    ),
    "a federation's app by the name of its default": (
        {"consul": FEDERATION, "security": {"allow": [{**RULE, "to": "web/all"}]}},
        "security.allow[0].to",
        "has the name of the rule",
    ),
    "ports": ({"security": {"allow": [{**RULE, "ports": ["80"]}]}}, "security.allow[0].ports", "cannot be kept"),
    "plain text": (
        {"security": {"plain_text": {"web": {"until": UNTIL, "reason": "a test"}}}},
        "security.plain_text",
        "not made for Consul",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_mistake_is_one_fault(name: str) -> None:
    changes, path, problem = FAULTS[name]
    (fault,) = validate("shop", changed(changes, BASE))
    assert fault.path == path
    assert problem in str(fault)


def test_a_flat_mesh_is_none_of_consul() -> None:
    (fault,) = validate("shop", changed({"connectivity": "vpn", "flat": True}, BASE))
    assert (fault.path, fault.value) == ("flat", True)


def test_all_are_linked_to_a_primary() -> None:
    links = {"topology": "list", "pairs": [{"first": "aws-us", "second": "old"}]}
    changes = {"existing": {"old": existing()}, "links": links, "consul": FEDERATION}
    (fault,) = validate("shop", changed(changes, BASE))
    assert fault.path == "links"
    assert "leaves aws-us, old without a link to the primary gcp-eu" in str(fault)


def test_peers() -> None:
    found = plan("shop", changed({"consul/exports": ["web/api"]}, BASE))
    assert (found.control_plane.mesh, found.control_plane.topology) == ("consul", "peering")
    assert found.control_plane.chart_version == versions.CONSUL.version
    assert [(each.acceptor, each.dialer) for each in found.of_consul.peerings] == [("aws-us", "gcp-eu")]
    assert found.remote_secrets == ()
    assert found.readers("gcp-eu") == ()
    assert found.admitted("gcp-eu") == plan("shop", changed({})).admitted("gcp-eu"), "another mesh changes no cluster"
    assert found.of_consul.gateway_replicas == {"aws-us": 2, "gcp-eu": 2}
    assert found.of_consul.has_fixed_address("aws-us")
    text = render(found)
    assert "Peerings of datacenters" in text
    assert "READS" not in text


def test_a_federation_is_asked_by_its_primary_alone() -> None:
    found = plan("shop", changed({"consul": FEDERATION}, BASE))
    assert found.of_consul.peerings == ()
    assert [(secret.of, secret.into) for secret in found.remote_secrets] == [("aws-us", "gcp-eu")]
    assert found.readers("aws-us") == ("gcp-eu",)


class TestGatewaysUnderAHostName:
    """Envoy takes one gateway alone where it is told a host name (consul-k8s#2509)."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"existing": {"old": existing(cloud="aws")}, "eks": ABSENT},
            {"connectivity": "vpn"},
        ],
        ids=["existing", "private"],
    )
    def test_one_replica(self, changes: dict[str, Any]) -> None:
        found = plan("shop", changed(changes, BASE)).of_consul
        assert {name: count for name, count in found.gateway_replicas.items() if name != "gcp-eu"} == {
            found.by_host[0]: 1
        }
        assert found.gateway_replicas["gcp-eu"] == 2
        assert not found.has_fixed_address(found.by_host[0])

    def test_more_cannot_be_asked_for(self) -> None:
        (fault,) = validate("shop", changed({"connectivity": "vpn", "consul/gateway": {"replicas": 2}}, BASE))
        assert fault.path == "consul.gateway.replicas"
        assert "aws-us: internal load balancers of AWS" in str(fault)

    @pytest.mark.parametrize(
        ("changes", "asked"),
        [
            ({"existing": {"old": existing()}}, True),
            ({"existing": {"old": existing(cloud="gcp")}}, False),
            ({"existing": {"old": existing()}, "consul/gateway": {"replicas": 1}}, False),
            ({"existing": {"old": existing()}, "gke": ABSENT, "eks": ABSENT}, False),
        ],
        ids=["unknown", "known", "one gateway", "alone"],
    )
    def test_an_unknown_cloud_is_asked_for(self, changes: dict[str, Any], asked: bool) -> None:
        notes = [note for note in plan("shop", changed(changes, BASE)).notes if "cloud of old is not known" in note]
        assert bool(notes) is asked
        assert all("Write  cloud  under existing" in note for note in notes)


def test_machines_and_their_services() -> None:
    found = plan("shop", changed({"consul/machines": ["gcp-eu/billing", "gcp-eu", "aws-us/mail"]}, BASE)).of_consul
    assert found.machines == ("aws-us", "gcp-eu")
    assert [each.text for each in found.machine_services] == ["aws-us/mail", "gcp-eu/billing"]


def test_clusters_that_have_the_gateway_apis_kinds() -> None:
    assert plan("shop", changed({"consul/gateway_api": ["gcp-eu"]}, BASE)).of_consul.gateway_api == ("aws-us",)


def test_hosts_of_what_others_export() -> None:
    found = plan("shop", BASE)
    assert host(found, "web", "api", "aws-us", "gcp-eu") == "api.virtual.aws-us.consul"
    assert federated_host(found, "web", "api") == "api.virtual.consul"
    federated = plan("shop", changed({"consul": FEDERATION}, BASE))
    with pytest.raises(LookupError, match="federate"):
        host(federated, "web", "api", "aws-us", "gcp-eu")
