"""What day two brings, under load: a cluster comes and goes, the mesh is upgraded, calls fail over to another cloud.

One mesh for all tests, in this order. It begins with the older of the lab's two builds of Istio, which are some months
apart, and is upgraded to the newer. Workloads stop as they should in production: they go on for a few
seconds after they are told to end, in which callers learn that they do.
"""

import sys
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from lab_engine import Lab, passed
from live_load import Record, count, load, none_lost
from live_mesh import STACK, ingress_address
from live_pods import (
    SYSTEM,
    Json,
    gateways,
    heard,
    heard_at_last,
    istiods,
    named,
    parts,
    pods,
    proxies,
    refusing,
    restart,
)
from live_program import ISTIO, TWO, WITH_AZURE, Program, write_program

from multimesh_lab import istio_release
from multimesh_lab.home import LabHome
from multimesh_lab.verification.kubectl import Cluster

pytestmark = pytest.mark.live

PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_multimesh as multimesh
import workloads

mesh = multimesh.MultiCloudMesh("shop", json.loads(Path("mesh.json").read_text()))

workloads.install(mesh)
if Path("legacy").exists():
    mesh.enrol("legacy", ["gcp-eu"], create=False, restart=["app"])

workloads.entrance(mesh, "gcp-eu")

pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""
EVERYWHERE: Json = {**ISTIO, "ingress": {"clusters": ["gcp-eu"]}}
OLD, NEW = istio_release.BEFORE.version, istio_release.NEWEST.version
FIRST: Json = {"version": OLD}
BOTH: Json = {**FIRST, "revisions": {"default": {}, "next": {"version": NEW}}, "default": "default"}
ONE_CLUSTER: Json = {**BOTH, "revisions": {"default": {}, "next": {"version": NEW, "default_in": ["gcp-eu"]}}}
MOVED: Json = {**BOTH, "default": "next"}
ALONE: Json = {"revisions": {"next": {"version": NEW}}}
STAYING_HOME: Json = {**ALONE, "failover": True}


def with_tokens(*tokens: str) -> Json:
    """Both clusters are read with the last of these."""
    return {**ALONE, "readers": {name: {"tokens": list(tokens)} for name in ("aws-us", "gcp-eu")}}


class Stack(Program):
    """The stack of the program."""

    def up(self, istio: Json, *more: str, fleet: Mapping[str, Any] = TWO) -> str:
        return self.bring_up({**fleet, "istio": {**EVERYWHERE, **istio}}, *more)

    def refresh(self, *more: str) -> str:
        words = ("refresh", "--yes", "--skip-preview", "--stack", STACK, *more)
        return passed(self.lab.pulumi(*words, folder=self.folder, seconds=600))

    def restart(self, *namespaces: str) -> str:
        """What `multimesh restart` says of these namespaces."""
        command = (sys.executable, "-m", "pulumi_multimesh.cli", "restart", "--stack", STACK, *namespaces)
        return passed(self.lab.command("exec", "--", *command, folder=self.folder))


def from_outside(member: Cluster) -> str:
    """What HelloWorld says to a caller on the machine, outside of all clusters, at the cluster's ingress."""
    with urllib.request.urlopen(f"http://{ingress_address(member)}/hello", timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def stack(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    folder = tmp_path_factory.mktemp("load")
    write_program(folder, "load", PROGRAM)
    made = Stack(Lab(lab), folder)
    made.up(FIRST)
    return made


def test_calls_from_outside_come_in_by_the_ingress_to_services_of_both_clouds(stack: Stack) -> None:
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        answers = [from_outside(home) for _ in range(40)]
    assert {answer.split("version: ")[1].split(",")[0] for answer in answers} == {"aws-us", "gcp-eu"}


def test_a_cluster_joins_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        before = parts(members)
        with load(members) as loads:
            stack.up(FIRST, fleet=WITH_AZURE)
            assert [heard(member) for member in members] == [{"aws-us", "azure-eu", "gcp-eu"}] * 2
        none_lost(loads, record_property)
        assert parts(members) == before
    with stack.clusters() as members:
        assert [heard(member) for member in named(members, "azure-eu")] == [{"aws-us", "azure-eu", "gcp-eu"}]


def test_a_cluster_leaves_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        staying = named(members, "aws-us", "gcp-eu")
        before = parts(staying)
        with load(staying) as loads:
            stack.up(FIRST)
        none_lost(loads, record_property)
        assert parts(staying) == before
        assert [heard(member) for member in staying] == [{"aws-us", "gcp-eu"}] * 2
    stack.up(FIRST, "--expect-no-changes")


def test_what_runs_already_gets_its_sidecar_when_its_namespace_is_enrolled(stack: Stack) -> None:
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        passed(home.run("create", "namespace", "legacy"))
        image = ("--image=docker.io/curlimages/curl:latest", "--", "sleep", "infinity")
        passed(home.run("create", "deployment", "app", "-n", "legacy", *image))
        (stack.folder / "legacy").touch()
        assert set(pods(home, "legacy", "app=app").values()) == {""}
        stack.up(FIRST)
        assert set(pods(home, "legacy", "app=app").values()) == {"default"}
    stack.up(FIRST, "--expect-no-changes")


def test_a_second_control_plane_touches_no_proxy(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        before = [gateways(member) for member in members]
        with load(members) as loads:
            stack.up(BOTH)
        none_lost(loads, record_property)
        assert [gateways(member) for member in members] == before
        for member in members:
            assert istiods(member) == {"default": OLD, "next": NEW}
            assert proxies(member) == {OLD}
            assert restart(member) == {"default"}
    stack.up(BOTH, "--expect-no-changes")


def test_one_cluster_is_upgraded_first_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        by_name = {member.name: member for member in members}
        other = gateways(by_name["aws-us"])
        with load(members) as loads:
            stack.up(ONE_CLUSTER)
            assert restart(by_name["gcp-eu"]) == {"next"}
        none_lost(loads, record_property)
        assert set(gateways(by_name["gcp-eu"]).values()) == {"next"}
        assert set(pods(by_name["gcp-eu"], "legacy", "app=app").values()) == {"next"}, "restarted by the up itself"
        assert gateways(by_name["aws-us"]) == other
        assert restart(by_name["aws-us"]) == {"default"}


def test_all_move_back_and_forward_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members, load(members) as loads:
        for wish, revision in ((MOVED, "next"), (BOTH, "default"), (MOVED, "next")):
            stack.up(wish)
            for member in members:
                assert restart(member) == {revision}
                assert set(gateways(member).values()) == {revision}
                assert proxies(member) == {NEW if revision == "next" else OLD}
    none_lost(loads, record_property)
    stack.up(MOVED, "--expect-no-changes")
    # istiod writes into the webhook that says what the default is, too.
    stack.refresh("--expect-no-changes")
    stack.up(MOVED, "--expect-no-changes")


def test_the_old_one_goes_once_nobody_has_its_proxies(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        said = stack.restart("web")
        for member in members:
            assert f"{member.name}: restart web deployment/client: has a sidecar of default" in said
            assert set(pods(member, "web", "app in (client, helloworld)").values()) == {"next"}
        assert stack.restart().count("nothing to restart") == len(members)
        with load(members) as loads:
            stack.up(ALONE)
        none_lost(loads, record_property)
        for member in members:
            assert istiods(member) == {"next": NEW}
            assert restart(member) == {"next"}
            passed(member.analyze(SYSTEM, "next"))
    stack.up(ALONE, "--expect-no-changes")


def test_tokens_change_in_two_steps_and_no_call_is_lost(stack: Stack, record_property: Record) -> None:
    with stack.clusters() as members:
        home, other = named(members, "aws-us", "gcp-eu")
        istiods_before = [pods(member, SYSTEM, "app=istiod") for member in members]
        with load(members) as loads:
            stack.up(with_tokens("default", "second"))
            assert heard_at_last(home, "aws-us", "gcp-eu")
            stack.up(with_tokens("second"))
        none_lost(loads, record_property)
        stack.up(with_tokens("second"), "--expect-no-changes")
        # Whoever still asked with the first token would not hear of this.
        for watching, changed in ((home, other), (other, home)):
            passed(changed.run("scale", "deploy/helloworld", "-n", "web", "--replicas=0"))
            assert heard_at_last(watching, watching.name)
            passed(changed.run("scale", "deploy/helloworld", "-n", "web", "--replicas=1"))
            assert heard_at_last(watching, "aws-us", "gcp-eu")
        assert [pods(member, SYSTEM, "app=istiod") for member in members] == istiods_before
    stack.up(ALONE)


def test_calls_fail_over_to_the_other_cloud_and_come_home(stack: Stack, record_property: Record) -> None:
    """The pod ends without a word, which no mesh can make up for: what was under way in it is lost, and counted."""
    stack.up(STAYING_HOME)
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        assert heard(home) == {"gcp-eu"}
        with load([home]) as loads:
            passed(home.run("scale", "deploy/helloworld", "-n", "web", "--replicas=0"))
            passed(home.run("delete", "pod", "-n", "web", "-l", "app=helloworld", "--force", "--grace-period=0"))
            time.sleep(15)
            assert heard(home) == {"aws-us"}
            passed(home.run("scale", "deploy/helloworld", "-n", "web", "--replicas=1"))
            time.sleep(15)
            assert heard(home) == {"gcp-eu"}
        assert count(loads, record_property) <= 10


def test_calls_leave_a_pod_that_refuses_them_though_it_is_listed(stack: Stack, record_property: Record) -> None:
    """No endpoint goes, so that the proxies themselves have to see that it is ill; the first calls pay for it."""
    with stack.clusters() as members:
        (home,) = named(members, "gcp-eu")
        assert heard_at_last(home, "gcp-eu")
        with load([home]) as loads:
            with refusing("gcp-eu"):
                assert heard_at_last(home, "aws-us")
                listed = home.items("endpointslices", "web", "kubernetes.io/service-name=helloworld")
                assert [each["conditions"]["ready"] for part in listed for each in part["endpoints"]] == [True]
            assert heard_at_last(home, "gcp-eu", seconds=120)
        assert count(loads, record_property) <= 20
