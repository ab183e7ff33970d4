"""MultiCloudMesh: what it registers, and that it registers the same whether outputs are known or not."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Run
from options_seen import watch

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"topology": "multi-primary"},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"


def mesh(**changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    return multimesh.MultiCloudMesh("shop", args)


def test_endpoints_are_told_once_their_gateway_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch)
    run(lambda: mesh())
    (secret,) = [options for name, options in seen.items() if name == "IstioRemoteSecret shop-gcp-eu-reads-aws-us"]
    assert "Release shop-aws-us-eastwest-gateway" in secret.before


def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run) -> None:
    """A first preview must show everything, so nothing may be made from an output."""
    known = run(lambda: mesh())
    unknown = run(lambda: mesh(), preview=True)
    assert known.names() == unknown.names()
    assert len(known.resources) > 90


def test_names_are_unique_by_type(run: Run) -> None:
    engine = run(lambda: mesh())
    assert len(engine.names()) == len(engine.resources)


def test_each_cluster_gets_a_control_plane_with_its_own_id_and_network(run: Run) -> None:
    engine = run(lambda: mesh())
    istiods = {r.name: r.inputs["values"]["global"] for r in engine.of(RELEASE) if r.inputs["chart"] == "istiod"}
    assert istiods == {
        "shop-aws-us-istio-istiod": {
            "meshID": "shop",
            "multiCluster": {"clusterName": "aws-us"},
            "network": "network-aws-us",
        },
        "shop-gcp-eu-istio-istiod": {
            "meshID": "shop",
            "multiCluster": {"clusterName": "gcp-eu"},
            "network": "network-gcp-eu",
        },
    }


def test_one_cluster_id_in_control_plane_remote_secret_and_certificate(run: Run) -> None:
    engine = run(lambda: mesh())
    remote = [r for r in engine.of(SECRET) if r.inputs["metadata"]["name"].startswith("istio-remote-secret-")]
    assert {r.name for r in remote} == {"shop-aws-us-reads-gcp-eu", "shop-gcp-eu-reads-aws-us"}
    for secret in remote:
        of = secret.inputs["metadata"]["annotations"]["networking.istio.io/cluster"]
        assert secret.inputs["metadata"]["name"] == f"istio-remote-secret-{of}"
        assert list(secret.inputs["stringData"]) == [of]
        assert secret.inputs["metadata"]["labels"] == {"istio/multiCluster": "true"}
    subjects = {r.inputs["subject"]["locality"] for r in engine.of("tls:index/certRequest:CertRequest")}
    assert subjects == {"aws-us", "gcp-eu"}


def test_what_is_in_a_cluster_is_installed_with_that_clusters_provider(run: Run) -> None:
    engine = run(lambda: mesh())
    for resource in engine.resources:
        if resource.token.startswith("kubernetes:"):
            where = "gcp-eu" if resource.name.startswith("shop-gcp-eu") else "aws-us"
            assert f"::shop-{where}::" in resource.provider, resource.name


def test_gateways_admit_the_peers_egress_and_nothing_else(run: Run) -> None:
    engine = run(lambda: mesh())
    gateways = {r.name: r.inputs["values"]["service"] for r in engine.of(RELEASE) if r.inputs["chart"] == "gateway"}
    assert gateways["shop-aws-us-eastwest-gateway"]["loadBalancerSourceRanges"] == ["198.18.3.1/32"]
    assert gateways["shop-gcp-eu-eastwest-gateway"]["loadBalancerSourceRanges"] == ["198.18.3.2/32"] * 3


def test_api_servers_admit_the_named_ranges_and_the_peers(run: Run) -> None:
    engine = run(lambda: mesh())
    (gke,) = engine.of("gcp:container/cluster:Cluster")
    blocks = gke.inputs["masterAuthorizedNetworksConfig"]["cidrBlocks"]
    assert [block["cidrBlock"] for block in blocks] == ["203.0.113.0/24", "198.18.3.2/32"]
    (eks,) = engine.of("aws:eks/cluster:Cluster")
    assert eks.inputs["vpcConfig"]["publicAccessCidrs"] == ["203.0.113.0/24", "198.18.3.1/32"]


def test_strict_mtls_in_each_cluster(run: Run) -> None:
    engine = run(lambda: mesh())
    rules = engine.of("kubernetes:security.istio.io/v1:PeerAuthentication")
    assert len(rules) == 2
    for rule in rules:
        assert rule.inputs["spec"] == {"mtls": {"mode": "STRICT"}}
        assert rule.inputs["metadata"] == {"name": "default", "namespace": "istio-system"}


def test_the_users_values_win_over_the_librarys(run: Run) -> None:
    values = {"istiod": {"autoscaleMin": 3, "global": {"logAsJson": True}}}
    engine = run(lambda: mesh(istio={"values": values}))
    istiod = next(r for r in engine.of(RELEASE) if r.name == "shop-gcp-eu-istio-istiod").inputs["values"]
    assert istiod["autoscaleMin"] == 3
    assert istiod["global"]["logAsJson"] is True
    assert istiod["global"]["meshID"] == "shop"


def test_a_mirror_of_the_charts_serves_all_three(run: Run) -> None:
    charts = {"repository": "https://charts.acme.example"}
    engine = run(lambda: mesh(istio={"charts": charts, "version": "1.30.4"}))
    for release in engine.of(RELEASE):
        assert release.inputs["repositoryOpts"] == {"repo": "https://charts.acme.example"}
        assert release.inputs["version"] == "1.30.4"


def test_a_lone_cluster_has_no_gateway_and_no_remote_secret(run: Run) -> None:
    engine = run(lambda: mesh(eks={}))
    assert not [r for r in engine.of(RELEASE) if r.inputs["chart"] == "gateway"]
    assert not [r for r in engine.of(SECRET) if "remote-secret-gcp" in str(r.inputs["metadata"]["name"])]


def test_the_root_signs_the_intermediates_and_keys_have_the_right_use(run: Run) -> None:
    engine = run(lambda: mesh())
    (root,) = engine.of("tls:index/selfSignedCert:SelfSignedCert")
    assert root.inputs["isCaCertificate"] is True
    assert root.inputs["maxPathLength"] == 1
    assert root.inputs["allowedUses"] == ["cert_signing", "crl_signing"]
    for certificate in engine.of("tls:index/locallySignedCert:LocallySignedCert"):
        assert certificate.inputs["isCaCertificate"] is True
        assert certificate.inputs["maxPathLength"] == 0
        assert certificate.inputs["validityPeriodHours"] < root.inputs["validityPeriodHours"]
    assert {r.inputs["algorithm"] for r in engine.of("tls:index/privateKey:PrivateKey")} == {"ECDSA"}


def test_rsa_by_choice(run: Run) -> None:
    engine = run(lambda: mesh(pki={"algorithm": "RSA", "rsa_bits": 3072}))
    keys = engine.of("tls:index/privateKey:PrivateKey")
    assert {(r.inputs["algorithm"], r.inputs["rsaBits"]) for r in keys} == {("RSA", 3072)}


def test_faults_are_told_all_at_once_and_nothing_is_registered(run: Run) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError) as found:
            mesh(gke={"gcp-eu": {"region": "europe-west4", "zone": "x"}}, istio={}, linkerd={})
        text = str(found.value)
        assert "gke.gcp-eu.project" in text
        assert "gke.gcp-eu.zone" in text
        assert "linkerd" in text

    assert run(program).resources == []


KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://198.18.0.13:6443", certificate-authority-data: Q0E=}}]
users: [{name: u, user: {token: a-secret}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
"""


def test_an_existing_cluster_joins_by_its_kubeconfig(run: Run) -> None:
    existing = {"onprem": {"kubeconfig": KUBECONFIG, "egress_ips": ["198.18.3.9"]}}
    engine = run(lambda: mesh(existing=existing))
    (provider,) = (r for r in engine.of("pulumi:providers:kubernetes") if r.name == "shop-onprem")
    assert provider.inputs["clusterIdentifier"]
    component = next(r for r in engine.resources if r.token == "multimesh:index:ExistingCluster")
    assert "a-secret" not in str(component.inputs)
    (eks,) = engine.of("aws:eks/cluster:Cluster")
    assert "198.18.3.9/32" in eks.inputs["vpcConfig"]["publicAccessCidrs"]


def test_an_existing_cluster_without_a_kubeconfig_is_a_fault(run: Run) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError, match=r"existing\.onprem\.kubeconfig is missing"):
            mesh(existing={"onprem": {"egress_ips": ["198.18.3.9"]}})

    assert run(program).resources == []
