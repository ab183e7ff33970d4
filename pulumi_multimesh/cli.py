"""`multimesh`: a thin shell over the plan.

Owns: arguments, reading files, exit codes. Does not own: anything about a mesh. No engine, no credentials.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from pulumi_multimesh import __version__
from pulumi_multimesh.audit_command import audit_command
from pulumi_multimesh.booked import booked_plan, update_book
from pulumi_multimesh.certificates_command import certificates
from pulumi_multimesh.checks_command import checks_command, policy_pack_command
from pulumi_multimesh.graph_command import LANGUAGES, graph_command
from pulumi_multimesh.kubectl import ToolError
from pulumi_multimesh.mesh_source import MeshSource, SourceError, read_source
from pulumi_multimesh.plan.estimate import estimate
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.trust import WARNING_DAYS
from pulumi_multimesh.plan.upgrade import UpgradeRefused, upgrade
from pulumi_multimesh.restart_command import restart_command
from pulumi_multimesh.upgrade_text import upgrade_text

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

  # a picture of it, which code reviews show as one
  multimesh graph --stack dev

  # how to get Istio to another version, and which step comes next
  multimesh upgrade --stack prod --to 1.31.0 --first gcp-eu

  # which workloads run without the sidecar that their namespace asks for; then restart them, one after the other
  multimesh restart --stack prod --dry-run
  multimesh restart --stack prod web orders

  # which certificate ends when, as a pipeline asks every day
  pulumi stack export --stack dev | multimesh certificates --days 45

  # what is wrong with a stack and with what runs in its clusters, judged as its previews are
  multimesh audit --stack prod --config checks.json -o json
  pulumi preview --policy-pack "$(multimesh policy-pack)" --policy-pack-config checks.json

exit codes:
  0  planned, drawn, the order of an upgrade printed, the address book written, all restarted that had to be, no
     certificate ends soon, or an audit found nothing mandatory
  1  the configuration has faults, the upgrade cannot be had, something is left without its sidecar, a certificate
     ends soon, or an audit found something; why is on standard error, or in the report
  2  wrong usage, a file that cannot be read, a program that is missing, or a cluster that an audit could not look at
"""


class _Arguments(argparse.Namespace):
    """What the parser reads, with types."""

    file: str | None
    stack: str | None
    name: str | None
    output: str
    language: str
    update_book: bool
    to: str
    first: str | None
    namespaces: list[str]
    dry_run: bool
    timeout: int
    state: str | None
    days: int
    check: str | None
    config: str | None
    clusters: bool
    run: Callable[["_Arguments"], int]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    arguments = _parser().parse_args(argv, _Arguments())
    try:
        return arguments.run(arguments)
    except (SourceError, ToolError) as problem:
        sys.stderr.write(f"multimesh: {problem}\n")
        return USAGE
    except UpgradeRefused as problem:
        sys.stderr.write(f"multimesh: {problem}\n")
    except ConfigurationFaults as faults:
        sys.stderr.write(f"{faults}\n")
    return FAULTS


def _plan(arguments: _Arguments) -> int:
    source = read_source(arguments.file, arguments.stack, arguments.name)
    if arguments.update_book:
        return _update_book(source, _update_command(arguments))
    result = booked_plan(source.name, source.args, source.folder, _update_command(arguments))
    sys.stdout.write(_json(result) if arguments.output == "json" else render(result))
    return OK


def _graph(arguments: _Arguments) -> int:
    source = read_source(arguments.file, arguments.stack, arguments.name)
    plan = booked_plan(source.name, source.args, source.folder, _update_command(arguments))
    return graph_command(plan, arguments.language)


def _upgrade(arguments: _Arguments) -> int:
    source = read_source(arguments.file, arguments.stack, arguments.name)
    # What is wrong with the configuration is told first: no order follows from one that has faults.
    booked_plan(source.name, source.args, source.folder, _update_command(arguments))
    found = upgrade(source.args, arguments.to, arguments.first)
    sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n" if arguments.output == "json" else upgrade_text(found))
    return OK


def _restart(arguments: _Arguments) -> int:
    stack = arguments.stack or ""
    return restart_command(stack, arguments.namespaces, arguments.timeout, dry_run=arguments.dry_run)


def _certificates(arguments: _Arguments) -> int:
    return certificates(arguments.state or "-", arguments.output, arguments.days)


def _audit(arguments: _Arguments) -> int:
    return audit_command(
        arguments.stack, arguments.state, arguments.config, arguments.output, clusters=arguments.clusters
    )


def _checks(arguments: _Arguments) -> int:
    return checks_command(arguments.check, arguments.output)


def _policy_pack(_: _Arguments) -> int:
    return policy_pack_command()


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
    plan = _command(
        commands,
        "plan",
        _plan,
        "print the clusters, addresses, links and certificates that will be",
        "Print the plan of a mesh. Needs neither the engine nor credentials, and changes nothing.",
    )
    plan.add_argument(
        "--update-book",
        action="store_true",
        help="write ranges, ASNs and tunnels into the file that addresses.book names, and tell what changed",
    )
    picture = _command(
        commands,
        "graph",
        _graph,
        "print the plan as a picture: Mermaid, or DOT for Graphviz",
        "Print the clusters, their roads and who signs whom as a graph that others draw. Changes nothing.",
        has_output=False,
    )
    picture.add_argument(
        "--as", dest="language", choices=list(LANGUAGES), default="mermaid", help="mermaid unless given"
    )
    order = _command(
        commands,
        "upgrade",
        _upgrade,
        "print the order in which Istio is upgraded, and which step comes next",
        "Print what to write, one `pulumi up` after the other, until Istio has the version; changes nothing.",
    )
    order.add_argument("--to", metavar="VERSION", required=True, help="the version to have in the end, such as 1.31.0")
    order.add_argument("--first", metavar="CLUSTER", help="the cluster that moves before the others")
    _restart_command(commands)
    _certificates_command(commands)
    _audit_commands(commands)
    return parser


def _restart_command(commands: Any) -> None:
    command = _bare_command(
        commands,
        "restart",
        _restart,
        "restart what runs without the sidecar that its namespace asks for, or with another version of it",
        "Restart each workload that has no sidecar, or one of another revision or version than its namespace "
        "would get; one after the other, each when the one before is ready. Needs pulumi and kubectl on the PATH.",
    )
    command.add_argument("namespaces", metavar="NAMESPACE", nargs="*", help="all that ask for sidecars unless given")
    command.add_argument("--stack", metavar="NAME", required=True, help="the stack that exports the kubeconfigs")
    command.add_argument("--dry-run", action="store_true", help="print what would be restarted, and change nothing")
    command.add_argument(
        "--timeout", metavar="SECONDS", type=int, default=300, help="for each workload to be ready; 300 unless given"
    )


def _certificates_command(commands: Any) -> None:
    told = "print which certificate of a stack ends when"
    ends = f"{told.capitalize()}; ends with 1 when one is over or ends in fewer days than --days."
    command = _bare_command(commands, "certificates", _certificates, told, ends)
    command.add_argument(
        "--state", metavar="FILE", default="-", help="what `pulumi stack export` writes; - unless given"
    )
    command.add_argument("--days", type=int, default=WARNING_DAYS, help=f"{WARNING_DAYS} unless given")
    _add_output(command)


def _audit_commands(commands: Any) -> None:
    told = "check a stack's state and what runs in its clusters"
    command = _bare_command(
        commands, "audit", _audit, told, f"{told.capitalize()}; changes nothing. Needs pulumi and kubectl on the PATH."
    )
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument("--stack", metavar="NAME", help="the stack; it exports the kubeconfigs of its clusters")
    source.add_argument(
        "--state", metavar="FILE", help="what `pulumi stack export` writes, - is standard input; no cluster is asked"
    )
    command.add_argument(
        "--no-clusters", dest="clusters", action="store_false", help="look at the state alone, and ask no cluster"
    )
    command.add_argument(
        "--config", metavar="FILE", help="JSON of levels and exceptions, as --policy-pack-config has it"
    )
    _add_output(command)
    command = _bare_command(
        commands,
        "checks",
        _checks,
        "print the checks, or why one of them is there",
        "Print the checks, or one in full.",
    )
    command.add_argument("check", metavar="ID", nargs="?", help="one of them; the list of all unless given")
    _add_output(command)
    told = "print the folder of the policy pack, for `pulumi preview --policy-pack`"
    _bare_command(commands, "policy-pack", _policy_pack, told, f"{told.capitalize()}.")


def _command(
    commands: Any, name: str, run: Callable[[_Arguments], int], short: str, long: str, *, has_output: bool = True
) -> argparse.ArgumentParser:
    """A command that reads a mesh, with the options by which it is named."""
    command = _bare_command(commands, name, run, short, long)
    source = command.add_mutually_exclusive_group()
    source.add_argument("-f", "--file", metavar="FILE", help="YAML or JSON of mesh arguments; - is standard input")
    source.add_argument("--stack", metavar="NAME", help="read multimesh:mesh from Pulumi.NAME.yaml in this folder")
    if has_output:
        _add_output(command)
    command.add_argument("--name", help="the mesh's name; multimesh:name or the project's, else \"mesh\"")
    return command


def _bare_command(
    commands: Any, name: str, run: Callable[[_Arguments], int], short: str, long: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=short, description=long, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.set_defaults(run=run)
    return command


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", "--output", choices=("text", "json"), default="text", help="text unless given")


if __name__ == "__main__":
    sys.exit(main())
