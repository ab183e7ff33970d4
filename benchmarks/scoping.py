"""What a proxy is told of and how long it takes, with and without scopes: `python benchmarks/scoping.py`, as root.

One cluster of the lab with real istiod and a client with a real sidecar that calls five services, among none, 100, 500
and 1000 (services.py). It ends with 1 where more than a tenth of what services add is left with scopes. Owns: the run
and the numbers. Does not own: what scopes say (pulumi_multimesh/plan/scopes.py).
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
_MOST_LEFT = 0.1
"""Of what services add to an unscoped proxy: the share that a scoped one may have."""
_METRICS = (
    "pilot_proxy_convergence_time_sum",
    "pilot_xds_config_size_bytes_sum",
    "pilot_proxy_convergence_time_count",
)


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
    """What istiod takes to push a change to the proxy, from the start of the push until all is sent; mean of five."""
    push_bytes: int
    """What such a push sends; mean of five."""
    needless_pushes: int
    """How often the proxy is told of five changes of a service that the client does not call."""


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
    size = _fresh(cluster, _DEPENDENCIES if scoped else services)
    memory = json.loads(_envoy(cluster, "memory"))
    seconds, sent, pushes = _pushed(cluster, 0)
    return Measured(
        services=services,
        scoped=scoped,
        config_bytes=size,
        memory_mib=round(int(memory["allocated"]) / 2**20, 1),
        push_ms=round(seconds / pushes * 1000, 1),
        push_bytes=round(sent / pushes),
        needless_pushes=round(_pushed(cluster, services - 1)[2]),
    )


def _fresh(cluster: Cluster, known: int) -> int:
    """The size of the configuration of a client that has just started and heard of so many services."""
    _must(cluster, "rollout", "restart", "deploy/client", "-n", "web")
    _must(cluster, "rollout", "status", "deploy/client", "-n", "web", "--timeout=120s", "--request-timeout=0")
    _await_clusters(cluster, known)
    return int(_envoy(cluster, "config_dump?include_eds", "-o", "/dev/null", "-w", "%{size_download}"))


def _envoy(cluster: Cluster, path: str, *more: str) -> str:
    """What the client's Envoy says of itself, asked from beside it."""
    curl = ("curl", "-sS", f"http://127.0.0.1:15000/{path}", *more)
    return _must(cluster, "exec", "-n", "web", "deploy/client", "-c", "curl", "--", *curl)


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


def _pushed(cluster: Cluster, service: int) -> tuple[float, float, float]:
    """Seconds, bytes and number of the pushes that some changes of a service cause."""
    before = _pushes_so_far(cluster)
    for port in range(9000, 9000 + _PUSHES):
        change = json.dumps({"spec": {"ports": [{"name": "http", "port": 8080}, {"name": "more", "port": port}]}})
        _must(
            cluster, "patch", "service", service_of(service), "-n", namespace_of(service), "--type=merge", "-p", change
        )
        time.sleep(1.5)
    seconds, sent, pushes = (after - earlier for after, earlier in zip(_pushes_so_far(cluster), before, strict=True))
    return seconds, sent, pushes


def _pushes_so_far(cluster: Cluster) -> list[float]:
    """Of all replicas of istiod: seconds, bytes and number of pushes."""
    sums = [0.0, 0.0, 0.0]
    for pod in cluster.items("pods", "istio-system", "app=istiod"):
        path = f"/api/v1/namespaces/istio-system/pods/{pod['metadata']['name']}:15014/proxy/metrics"
        text = _must(cluster, "get", "--raw", path)
        for position, metric in enumerate(_METRICS):
            found = re.findall(rf"^{metric}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
            sums[position] += sum(float(value) for value in found)
    return sums


def run(stack: Stack, counts: Sequence[int]) -> tuple[int, list[Measured]]:
    """The size without any service; then without scopes from few services to many, and with them from many to few."""
    rows: list[Measured] = []
    calls = [f"{namespace_of(number)}/{service_of(number)}" for number in range(_DEPENDENCIES)]
    stack.up(())
    there = 0
    with stack.cluster() as cluster:
        nothing = _fresh(cluster, 0)
        for count in counts:
            set_services(cluster, there, count)
            there = count
            rows.append(measure(cluster, count, scoped=False))
        stack.up(calls)
        for count in reversed(counts):
            set_services(cluster, there, count) if count != there else None
            there = count
            rows.append(measure(cluster, count, scoped=True))
    return nothing, rows


def shares(nothing: int, rows: Sequence[Measured]) -> dict[int, float]:
    """By number of services: what is left with scopes of what the services add to an unscoped proxy."""
    whole = {row.services: row.config_bytes for row in rows if not row.scoped}
    return {row.services: (row.config_bytes - nothing) / (whole[row.services] - nothing) for row in rows if row.scoped}


def _table(nothing: int, rows: Sequence[Measured]) -> Iterator[str]:
    yield (
        "| services | told of | configuration | of the unscoped | of what services add "
        "| Envoy's memory | a push | sends | needless of 5 |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    yield f"| none | – | {nothing / 1000:.0f} kB | – | – | – | – | – | – |"
    left = shares(nothing, rows)
    whole = {row.services: row.config_bytes for row in rows if not row.scoped}
    for row in sorted(rows, key=lambda row: (row.services, row.scoped)):
        told = f"{_DEPENDENCIES} services" if row.scoped else "everything"
        size, sent = f"{row.config_bytes / 1000:.0f} kB", f"{row.push_bytes / 1000:.1f} kB"
        share = f"{row.config_bytes / whole[row.services]:.1%}"
        cells = (
            row.services,
            told,
            size,
            share,
            f"{left[row.services]:.1%}" if row.scoped else "100.0%",
            f"{row.memory_mib} MiB",
            f"{row.push_ms} ms",
            sent,
            row.needless_pushes,
        )
        yield f"| {' | '.join(str(cell) for cell in cells)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="what a proxy is told of, with and without scopes")
    parser.add_argument("--services", type=int, nargs="+", default=[100, 500, 1000])
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="multimesh-benchmark-") as folder:
        stack = Stack(Path(folder))
        try:
            lifecycle.up(stack.home)
            nothing, rows = run(stack, sorted(wish.services))
        finally:
            lifecycle.down(stack.home)
    found = {"without_services": nothing, "rows": [asdict(row) for row in rows]}
    lines = [json.dumps(found, indent=2)] if wish.output == "json" else list(_table(nothing, rows))
    sys.stdout.write("\n".join([*lines, ""]))
    return int(max(shares(nothing, rows).values()) > _MOST_LEFT)


if __name__ == "__main__":
    sys.exit(main())
