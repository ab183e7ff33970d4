"""Linkerd without gateways by the real engine: the parts of a flat mesh on two API servers that are there already.

Clusters that are there have no roads of the library's, so a whole mesh over them is never flat: the parts are put
together as a program of one's own does. Helm is real, the charts are stand-ins (stand_in_charts.py); no proxy runs.
"""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
import stand_in_charts
from lab_engine import Lab
from mesh_world import World, bearer, custom_resources, recorded, secret, started, strictly_taken
from secret_scanner import readable, secrets_in, shown_by
from stack_life import Life, work

NAMES = ("east", "west")
PROGRAM = """
import json
import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh
from pulumi_multimesh.plan import linkerd_names

told = json.load(open("mesh.json"))
names = sorted(told["kubeconfigs"])
pki = multimesh.MeshPki("pki", {
    "clusters": names, "trust_domain": "cluster.local", "issuer_names": [linkerd_names.identity("cluster.local")],
})
charts = {"chart_repository": told["charts"], "chart_version": told["version"]}
clusters, joined = {}, {}
for name in names:
    clusters[name] = cluster = multimesh.ExistingCluster(
        name, {"kubeconfig": told["kubeconfigs"][name], "egress_ips": ["203.0.113.7"]}
    )
    control_plane = multimesh.LinkerdControlPlane(f"{name}-linkerd", cluster, pki.authorities[name], charts)
    joined[name] = multimesh.LinkerdMulticluster(
        f"{name}-multicluster", cluster, control_plane,
        {"cluster_name": name, "linked_to": [each for each in names if each != name], "gateway": False},
    )
    web = k8s.core.v1.Namespace(
        f"{name}-web",
        metadata={"name": "web", "annotations": {"linkerd.io/inject": "enabled"}},
        opts=cluster.inside(depends_on=[control_plane.release]),
    )
    k8s.core.v1.Service(
        f"{name}-api",
        metadata={
            "name": "api", "namespace": "web", "labels": {linkerd_names.FEDERATED: linkerd_names.MEMBER},
        },
        spec={"ports": [{"port": 80}], "selector": {"app": "api"}},
        opts=cluster.inside(depends_on=[web]),
    )
for into, of in told["links"]:
    multimesh.LinkerdLink(
        f"{into}-links-{of}", clusters[into], joined[into], joined[of], {"target": of, "gateway": False}
    )
"""
READER = "system:serviceaccount:linkerd-multicluster:linkerd-service-mirror-remote-access-default"
LINKS = "/apis/multicluster.linkerd.io/v1alpha3/namespaces/linkerd-multicluster/links"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with started(tmp_path_factory.mktemp("world"), NAMES) as found:
        yield found


def declare(life: Life, world: World, *links: tuple[str, str]) -> None:
    """Links, each by the cluster that knows the other and that other."""
    told = {
        "kubeconfigs": dict(world.kubeconfigs),
        "charts": world.charts,
        "version": stand_in_charts.VERSION,
        "links": links,
    }
    (life.folder / "mesh.json").write_text(json.dumps(told))


def test_the_life_of_a_flat_mesh(lab: Lab, world: World, tmp_path: Path) -> None:
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM)
    declare(life, world, ("east", "west"), ("west", "east"))
    life.up()
    life.unchanged()
    for here, other in (("east", "west"), ("west", "east")):
        look(world, here, other)
    assert strictly_taken(world.server("west"), custom_resources(life)) == {"Link"}
    misspelt_is_refused(world, life)
    assert readable(shown_by(lab, life.folder, "test"), secrets_in(lab, life.folder, "test")) == []

    declare(life, world, ("east", "west"))
    gone = {(name, op) for _, name, op in work(life.preview())}
    assert gone == {(f"west-links-east-{part}", "delete") for part in ("link", "credentials", "discovery")}
    life.up()
    life.unchanged()
    assert world.server("east").items(LINKS)
    assert not world.server("west").items(LINKS), "a link of one direction stays alone"
    life.destroy()
    world.sweep()


def look(world: World, here: str, other: str) -> None:
    """No gateway anywhere; mirrors and the destination controller read the other cluster, and federate by a label."""
    server = world.server(here)
    (link,) = server.items(LINKS)
    assert link["spec"] == {
        "targetClusterName": other,
        "targetClusterDomain": "cluster.local",
        "targetClusterLinkerdNamespace": "linkerd",
        "clusterCredentialsSecret": f"cluster-credentials-{other}",
        "remoteDiscoverySelector": {"matchLabels": {"mirror.linkerd.io/exported": "remote-discovery"}},
        "federatedServiceSelector": {"matchLabels": {"mirror.linkerd.io/federated": "member"}},
    }
    services = server.items("/api/v1/namespaces/linkerd-multicluster/services")
    assert [each["metadata"]["name"] for each in services] == []
    values = recorded(server, "linkerd-multicluster", "linkerd-multicluster")
    assert values["gateway"] == {"enabled": False}
    assert values["controllers"] == [{"link": {"ref": {"name": other}}, "gateway": {"enabled": False}}]
    name = f"cluster-credentials-{other}"
    for namespace in ("linkerd-multicluster", "linkerd"):
        assert bearer(world.server(other), secret(server, namespace, name)["kubeconfig"]) == READER
    known = server.call("GET", f"/api/v1/namespaces/linkerd/secrets/{name}")["metadata"]
    assert known["labels"] == {"multicluster.linkerd.io/cluster-name": other}
    assert {key.rpartition("/")[2]: value for key, value in known["annotations"].items() if "multicluster" in key} == {
        "trust-domain": "cluster.local",
        "cluster-domain": "cluster.local",
    }


def misspelt_is_refused(world: World, life: Life) -> None:
    """The strict dry run can fail: of a field that the schema does not know, and of a value that it does not take."""
    link = custom_resources(life)[0]
    for spec in ({**link["spec"], "gatewayAdress": "198.18.0.1"}, {**link["spec"], "gatewayPort": 4143}):
        with pytest.raises(AssertionError, match="gateway"):
            strictly_taken(world.server("west"), [{**link, "spec": spec}])
