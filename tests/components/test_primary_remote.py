"""One primary and its remotes: what each has, who reads whom, and at which address the control plane is told."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Run

import pulumi_multimesh as multimesh

ARGS: dict[str, Any] = {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}},
    "istio": {"topology": "primary-remote", "primary": "gcp-eu"},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
EIP = "aws:ec2/eip:Eip"


def mesh(primary: str = "gcp-eu", **changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    args["istio"]["primary"] = primary
    return multimesh.MultiCloudMesh("shop", args)


def values(engine: Any, chart: str) -> dict[str, Any]:
    return {r.name: r.inputs["values"] for r in engine.of(RELEASE) if r.inputs["chart"] == chart}


def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run) -> None:
    known = run(lambda: mesh())
    unknown = run(lambda: mesh(), preview=True)
    assert known.names() == unknown.names()


def test_the_primary_serves_others_and_remotes_name_it(run: Run) -> None:
    engine = run(lambda: mesh())
    istiods = values(engine, "istiod")
    assert istiods["shop-gcp-eu-istio-istiod"]["global"]["externalIstiod"] is True
    assert "profile" not in istiods["shop-gcp-eu-istio-istiod"]
    remote = istiods["shop-oci-eu-istio-istiod"]
    assert remote["profile"] == "remote"
    assert remote["global"]["multiCluster"] == {"clusterName": "oci-eu"}
    assert remote["istiodRemote"] == {"injectionPath": "/inject/cluster/oci-eu/net/network-oci-eu"}
    named = {
        r.name: r.inputs["metadata"].get("annotations", {}).get("topology.istio.io/controlPlaneClusters")
        for r in engine.of("kubernetes:core/v1:Namespace")
    }
    assert named == {
        "shop-aws-us-istio-system": "gcp-eu",
        "shop-gcp-eu-istio-system": None,
        "shop-oci-eu-istio-system": "gcp-eu",
    }


def test_only_the_primary_reads_and_only_it_signs(run: Run) -> None:
    engine = run(lambda: mesh())
    read = [r.name for r in engine.of(SECRET) if r.inputs["metadata"]["name"].startswith("istio-remote-secret-")]
    assert sorted(read) == ["shop-gcp-eu-reads-aws-us", "shop-gcp-eu-reads-oci-eu"]
    assert [r.name for r in engine.of(SECRET) if r.inputs["metadata"]["name"] == "cacerts"] == [
        "shop-gcp-eu-istio-cacerts"
    ]
    assert len(engine.of("tls:index/locallySignedCert:LocallySignedCert")) == 1


def test_configuration_lies_where_it_is_read(run: Run) -> None:
    engine = run(lambda: mesh())
    gateways = engine.of("kubernetes:networking.istio.io/v1:Gateway")
    assert sorted((r.name, r.inputs["metadata"]["name"]) for r in gateways) == [
        ("shop-gcp-eu-eastwest-cross-network", "cross-network-gateway"),
        ("shop-gcp-eu-eastwest-istiod", "istiod-gateway"),
    ]
    assert len(engine.of("kubernetes:security.istio.io/v1:PeerAuthentication")) == 1
    (route,) = engine.of("kubernetes:networking.istio.io/v1:VirtualService")
    targets = {
        rule["match"][0]["port"]: rule["route"][0]["destination"]["port"]["number"]
        for rule in route.inputs["spec"]["tls"]
    }
    assert targets == {15012: 15012, 15017: 443}


def test_each_cluster_has_a_gateway_still(run: Run) -> None:
    assert sorted(values(run(lambda: mesh()), "gateway")) == [
        "shop-aws-us-eastwest-gateway",
        "shop-gcp-eu-eastwest-gateway",
        "shop-oci-eu-eastwest-gateway",
    ]


def test_a_primary_on_eks_has_an_elastic_ip_for_each_zone_and_remotes_are_told_the_first(run: Run) -> None:
    engine = run(lambda: mesh("aws-us"))
    elastic = sorted(r.name for r in engine.of(EIP) if "eastwest" in r.name)
    assert elastic == ["shop-aws-us-eastwest-0", "shop-aws-us-eastwest-1"]
    annotations = values(engine, "gateway")["shop-aws-us-eastwest-gateway"]["service"]["annotations"]
    prefix = "service.beta.kubernetes.io/aws-load-balancer"
    assert len(annotations[f"{prefix}-eip-allocations"].split(",")) == 2
    assert len(annotations[f"{prefix}-subnets"].split(",")) == 2
    remotes = {
        r.name: r.inputs["endpoints"][0]["addresses"][0]
        for r in engine.of("kubernetes:discovery.k8s.io/v1:EndpointSlice")
    }
    assert len(set(remotes.values())) == 1
    assert set(remotes) == {"shop-gcp-eu-istio-istiod", "shop-oci-eu-istio-istiod"}


def test_other_primaries_need_no_elastic_ip(run: Run) -> None:
    assert not [r for r in run(lambda: mesh()).of(EIP) if "eastwest" in r.name]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"flat": True, "connectivity": "vpn"}, "flat mesh has no gateways"),
        ({"links": {"topology": "list", "pairs": [{"first": "gcp-eu", "second": "aws-us"}]}}, "unlinked"),
    ],
)
def test_what_a_single_control_plane_cannot_serve_is_refused(run: Run, changes: dict[str, Any], said: str) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError, match=said):
            mesh(**changes)

    assert run(program).resources == []


def test_a_remote_that_leaves_is_read_no_more_and_loses_nothing_else(run: Run) -> None:
    before, after = run(lambda: mesh()), run(lambda: mesh(istio={**ARGS["istio"], "leaving": ["oci-eu"]}))
    assert set(before.names()) - set(after.names()) == {
        ("multimesh:index:IstioRemoteSecret", "shop-gcp-eu-reads-oci-eu"),
        (SECRET, "shop-gcp-eu-reads-oci-eu"),
    }
    assert set(after.names()) <= set(before.names())


@pytest.mark.parametrize(
    ("leaving", "said"),
    [("moon", r"istio\.leaving\[0\].*is not a cluster"), ("gcp-eu", r"istio\.leaving\[0\].*serves other clusters")],
)
def test_what_cannot_leave(run: Run, leaving: str, said: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"(?s){said}"):
        run(lambda: mesh(istio={**ARGS["istio"], "leaving": [leaving]}))
