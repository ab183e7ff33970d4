"""One control plane for several clusters, under load: upgraded where it is, and joined by another remote.

There is no second revision to go back to with this topology, so istiod, gateways and webhooks change their version in
one `up`, from the older of the lab's two builds of Istio to the newer. Workloads keep their proxies until they restart.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from lab_engine import Lab
from live_load import Record, load, none_lost
from live_pods import Json, heard, heard_at_last, istiods, named, proxies, restart
from live_program import ISTIO, PROGRAM, TWO, Program, write_program

from multimesh_lab import istio_release
from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live

OLD, NEW = istio_release.BEFORE.version, istio_release.NEWEST.version
REMOTE: Json = {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}}
THREE: Json = {**TWO, "oke": REMOTE}


class Stack(Program):
    """The stack of the program."""

    def up(self, version: str, *more: str, fleet: Mapping[str, Any] = TWO, **istio_too: Any) -> str:
        istio = {**ISTIO, "topology": "primary-remote", "primary": "gcp-eu", "version": version, **istio_too}
        return self.bring_up({**fleet, "istio": istio}, *more)


@pytest.fixture(scope="module")
def stack(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    folder = tmp_path_factory.mktemp("in-place")
    write_program(folder, "in-place", PROGRAM)
    made = Stack(Lab(lab), folder)
    made.up(OLD)
    return made


def test_the_control_plane_is_upgraded_where_it_is_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        (primary,) = named(members, "gcp-eu")
        assert istiods(primary) == {"default": OLD}
        assert [proxies(member) for member in members] == [{OLD}] * 2
        assert all(heard_at_last(member, "aws-us", "gcp-eu") for member in members)
        with load(members) as loads:
            stack.up(NEW)
            assert istiods(primary) == {"default": NEW}
            for member in members:
                assert restart(member) == {"default"}
        none_lost(loads, record_property)
        assert [proxies(member) for member in members] == [{NEW}] * 2
        assert [heard(member) for member in members] == [{"aws-us", "gcp-eu"}] * 2
    stack.up(NEW, "--expect-no-changes")


def test_a_remote_joins_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        with load(members) as loads:
            stack.up(NEW, fleet=THREE)
            assert all(heard_at_last(member, "aws-us", "gcp-eu", "oci-eu") for member in members)
        none_lost(loads, record_property)
    with stack.clusters() as members:
        (joined,) = named(members, "oci-eu")
        assert heard_at_last(joined, "aws-us", "gcp-eu", "oci-eu")
        assert proxies(joined) == {NEW}


def test_a_remote_leaves_in_two_steps_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    """In one step its gateway goes before the primary has forgotten what is behind it."""
    with stack.clusters() as members:
        staying = named(members, "aws-us", "gcp-eu")
        with load(staying) as loads:
            stack.up(NEW, fleet=THREE, leaving=["oci-eu"])
            assert all(heard_at_last(member, "aws-us", "gcp-eu") for member in staying)
            stack.up(NEW)
        none_lost(loads, record_property)
        assert all(heard_at_last(member, "aws-us", "gcp-eu") for member in staying)
    stack.up(NEW, "--expect-no-changes")
