"""How gateways end: longer than any connection through them lasts."""

from typing import Any

from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.draining import LEAST_SECONDS, Drain
from pulumi_multimesh.plan.validate import validate


def drained(gateway: dict[str, Any], **others: Any) -> Drain | None:
    args = changed({"istio": {"gateway": gateway}, **others})
    assert validate("shop", args) == []
    return plan("shop", args).of_istio.tuning.drain


def test_unless_given() -> None:
    assert drained({}) == Drain(90, 60)


def test_nought_is_the_charts_own_way() -> None:
    assert drained({"drain_seconds": 0}) is None


@given(st.integers(LEAST_SECONDS, 3600))
def test_connections_are_gone_before_the_gateway_with_time_for_a_last_call(seconds: int) -> None:
    found = drained({"drain_seconds": seconds})
    assert found is not None
    assert found.seconds == seconds
    assert found.connection_seconds >= 20
    assert found.seconds - found.connection_seconds >= 10
