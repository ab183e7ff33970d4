"""`make demo`: an example by one `pulumi up` in the lab, verified; then an `up` with nothing to change.

Owns: the stages and what a new user reads. Does not own: any stage's work.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from multimesh_lab import cluster, engine, lifecycle, machine, stacks, tools
from multimesh_lab.home import LabHome
from multimesh_lab.lifecycle import LabError
from multimesh_lab.verification.verify import Verification, clusters_of, verify

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
STACK = "demo"


class StageFailed(Exception):
    """A stage did not do what it should; the message says what, the rest is in the lab."""


class Demo:
    """The stages, each timed."""

    def __init__(self, home: LabHome, example: Path) -> None:
        self.home = home
        self.example = example
        self.times: list[tuple[str, float]] = []
        self.verification = Verification()

    def run(self) -> None:
        self._stage("lab: network, DNS, charts, images", self._lab)
        self._stage("pulumi up: clusters, PKI, Istio, gateways, HelloWorld", self._up)
        self._stage("verification: causes, replies, packets", self._verify)
        self._stage("pulumi up again: nothing to change", self._up_again)
        self._summary()

    def _stage(self, title: str, work: Callable[[], None]) -> None:
        _say(f"\n── {title} " + "─" * max(2, 76 - len(title)))
        started = time.monotonic()
        work()
        self.times.append((title, time.monotonic() - started))

    def _lab(self) -> None:
        machine.require(machine.LAB)
        if lifecycle.is_stale(self.home):
            _say("a lab from before is here but not all of it is running: it is taken down first")
            lifecycle.down(self.home)
        tools.build_all()
        engine.prepare(self.home)
        lifecycle.up(self.home, _say)

    def _up(self) -> None:
        self._pulumi("up", "--yes", "--skip-preview")

    def _verify(self) -> None:
        self.verification = verify(self.home, self.example, STACK)
        for finding in self.verification.findings:
            _say(str(finding))
        if not self.verification.ok:
            causes = "; ".join(f"{found.where}: {found.message}" for found in self.verification.causes())
            raise StageFailed(f"the mesh is not what it should be: {causes}")

    def _up_again(self) -> None:
        self._pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")

    def _pulumi(self, *words: str) -> None:
        """A pulumi command on the example; its output goes to the terminal and to a log."""
        environment = engine.environment(self.home)
        project = stacks.Project.around(self.example)
        if project is None:
            raise StageFailed(f"{self.example} holds no Pulumi.yaml")
        config = stacks.adopt(self.home, engine.pulumi(self.home), project, STACK, environment)
        environment["PULUMI_OPTION_CONFIG_FILE"] = str(config)
        command = [str(engine.pulumi(self.home)), *words, "--stack", STACK, "--non-interactive", "--color", "never"]
        log = self.home.logs / f"demo-{words[0]}.log"
        with (
            log.open("w") as file,
            subprocess.Popen(
                command,
                cwd=self.example,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                file.write(line)
                _say("  " + line.rstrip())
        if process.returncode:
            raise StageFailed(f"pulumi {' '.join(words)} ended with {process.returncode}; its output is in {log}")

    def _summary(self) -> None:
        _say("\n── what you have now " + "─" * 58)
        for name, heard in self.verification.replies.items():
            said = ", ".join(f"{version}: {count}" for version, count in sorted(heard.items()))
            _say(f"  replies heard in {name:<8} {said}")
        for title, seconds in self.times:
            _say(f"  {seconds:6.1f} s  {title}")
        _say("  simulated: the clouds' APIs. Real: engine, Kubernetes, Helm, Istio, Envoy, packets (see README).")
        _say("\nwhat to type next")
        _say("  . .venv/bin/activate")
        _say("  multimesh-lab status")
        here = Path.cwd()
        _say(f"  cd {self.example.relative_to(here) if self.example.is_relative_to(here) else self.example}")
        _say(f"  multimesh-lab exec -- pulumi stack --stack {STACK}")
        _say(f"  multimesh-lab verify --stack {STACK}")
        _say(f"  multimesh-lab exec -- pulumi destroy --yes --stack {STACK}")
        _say("  multimesh-lab down")

    def explain(self) -> None:
        """After a failure: the lines that matter from inside the clusters."""
        try:
            with clusters_of(self.home, self.example, STACK) as clusters:
                for member in clusters:
                    for words in _INSIDE:
                        answer = member.run(*words)
                        lines = [line for line in answer.stdout.splitlines() if line.strip() and not _noise(line)]
                        if len(lines) > 1:
                            _say(f"  {member.name}: kubectl {' '.join(words)}")
                            _say("\n".join(f"    {line}" for line in [lines[0], *lines[1:][-12:]]))
        except LabError:
            for facts in cluster.all_clusters(self.home):
                _say(f"  {facts.name}: multimesh-lab logs {facts.name}")


_NOISE = ("FailedGetResourceMetric", "FailedComputeMetricsReplicas", "CgroupV1")
"""Warnings that every cluster of the lab has: it serves no metrics API."""


def _noise(line: str) -> bool:
    return any(word in line for word in _NOISE)


_INSIDE: Sequence[tuple[str, ...]] = (
    ("get", "pods", "-A", "--field-selector=status.phase!=Running,status.phase!=Succeeded"),
    ("get", "events", "-A", "--field-selector=type=Warning", "--sort-by=.lastTimestamp"),
)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="one `pulumi up` in the lab, verified")
    known = sorted(path.parent.name for path in EXAMPLES.glob("*/Pulumi.yaml"))
    parser.add_argument("example", nargs="?", default="two-clouds", choices=known, help="which example")
    demo = Demo(LabHome.from_environment(), EXAMPLES / parser.parse_args().example)
    try:
        demo.run()
    except (StageFailed, LabError, tools.ToolMissing) as fault:
        sys.stderr.write(f"\nthe demo stopped: {fault}\n")
        if isinstance(fault, StageFailed):
            demo.explain()
            sys.stderr.write("the lab is left as it is: multimesh-lab status, multimesh-lab logs\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; the lab is left as it is: multimesh-lab status, multimesh-lab down\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
