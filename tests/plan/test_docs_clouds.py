"""The page on each cloud's clusters names every key that a user may write, and says what it means."""

from pathlib import Path

import pytest

from pulumi_multimesh import config

PAGES = Path(__file__).resolve().parents[2] / "docs" / "clouds"
CLASSES: dict[str, tuple[type, ...]] = {
    "gke": (config.GkeArgs, config.GkeNetworkIds, config.SurgingNodePoolArgs, config.AloneArgs),
    "eks": (
        config.EksArgs,
        config.EksNetworkIds,
        config.LoadBalancerControllerArgs,
        config.NodePoolArgs,
        config.AloneArgs,
    ),
    "aks": (config.AksArgs, config.AksNetworkIds, config.SurgingNodePoolArgs, config.AloneArgs),
    "oke": (config.OkeArgs, config.OkeNetworkIds, config.OkeNodePoolArgs, config.AloneArgs),
}
"""By kind; the first holds what the table of arguments lists."""
KEYS = [(kind, key) for kind, classes in CLASSES.items() for each in classes for key in each.__annotations__]
ARGUMENTS = [(kind, key) for kind, classes in CLASSES.items() for key in classes[0].__annotations__]


def page(kind: str) -> str:
    return (PAGES / f"{kind}.md").read_text()


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_the_page_says_what_the_key_is_for(kind: str, key: str) -> None:
    assert f"`{key}`" in page(kind)


@pytest.mark.parametrize(("kind", "key"), ARGUMENTS)
def test_each_argument_has_one_row_with_its_default_and_meaning(kind: str, key: str) -> None:
    table = page(kind).partition("## Arguments")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    (row,) = [cells for cells in rows if cells[1].strip() == f"`{key}`"]
    _, _, default, meaning, _ = (cell.strip() for cell in row)
    assert default
    assert meaning


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "section",
    [
        "What is created, and why",
        "Permissions of who runs Pulumi",
        "What it costs when idle",
        "Arguments",
        "What a change does",
        "Deleting",
        "Traps",
    ],
)
def test_every_page_answers_the_same_questions(kind: str, section: str) -> None:
    assert f"\n## {section}\n" in page(kind)
