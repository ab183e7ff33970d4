"""`multimesh certificates`: what of a stack's trust ends when, from the state that `pulumi stack export` writes.

Owns: finding certificates in a state, the table, the exit code. Does not own: counting days (pki/expiry.py). Only
certificates are read; what is encrypted in a state stays so.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from pulumi_multimesh.mesh_source import SourceError
from pulumi_multimesh.pki.endings import Ending, endings
from pulumi_multimesh.plan import reading

_WITH_ENDS = ("multimesh:index:MeshPki", "multimesh:index:LinkerdTrust", "multimesh:index:ConsulTrust")
"""Components whose output `ends` says it of their certificates: authorities, and the servers of a cluster."""
OVER, SOON, FINE = "over", "soon", "fine"


def certificate_endings(state: Mapping[str, Any], now: datetime) -> list[tuple[str, Ending]]:
    """Authorities and servers, by the logical name of what has them, the first to end first."""
    found = [(pki, ending) for pki, ends in _ends(state) for ending in endings(ends, now)]
    return sorted(found, key=lambda each: (each[1].ends, each[0], each[1].name))


def _ends(state: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for resource in reading.as_list(reading.record(reading.as_record(state), "deployment").get("resources")):
        record = reading.as_record(resource)
        if record.get("type") in _WITH_ENDS:
            urn = reading.text(record, "urn") or ""
            yield urn.rpartition("::")[2], reading.text_table(reading.record(record, "outputs"), "ends")


def certificates(file: str, output: str, days: int) -> int:
    """Print the table or JSON; 1 when any certificate is over or ends in fewer than `days`."""
    found = certificate_endings(state_file(file), datetime.now(UTC))
    rows = [(pki, ending.name, ending.ends, ending.days, _judged(ending, days)) for pki, ending in found]
    if output == "json":
        keys = ("pki", "certificate", "ends", "days", "state")
        told = [dict(zip(keys, (*row[:2], row[2].isoformat(), *row[3:]), strict=True)) for row in rows]
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        width = max((len(row[1]) for row in rows), default=0)
        for pki, name, ends, left, judged in rows:
            sys.stdout.write(f"{judged}  {name.ljust(width)}  {ends:%Y-%m-%d}  in {left} days  ({pki})\n")
        if not rows:
            sys.stdout.write("no mesh's certificates are in this state\n")
    return int(any(row[4] != FINE for row in rows))


def _judged(ending: Ending, days: int) -> str:
    if ending.days < 0:
        return OVER
    return SOON if ending.days < days else FINE


def state_file(file: str) -> Mapping[str, Any]:
    """What `pulumi stack export` wrote; raises `SourceError` when it cannot be read, or is no state."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        document = cast("object", json.loads(text))
    except OSError as problem:
        raise SourceError(f"cannot read {file}: {problem.strerror}") from None
    except ValueError:
        raise SourceError(f"{file} is not JSON; give what  pulumi stack export  writes") from None
    if "deployment" not in reading.as_record(document):
        raise SourceError(f"{file} is no state of a stack; give what  pulumi stack export  writes")
    return cast("Mapping[str, Any]", document)
