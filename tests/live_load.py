"""Calls without a pause from the pods of a mesh while something is done to it, and how many of them were lost.

Owns: the calls and their count. Does not own: what is done meanwhile. The callers and the service are the program's:
a Deployment `client` with curl, and HelloWorld, in the namespace `web`.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from multimesh_lab.verification.kubectl import Cluster

Record = Callable[[str, object], None]
"""pytest's `record_property`."""

COUNTED = "counted"
"""The property of a test's report that says what was counted."""

_ROUND = 100
_ABREAST = 2
"""Calls of a round that are under way at the same time."""
_PATIENCE = 60.0
"""Seconds until the first round of calls must have been answered."""
_LOG_DELAY = 12.0
"""Seconds after which Envoy has written what happened; it gathers lines for ten."""
_LONGEST_PAUSE = 20.0
"""Seconds that a round may take: a call has five, so that a longer one means that nobody called meanwhile."""


@dataclass
class Load:
    """Calls from one cluster, a few at a time without a pause, until it is told to stop."""

    cluster: Cluster
    codes: Counter[str] = field(default_factory=Counter[str])
    """By HTTP status, as curl writes it; `000` for no answer within five seconds."""
    unheard: list[str] = field(default_factory=list[str])
    """Why calls are not known to have been made: what was done meanwhile is then not proven."""
    failures: list[str] = field(default_factory=list[str])
    """What the caller's proxy wrote of calls that were not answered with 200, asked some seconds later."""
    heard: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        url = f"http://helloworld.web:5000/hello?[1-{_ROUND}]"
        abreast = ("--parallel", "--parallel-immediate", "--parallel-max", str(_ABREAST))
        curl = ("curl", "-sS", *abreast, "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}\\n", url)
        failed_from: float | None = None
        while not self.stop.is_set():
            began = time.monotonic()
            answer = self.cluster.run("exec", "-n", "web", "deploy/client", "-c", "curl", "--", *curl, seconds=600)
            codes, took = answer.stdout.split(), time.monotonic() - began
            self.codes.update(codes)
            if set(codes) - {"200"}:
                failed_from = failed_from or began
            if failed_from is not None and time.monotonic() - failed_from > _LOG_DELAY + took:
                self.failures += self._what_was_lost(time.monotonic() - failed_from)
                failed_from = None
            if len(codes) != _ROUND:
                self.unheard.append(f"{len(codes)} of {_ROUND} calls of a round were made: {answer.stderr[-300:]}")
            elif took > _LONGEST_PAUSE:
                self.unheard.append(f"a round took {took:.0f} s")
            self.heard.set()

    @property
    def lost(self) -> int:
        """Calls that were not answered with 200."""
        return self.codes.total() - self.codes["200"]

    def _what_was_lost(self, seconds: float) -> list[str]:
        """The lines of the caller's access log of so many seconds about calls that failed."""
        since = f"--since={int(seconds) + 2}s"
        answer = self.cluster.run("logs", "-n", "web", "deploy/client", "-c", "istio-proxy", since, seconds=60)
        return [line for line in answer.stdout.splitlines() if line.startswith("[") and '" 200 ' not in line]


@contextmanager
def load(members: Iterable[Cluster]) -> Generator[list[Load]]:
    """Calls from each cluster's client while the block runs, and some seconds longer."""
    loads = [Load(member) for member in members]
    threads = [threading.Thread(target=each.run) for each in loads]
    for thread in threads:
        thread.start()
    try:
        for each in loads:
            assert each.heard.wait(_PATIENCE), each.cluster.name
        yield loads
        time.sleep(5)
    finally:
        for each in loads:
            each.stop.set()
        for thread in threads:
            thread.join()


def count(loads: list[Load], record: Record) -> int:
    """The calls lost, which the test's report says with the others; a load of less than a second's calls is none."""
    for each in loads:
        codes = ", ".join(f"{number} × {code}" for code, number in sorted(each.codes.items()))
        record(COUNTED, f"{each.cluster.name}: {each.codes.total()} calls, {each.lost} lost ({codes})")
        assert each.codes["200"] > 3 * _ROUND, each.cluster.name
        assert each.unheard == [], each.cluster.name
    return sum(each.lost for each in loads)


def none_lost(loads: list[Load], record: Record) -> None:
    """Every call was answered with 200."""
    count(loads, record)
    for each in loads:
        assert each.lost == 0, f"{each.cluster.name}: {dict(each.codes)}\n" + "\n".join(each.failures)
