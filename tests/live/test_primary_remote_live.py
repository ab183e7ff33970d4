"""One primary and two remotes, each in another cloud, in the lab: from empty clouds to empty clouds.

One mesh for all tests, in this order.
"""

from collections.abc import Generator

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP, Mesh, plain_text_call

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory
from multimesh_lab.verification.finding import Check

pytestmark = pytest.mark.live

NAMESPACE = "istio-system"
HEARD = {name: {"v1", "v2", "v3"} for name in ("aws-us", "gcp-eu", "oci-eu")}
"""By cluster of the mesh: the versions that its client hears."""


@pytest.fixture(scope="module")
def mesh(lab: LabHome) -> Generator[Mesh]:
    made = Mesh(Lab(lab), "primary-remote")
    made.pulumi("preview", "--stack", STACK)
    assert clusters_of_the_lab.all_clusters(lab) == [], "a preview makes nothing"
    made.pulumi(*UP)
    yield made


def test_every_cluster_hears_every_version_and_nothing_is_readable(mesh: Mesh) -> None:
    result = mesh.verify()
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    assert {name: set(heard) for name, heard in result.replies.items()} == HEARD
    assert {finding.check for finding in result.findings} == set(Check)


def test_a_call_in_plain_text_is_refused(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        for member in members:
            if member.name in HEARD:
                assert "reset by peer" in plain_text_call(member), member.name


def test_istioctl_finds_nothing_to_complain_of(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        for member in members:
            passed(member.analyze(NAMESPACE))


def test_a_second_up_and_a_refresh_change_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")
    mesh.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)
    mesh.pulumi(*UP, "--expect-no-changes")


def test_the_one_control_plane_is_where_it_should_be(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        found = {member.name: len(member.items("pods", NAMESPACE, "app=istiod")) for member in members}
    assert found == {"aws-us": 2, "gcp-eu": 0, "oci-eu": 0}


def test_destroy_leaves_empty_clouds(mesh: Mesh) -> None:
    home = mesh.lab.home
    mesh.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    for cloud in ("gcp", "aws", "oci"):
        assert inventory(home, cloud) == [], cloud
    assert clusters_of_the_lab.all_clusters(home) == []
