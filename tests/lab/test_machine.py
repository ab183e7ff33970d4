"""What the machine must have: a machine that lacks it is told what, how to get it, and what works without."""

import os
import sys

import pytest

from multimesh_lab import machine
from multimesh_lab.lifecycle import LabError


def test_without_root_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError) as fault:
        machine.require([machine.ROOT])
    assert "root" in str(fault.value)
    assert "multimesh plan" in str(fault.value)


def test_missing_packages_are_named_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = [
        machine.Need("a thing", "thing-package", commands=("no-such-command-here",)),
        machine.Need("another", "other-package", paths=("/no/such/path",)),
    ]
    with pytest.raises(LabError) as fault:
        machine.require(needs)
    assert "apt-get install --no-install-recommends other-package thing-package" in str(fault.value)


def test_what_is_there_is_not_missed() -> None:
    assert machine.missing([machine.Need("a shell", "dash", commands=("sh",), paths=("/",))]) == []


@pytest.mark.parametrize("whose", ["lab", "tunnels", "tests"])
def test_the_makefile_is_told_of_each_packages_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], whose: str
) -> None:
    """A lab does without those of tunnels and of tests, so that they may fail to install."""
    for name in ("lab", "tunnels", "tests"):
        need = machine.Need(name, f"{name}-package", commands=("no-such-command-here",))
        monkeypatch.setattr(machine, name.upper(), (need,))
    monkeypatch.setattr(sys, "argv", ["machine", whose])
    machine.main()
    assert capsys.readouterr().out == f"{whose}-package\n"
