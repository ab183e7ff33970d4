"""Consul over the clusters of a mesh: what is registered, with outputs known or not, and in which order."""

import base64
import copy
import json
import uuid
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocked_engine import Registered, Run
from options_seen import watch

import pulumi_multimesh as multimesh
from pulumi_multimesh.consul.intentions import namespace_policies
from pulumi_multimesh.consul.keys import gossip_key, token
from pulumi_multimesh.plan.security import security

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "aks": {"azure-eu": {"region": "westeurope"}},
    "consul": {"exports": ["web/api"]},
    "api_access": {"office": "203.0.113.0/24"},
}
FEDERATION: dict[str, Any] = {"topology": "federation", "primary": "gcp-eu"}
RELEASE, SECRET = "kubernetes:helm.sh/v3:Release", "kubernetes:core/v1:Secret"
_KIND = "kubernetes:consul.hashicorp.com/v1alpha1:"


def mesh(**changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    return multimesh.MultiCloudMesh("shop", args)


def by_name(found: list[Registered]) -> dict[str, Registered]:
    return {each.name: each for each in found}


@pytest.mark.parametrize("consul", [{"exports": ["web/api"]}, FEDERATION], ids=["peering", "federation"])
def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run, consul: dict[str, Any]) -> None:
    known = run(lambda: mesh(consul=consul).enrol("web"))
    unknown = run(lambda: mesh(consul=consul).enrol("web"), preview=True)
    assert known.names() == unknown.names()
    assert len(known.names()) == len(known.resources)


def test_every_two_are_peered_once(run: Run) -> None:
    engine = run(mesh)
    pairs = {each.name.removesuffix("-acceptor") for each in engine.of(f"{_KIND}PeeringAcceptor")}
    assert pairs == {"shop-azure-eu-peers-aws-us", "shop-gcp-eu-peers-aws-us", "shop-gcp-eu-peers-azure-eu"}
    acceptor = by_name(engine.of(f"{_KIND}PeeringAcceptor"))["shop-gcp-eu-peers-aws-us-acceptor"]
    dialer = by_name(engine.of(f"{_KIND}PeeringDialer"))["shop-gcp-eu-peers-aws-us-dialer"]
    assert acceptor.inputs["metadata"]["name"] == "gcp-eu", "a peering has the other's name"
    assert dialer.inputs["metadata"]["name"] == "aws-us"
    assert "shop-aws-us" in acceptor.provider
    assert "shop-gcp-eu" in dialer.provider


def test_peers_go_through_gateways_before_they_are_peered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    run(mesh)
    (acceptor,) = [options for name, options in seen.items() if name.endswith("shop-gcp-eu-peers-aws-us-acceptor")]
    for name in ("aws-us", "gcp-eu"):
        assert f"Mesh shop-{name}-consul-mesh-mesh" in acceptor.before
        assert f"Release shop-{name}-consul-release" in acceptor.before


def test_a_gateway_on_aws_is_told_by_an_address(run: Run) -> None:
    """Under a host name Envoy takes one gateway alone (consul-k8s#2509)."""
    engine = run(mesh)
    values = by_name(engine.of(RELEASE))["shop-aws-us-consul-release"].inputs["values"]["meshGateway"]
    assert values["wanAddress"] == {"source": "Static", "static": "198.18.3.2", "port": 443}
    assert values["replicas"] == 2
    assert len(engine.of("aws:ec2/eip:Eip")) == 2 + 2, "beside those of the NAT gateways"
    annotations = json.loads(values["service"]["annotations"])
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-eip-allocations"] == "eipalloc-1,eipalloc-1"


def test_the_authoritys_key_is_in_no_cluster_and_no_secret_among_the_values(run: Run) -> None:
    engine = run(mesh)
    for secret in engine.of(SECRET):
        assert "PRIVATE" not in json.dumps(secret.inputs), secret.name
    for release in engine.of(RELEASE):
        assert "PKCS8" not in json.dumps(release.inputs["values"])
        assert release.inputs["values"]["global"]["acls"]["manageSystemACLs"] is True


def test_a_federation_has_one_key_and_one_beginning(run: Run) -> None:
    engine = run(lambda: mesh(consul=FEDERATION))
    releases = by_name(engine.of(RELEASE))
    first = releases["shop-gcp-eu-consul-release"].inputs["values"]["global"]
    other = releases["shop-aws-us-consul-release"].inputs["values"]["global"]
    assert first["acls"]["createReplicationToken"] is True
    assert "bootstrapToken" not in other["acls"]
    assert other["federation"]["k8sAuthMethodHost"] == "https://198.18.0.12:6443"
    assert first["peering"] == other["peering"] == {"enabled": False}
    keys = [each.name for each in engine.of("tls:index/privateKey:PrivateKey") if each.name.endswith("consul-keys")]
    assert keys == ["shop-gcp-eu-consul-keys"]
    assert not engine.of(f"{_KIND}PeeringAcceptor")
    tokens = [each.name for each in engine.of(SECRET) if each.name.endswith("bootstrap-token")]
    assert tokens == ["shop-gcp-eu-consul-trust-bootstrap-token"], "who may do everything is not told to who asks not"
    defaults = [each.name for each in engine.of(f"{_KIND}ProxyDefaults")]
    assert defaults == ["shop-gcp-eu-consul-proxydefaults-global"], "the federation's stay when another cluster goes"


@pytest.mark.parametrize("default", ["allow", "deny"])
def test_a_federations_rules_are_in_its_primary_whoever_enrols(run: Run, default: str) -> None:
    """A rule that is not there is, where calls are allowed by default, a service that everybody may call."""
    rules = [{"callers": ["web/front"], "to": "web/api"}, {"callers": ["*"], "to": "shop/cart", "paths": ["/v1/*"]}]

    def program() -> None:
        made = mesh(consul=FEDERATION, security={"default": default, "allow": rules})
        made.enrol("web", ["aws-us"])

    engine = run(program)
    intentions = by_name(engine.of(f"{_KIND}ServiceIntentions"))
    assert {name for name in intentions if not name.endswith("-all")} == {
        "shop-gcp-eu-consul-serviceintentions-api",
        "shop-gcp-eu-consul-serviceintentions-cart",
    }
    assert all(each.inputs["metadata"]["namespace"] == "consul" for each in intentions.values())
    assert [each.name for each in engine.of(f"{_KIND}ServiceDefaults")] == ["shop-gcp-eu-consul-servicedefaults-cart"]


def test_workloads_come_after_a_federations_rules(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    rule = {"callers": ["web/front"], "to": "web/api"}
    run(lambda: mesh(consul=FEDERATION, security={"allow": [rule]}).enrol("web", ["aws-us"]))
    (enrolment,) = [options for name, options in seen.items() if name == "ConsulEnrolment shop-aws-us-web"]
    assert "ServiceIntentions shop-gcp-eu-consul-serviceintentions-api" in enrolment.before


def test_what_is_not_declared_cannot_be_exported(run: Run) -> None:
    with pytest.raises(Exception, match=r"exports: \[web/other\]"):
        run(lambda: mesh().export("web", "other"))


def test_a_federated_service_goes_to_the_others_when_nobody_answers(run: Run) -> None:
    engine = run(lambda: mesh().federate("web", "api"))
    resolvers = by_name(engine.of(f"{_KIND}ServiceResolver"))
    spec = resolvers["shop-aws-us-web-serviceresolver-api"].inputs["spec"]
    assert spec == {"failover": {"*": {"targets": [{"peer": "azure-eu"}, {"peer": "gcp-eu"}]}}}


@pytest.mark.parametrize(
    ("clusters", "targets"),
    [
        (None, ["gcp-eu", "aws-us", "azure-eu"]),
        (["aws-us", "gcp-eu"], ["gcp-eu", "aws-us"]),
        (["azure-eu", "aws-us"], ["aws-us", "azure-eu"]),
    ],
    ids=["all", "two", "without the primary"],
)
def test_a_federation_goes_to_its_primary_too(run: Run, clusters: list[str] | None, targets: list[str]) -> None:
    """It has one answer, which its primary keeps: of its targets each datacenter passes over itself."""
    engine = run(lambda: mesh(consul=FEDERATION).federate("web", "api", clusters))
    (found,) = engine.of(f"{_KIND}ServiceResolver")
    assert found.name == "shop-gcp-eu-web-serviceresolver-api"
    assert found.inputs["metadata"]["namespace"] == "consul", (
        "which is there whether or not the primary has the service"
    )
    assert found.inputs["spec"] == {"failover": {"*": {"targets": [{"datacenter": each} for each in targets]}}}


def test_what_is_in_one_cluster_is_not_federated(run: Run) -> None:
    assert not run(lambda: mesh(consul=FEDERATION).federate("web", "api", ["aws-us"])).of(f"{_KIND}ServiceResolver")


@pytest.mark.parametrize("consul", [{}, {"topology": "federation", "primary": "gcp-eu"}], ids=["peering", "federation"])
def test_a_datacenter_alone_is_joined_with_none(run: Run, consul: dict[str, Any]) -> None:
    engine = run(lambda: mesh(consul=consul, eks={}, aks={}))
    assert not engine.of(f"{_KIND}Mesh") + engine.of(f"{_KIND}ProxyDefaults")
    (release,) = engine.of(RELEASE)
    values = release.inputs["values"]
    assert values["global"]["peering"] == {"enabled": False}
    assert values["meshGateway"]["enabled"] is False
    assert "federation" not in values["global"]


def test_kinds_that_are_there_are_not_installed(run: Run) -> None:
    releases = by_name(run(lambda: mesh(consul={"gateway_api": ["gcp-eu"]})).of(RELEASE))
    there, others = (
        releases[f"shop-{name}-consul-release"].inputs["values"]["global"] for name in ("gcp-eu", "aws-us")
    )
    assert there["installK8sNetworkingCRDs"] is False
    assert there["crds"] == {"enableTcpRoute": False}
    assert not {"installK8sNetworkingCRDs", "crds"} & set(others)


def test_machines_are_told_where_to_join(run: Run) -> None:
    joined: list[list[str]] = []

    def program() -> None:
        made = mesh(consul={"machines": ["gcp-eu/billing"]})
        assert made.consul is not None
        made.consul.datacenters["gcp-eu"].servers_addresses.apply(joined.append)

    engine = run(program)
    assert joined == [["198.18.201.1"]]
    shown = {
        each.name: each.inputs["values"]["server"]["exposeService"]["enabled"]
        for each in engine.of(RELEASE)
        if each.inputs["chart"] == "consul"
    }
    assert {name for name, enabled in shown.items() if enabled} == {"shop-gcp-eu-consul-release"}


@pytest.mark.parametrize("consul", [{}, FEDERATION], ids=["peering", "federation"])
def test_a_machines_service_has_a_token_and_a_proxy(run: Run, consul: dict[str, Any]) -> None:
    told: dict[str, Any] = {}

    def program() -> None:
        found = mesh(consul={**consul, "machines": ["aws-us/billing", "aws-us/mail"]}).consul
        assert found is not None
        for name, each in found.machines.items():
            secret = pulumi.Output.from_input(each.token.is_secret())
            public = pulumi.Output.from_input(each.accessor.is_secret())
            asked = each.token_request("machine-1")
            both = each.registrations("machine-1", "10.0.0.7", 8080, {"api": 9090})
            everything = pulumi.Output.all(each.token, each.accessor, asked, both, secret, public)
            everything.apply(lambda values, name=name: told.update({name: values}))

    run(program)
    tokens = set[str]()
    for name, (made, accessor, asked, both, secret, public) in told.items():
        service = name.partition("/")[2]
        assert (secret, public) == (True, False)
        assert json.loads(asked)["SecretID"] == made
        assert json.loads(asked)["AccessorID"] == accessor
        assert [json.loads(body)["Service"]["Service"] for body in both] == [service, f"{service}-sidecar-proxy"]
        assert made not in "".join(both), "what a machine registers holds no secret"
        tokens |= {made, accessor}
    assert len(tokens) == 4, "each has its own"
    assert token("PKCS8") not in tokens
    assert token("PRIVATE") not in tokens


class TestIntentions:
    """Consul denies what none allows; of several that fit, the one that names the destination wins."""

    def sources(self, *rules: dict[str, Any], default: str = "deny") -> list[dict[str, Any]]:
        found = namespace_policies(security({"security": {"default": default, "allow": list(rules)}}), "web", ["b"])
        (intentions,) = [each for each in found if each["kind"] == "ServiceIntentions"]
        return intentions["spec"]["sources"]

    def test_a_caller_here_and_in_each_peer(self) -> None:
        assert self.sources({"callers": ["web/front"], "to": "web/api"}) == [
            {"name": "front", "action": "allow"},
            {"name": "front", "peer": "b", "action": "allow"},
        ]

    def test_others_are_denied_where_the_default_allows(self) -> None:
        found = self.sources({"callers": ["web/front"], "to": "web/api"}, default="allow")
        assert {"name": "*", "action": "deny"} in found
        assert {"name": "*", "peer": "b", "action": "deny"} in found

    def test_methods_and_paths(self) -> None:
        rule = {"callers": ["web/front"], "to": "web/api", "methods": ["GET"], "paths": ["/v1/*", "/ok", "*.css"]}
        paths = {json.dumps(each["http"]) for each in self.sources(rule)[0]["permissions"]}
        assert paths == {
            json.dumps({"pathRegex": ".*\\.css", "methods": ["GET"]}),
            json.dumps({"pathPrefix": "/v1/", "methods": ["GET"]}),
            json.dumps({"pathExact": "/ok", "methods": ["GET"]}),
        }

    @given(
        st.lists(
            st.fixed_dictionaries(
                {"callers": st.lists(st.sampled_from(["web/a", "web/b", "x/a", "*"]), min_size=1, max_size=3)},
                optional={"methods": st.just(["GET"]), "paths": st.just(["/v1/*"])},
            ),
            min_size=1,
            max_size=4,
        ),
        st.sampled_from(["allow", "deny"]),
    )
    def test_no_source_is_there_twice(self, rules: list[dict[str, Any]], default: str) -> None:
        found = self.sources(*({**rule, "to": "web/api"} for rule in rules), default=default)
        keys = [(each["name"], each.get("peer")) for each in found]
        assert len(keys) == len(set(keys))
        assert all(("action" in each) != ("permissions" in each) for each in found)


@given(st.text(min_size=1))
def test_keys_have_the_form_that_consul_takes(secret: str) -> None:
    assert len(base64.b64decode(gossip_key(secret))) == 32
    assert uuid.UUID(token(secret)).version == 4
    assert gossip_key(secret) != gossip_key(f"{secret}x")
