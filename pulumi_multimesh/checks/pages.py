"""A page for each check, and the list of all: `python -m pulumi_multimesh.checks.pages docs/checks` writes them.

Owns: how a check is told in full. Does not own: what it says (the check itself).
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from pulumi_multimesh.checks.catalogue import CATALOGUE
from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.item import KUBERNETES
from pulumi_multimesh.checks.state_secrets import STATE_ONLY

_LEVELS = {
    Level.MANDATORY: "mandatory: what it finds stops an update, and `multimesh audit` ends with 1",
    Level.ADVISORY: "advisory: what it finds is told",
}
_INDEX = """\
# The checks

`pulumi preview --policy-pack "$(multimesh policy-pack)"` asks them about what would be changed, `multimesh audit` about
the stack's state and its running clusters. [docs/audits.md](../audits.md) says how to use them, and how to except.

| check | level | what should hold |
|---|---|---|
"""


def page(check: Check) -> str:
    """The page of a check, as Markdown."""
    return f"""\
# {check.id}

**{check.title}**

* Level: {_LEVELS[check.level]}.
* Looks at: {", ".join(f"`{each}`" for each in _types(check))}.
* Asked: {_asked(check)}.
* Source: {check.source}

## Why

{check.why}

## What to do

{check.remedy}

## To leave something alone

In the file for `--policy-pack-config` and `multimesh audit --config`:

```json
{{"{check.id}": {{"except": ["NAME-OF-THE-RESOURCE"]}}}}
```
"""


def index() -> str:
    """The list of all."""
    rows = [f"| [{check.id}]({check.id}.md) | {check.level} | {check.title} |" for check in CATALOGUE]
    return _INDEX + "\n".join(rows) + "\n"


def pages() -> Mapping[str, str]:
    """Every file's text by its name."""
    return {"README.md": index(), **{f"{check.id}.md": page(check) for check in CATALOGUE}}


def _types(check: Check) -> list[str]:
    if check.types == ("*",):
        return ["every resource"]
    return list(dict.fromkeys(each.removeprefix(KUBERNETES).strip(":") for each in check.types))


def _asked(check: Check) -> str:
    if check.id in STATE_ONLY:
        return "by audits, about the state"
    kubernetes = any(each.startswith(KUBERNETES) for each in check.types)
    return "in previews, and by audits about " + ("running clusters" if kubernetes else "the state")


def main() -> None:
    """Write the pages into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
