"""An external control plane: where its parts are, what it reads, and in which order things can be made."""

import copy
from typing import Any

import pulumi
import pytest
from mocked_engine import Engine, Run

import pulumi_multimesh as multimesh
from pulumi_multimesh.plan.build import plan

ARGS: dict[str, Any] = {
    "gke": {"control": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1", "zones": ["us-east-1a", "us-east-1b"]}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..a", "region": "eu-frankfurt-1"}},
    "istio": {"topology": "external", "management": "control"},
    "api_access": {"office": "203.0.113.0/24"},
}
RELEASE = "kubernetes:helm.sh/v3:Release"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
NAMESPACE = "external-istiod"


def mesh(istio: dict[str, Any] | None = None, **changes: Any) -> multimesh.MultiCloudMesh:
    args: Any = {**copy.deepcopy(ARGS), **changes}
    args["istio"] |= istio or {}
    return multimesh.MultiCloudMesh("shop", args)


def istiods(engine: Engine) -> dict[str, Any]:
    return {r.name: r.inputs["values"] for r in engine.of(RELEASE) if r.inputs["chart"] == "istiod"}


def test_the_same_resources_with_known_and_with_unknown_outputs(run: Run) -> None:
    known = run(lambda: mesh())
    unknown = run(lambda: mesh(), preview=True)
    assert known.names() == unknown.names()


def test_all_of_istio_is_in_the_control_planes_namespace(run: Run) -> None:
    engine = run(lambda: mesh())
    assert {
        r.inputs["namespace"] for r in engine.of(RELEASE) if r.inputs["chart"] in ("base", "istiod", "gateway")
    } == {NAMESPACE}
    ours = [r for r in engine.of(SECRET) if r.name.startswith("shop-") and "istio" in str(r.inputs["metadata"])]
    assert {r.inputs["metadata"]["namespace"] for r in ours} == {NAMESPACE}


def test_one_istiod_runs_and_has_no_rights_in_its_own_cluster(run: Run) -> None:
    values = istiods(run(lambda: mesh()))
    assert sorted(name for name, value in values.items() if "profile" not in value) == ["shop-control-istio-istiod"]
    known = values["shop-control-istio-istiod"]["global"]
    assert known["resourceScope"] == "namespace"
    assert known["multiCluster"] == {"clusterName": "aws-us"}, "it calls itself as its config cluster is called"
    assert values["shop-aws-us-istio-istiod"]["global"]["configCluster"] is True
    assert "configCluster" not in values["shop-oci-eu-istio-istiod"]["global"]


def test_the_management_cluster_has_no_part_in_the_mesh(run: Run) -> None:
    engine = run(lambda: mesh())
    namespaces = {r.name: r.inputs["metadata"] for r in engine.of("kubernetes:core/v1:Namespace")}
    assert "labels" not in namespaces["shop-control-istio-system"]
    gateways = sorted(r.name for r in engine.of(RELEASE) if r.inputs["chart"] == "gateway")
    assert gateways == ["shop-aws-us-eastwest-gateway", "shop-oci-eu-eastwest-gateway"]
    assert not [r for r in engine.of(RELEASE) if r.inputs["chart"] == "base" and "control" in r.name]


def test_it_reads_the_config_cluster_as_its_own_and_the_others_by_remote_secrets(run: Run) -> None:
    engine = run(lambda: mesh())
    secrets = {r.name: r.inputs for r in engine.of(SECRET)}
    assert list(secrets["shop-control-istio-kubeconfig"]["stringData"]) == ["config"]
    account = secrets["shop-aws-us-istio-config"]["metadata"]["annotations"]["kubernetes.io/service-account.name"]
    assert account == "istiod", "a reader's token could not write statuses, leases and webhooks"
    assert [name for name in secrets if "-reads-" in name] == ["shop-control-reads-oci-eu"]
    assert [name for name in secrets if name.endswith("-cacerts")] == ["shop-control-istio-cacerts"]


def test_remotes_name_the_config_cluster_and_all_are_told_the_balancers_address(run: Run) -> None:
    engine = run(lambda: mesh())
    namespaces = {r.name: r.inputs["metadata"] for r in engine.of("kubernetes:core/v1:Namespace")}
    served = namespaces["shop-oci-eu-istio-system"]["annotations"]["topology.istio.io/controlPlaneClusters"]
    assert served == "aws-us"
    leads = {r.name: r.inputs["endpoints"] for r in engine.of("kubernetes:discovery.k8s.io/v1:EndpointSlice")}
    assert leads == {
        "shop-aws-us-istio-istiod": [{"addresses": ["198.18.201.1"]}],
        "shop-oci-eu-istio-istiod": [{"addresses": ["198.18.201.1"]}],
    }


def test_the_balancer_admits_those_that_are_served_and_nobody_else(run: Run) -> None:
    engine = run(lambda: mesh())
    (balancer,) = [r.inputs for r in engine.of(SERVICE) if r.inputs["spec"].get("type") == "LoadBalancer"]
    assert balancer["spec"]["loadBalancerSourceRanges"]
    assert [port["port"] for port in balancer["spec"]["ports"]] == [15012, 15017]


def test_api_servers_admit_the_control_plane_and_no_other_cluster() -> None:
    """The clusters that are served read nobody."""
    made = plan("shop", ARGS)
    assert {name: made.readers(name) for name in made.clusters} == {
        "aws-us": ("control",),
        "control": (),
        "oci-eu": ("control",),
    }


def test_workloads_are_enrolled_in_the_clusters_of_the_mesh(run: Run) -> None:
    enrolled: list[str] = []
    run(lambda: enrolled.extend(mesh().enrol("sample")))
    assert sorted(enrolled) == ["aws-us", "oci-eu"]


def test_another_config_cluster(run: Run) -> None:
    values = istiods(run(lambda: mesh({"config_cluster": "oci-eu"})))
    assert values["shop-control-istio-istiod"]["global"]["multiCluster"] == {"clusterName": "oci-eu"}
    assert "configCluster" not in values["shop-aws-us-istio-istiod"]["global"]


def test_on_eks_its_balancer_has_elastic_ips(run: Run) -> None:
    engine = run(lambda: mesh({"management": "aws-us"}))
    elastic = sorted(r.name for r in engine.of("aws:ec2/eip:Eip") if "-istio-" in r.name)
    assert elastic == ["shop-aws-us-istio-0", "shop-aws-us-istio-1"]
    (balancer,) = [r.inputs for r in engine.of(SERVICE) if r.inputs["spec"].get("type") == "LoadBalancer"]
    annotations = balancer["metadata"]["annotations"]
    assert "service.beta.kubernetes.io/aws-load-balancer-eip-allocations" in annotations


@pytest.mark.parametrize(
    ("istio", "said"),
    [
        ({"management": "nowhere"}, "is not a cluster of the mesh"),
        ({"config_cluster": "control"}, "has the control plane itself"),
        ({"primary": "aws-us"}, "has no effect with topology: external"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, istio: dict[str, Any], said: str) -> None:
    def program() -> None:
        with pytest.raises(pulumi.RunError, match=said):
            mesh(istio)

    assert run(program).resources == []
