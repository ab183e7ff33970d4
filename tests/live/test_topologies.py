"""Istio's other topologies in the lab, each by its example from a preview to an empty cloud.

What every one must do: HelloWorld heard everywhere, nothing readable on the wire, a call in plain text refused, no
complaint of `istioctl analyze`, a second `up` without change, a `destroy` that leaves nothing.
"""

from collections.abc import Generator

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP, Mesh, complaints, plain_call

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory

pytestmark = pytest.mark.live

EXAMPLES = {
    # The cloud's accounts → what each cluster's client hears.
    "primary-remote": {name: {"v1", "v2", "v3"} for name in ("aws-us", "gcp-eu", "oci-eu")},
    "external-control-plane": {name: {"v1", "v2"} for name in ("aws-us", "azure-eu")},
}
CLOUDS = ("gcp", "aws", "azure", "oci")


@pytest.fixture(scope="module", params=sorted(EXAMPLES))
def mesh(lab: LabHome, request: pytest.FixtureRequest) -> Generator[Mesh]:
    made = Mesh(Lab(lab), request.param)
    made.pulumi("preview", "--stack", STACK)
    assert clusters_of_the_lab.all_clusters(lab) == [], "a preview makes nothing"
    made.pulumi(*UP)
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    assert [record for cloud in CLOUDS for record in inventory(lab, cloud)] == []
    assert clusters_of_the_lab.all_clusters(lab) == []


def test_every_cluster_hears_every_version_and_nothing_is_readable(mesh: Mesh) -> None:
    result = mesh.verify()
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    assert {name: set(heard) for name, heard in result.replies.items()} == EXAMPLES[mesh.example]


def test_a_call_in_plain_text_is_refused(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        called = {member.name: plain_call(member) for member in members if member.name in EXAMPLES[mesh.example]}
    assert called
    for name, answer in called.items():
        assert answer.returncode != 0, f"{name}: {answer.stdout}"
        assert "Hello" not in answer.stdout
        assert "reset" in answer.stderr, f"{name}: {answer.stderr}"


def test_istioctl_finds_nothing_to_complain_of(mesh: Mesh) -> None:
    with mesh.clusters() as members:
        found = {member.name: complaints(member) for member in members}
    assert found == dict.fromkeys(found, ())


def test_a_second_up_and_a_refresh_change_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")
    passed(
        mesh.lab.pulumi(
            "refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK, folder=mesh.folder
        )
    )
