"""Planning needs neither the engine nor a cloud's SDK."""

import ast
import subprocess
import sys
from pathlib import Path

import pulumi_multimesh.plan

ROOM = Path(pulumi_multimesh.plan.__file__).parent
PACKAGE = ROOM.parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in [*ROOM.rglob("*.py"), PACKAGE / "cli.py"]
)


def test_no_module_of_the_plan_loads_pulumi():
    script = (
        "import importlib, sys\n"
        f"for name in {MODULES!r}: importlib.import_module(name)\n"
        "print(*sorted(n for n in sys.modules if n.partition('.')[0].startswith('pulumi') "
        "and n.partition('.')[0] != 'pulumi_multimesh'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=PACKAGE.parent, check=True
    )
    assert done.stdout.strip() == ""


def test_no_module_of_the_plan_names_pulumi_in_an_import():
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            imported = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            roots = {name.partition(".")[0] for name in imported}
            assert not any(root.startswith("pulumi") for root in roots - {"pulumi_multimesh"}), path


def test_no_module_of_the_plan_reads_a_clock_or_dice():
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & {
                    "random",
                    "secrets",
                    "time",
                    "uuid",
                    "os",
                }, path
