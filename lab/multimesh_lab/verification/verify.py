"""The whole verification of a stack's mesh: structure, replies, packets.

Owns: the order and the result. Does not own: any check.
"""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from multimesh_lab import engine, network, tools
from multimesh_lab.home import LabHome
from multimesh_lab.lifecycle import LabError
from multimesh_lab.verification import capture, sealed, structure, traffic
from multimesh_lab.verification.finding import Finding
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.parts import in_mesh, is_flat

NAMESPACE = "sample"


@dataclass
class Verification:
    """What was found, in the order of cause before effect."""

    findings: list[Finding] = field(default_factory=list[Finding])
    replies: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def causes(self) -> list[Finding]:
        """The failed findings, causes before effects."""
        return [finding for finding in self.findings if not finding.ok]


@contextmanager
def clusters_of(home: LabHome, project: Path, stack: str) -> Generator[list[Cluster]]:
    """The clusters that the stack's output `kubeconfigs` names."""
    environment = engine.environment(home)
    command = [
        str(engine.pulumi(home)),
        "stack",
        "output",
        "kubeconfigs",
        "--json",
        "--show-secrets",
        "--stack",
        stack,
    ]
    answer = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise LabError(
            f"the stack {stack} offers no kubeconfigs: {answer.stderr.strip()}\n"
            "remedy: run `pulumi up` first; the program must export `kubeconfigs` (mesh.kubeconfigs)"
        )
    kubectl = tools.binary("kubectl")
    clusters = [Cluster(name, text, kubectl, environment) for name, text in sorted(json.loads(answer.stdout).items())]
    try:
        yield clusters
    finally:
        for cluster in clusters:
            cluster.close()


def verify(home: LabHome, project: Path, stack: str, patience: float = 90) -> Verification:
    """Verify the mesh of a stack; `patience` is how many seconds the first replies may take."""
    result = Verification()
    with clusters_of(home, project, stack) as clusters:
        result.findings += structure.check_structure(clusters, NAMESPACE)
        members = in_mesh(clusters)
        versions = traffic.deployed_versions(members, NAMESPACE)
        # When a cause is known there is nothing to wait for; one round of calls shows the effect.
        patience = patience if result.ok else 0
        with tempfile.TemporaryDirectory() as folder:
            port = traffic.PORT if is_flat(clusters) else capture.PORT
            with _watching(Path(folder), port, private=structure.is_private(clusters)) as seen:
                findings, result.replies = traffic.check_replies(members, NAMESPACE, versions, patience)
            result.findings += [*findings, *seen()]
    return result


@contextmanager
def _watching(folder: Path, port: int, *, private: bool) -> Generator[Callable[[], list[Finding]]]:
    """Capture what passes between the clusters to that port; what is yielded says afterwards what was found.

    On private roads it is looked at twice: between the clouds, where it is sealed, and before it is.
    """
    inner, outer = folder / "gateways.pcap", folder / "between.pcap"
    if not private:
        with capture.capturing(network.BRIDGE, inner, f"tcp port {port}"):
            yield lambda: [capture.judge(capture.read(inner), port)]
        return
    node = next(name for name in network.namespaces() if name.startswith("mml"))
    with (
        capture.capturing(network.BRIDGE, outer, sealed.words(port)),
        capture.capturing(network.NODE_LINK, inner, f"tcp port {port}", node),
    ):
        yield lambda: [sealed.judge(outer, port), capture.judge(capture.read(inner), port)]
