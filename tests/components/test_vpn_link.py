"""A link joins two gateways in the order in which they learn of each other, whatever their clouds."""

import re
from collections.abc import Mapping, Sequence

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocked_engine import Run

from pulumi_multimesh.network.vpn_gateway import RemoteGateway, TunnelEnd, VpnGateway
from pulumi_multimesh.network.vpn_keys import preshared_key
from pulumi_multimesh.network.vpn_link import VpnEnd, VpnLink
from pulumi_multimesh.plan.network_plan import TunnelPlan

TUNNELS = [
    TunnelPlan(0, 0, 0, "169.254.40.0/30", "169.254.40.1", "169.254.40.2"),
    TunnelPlan(1, 1, 0, "169.254.40.4/30", "169.254.40.5", "169.254.40.6"),
]


class Recorder(VpnGateway):
    """Notes what it is told, and answers with addresses of its own."""

    def __init__(self, name: str, told: list[str], *, announces: bool, can_wait: bool = False) -> None:
        super().__init__("Recorder", name, {}, None)
        self.asn, self.can_wait = 64512, can_wait
        self.addresses = [pulumi.Output.from_input(f"{name}-{nth}") for nth in (0, 1)] if announces else None
        self._told = told
        self.register_outputs({})

    def connect(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        self._note("connect", tunnels, remote)
        return self._answers(tunnels)

    def connect_later(
        self, name: str, tunnels: Sequence[TunnelEnd], opts: pulumi.ResourceOptions
    ) -> Mapping[int, pulumi.Output[str]]:
        self._told.append(f"{self._name} later")
        return self._answers(tunnels)

    def readdress(
        self, name: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway, opts: pulumi.ResourceOptions
    ) -> None:
        self._note("readdress", tunnels, remote)

    def _answers(self, tunnels: Sequence[TunnelEnd]) -> dict[int, pulumi.Output[str]]:
        return {each.index: pulumi.Output.from_input(f"{self._name}-t{each.index}") for each in tunnels}

    def _note(self, what: str, tunnels: Sequence[TunnelEnd], remote: RemoteGateway) -> None:
        assert set(remote.addresses) == {each.index for each in tunnels}
        own = ",".join(each.own_ip for each in tunnels)
        pulumi.Output.all(*remote.addresses.values()).apply(
            lambda found: self._told.append(f"{self._name} {what} {','.join(found)} as {own}")
        )


A, B = "169.254.40.1,169.254.40.5", "169.254.40.2,169.254.40.6"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Both announce: each is told the other's addresses, by interface.
        ((True, False), (True, False), [f"b connect a-0,a-1 as {B}", f"a connect b-t0,b-t1 as {A}"]),
        # One does: the other answers with addresses for each tunnel.
        ((False, False), (True, False), [f"a connect b-0,b-1 as {A}", f"b connect a-t0,a-t1 as {B}"]),
        # Neither does: the one that can wait is told afterwards, whichever it is.
        ((False, True), (False, False), ["a later", f"b connect a-t0,a-t1 as {B}", f"a readdress b-t0,b-t1 as {A}"]),
        ((False, False), (False, True), ["b later", f"a connect b-t0,b-t1 as {A}", f"b readdress a-t0,a-t1 as {B}"]),
    ],
)
def test_the_order(run: Run, first: tuple[bool, bool], second: tuple[bool, bool], expected: list[str]) -> None:
    told: list[str] = []

    def program() -> None:
        ends = [
            VpnEnd(name, cloud, Recorder(name, told, announces=announces, can_wait=waits), ["10.0.0.0/16"])
            for name, cloud, (announces, waits) in (("a", "aws", first), ("b", "gcp", second))
        ]
        VpnLink("link", ends[0], ends[1], TUNNELS)

    run(program)
    assert told == expected


@given(st.text(), st.integers(0, 3))
def test_a_key_is_one_that_all_four_clouds_take(secret: str, index: int) -> None:
    key = preshared_key(secret, index)
    # AWS: 8 to 64 letters, digits, dots and underscores, not starting with 0; Oracle: no dot and no underscore.
    assert re.fullmatch(r"[A-Za-z1-9][A-Za-z0-9]{7,63}", key)
    assert key != preshared_key(secret, index + 1)
    assert key != preshared_key(secret + "x", index)
