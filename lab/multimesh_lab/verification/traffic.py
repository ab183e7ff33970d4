"""Checks by traffic: which versions answer a client in each cluster.

Owns: the calls. Does not own: looking at the packets (capture.py).
"""

import re
import time
from collections import Counter
from collections.abc import Sequence

from multimesh_lab.verification.finding import Check, Finding
from multimesh_lab.verification.kubectl import Cluster

PORT = 5000
"""HelloWorld's."""

_CALLS_PER_VERSION = 10
"""So many that chance leaves out one of four versions in fewer than one round of ten thousand."""
_HELLO = re.compile(r"Hello version: (v\d+)")


def call(cluster: Cluster, namespace: str, calls: int) -> tuple[Counter[str], str]:
    """HelloWorld called from the cluster's client: replies by version, and the last word of curl on what failed."""
    answer = cluster.run(
        *("exec", "-n", namespace, "deploy/client", "-c", "curl", "--"),
        *("curl", "-sS", "--max-time", "5", f"http://helloworld.{namespace}:{PORT}/hello?[1-{calls}]"),
        seconds=calls * 6 + 30,
    )
    trouble = [line for line in (answer.stdout + answer.stderr).splitlines() if line and not _HELLO.search(line)]
    return Counter(_HELLO.findall(answer.stdout)), trouble[-1] if trouble else ""


def deployed_versions(clusters: Sequence[Cluster], namespace: str) -> list[str]:
    """The versions of HelloWorld that the clusters' Deployments say they run."""
    labels = [
        deployment["metadata"].get("labels", {})
        for cluster in clusters
        for deployment in cluster.items("deployments", namespace, "app=helloworld")
    ]
    return sorted({label["version"] for label in labels if "version" in label})


def check_replies(
    clusters: Sequence[Cluster], namespace: str, versions: Sequence[str], patience: float
) -> tuple[list[Finding], dict[str, Counter[str]]]:
    """Each cluster's client must hear every version and no error, within `patience` seconds of trying."""
    if not versions:
        remedy = f"deploy HelloWorld into the namespace {namespace}, as the examples do"
        return [Finding(Check.REPLIES, "-", False, "no cluster has a HelloWorld, so nothing is proven", remedy)], {}
    deadline = time.monotonic() + patience
    calls = _CALLS_PER_VERSION * len(versions)
    replies: dict[str, Counter[str]] = {}
    findings: list[Finding] = []
    for cluster in clusters:
        while True:
            heard, trouble = call(cluster, namespace, calls)
            missing = [version for version in versions if not heard[version]]
            complete = not missing and heard.total() == calls
            if complete or time.monotonic() > deadline:
                break
            time.sleep(2)
        replies[cluster.name] = heard
        said = ", ".join(f"{version} {heard[version]}" for version in sorted({*heard, *versions}))
        message = f"{heard.total()} of {calls} calls answered: {said}"
        if not complete and trouble:
            message += f" (last trouble: {trouble})"
        findings.append(
            Finding(
                Check.REPLIES,
                cluster.name,
                complete,
                message,
                "see the failed checks above; else `multimesh-lab exec -- istioctl proxy-status`",
            )
        )
    return findings, replies
