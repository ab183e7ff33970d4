"""The plan of a cluster that stands alone."""

from typing import Any

import pytest

from pulumi_multimesh.plan.alone import ranges_alone
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.fault import ConfigurationFaults

ACCESS = {"api_access": {"office": "203.0.113.0/24"}}
GKE: dict[str, Any] = {"project": "acme-dev", "region": "europe-west4", **ACCESS}


def test_ranges_are_those_that_a_mesh_would_give_by_the_same_name():
    mesh = {"gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}}, "istio": {}, **ACCESS}
    assert ranges_alone("gke", "gcp-eu", GKE) == plan("shop", mesh).clusters["gcp-eu"].ranges


def test_the_room_is_the_programs_to_choose():
    ranges = ranges_alone("gke", "gcp-eu", {**GKE, "addresses": {"supernet": "192.168.0.0/16"}})
    assert all(cidr.startswith("192.168.") for cidr in ranges.as_args().values())


def test_a_name_longer_than_a_mesh_would_take():
    assert ranges_alone("gke", "a-name-as-the-mesh-makes-them", GKE).nodes


def test_every_fault_with_paths_of_the_cluster_itself():
    with pytest.raises(ConfigurationFaults) as raised:
        ranges_alone("oke", "lone", {"region": "us-east-1", "zones": 1})
    faults = raised.value
    assert {fault.path for fault in faults.faults} == {"region", "zones", "compartment_id", "api_access"}
    assert 'in the configuration of cluster "lone"' in str(faults)
    assert "oke.cluster" not in str(faults)


def test_no_room_is_a_fault():
    addresses = {"supernet": "10.0.0.0/16", "reserved": {"all": "10.0.0.0/16"}}
    with pytest.raises(ConfigurationFaults) as raised:
        ranges_alone("gke", "lone", {**GKE, "addresses": addresses})
    assert "addresses.reserved.all" in str(raised.value)


def test_what_is_a_meshs_alone_is_told():
    with pytest.raises(ConfigurationFaults) as raised:
        ranges_alone("gke", "lone", {**GKE, "addresses": {"book": "addresses.yaml", "asns": {"lone": "64530"}}})
    text = str(raised.value)
    assert 'addresses.book: "addresses.yaml" is for meshes, and this cluster stands alone' in text
    assert "pin  ranges  to have them stay" in text
    assert "addresses.asns" in text
