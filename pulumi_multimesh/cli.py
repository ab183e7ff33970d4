"""`multimesh`: a thin shell over the plan.

Owns: arguments, reading files, exit codes. Does not own: anything about a mesh. No engine, no credentials.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from typing import Any

from pulumi_multimesh import __version__
from pulumi_multimesh.booked import booked_plan, update_book
from pulumi_multimesh.mesh_source import MeshSource, SourceError, read_source
from pulumi_multimesh.plan.estimate import estimate
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.render import render

OK, FAULTS, USAGE = 0, 1, 2

_EXAMPLES = """\
examples:
  # the plan of the stack "dev", from Pulumi.dev.yaml in this folder
  multimesh plan --stack dev

  # the plan of mesh arguments in a file of their own, under the name "shop"
  multimesh plan -f mesh.yaml --name shop

  # from standard input, as JSON, for a script
  yq '.config["multimesh:mesh"]' Pulumi.dev.yaml | multimesh plan -f - -o json | jq .clusters

  # give what is new its place, remember it, and see what changed
  multimesh plan --stack dev --update-book

exit codes:
  0  planned, or the address book written
  1  the configuration has faults; all of them are on standard error
  2  wrong usage, or a file that cannot be read
"""


class _Arguments(argparse.Namespace):
    """What the parser reads, with types."""

    file: str | None
    stack: str | None
    name: str | None
    output: str
    update_book: bool


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    arguments = _parser().parse_args(argv, _Arguments())
    try:
        source = read_source(arguments.file, arguments.stack, arguments.name)
        if arguments.update_book:
            return _update_book(source, _update_command(arguments))
        result = booked_plan(source.name, source.args, source.folder, _update_command(arguments))
    except SourceError as problem:
        sys.stderr.write(f"multimesh: {problem}\n")
        return USAGE
    except ConfigurationFaults as faults:
        sys.stderr.write(f"{faults}\n")
        return FAULTS
    sys.stdout.write(_json(result) if arguments.output == "json" else render(result))
    return OK


def _json(result: MeshPlan) -> str:
    """The plan, and beside it what its roads cost."""
    return json.dumps({**result.as_dict(), "estimate": estimate(result).as_dict()}, indent=2) + "\n"


def _update_command(arguments: _Arguments) -> str:
    """This command as it was given, but to update the address book."""
    options = (("--stack", arguments.stack), ("-f", arguments.file), ("--name", arguments.name))
    given = [f"{option} {shlex.quote(value)}" for option, value in options if value is not None]
    return " ".join(["multimesh plan", *given, "--update-book"])


def _update_book(source: MeshSource, command: str) -> int:
    """Write what the plan gives into the address book, and tell what changed."""
    try:
        file, changed = update_book(source.name, source.args, source.folder, command)
    except LookupError:
        raise SourceError("the arguments name no address book; add  addresses: {book: addresses.yaml}") from None
    if changed is None:
        sys.stdout.write(f"{file}: nothing to change\n")
        return OK
    head = f"{file}: written, {changed.kept} kept; commit it with the change"
    sys.stdout.write("\n".join([head, *(f"  {line}" for line in changed.lines)]) + "\n")
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="multimesh",
        description="A multi-cloud service mesh: what it will be, before anything is made.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"multimesh {__version__}")
    commands: Any = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command: argparse.ArgumentParser = commands.add_parser(
        "plan",
        help="print the clusters, addresses, links and certificates that will be",
        description="Print the plan of a mesh. Needs neither the engine nor credentials, and changes nothing.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument("-f", "--file", metavar="FILE", help="YAML or JSON of mesh arguments; - is standard input")
    source.add_argument("--stack", metavar="NAME", help="read multimesh:mesh from Pulumi.NAME.yaml in this folder")
    command.add_argument("-o", "--output", choices=("text", "json"), default="text", help="text unless given")
    command.add_argument(
        "--update-book",
        action="store_true",
        help="write ranges, ASNs and tunnels into the file that addresses.book names, and tell what changed",
    )
    command.add_argument("--name", help="the mesh's name; multimesh:name or the project's, else \"mesh\"")
    return parser


if __name__ == "__main__":
    sys.exit(main())
