"""`multimesh checks`: which checks there are, and one of them in full; `multimesh policy-pack`: where the pack lies.

Owns: printing them. Does not own: any check (checks/).
"""

import difflib
import json
import sys
from importlib import resources

from pulumi_multimesh.checks.catalogue import BY_ID, CATALOGUE
from pulumi_multimesh.checks.pages import page
from pulumi_multimesh.mesh_source import SourceError


def checks_command(name: str | None, output: str) -> int:
    """Print the list, or the page of one; raises `SourceError` for an id that there is not."""
    if name is None:
        sys.stdout.write(_list(output))
        return 0
    check = BY_ID.get(name)
    if check is None:
        near = difflib.get_close_matches(name, BY_ID, 1)
        raise SourceError(f"there is no check {name}; " + (f"did you mean {near[0]}?" if near else "see them all"))
    sys.stdout.write(page(check))
    return 0


def _list(output: str) -> str:
    if output == "json":
        told = [{"check": each.id, "level": each.level, "title": each.title} for each in CATALOGUE]
        return json.dumps(told, indent=2) + "\n"
    width = max(len(each.id) for each in CATALOGUE)
    return "".join(f"{each.id.ljust(width)}  {each.level:9}  {each.title}\n" for each in CATALOGUE)


def policy_pack_command() -> int:
    """Print the folder for the engine's `--policy-pack`."""
    sys.stdout.write(f"{resources.files('pulumi_multimesh') / 'policy_pack'}\n")
    return 0
