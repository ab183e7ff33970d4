"""Four clouds on private roads: all hear each other through tunnels alone, and still when some are cut."""

import json
import re
import time
from collections.abc import Generator
from typing import Any

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP, Mesh
from secret_scanner import readable

from multimesh_lab import cluster as clusters_of_the_lab
from multimesh_lab import machine
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import inventory
from multimesh_lab.verification.verify import Verification

pytestmark = [pytest.mark.live, pytest.mark.timeout(1800)]

VERSION_OF = {"aws-us": "v1", "azure-eu": "v2", "gcp-eu": "v3", "oci-eu": "v4"}
CLOUDS = ("gcp", "aws", "azure-native", "oci")
TUNNELS = 20
CUTS = (
    ("delete", "azure", "VirtualNetworkGatewayConnection", "shop-aws-us-azure-eu-azure-0"),
    ("set", "gcp", "VPNTunnel", "shop-aws-us-gcp-eu-gcp-0", "sharedSecret=another"),
    ("set", "oci", "IpsecConnectionTunnelManagement", "shop-aws-us-oci-eu-oci-0", "sharedSecret=another"),
    ("set", "azure", "VirtualNetworkGatewayConnection", "shop-azure-eu-gcp-eu-azure-0", "sharedKey=another"),
    ("delete", "azure", "VirtualNetworkGatewayConnection", "shop-azure-eu-oci-eu-azure-0"),
    ("set", "oci", "IpsecConnectionTunnelManagement", "shop-gcp-eu-oci-eu-oci-0", "sharedSecret=another"),
)
"""One tunnel of each pair."""


@pytest.fixture(scope="module")
def mesh(lab: LabHome) -> Generator[Mesh]:
    absent = machine.missing(machine.TUNNELS)
    if absent:
        pytest.skip("tunnels need " + ", ".join(need.what for need in absent))
    made = Mesh(Lab(lab), "four-clouds-private")
    preview = made.pulumi("preview", "--stack", STACK)
    up = made.pulumi(*UP)
    (shown,), (created,) = (
        re.findall(rf"\+ (\d+) {word}", text) for word, text in (("to create", preview), ("created", up))
    )
    assert shown == created, "a preview shows every resource, although no address is known"
    yield made


def report(mesh: Mesh) -> dict[str, Any]:
    return json.loads(passed(mesh.lab.command("roads", "-o", "json", folder=mesh.folder)))


def until_up(mesh: Mesh, wanted: int) -> dict[str, Any]:
    """The report once this many tunnels are really up, those that should be and no others."""
    deadline = time.monotonic() + 90
    while True:
        found = report(mesh)
        up = [tunnel["name"] for tunnel in found["tunnels"] if tunnel["up"]]
        if len(up) == wanted and up == [tunnel["name"] for tunnel in found["tunnels"] if tunnel["declared_up"]]:
            return found
        assert time.monotonic() < deadline, found["tunnels"]
        time.sleep(2)


def assert_all_twelve(result: Verification) -> None:
    assert result.ok, "\n".join(str(finding) for finding in result.findings)
    pairs = {
        (caller, callee)
        for caller, heard in result.replies.items()
        for callee, version in VERSION_OF.items()
        if caller != callee and heard[version]
    }
    assert len(pairs) == 12, result.replies


def test_every_ordered_pair_of_clusters_through_internal_balancers_alone(mesh: Mesh) -> None:
    until_up(mesh, TUNNELS)
    assert_all_twelve(mesh.verify(patience=180))


def test_a_second_up_changes_nothing(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--expect-no-changes")


def test_no_secret_can_be_read(mesh: Mesh) -> None:
    secrets = mesh.secrets()
    keys = {record.inputs.get("sharedSecret") for record in inventory(mesh.lab.home, "gcp")} - {None}
    assert len(keys) == 10
    assert keys <= set(secrets.values()), "the keys of tunnels are looked for too"
    assert readable(mesh.shown(), secrets) == []


def test_with_one_tunnel_of_each_pair_cut_still_every_ordered_pair(mesh: Mesh) -> None:
    for words in CUTS:
        passed(mesh.lab.command("drift", *words, folder=mesh.folder))
    found = until_up(mesh, TUNNELS - len(CUTS))
    down = [tunnel for tunnel in found["tunnels"] if tunnel["faults"]]
    assert len(down) == len(CUTS)
    assert_all_twelve(mesh.verify(patience=60))


def test_what_was_cut_is_mended(mesh: Mesh) -> None:
    mesh.pulumi(*UP, "--refresh")
    until_up(mesh, TUNNELS)


def test_destroy_leaves_four_empty_clouds(mesh: Mesh) -> None:
    home = mesh.lab.home
    mesh.pulumi("destroy", "--yes", "--skip-preview", "--stack", STACK)
    assert {cloud: [record.type for record in inventory(home, cloud)] for cloud in CLOUDS} == {
        cloud: [] for cloud in CLOUDS
    }
    assert clusters_of_the_lab.all_clusters(home) == []
