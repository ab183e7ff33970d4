"""Each topology but that of test_two_clouds by its example, in the lab: from empty clouds to empty clouds.

One lab for all, and one mesh after the other; the tests of each in this order.
"""

from collections.abc import Generator
from dataclasses import dataclass

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP, Mesh, plain_text_call
from secret_scanner import readable

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory
from multimesh_lab.verification.finding import Check

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Topology:
    """What an example should come to."""

    example: str
    clouds: tuple[str, ...]
    heard: dict[str, set[str]]
    """By cluster of the mesh: the versions that its client hears."""
    istiods: dict[str, int]
    """By cluster: the replicas of the control plane in it."""
    namespace: str = "istio-system"
    """Istio's own."""
    a_guest_in: str = ""
    """The cluster in which the control plane has no rights."""


def _all_hear(names: tuple[str, ...], versions: set[str]) -> dict[str, set[str]]:
    return dict.fromkeys(names, versions)


TOPOLOGIES = (
    Topology(
        example="primary-remote",
        clouds=("gcp", "aws", "oci"),
        heard=_all_hear(("aws-us", "gcp-eu", "oci-eu"), {"v1", "v2", "v3"}),
        istiods={"aws-us": 2, "gcp-eu": 0, "oci-eu": 0},
    ),
    Topology(
        example="external-control-plane",
        clouds=("gcp", "aws", "azure-native"),
        heard=_all_hear(("aws-us", "azure-eu"), {"v1", "v2"}),
        istiods={"aws-us": 0, "azure-eu": 0, "control": 2},
        namespace="external-istiod",
        a_guest_in="control",
    ),
    Topology(
        example="flat",
        clouds=("gcp", "aws"),
        heard=_all_hear(("aws-us", "gcp-eu"), {"v1", "v2"}),
        istiods={"aws-us": 2, "gcp-eu": 2},
    ),
)


@pytest.fixture(scope="module", params=TOPOLOGIES, ids=lambda each: each.example)
def topology(request: pytest.FixtureRequest) -> Topology:
    return request.param


@pytest.fixture(scope="module")
def mesh(lab: LabHome, topology: Topology) -> Generator[Mesh]:
    made = Mesh(Lab(lab), topology.example)
    made.pulumi("preview", "--stack", STACK)
    assert clusters_of_the_lab.all_clusters(lab) == [], "a preview makes nothing"
    made.pulumi(*UP)
    yield made


def test_every_cluster_hears_every_version_and_nothing_is_readable(mesh: Mesh, topology: Topology) -> None:
    result = mesh.verify()
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    assert {name: set(heard) for name, heard in result.replies.items()} == topology.heard
    assert {finding.check for finding in result.findings} == set(Check)


def test_a_call_in_plain_text_is_refused(mesh: Mesh, topology: Topology) -> None:
    with mesh.clusters() as members:
        for member in members:
            if member.name in topology.heard:
                assert "reset by peer" in plain_text_call(member), member.name


def test_istioctl_finds_nothing_to_complain_of(mesh: Mesh, topology: Topology) -> None:
    with mesh.clusters() as members:
        for member in members:
            passed(member.analyze(topology.namespace))


def test_a_second_up_and_a_refresh_change_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")
    mesh.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    mesh.pulumi(*UP, "--expect-no-changes")


def test_no_secret_can_be_read(mesh: Mesh) -> None:
    assert readable(mesh.shown(), mesh.secrets()) == []


def test_control_planes_are_where_they_should_be(mesh: Mesh, topology: Topology) -> None:
    with mesh.clusters() as members:
        found = {member.name: len(member.items("pods", topology.namespace, "app=istiod")) for member in members}
        assert found == topology.istiods
        for member in members:
            if member.name == topology.a_guest_in:
                assert "istio" not in passed(member.run("get", "clusterrolebindings", "-o", "name"))


def test_destroy_leaves_empty_clouds(mesh: Mesh, topology: Topology) -> None:
    home = mesh.lab.home
    mesh.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    for cloud in topology.clouds:
        assert inventory(home, cloud) == [], cloud
    assert clusters_of_the_lab.all_clusters(home) == []
