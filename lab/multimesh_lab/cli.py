"""`multimesh-lab`: up, down, status, logs, verify, roads, exec, drift, settings.

Owns: the command line. Does not own: anything behind it.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from multimesh_lab import behaviour, drift, engine, lifecycle, machine, property_paths, stacks
from multimesh_lab.fabric import wiring_roads
from multimesh_lab.home import LabError, LabHome
from multimesh_lab.providers.store import SettingsError
from multimesh_lab.tools import ToolMissing
from multimesh_lab.verification.verify import verify

_EXAMPLES = """
examples:
  multimesh-lab up                                       # the lab's network, charts and images; no cluster yet
  multimesh-lab exec -- pulumi preview --stack dev       # your program against the simulated clouds
  multimesh-lab exec -- pulumi up --stack dev            # … which start real clusters
  multimesh-lab status
  multimesh-lab logs gcp-eu kubelet
  multimesh-lab roads                                    # private roads between the clusters, and why not
  multimesh-lab drift set aws NodeGroup default scalingConfig.minSize=3   # … as somebody with the console would
  multimesh-lab settings duration_scale=0.01             # a hundredth of the clouds' real durations
  multimesh-lab down                                     # everything goes: clusters, state, network
"""

_EXPECTED = (
    ToolMissing,
    LabError,
    drift.DriftError,
    property_paths.PathError,
    behaviour.BehaviourError,
    SettingsError,
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="multimesh-lab",
        description="Clouds on one machine: simulated cloud APIs, real clusters, a real mesh.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="make what every cluster of the lab needs").set_defaults(run=_up)
    commands.add_parser("down", help="end everything the lab started and forget it").set_defaults(run=_down)
    commands.add_parser("status", help="what is running, and what is simulated").set_defaults(run=_status)
    logs = commands.add_parser("logs", help="list the lab's logs, or show one")
    logs.add_argument("cluster", nargs="?", help="a cluster's name, `lab`, or `roads`")
    logs.add_argument("process", nargs="?", help="such as kubelet; all of the cluster's when left out")
    logs.add_argument("--lines", type=int, default=40, help="how many of each; 40 unless given")
    logs.set_defaults(run=_logs)
    check = commands.add_parser("verify", help="verify the mesh of a stack: causes, replies, packets")
    check.add_argument("--stack", required=True, help="the stack; its project is the one of this folder")
    check.set_defaults(run=_verify)
    roads = commands.add_parser("roads", help="which clusters reach each other privately, why not, and what is up")
    roads.add_argument("-o", "--output", choices=("table", "json"), default="table")
    roads.set_defaults(run=_roads)
    _add_drift(commands.add_parser("drift", help="change what the simulated clouds have behind the engine's back"))
    settings = commands.add_parser("settings", help="how the simulated clouds behave, shown or set")
    settings.add_argument("words", nargs="*", metavar="SETTING=VALUE", help="such as duration_scale=0.01 nodes=none")
    settings.set_defaults(run=_settings)
    execute = commands.add_parser("exec", help="run a command in the lab's surroundings")
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    execute.set_defaults(run=_exec)
    wish = parser.parse_args()
    run: Callable[[argparse.Namespace, LabHome], int] = wish.run
    try:
        return run(wish, LabHome.from_environment())
    except _EXPECTED as fault:
        sys.stderr.write(f"multimesh-lab: {fault}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _add_drift(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="what the simulated clouds have")
    listing.add_argument("cloud", nargs="?", metavar="CLOUD", help="one of them; all unless given")
    listing.set_defaults(run=_drift_list)
    change = actions.add_parser("set", help="change a resource as somebody with the cloud's console would")
    delete = actions.add_parser("delete", help="delete a resource, with its real cluster, node or address")
    for action in (change, delete):
        action.add_argument("cloud", metavar="CLOUD", help="such as gcp")
        action.add_argument("type", metavar="TYPE", help="such as NodePool, or container:NodePool")
        action.add_argument("name", metavar="NAME", help="its name in the program, or its id")
    change.add_argument("words", nargs="+", metavar="PATH=VALUE", help="JSON or text; null takes it away")
    change.set_defaults(run=_drift_set)
    delete.add_argument("--force", action="store_true", help="even if it is protected, or others use it")
    delete.set_defaults(run=_drift_delete)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _up(_: argparse.Namespace, home: LabHome) -> int:
    machine.require(machine.LAB)
    engine.prepare(home)
    lifecycle.up(home, _say)
    return 0


def _down(_: argparse.Namespace, home: LabHome) -> int:
    machine.require([machine.ROOT])
    lifecycle.down(home)
    rest = lifecycle.leftovers(home)
    if rest:
        sys.stderr.write("multimesh-lab: still there after down:\n" + "".join(f"  {line}\n" for line in rest))
        return 1
    _say("the lab is gone: no process, mount, namespace or bridge is left")
    return 0


def _status(_: argparse.Namespace, home: LabHome) -> int:
    for line in lifecycle.status_lines(home):
        _say(line)
    return 0


def _logs(wish: argparse.Namespace, home: LabHome) -> int:
    files = lifecycle.log_files(home, wish.cluster, wish.process)
    if not files:
        sys.stderr.write("multimesh-lab: no such log; `multimesh-lab logs` lists what there is\n")
        return 1
    for path in files:
        if wish.cluster is None:
            _say(str(path))
            continue
        _say(f"==> {path} <==")
        for line in path.read_text(errors="replace").splitlines()[-wish.lines :]:
            _say(line)
    return 0


def _verify(wish: argparse.Namespace, home: LabHome) -> int:
    result = verify(home, Path.cwd(), wish.stack)
    for finding in result.findings:
        _say(str(finding))
    return 0 if result.ok else 1


def _roads(wish: argparse.Namespace, home: LabHome) -> int:
    found = wiring_roads.report(home)
    for line in [json.dumps(found.document(), indent=2)] if wish.output == "json" else wiring_roads.lines(found):
        _say(line)
    return 0


def _drift_list(wish: argparse.Namespace, home: LabHome) -> int:
    there = drift.all_resources(home, wish.cloud)
    if not there:
        _say("the simulated clouds have nothing; multimesh-lab exec -- pulumi up makes something")
        return 0
    rows = [("CLOUD", "TYPE", "NAME", "ID (all simulated)")]
    rows += [(found.cloud, found.type, found.record.name, found.record.id) for found in there]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        _say("  ".join([*(row[column].ljust(widths[column]) for column in range(3)), row[3]]))
    return 0


def _drift_set(wish: argparse.Namespace, home: LabHome) -> int:
    assignments = [property_paths.parse(word) for word in wish.words]
    found = drift.find(home, wish.cloud, wish.type, wish.name)
    lines = drift.change(home, found, assignments)
    _say(f"{found.cloud} (simulated): {found.type} {found.record.name} changed behind the engine's back")
    for line in lines or ["nothing: it was like that already"]:
        _say(f"  {line}")
    _say("`pulumi refresh` sees it")
    return 0


def _drift_delete(wish: argparse.Namespace, home: LabHome) -> int:
    found = drift.find(home, wish.cloud, wish.type, wish.name)
    drift.delete(home, found, force=wish.force)
    _say(f"{found.cloud} (simulated): {found.type} {found.record.name} ({found.record.id}) is gone")
    _say("`pulumi refresh` sees it")
    return 0


def _settings(wish: argparse.Namespace, home: LabHome) -> int:
    settings = behaviour.changed(home, wish.words)
    _say("the simulated clouds of this lab:")
    for line in behaviour.lines(settings):
        _say(f"  {line}")
    return 0


def _exec(wish: argparse.Namespace, home: LabHome) -> int:
    words: list[str] = wish.words[1:] if wish.words[:1] == ["--"] else wish.words
    if not words:
        sys.stderr.write("multimesh-lab: exec needs a command: multimesh-lab exec -- pulumi preview\n")
        return 2
    engine.prepare(home)
    lifecycle.serve_charts(home)
    environment = engine.environment(home)
    command = engine.whole_path(words[0], home)
    if command is None:
        sys.stderr.write(f"multimesh-lab: {words[0]} is not on the lab's PATH\n")
        return 127
    if Path(command).name == "pulumi":
        environment |= _stack_environment(words, home, environment)
    return os.execve(Path(command), words, environment)  # the command's exit code is the caller's


def _stack_environment(words: list[str], home: LabHome, environment: dict[str, str]) -> dict[str, str]:
    """The engine reads the lab's copy of the stack's configuration, and finds the stack in the lab's backend."""
    project = stacks.Project.around(Path.cwd())
    if project is None:
        return {}
    pulumi = engine.pulumi(home)
    stack = stacks.stack_of(words) or stacks.selected(pulumi, project, environment)
    if stack is None:
        return {}
    return {"PULUMI_OPTION_CONFIG_FILE": str(stacks.adopt(home, pulumi, project, stack, environment))}


if __name__ == "__main__":
    sys.exit(main())
