"""The page on OKE names every key that a user may write."""

from pathlib import Path

import pytest

from pulumi_multimesh import config

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clouds" / "oke.md").read_text()
KEYS = [
    *config.OkeArgs.__annotations__,
    *config.OkeNetworkIds.__annotations__,
    *config.OkeNodePoolArgs.__annotations__,
    *config.AloneArgs.__annotations__,
]


@pytest.mark.parametrize("key", KEYS)
def test_the_page_says_what_the_key_is_for(key: str) -> None:
    assert f"`{key}`" in PAGE


ROWS = [
    line.split("|") for line in PAGE.partition("## Arguments")[2].partition("\n## ")[0].splitlines() if line[:1] == "|"
]


@pytest.mark.parametrize("key", config.OkeArgs.__annotations__)
def test_each_argument_has_one_row_with_its_default_and_meaning(key: str) -> None:
    (row,) = [cells for cells in ROWS if cells[1].strip() == f"`{key}`"]
    _, _, default, meaning, _ = (cell.strip() for cell in row)
    assert default
    assert meaning
