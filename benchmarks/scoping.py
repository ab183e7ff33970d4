"""What a proxy is told of and how long it takes, with and without scopes: `python benchmarks/scoping.py`, as root.

One cluster of the lab with real istiod and a client with a real sidecar that calls five services, among 100, 500 and
1000 (services.py). Owns: the run and the numbers. Does not own: what scopes say (pulumi_multimesh/plan/scopes.py).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services import namespace_of, objects, service_of

from multimesh_lab import lifecycle
from multimesh_lab.home import ENVIRONMENT_VARIABLE, LabHome
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import clusters_of

PROGRAM = """
import json
import os
import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh

calls = json.loads(os.environ["BENCHMARK_CALLS"])
mesh = multimesh.MultiCloudMesh("shop", {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "istio": {"scopes": {"web": {"calls": calls}}} if calls else {},
    "api_access": {"office": "203.0.113.0/24"},
})
labels = {"app": "client"}
container = {
    "name": "curl", "image": "docker.io/curlimages/curl:latest", "image_pull_policy": "IfNotPresent",
    "command": ["sleep", "infinity"],
}
k8s.apps.v1.Deployment(
    "client",
    metadata={"name": "client", "namespace": "web"},
    spec={
        "selector": {"match_labels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [container], "termination_grace_period_seconds": 1},
        },
    },
    opts=mesh.clusters["gcp-eu"].inside(depends_on=list(mesh.enrol("web").values())),
)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""
_STACK = "benchmark"
_PUSHES = 5
_DEPENDENCIES = 5


@dataclass(frozen=True)
class Measured:
    """One row."""

    services: int
    scoped: bool
    config_bytes: int
    """Envoy's whole configuration, as its `config_dump` writes it with endpoints."""
    memory_mib: float
    """What Envoy has allocated, soon after its start."""
    push_ms: float
    """From a change to the proxy's acknowledgement, without istiod's waiting for further changes; mean of five."""


class Stack:
    """The program in a lab of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = LabHome(folder / "lab")
        self.folder = folder / "program"
        self.folder.mkdir()
        (self.folder / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
        (self.folder / "__main__.py").write_text(PROGRAM)

    def up(self, calls: Sequence[str]) -> None:
        words = ("exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--stack", _STACK)
        environment = {
            **os.environ,
            ENVIRONMENT_VARIABLE: str(self.home.root),
            "BENCHMARK_CALLS": json.dumps(list(calls)),
        }
        answer = subprocess.run(
            [sys.executable, "-m", "multimesh_lab.cli", *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise RuntimeError(f"pulumi up ended with {answer.returncode}: {answer.stdout[-3000:]}{answer.stderr}")

    @contextmanager
    def cluster(self) -> Generator[Cluster]:
        with clusters_of(self.home, self.folder, _STACK) as clusters:
            yield clusters[0]


def _must(cluster: Cluster, *words: str, seconds: int = 300) -> str:
    answer = cluster.run(*words, seconds=seconds)
    if answer.returncode:
        raise RuntimeError(f"kubectl {' '.join(words)} ended with {answer.returncode}: {answer.stderr.strip()}")
    return answer.stdout


def set_services(cluster: Cluster, there: int, wanted: int) -> None:
    """From so many services to so many."""
    verb, low, high = ("apply", there, wanted) if wanted > there else ("delete", wanted, there)
    made = [each for each in objects(low, high) if verb == "apply" or each["kind"] == "Service"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": made}, file)
        file.flush()
        more = ("--server-side",) if verb == "apply" else ("--wait=false",)
        _must(cluster, verb, "-f", file.name, *more, "--request-timeout=0")


def measure(cluster: Cluster, services: int, *, scoped: bool) -> Measured:
    """A client that has just started, in a mesh of so many services."""
    _must(cluster, "rollout", "restart", "deploy/client", "-n", "web")
    _must(cluster, "rollout", "status", "deploy/client", "-n", "web", "--timeout=120s", "--request-timeout=0")
    known = services if not scoped else _DEPENDENCIES
    _await_clusters(cluster, known)
    memory = json.loads(_envoy(cluster, "memory"))
    return Measured(
        services=services,
        scoped=scoped,
        config_bytes=len(_envoy(cluster, "config_dump?include_eds")),
        memory_mib=round(int(memory["allocated"]) / 2**20, 1),
        push_ms=round(_push_seconds(cluster) * 1000, 1),
    )


def _envoy(cluster: Cluster, path: str) -> str:
    words = ("exec", "-n", "web", "deploy/client", "-c", "istio-proxy", "--", "pilot-agent", "request", "GET", path)
    return _must(cluster, *words)


def _await_clusters(cluster: Cluster, known: int) -> None:
    """Until the proxy has heard of exactly these services, and no more."""
    deadline = time.monotonic() + 120
    while True:
        heard = len(set(re.findall(r"^outbound\|8080\|\|(service-\d+)\.", _envoy(cluster, "clusters"), re.MULTILINE)))
        if heard == known:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"the proxy has heard of {heard} services, not of {known}")
        time.sleep(1)


def _push_seconds(cluster: Cluster) -> float:
    """The mean of some pushes, each caused by a change of a service that the client calls."""
    before = _convergence(cluster)
    for push in range(_PUSHES):
        change = json.dumps(
            {"spec": {"ports": [{"name": "http", "port": 8080}, {"name": "more", "port": 9000 + push}]}}
        )
        _must(cluster, "patch", "service", service_of(0), "-n", namespace_of(0), "--type=merge", "-p", change)
        time.sleep(1.5)
    after = _convergence(cluster)
    return (after[0] - before[0]) / (after[1] - before[1])


def _convergence(cluster: Cluster) -> tuple[float, float]:
    """Seconds and number of pushes of all replicas of istiod so far."""
    pods = cluster.items("pods", "istio-system", "app=istiod")
    sums = [0.0, 0.0]
    for pod in pods:
        path = f"/api/v1/namespaces/istio-system/pods/{pod['metadata']['name']}:15014/proxy/metrics"
        text = _must(cluster, "get", "--raw", path)
        for position, part in enumerate(("sum", "count")):
            found = re.search(rf"^pilot_proxy_convergence_time_{part} (\S+)", text, re.MULTILINE)
            sums[position] += float(found[1]) if found else 0.0
    return sums[0], sums[1]


def run(stack: Stack, counts: Sequence[int]) -> list[Measured]:
    """Without scopes from few services to many, then with them from many to few."""
    rows: list[Measured] = []
    calls = [f"{namespace_of(number)}/{service_of(number)}" for number in range(_DEPENDENCIES)]
    stack.up(())
    there = 0
    with stack.cluster() as cluster:
        for count in counts:
            set_services(cluster, there, count)
            there = count
            rows.append(measure(cluster, count, scoped=False))
        stack.up(calls)
        for count in reversed(counts):
            set_services(cluster, there, count) if count != there else None
            there = count
            rows.append(measure(cluster, count, scoped=True))
    return rows


def _table(rows: Sequence[Measured]) -> Iterator[str]:
    yield "| services | scope | configuration | of the unscoped | Envoy's memory | push |"
    yield "|---|---|---|---|---|---|"
    whole = {row.services: row.config_bytes for row in rows if not row.scoped}
    for row in sorted(rows, key=lambda row: (row.services, row.scoped)):
        share = f"{row.config_bytes / whole[row.services]:.1%}"
        scope = f"{_DEPENDENCIES} services" if row.scoped else "none"
        size = f"{row.config_bytes / 1000:.0f} kB"
        yield f"| {row.services} | {scope} | {size} | {share} | {row.memory_mib} MiB | {row.push_ms} ms |"


def main() -> int:
    parser = argparse.ArgumentParser(description="what a proxy is told of, with and without scopes")
    parser.add_argument("--services", type=int, nargs="+", default=[100, 500, 1000])
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="multimesh-benchmark-") as folder:
        stack = Stack(Path(folder))
        try:
            lifecycle.up(stack.home)
            rows = run(stack, sorted(wish.services))
        finally:
            lifecycle.down(stack.home)
    lines = [json.dumps([asdict(row) for row in rows], indent=2)] if wish.output == "json" else list(_table(rows))
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
