"""The four-cloud example in the lab: every cluster hears every other one, and all of it goes as it came."""

from collections.abc import Generator

import pytest
from lab_engine import Lab
from live_mesh import STACK, UP, Mesh
from secret_scanner import readable

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]

VERSION_OF = {"aws-us": "v1", "azure-eu": "v2", "gcp-eu": "v3", "oci-eu": "v4"}
CLOUDS = ("gcp", "aws", "azure-native", "oci")


@pytest.fixture(scope="module")
def mesh(lab: LabHome) -> Generator[Mesh]:
    made = Mesh(Lab(lab), "four-clouds")
    made.pulumi("preview", "--stack", STACK)
    assert clusters_of_the_lab.all_clusters(lab) == [], "a preview makes nothing"
    made.pulumi(*UP)
    yield made


def test_every_ordered_pair_of_clusters(mesh: Mesh) -> None:
    result = mesh.verify(patience=180)
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    pairs = {
        (caller, callee)
        for caller, heard in result.replies.items()
        for callee, version in VERSION_OF.items()
        if caller != callee and heard[version]
    }
    assert len(pairs) == 12, result.replies


def test_a_second_up_and_a_refresh_change_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")
    mesh.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK)


def test_no_secret_can_be_read(mesh: Mesh) -> None:
    assert readable(mesh.shown(), mesh.secrets()) == []


def test_destroy_leaves_four_empty_clouds(mesh: Mesh) -> None:
    home = mesh.lab.home
    assert all(len(inventory(home, cloud)) > 8 for cloud in CLOUDS)
    mesh.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    assert {cloud: [record.type for record in inventory(home, cloud)] for cloud in CLOUDS} == {
        cloud: [] for cloud in CLOUDS
    }
    assert clusters_of_the_lab.all_clusters(home) == []
