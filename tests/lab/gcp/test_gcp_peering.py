"""Peering in the simulated Google Cloud: active when both networks name each other, and refused where ranges meet."""

from pathlib import Path

import pytest
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource, home_in

from multimesh_lab.providers.gcp.provider import provider

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
PEERING = "gcp:compute/networkPeering:NetworkPeering"


@pytest.fixture
def cloud(tmp_path: Path) -> Engine:
    return Engine(provider(home_in(tmp_path), FakeRuntime()), {"project": "acme-dev", "region": "europe-west4"})


def network(cloud: Engine, name: str, nodes: str, pods: str) -> Resource:
    made = cloud.create(NETWORK, name, {"autoCreateSubnetworks": False})
    secondary = [{"rangeName": "pods", "ipCidrRange": pods}]
    cloud.create(SUBNETWORK, name, {"network": made.id, "ipCidrRange": nodes, "secondaryIpRanges": secondary})
    return made


def peer(cloud: Engine, name: str, own: Resource, other: Resource) -> Resource:
    return cloud.create(PEERING, name, {"network": own.id, "peerNetwork": other.id})


def state(cloud: Engine, peering: Resource) -> object:
    seen = cloud.read(peering)
    return seen and seen.outputs["state"]


def test_it_is_active_when_both_sides_are_there_and_not_after_one_went(cloud: Engine) -> None:
    a = network(cloud, "a", "10.0.0.0/20", "10.16.0.0/16")
    b = network(cloud, "b", "10.1.0.0/20", "10.17.0.0/16")
    there = peer(cloud, "there", a, b)
    assert there.outputs["state"] == "INACTIVE"
    back = peer(cloud, "back", b, a)
    assert back.outputs["state"] == "ACTIVE"
    assert state(cloud, there) == "ACTIVE"
    cloud.delete(back)
    assert state(cloud, there) == "INACTIVE"
    cloud.delete(there)
    assert cloud.store.all(PEERING) == []


def test_routes_learned_elsewhere_are_passed_on_in_place(cloud: Engine) -> None:
    a = network(cloud, "a", "10.0.0.0/20", "10.16.0.0/16")
    b = network(cloud, "b", "10.1.0.0/20", "10.17.0.0/16")
    there = peer(cloud, "there", a, b)
    more = {"network": a.id, "peerNetwork": b.id, "exportCustomRoutes": True}
    assert list(cloud.diff(there, more).replaces) == []


@pytest.mark.parametrize(("nodes", "pods"), [("10.0.8.0/24", "10.17.0.0/16"), ("10.1.0.0/20", "10.16.5.0/24")])
def test_ranges_that_meet_are_refused(cloud: Engine, nodes: str, pods: str) -> None:
    a = network(cloud, "a", "10.0.0.0/20", "10.16.0.0/16")
    b = network(cloud, "b", nodes, pods)
    with pytest.raises(RefusedByProviderError, match="overlaps"):
        peer(cloud, "there", a, b)


def test_a_network_is_peered_once_and_not_with_itself(cloud: Engine) -> None:
    a = network(cloud, "a", "10.0.0.0/20", "10.16.0.0/16")
    b = network(cloud, "b", "10.1.0.0/20", "10.17.0.0/16")
    peer(cloud, "there", a, b)
    with pytest.raises(RefusedByProviderError, match="already"):
        peer(cloud, "again", a, b)
    with pytest.raises(RefusedByProviderError, match="cannot peer itself"):
        peer(cloud, "own", a, a)


def test_a_peered_network_stays(cloud: Engine) -> None:
    a = cloud.create(NETWORK, "a", {"autoCreateSubnetworks": False})
    b = cloud.create(NETWORK, "b", {"autoCreateSubnetworks": False})
    peer(cloud, "there", a, b)
    with pytest.raises(RefusedByProviderError, match="already being used"):
        cloud.delete(a)
