"""The function that readdresses VPN connections, against an EC2 that is not ready at once.

That it works on AWS's own terms is in tests/lab/aws/test_aws_lambda.py, where the simulated Lambda runs it.
"""

import importlib
import sys
from types import SimpleNamespace
from typing import Any

import pytest


class Refused(Exception):
    """As botocore raises it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Ec2:
    """An EC2 that refuses for a while, and then takes a while."""

    exceptions = SimpleNamespace(ClientError=Refused)

    def __init__(self, *refusals: str, stale: int = 0) -> None:
        self.refusals, self.stale = list(refusals), stale
        self.customer, self.asked = "cgw-placeholder", 0

    def modify_vpn_connection(self, *, VpnConnectionId: str, CustomerGatewayId: str) -> None:  # noqa: N803
        assert VpnConnectionId == "vpn-1"
        if self.refusals:
            raise Refused(self.refusals.pop(0))
        self.customer, self.asked = CustomerGatewayId, self.asked + 1

    def describe_vpn_connections(self, *, VpnConnectionIds: list[str]) -> dict[str, Any]:  # noqa: N803
        assert VpnConnectionIds == ["vpn-1"]
        late = self.asked > 0 and self.stale > 0
        self.stale -= late
        customer = "cgw-placeholder" if late else self.customer
        return {"VpnConnections": [{"State": "available", "CustomerGatewayId": customer}]}


def handle(monkeypatch: pytest.MonkeyPatch, ec2: Ec2) -> float:
    """Ask the function for the exchange; returns the seconds that it waited."""
    waited: list[float] = []
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=lambda service: {"ec2": ec2}[service]))
    name = "pulumi_multimesh.network.aws_readdress_handler"
    monkeypatch.delitem(sys.modules, name, raising=False)
    module: Any = importlib.import_module(name)
    monkeypatch.setattr(module.time, "sleep", waited.append)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: (900 - sum(waited)) * 1000)
    event = {"connection": "vpn-1", "placeholder": "cgw-placeholder", "customer": "cgw-real"}
    assert module.handler({**event, "tf": {"action": "create", "prev_input": None}}, context) == {"vpn-1": "cgw-real"}
    return sum(waited)


def test_rights_that_are_not_known_yet_and_a_change_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = Ec2("UnauthorizedOperation", "IncorrectState", "UnauthorizedOperation")
    assert handle(monkeypatch, ec2) == 15
    assert (ec2.customer, ec2.asked) == ("cgw-real", 1)


def test_what_aws_says_at_first_may_be_old(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = Ec2(stale=3)
    assert handle(monkeypatch, ec2) == 15
    assert ec2.asked == 1, "not asked again"


@pytest.mark.parametrize("refusals", [["InvalidCustomerGatewayID.NotFound"], ["UnauthorizedOperation"] * 24])
def test_it_does_not_wait_for_what_never_comes(monkeypatch: pytest.MonkeyPatch, refusals: list[str]) -> None:
    with pytest.raises(Refused, match=refusals[0]):
        handle(monkeypatch, Ec2(*refusals))
