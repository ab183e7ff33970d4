"""Every example and the stacks at the root, as far as clusters on paper carry them: no secret is readable anywhere.

`up` makes all of the clouds, the authorities and the tunnels, and ends at the clusters, which answer nobody; so the
previews after it know every key, and show what they would write with them. The live tests look at whole stacks.
"""

import json
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from example_args import EXAMPLES, example
from lab_engine import ROOT, Lab, passed, simulated_clouds
from secret_scanner import kept, previewed, readable, secrets_in

from multimesh_lab.providers import store
from multimesh_lab.providers.store import Settings

STACKS = [(f"examples/{name}", "scanned") for name in EXAMPLES] + [(".", "dev"), (".", "prod")]
WITHOUT_CHARTS = ("examples/consul", "examples/linkerd")
"""Whose charts cannot be had here: once their clusters are known a preview would ask for them, so these are previewed
before. A whole stack of each, with stand-ins for the charts, is looked at in test_other_meshes_life.py."""
UP = ("up", "--yes", "--skip-preview", "--continue-on-error")


def told_by_the_plan(lab: Lab, folder: str, stack: str, scratch: Path) -> dict[str, str]:
    """By command: what `multimesh` says of the mesh without engine and credentials."""
    source, where = ("--stack", stack), ROOT / folder
    if folder != ".":
        (scratch / "mesh.yaml").write_text(json.dumps(example(Path(folder).name)))
        for book in where.glob("addresses.yaml"):
            shutil.copy(book, scratch)
        source, where = ("-f", "mesh.yaml"), scratch
    commands = (("plan",), ("plan", "-o", "json"), ("graph",))
    run = ("exec", "--", sys.executable, "-m", "pulumi_multimesh.cli")
    return {" ".join(words): passed(lab.command(*run, *words, *source, folder=where)) for words in commands}


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lab]:
    """Clouds of each stack's own: two stacks want the same names."""
    with simulated_clouds(tmp_path_factory.mktemp("scanned")) as made:
        yield made


@pytest.mark.parametrize(("folder", "stack"), STACKS)
def test_no_secret_of_a_stack_is_readable(lab: Lab, tmp_path: Path, folder: str, stack: str) -> None:
    store.write_settings(lab.home, Settings(clusters="none"))
    where, early = ROOT / folder, folder in WITHOUT_CHARTS
    shown = previewed(lab, where, stack, unfinished=True) if early else {}
    made = lab.pulumi(*UP, "--stack", stack, folder=where)
    assert "the cluster cannot be reached" in made.stdout, made.stdout[-3000:]
    secrets = secrets_in(lab, where, stack)
    keys = [name for name in secrets if "(key)" in name]
    assert keys, secrets.keys()
    shown |= {"an up": made.stdout, **kept(lab, where, stack), **told_by_the_plan(lab, folder, stack, tmp_path)}
    shown |= {} if early else previewed(lab, where, stack, unfinished=True)
    assert readable(shown, secrets) == []
