"""The guided order of an upgrade as text.

Owns: its form. Does not own: the order (plan/upgrade.py).
"""

from collections.abc import Iterator

import yaml

from pulumi_multimesh.plan.upgrade import Step, Upgrade

_INDENT = " " * 6


def upgrade_text(found: Upgrade) -> str:
    """All steps, those that are done marked as such, with what to write, to run and to look at."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Upgrade) -> Iterator[str]:
    if not found.steps:
        yield f"The mesh is on {found.wanted}; there is nothing to do."
        return
    way = "side by side" if found.side_by_side else "in place, as its topology has one control plane for all"
    yield f"From {found.present} to {found.wanted}, {way}: one `pulumi up` for each step."
    for number, step in enumerate(found.steps):
        yield ""
        state = "done" if number < found.done else "next" if number == found.done else ""
        yield f"{number + 1}. {step.title}{f'  [{state}]' if state else ''}"
        if number >= found.done:
            yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    yield "   write, beside the other keys of istio"
    text = yaml.safe_dump({"istio": step.istio}, default_flow_style=None, sort_keys=False, width=100)
    yield from (_INDENT + line for line in text.splitlines())
    yield f"   pulumi up: {step.changes}"
    yield "   then"
    yield from (_INDENT + line for line in step.then)
    yield f"   back: {step.back}"
