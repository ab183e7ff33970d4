"""An upgrade with two control planes side by side, under load: one cluster first, then all, back, forward again.

One mesh for all tests, in this order. The lab has one build of Istio, so both revisions are of the same version; what
is proven is the way from the one to the other. Workloads stop as they should in production: they go on for a few
seconds after they are told to end, in which callers learn that they do.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP

from multimesh_lab.home import LabHome
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import clusters_of

pytestmark = pytest.mark.live

SYSTEM = "istio-system"
PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh("shop", {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": json.loads(Path("istio.json").read_text()),
    "api_access": {"office": "203.0.113.0/24"},
})


def deployment(cluster, name, container, inside):
    k8s.apps.v1.Deployment(
        f"{cluster}-{name}",
        metadata={"name": name, "namespace": "web"},
        spec={
            "selector": {"match_labels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"image_pull_policy": "IfNotPresent", **container}]},
            },
        },
        opts=inside,
    )


for name, cluster in mesh.clusters.items():
    inside = cluster.inside(depends_on=[mesh.enrol("web", [name])[name]])
    k8s.core.v1.Service(
        f"{name}-helloworld",
        metadata={"name": "helloworld", "namespace": "web"},
        spec={"ports": [{"port": 5000, "name": "http"}], "selector": {"app": "helloworld"}},
        opts=inside,
    )
    hello = {
        "name": "helloworld",
        "image": "docker.io/istio/examples-helloworld-v1:1.0",
        "env": [{"name": "SERVICE_VERSION", "value": "v1" if name == "gcp-eu" else "v2"}],
        "lifecycle": {"pre_stop": {"sleep": {"seconds": 5}}},
    }
    curl = {"name": "curl", "image": "docker.io/curlimages/curl:latest", "command": ["sleep", "infinity"]}
    deployment(name, "helloworld", hello, inside)
    deployment(name, "client", curl, inside)

pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""
FIRST: dict[str, Any] = {}
BOTH: dict[str, Any] = {"revisions": {"default": {}, "next": {}}, "default": "default"}
ONE_CLUSTER: dict[str, Any] = {
    "revisions": {"default": {}, "next": {"default_in": ["gcp-eu"]}},
    "default": "default",
}
MOVED: dict[str, Any] = {**BOTH, "default": "next"}
ALONE: dict[str, Any] = {"revisions": {"next": {}}}


@dataclass
class Upgraded:
    """The stack of the program."""

    lab: Lab
    folder: Path

    def up(self, istio: dict[str, Any], *more: str) -> str:
        (self.folder / "istio.json").write_text(json.dumps(istio))
        return passed(self.lab.pulumi(*UP, *more, folder=self.folder, seconds=1500))

    def clusters(self) -> Any:
        return clusters_of(self.lab.home, self.folder, STACK)


@dataclass
class Load:
    """Calls from one cluster, one after the other, until it is told to stop."""

    cluster: Cluster
    codes: Counter[str] = field(default_factory=Counter[str])
    heard: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        url = "http://helloworld.web:5000/hello?[1-100]"
        curl = ("curl", "-sS", "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}\\n", url)
        while not self.stop.is_set():
            answer = self.cluster.run("exec", "-n", "web", "deploy/client", "-c", "curl", "--", *curl, seconds=600)
            self.codes.update(answer.stdout.split())
            self.heard.set()


@contextmanager
def load(members: list[Cluster]) -> Generator[list[Load]]:
    """Calls from each cluster's client, to both clouds' services, while the block runs."""
    loads = [Load(member) for member in members]
    threads = [threading.Thread(target=each.run) for each in loads]
    for thread in threads:
        thread.start()
    try:
        for each in loads:
            assert each.heard.wait(60), each.cluster.name
        yield loads
        time.sleep(5)
    finally:
        for each in loads:
            each.stop.set()
        for thread in threads:
            thread.join()


def none_lost(loads: list[Load]) -> None:
    for each in loads:
        sys.stdout.write(f"{each.cluster.name}: {dict(each.codes)}\n")
        assert each.codes["200"] > 100
        assert set(each.codes) == {"200"}, each.cluster.name


def pods(member: Cluster, namespace: str, selector: str) -> dict[str, str]:
    """By pod that is not ending: the revision whose sidecar it has."""
    return {
        pod["metadata"]["name"]: pod["metadata"].get("annotations", {}).get("istio.io/rev", "")
        for pod in member.items("pods", namespace, selector)
        if "deletionTimestamp" not in pod["metadata"]
    }


def restart(member: Cluster) -> set[str]:
    """HelloWorld anew; the revisions of its sidecars."""
    passed(member.run("rollout", "restart", "deploy/helloworld", "-n", "web"))
    words = ("rollout", "status", "deploy/helloworld", "-n", "web", "--timeout=120s", "--request-timeout=0")
    passed(member.run(*words, seconds=150))
    return set(pods(member, "web", "app=helloworld").values())


def gateways(member: Cluster) -> dict[str, str]:
    return pods(member, SYSTEM, "istio=eastwestgateway")


def istiods(member: Cluster) -> set[str]:
    return {pod["metadata"]["labels"]["istio.io/rev"] for pod in member.items("pods", SYSTEM, "app=istiod")}


@pytest.fixture(scope="module")
def mesh(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    folder = tmp_path_factory.mktemp("revisions")
    (folder / "Pulumi.yaml").write_text("name: revisions\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    made = Upgraded(Lab(lab), folder)
    made.up(FIRST)
    return made


def test_a_second_control_plane_touches_no_proxy(mesh: Upgraded) -> None:
    with mesh.clusters() as members:
        before = [gateways(member) for member in members]
        with load(members) as loads:
            mesh.up(BOTH)
        none_lost(loads)
        assert [gateways(member) for member in members] == before
        for member in members:
            assert istiods(member) == {"default", "next"}
            assert restart(member) == {"default"}
    mesh.up(BOTH, "--expect-no-changes")


def test_one_cluster_goes_first_and_no_call_is_lost(mesh: Upgraded) -> None:
    with mesh.clusters() as members:
        by_name = {member.name: member for member in members}
        other = gateways(by_name["aws-us"])
        with load(members) as loads:
            mesh.up(ONE_CLUSTER)
            assert restart(by_name["gcp-eu"]) == {"next"}
        none_lost(loads)
        assert set(gateways(by_name["gcp-eu"]).values()) == {"next"}
        assert gateways(by_name["aws-us"]) == other
        assert restart(by_name["aws-us"]) == {"default"}


def test_all_move_back_and_forward_and_no_call_is_lost(mesh: Upgraded) -> None:
    with mesh.clusters() as members, load(members) as loads:
        for wish, revision in ((MOVED, "next"), (BOTH, "default"), (MOVED, "next")):
            mesh.up(wish)
            for member in members:
                assert restart(member) == {revision}
                assert set(gateways(member).values()) == {revision}
    none_lost(loads)
    mesh.up(MOVED, "--expect-no-changes")


def test_the_old_one_goes_once_nobody_has_its_proxies(mesh: Upgraded) -> None:
    with mesh.clusters() as members:
        for member in members:
            passed(member.run("rollout", "restart", "deploy/client", "-n", "web"))
            words = ("rollout", "status", "deploy/client", "-n", "web", "--timeout=120s", "--request-timeout=0")
            passed(member.run(*words, seconds=150))
            assert set(pods(member, "web", "app=client").values()) == {"next"}
        with load(members) as loads:
            mesh.up(ALONE)
        none_lost(loads)
        for member in members:
            assert istiods(member) == {"next"}
            assert restart(member) == {"next"}
            passed(member.analyze(SYSTEM))
    mesh.up(ALONE, "--expect-no-changes")
