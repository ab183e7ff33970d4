"""A cloud is away, under load: its cluster answers nothing, and nobody is told, so that all its endpoints stay listed.

One mesh of three clouds for all tests, in this order, with calls that stay at home while they are answered there.
"""

import time

import pytest
from lab_engine import Lab, passed
from live_load import Record, count, load, none_lost
from live_pods import away, heard, heard_at_last, named, restart
from live_program import ISTIO, PROGRAM, WITH_AZURE, Program, write_program

from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def stack(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("away")
    write_program(folder, "away", PROGRAM)
    made = Program(Lab(lab), folder)
    made.bring_up({**WITH_AZURE, "istio": {**ISTIO, "failover": True}})
    return made


def test_calls_at_home_know_nothing_of_it(stack: Program, record_property: Record) -> None:
    """Pods that start meanwhile get their sidecars and are called, too."""
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        assert heard_at_last(home, "gcp-eu")
        with load([home]) as loads, away(stack.lab.home, "aws"):
            assert restart(home) == {"default"}
            assert heard(home) == {"gcp-eu"}
        none_lost(loads, record_property)


def test_calls_leave_it_for_another(stack: Program, record_property: Record) -> None:
    """One call is lost for each connection into it that was open: nobody says that it is dead. Later ones wait."""
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        passed(home.run("scale", "deploy/helloworld", "-n", "web", "--replicas=0"))
        assert heard_at_last(home, "aws-us", "azure-eu")
        with load([home]) as loads:
            with away(stack.lab.home, "aws"):
                assert heard_at_last(home, "azure-eu")
                time.sleep(60)
            assert heard_at_last(home, "aws-us", "azure-eu", seconds=180)
        # Two callers and the question who answers, in two workers of their proxy. With Istio's own ten seconds until a
        # connection has failed, 14 calls were lost in this minute.
        assert count(loads, record_property) <= 6
