"""Tunnels of the lab for real: two routers, two tunnels between them, BGP, and packets of two clusters' networks."""

import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from wired_networks import Networks, two_networks

from multimesh_lab import firewall, lifecycle, machine, network, residue
from multimesh_lab.fabric import wiring, wiring_probe
from multimesh_lab.fabric.wiring_plan import Wiring
from multimesh_lab.home import LabHome
from multimesh_lab.network import Plan

pytestmark = pytest.mark.live

A, B = Plan(1), Plan(2)


@pytest.fixture
def home() -> Iterator[LabHome]:
    """A lab's network with two probes, without the rest of a lab; `down` must leave nothing of it."""
    absent = machine.missing(machine.TUNNELS)
    if absent:
        pytest.skip("tunnels need " + ", ".join(need.what for need in absent))
    if network.owner() is not None:
        pytest.skip(f"another lab has this machine's network: {network.owner()}")
    folder = Path(tempfile.mkdtemp(prefix="multimesh-wires-"))
    made = LabHome(folder / "lab")
    made.create()
    try:
        network.ensure_bridge(made.root)
        firewall.ensure_host()
        for plan in (A, B):
            wiring_probe.ensure(plan)
        yield made
    finally:
        lifecycle.down(made)
        left = lifecycle.leftovers(made)
        shutil.rmtree(folder, ignore_errors=True)
    assert left == []


def _within(seconds: float, what: Callable[[], bool]) -> float:
    """How long it took until it was so."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < seconds, f"not within {seconds:.0f} s"
        time.sleep(0.1)
    return time.monotonic() - start


def _up(home: LabHome, networks: Networks) -> set[int]:
    """The ends whose tunnel and session are up."""
    found = wiring.actual(home, networks.wiring.routers)
    return {number for number, end in found.items() if end.session and end.session.established}


def _crosses(first: Plan, second: Plan) -> bool:
    return wiring_probe.answers(first, wiring_probe.balancer(second), seconds=0.5)


class TestTunnels:
    def test_packets_cross_both_ways_and_the_bridge_sees_them_encrypted(self, home: LabHome) -> None:
        networks = two_networks()
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _up(home, networks) == {1, 2, 3, 4})
        with subprocess.Popen(
            ["tcpdump", "-i", network.BRIDGE, "-n", "-l", "-U", "-c", "40"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as capture:
            time.sleep(0.5)
            for _ in range(5):
                assert _crosses(A, B)
                assert _crosses(B, A)
            time.sleep(0.5)
            capture.terminate()
            assert capture.stdout is not None
            seen = capture.stdout.read().splitlines()
        encrypted = [line for line in seen if "UDP-encap: ESP" in line]
        assert len(encrypted) >= 20
        assert not [line for line in seen if "198.19." in line or "169.254." in line or "ICMP echo" in line]

    def test_a_tunnel_cut_leaves_the_other(self, home: LabHome) -> None:
        networks = two_networks()
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _up(home, networks) == {1, 2, 3, 4} and _crosses(A, B))
        wiring.stop_end(home, networks.end_in_use(A).number)
        assert _within(20, lambda: _crosses(A, B) and _crosses(B, A)) < 15
        assert len(_up(home, networks)) == 2

    def test_both_cut_and_nothing_crosses_until_the_plan_is_applied_again(self, home: LabHome) -> None:
        networks = two_networks()
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _crosses(A, B))
        for number in (1, 2):
            wiring.stop_end(home, number)
        assert not _crosses(A, B)
        wiring.apply(home, networks.wiring)
        _within(30, lambda: _up(home, networks) == {1, 2, 3, 4} and _crosses(A, B) and _crosses(B, A))

    def test_a_flow_that_is_not_allowed_does_not_cross_although_the_tunnels_are_up(self, home: LabHome) -> None:
        networks = two_networks()
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _crosses(A, B) and _crosses(B, A))
        wiring.apply(home, replace(networks.wiring, flows=networks.wiring.flows[1:]))
        assert not _crosses(A, B)
        assert _crosses(B, A)
        assert not wiring_probe.answers(A, wiring_probe.pod(B), seconds=0.5)


class TestDeclaredOtherwise:
    """Each is found by the negotiation itself: nobody compares the two ends."""

    @pytest.mark.parametrize(
        ("altered", "complaint"),
        [
            ({"key": "another1"}, "key"),
            ({"peer_public": "198.18.3.9"}, ""),
            ({"esp": "aes256-sha256-modp1536"}, "proposal"),
            ({"own_inside": "169.254.40.9"}, ""),
        ],
    )
    def test_one_end_altered_stays_down_and_the_other_tunnel_up(
        self, home: LabHome, altered: dict[str, object], complaint: str
    ) -> None:
        networks = two_networks(second=altered)
        wiring.apply(home, networks.wiring)
        _within(15, lambda: {1, 3} <= _up(home, networks))
        for _ in range(3):
            wiring.nudge(home, networks.wiring.routers)
            time.sleep(2)
        assert _up(home, networks) == {1, 3}
        said = wiring.actual(home, networks.wiring.routers)
        words = " ".join(
            f"{said[number].association.complaint} {session.complaint if (session := said[number].session) else ''}"
            for number in (2, 4)
        )
        assert complaint in words, words
        assert _crosses(A, B)


class TestDeclaredLater:
    def test_a_session_whose_addresses_come_after_the_tunnel_comes_up_and_goes_when_one_changes(
        self, home: LabHome
    ) -> None:
        """A cloud's tunnel is there before its interface and its peer are."""
        wiring.apply(home, two_networks(second={"own_inside": None, "peer_inside": None}).wiring)
        networks = two_networks()
        _within(15, lambda: wiring.actual(home, networks.wiring.routers)[4].association.installed)
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _up(home, networks) == {1, 2, 3, 4})
        changed = two_networks(second={"own_inside": "169.254.40.9"})
        wiring.apply(home, changed.wiring)
        _within(15, lambda: _up(home, changed) == {1, 3})


class TestKeys:
    def test_no_key_is_in_a_log_or_a_command_and_files_are_for_their_owner(self, home: LabHome) -> None:
        networks = two_networks(second={"key": "another-key"})
        wiring.apply(home, networks.wiring)
        _within(15, lambda: {1, 3} <= _up(home, networks))
        wiring.nudge(home, networks.wiring.routers)
        time.sleep(2)
        for key in (b"a key of both ends", b"another-key"):
            for log in home.root.rglob("*.log"):
                assert key not in log.read_bytes(), log
            for lost in residue.processes(home.root, network.namespaces()):
                assert key not in Path(f"/proc/{lost.identity.pid}/cmdline").read_bytes()
        modes = {stat.S_IMODE(path.stat().st_mode) for path in home.fabric.glob("ends/*/swanctl.conf")}
        assert modes == {0o600}


class TestStale:
    def test_what_is_in_no_plan_goes(self, home: LabHome) -> None:
        networks = two_networks()
        wiring.apply(home, networks.wiring)
        _within(15, lambda: _crosses(A, B))
        wiring.apply(home, Wiring())
        assert network.namespaces() == ["mml1", "mml2"]
        assert not list((home.fabric / "pids").iterdir())
        assert not list((home.fabric / "ends").iterdir())
        assert not _crosses(A, B)
