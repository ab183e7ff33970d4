"""`multimesh restart`: one workload after the other gets the sidecars that its namespace asks for.

Owns: the order, waiting, what is printed. Does not own: which workloads (plan/restart.py), calling kubectl
(kubectl.py).
"""

import sys
from collections.abc import Sequence

from pulumi_multimesh.kubectl import Kubectl, ToolError, cluster, installed, kubeconfigs
from pulumi_multimesh.plan.restart import KINDS, Restart, Workload, restart

DONE, INCOMPLETE = 0, 1


class Stuck(Exception):
    """A workload did not come up again; the message says how to undo it."""


def restart_command(stack: str, namespaces: Sequence[str], seconds: int, *, dry_run: bool) -> int:
    """Restart what has to be in all clusters of the stack; returns the exit code.

    A cluster that gives no answer is passed over and told of. Everything stops at the first workload that is not ready
    after `seconds`, since the next one would fail the same way. Raises `ToolError` when nothing can be asked at all.
    """
    installed("kubectl")
    code, asking = DONE, set[str]()
    for name, kubeconfig in sorted(kubeconfigs(stack).items()):
        with cluster(name, kubeconfig) as asked:
            try:
                found = restart(asked.objects(*KINDS), namespaces)
                asking.update(found.asking)
                complete = _restart(asked, found, seconds, dry_run=dry_run)
            except Stuck as problem:
                sys.stderr.write(f"multimesh: {name}: {problem}\n")
                return INCOMPLETE
            except ToolError as problem:
                sys.stderr.write(f"multimesh: {name}: passed over: {problem}\n")
                complete = False
        code = code if complete else INCOMPLETE
    for namespace in sorted(set(namespaces) - asking):
        sys.stderr.write(f"multimesh: {namespace} asks for sidecars in no cluster; enrol it: mesh.enrol\n")
        code = INCOMPLETE
    return code


def _restart(asked: Kubectl, found: Restart, seconds: int, *, dry_run: bool) -> bool:
    """Whether all that lacked its sidecar has been restarted, or would be."""
    for line in found.left:
        sys.stderr.write(f"multimesh: {asked.cluster}: {line}\n")
    if not found.workloads:
        _say(f"{asked.cluster}: nothing to restart")
    for workload in found.workloads:
        _say(f"{asked.cluster}: {'would restart' if dry_run else 'restart'} {_named(workload)}: {workload.reason}")
        if not dry_run:
            _roll(asked, workload, seconds)
    return not found.left


def _roll(asked: Kubectl, workload: Workload, seconds: int) -> None:
    what, where = f"{workload.kind.lower()}/{workload.name}", ("-n", workload.namespace)
    try:
        asked.run("rollout", "restart", what, *where)
        asked.run("rollout", "status", what, *where, f"--timeout={seconds}s")
    except ToolError as problem:
        undo = f"kubectl rollout undo {what} -n {workload.namespace}"
        raise Stuck(
            f"{_named(workload)} is not ready: {problem}; nothing after it was restarted. "
            f"Look at its pods; back: {undo}"
        ) from None


def _named(workload: Workload) -> str:
    return f"{workload.namespace} {workload.kind.lower()}/{workload.name}"


def _say(line: str) -> None:
    # At once: a restart takes minutes, and whoever waits wants to see which.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
