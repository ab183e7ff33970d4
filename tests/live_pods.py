"""What runs in a cluster of a live test's mesh, who answers there, and a workload that refuses its callers.

Owns: asking, restarting and disturbing. Does not own: what is expected. The workloads are those of live_program.py.
"""

import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab_engine import passed

from multimesh_lab.cluster import all_clusters
from multimesh_lab.home import LabHome
from multimesh_lab.network import inside
from multimesh_lab.verification.kubectl import Cluster

SYSTEM = "istio-system"
Json = dict[str, Any]


def pods(member: Cluster, namespace: str, selector: str) -> dict[str, str]:
    """By pod that is not ending: the revision whose proxy it has."""
    return {
        pod["metadata"]["name"]: pod["metadata"].get("annotations", {}).get("istio.io/rev", "")
        for pod in member.items("pods", namespace, selector)
        if "deletionTimestamp" not in pod["metadata"]
    }


def parts(members: list[Cluster]) -> list[dict[str, str]]:
    """The pods of Istio's own in each cluster: other ones once something was restarted."""
    return [pods(member, SYSTEM, "istio in (eastwestgateway, pilot)") for member in members]


def restart(member: Cluster) -> set[str]:
    """HelloWorld anew; the revisions of its sidecars."""
    passed(member.run("rollout", "restart", "deploy/helloworld", "-n", "web"))
    words = ("rollout", "status", "deploy/helloworld", "-n", "web", "--timeout=120s", "--request-timeout=0")
    passed(member.run(*words, seconds=150))
    return set(pods(member, "web", "app=helloworld").values())


def gateways(member: Cluster) -> dict[str, str]:
    return pods(member, SYSTEM, "istio=eastwestgateway")


def istiods(member: Cluster) -> dict[str, str]:
    """By revision: the version of its control plane."""
    found = member.items("pods", SYSTEM, "app=istiod")
    return {pod["metadata"]["labels"]["istio.io/rev"]: build(pod, "discovery") for pod in found}


def build(pod: Json, container: str) -> str:
    """The version of a container's image."""
    spec = pod["spec"]
    images = {each["name"]: each["image"] for each in [*spec["containers"], *spec.get("initContainers", [])]}
    return images[container].rpartition(":")[2]


def proxies(member: Cluster) -> set[str]:
    """The versions of the proxies beside HelloWorld and in the gateways."""
    found = [*member.items("pods", "web", "app=helloworld"), *member.items("pods", SYSTEM, "istio=eastwestgateway")]
    return {build(pod, "istio-proxy") for pod in found if "deletionTimestamp" not in pod["metadata"]}


def heard(member: Cluster, calls: int = 60) -> set[str]:
    """The clusters that answer to the cluster's client."""
    words = ("exec", "-n", "web", "deploy/client", "-c", "curl", "--", "curl", "-sS", "--max-time", "5")
    answer = passed(member.run(*words, f"http://helloworld.web:5000/hello?[1-{calls}]", seconds=300))
    return {line.split("version: ")[1].split(",")[0] for line in answer.splitlines() if "version: " in line}


def heard_at_last(member: Cluster, *names: str, seconds: float = 60) -> bool:
    """Whether exactly these clusters answer before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if heard(member, 30) == set(names):
            return True
        time.sleep(2)
    return False


@contextmanager
def refusing(cluster: str) -> Generator[None]:
    """HelloWorld of the cluster answers every connection from elsewhere with a reset while the block runs."""
    (pid,) = (
        process.name
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _runs(process, "/helloworld", f"SERVICE_VERSION={cluster}")
    )
    rule = ("INPUT", "!", "-i", "lo", "-p", "tcp", "--dport", "15006", "-j", "REJECT", "--reject-with", "tcp-reset")
    with _packets(("nsenter", "--target", pid, "--net"), "filter", rule):
        yield


@contextmanager
def away(home: LabHome, cloud: str) -> Generator[None]:
    """The cloud's cluster answers nobody outside of it while the block runs: what is sent to it is dropped."""
    (facts,) = [each for each in all_clusters(home) if each.cloud == cloud]
    with _packets(inside(facts.namespace), "raw", ("PREROUTING", "-i", "eth0", "-j", "DROP")):
        yield


@contextmanager
def _packets(there: Sequence[str], table: str, rule: Sequence[str]) -> Generator[None]:
    """The rule of iptables holds while the block runs; `there`: the words that enter its network namespace."""
    iptables = (*there, "iptables", "--wait", "--table", table)
    subprocess.run([*iptables, "--insert", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run([*iptables, "--delete", *rule], check=True)


def _runs(process: Path, program: str, variable: str) -> bool:
    """Whether it is that program with that variable; not one that has just ended."""
    try:
        command, environment = ((process / part).read_text().split("\0") for part in ("cmdline", "environ"))
    except OSError:
        return False
    return command[0] == program and variable in environment


def named(members: list[Cluster], *names: str) -> list[Cluster]:
    return [member for member in members if member.name in names]
