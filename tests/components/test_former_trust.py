"""Reading the stack's own state while the engine may be writing it."""

from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from pulumi_multimesh.pki import former_trust as room
from pulumi_multimesh.plan.rotation import Trust

STATE = {
    "urn:pulumi:dev::shop::kubernetes:core/v1:Secret::shop-gcp-eu-istio-cacerts": {
        "type": "kubernetes:core/v1:Secret",
        "outputs": {"metadata": {"annotations": {}}},
    }
}


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(room.time, "sleep", pauses.append)
    monkeypatch.setattr(room, "get_monitor", object)
    for name in ("get_organization", "get_project", "get_stack"):
        monkeypatch.setattr(pulumi, name, lambda: "x")
    return pauses


def answering(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    waiting = list(answers)

    def invoke(*_: Any) -> Any:
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(value=answer)

    monkeypatch.setattr(pulumi.runtime, "invoke", invoke)


def test_a_state_that_is_being_written_is_read_again(monkeypatch: pytest.MonkeyPatch, paused: list[float]) -> None:
    half = Exception("invocation returned an error: failed to load checkpoint: EOF")
    answering(monkeypatch, half, half, {"outputs": STATE})
    assert room.former_trust("shop", ["gcp-eu", "aws-us"], "istio") == {"gcp-eu": Trust()}
    assert len(paused) == 2


def test_what_stays_unreadable_is_told(monkeypatch: pytest.MonkeyPatch, paused: list[float]) -> None:
    answering(monkeypatch, *[Exception("failed to load checkpoint: EOF")] * 20)
    with pytest.raises(Exception, match="EOF"):
        room.former_trust("shop", ["gcp-eu"], "istio")
    assert len(paused) == 19


def test_another_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch, paused: list[float]) -> None:
    answering(monkeypatch, Exception("incorrect passphrase"))
    with pytest.raises(Exception, match="passphrase"):
        room.former_trust("shop", ["gcp-eu"], "istio")
    assert paused == []
