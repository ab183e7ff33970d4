"""Which stack a command line means, and which project a folder belongs to."""

from pathlib import Path

import pytest

from multimesh_lab.stacks import Project, stack_of


@pytest.mark.parametrize(
    ("words", "stack"),
    [
        (["pulumi", "up", "--stack", "dev"], "dev"),
        (["pulumi", "up", "-s", "dev", "--yes"], "dev"),
        (["pulumi", "preview", "--stack=prod"], "prod"),
        (["pulumi", "preview"], None),
        (["pulumi", "preview", "--stack"], None),
    ],
)
def test_the_stack_of_a_command_line(words: list[str], stack: str | None) -> None:
    assert stack_of(words) == stack


def test_the_nearest_project_at_or_above_a_folder(tmp_path: Path) -> None:
    inner = tmp_path / "infra" / "program"
    inner.mkdir(parents=True)
    assert Project.around(inner) is None
    (tmp_path / "infra" / "Pulumi.yaml").write_text("name: outer\nruntime: python\n")
    assert Project.around(inner) == Project(tmp_path / "infra", "outer")
    (inner / "Pulumi.yaml").write_text("name: inner\nruntime: python\n")
    assert Project.around(inner) == Project(inner, "inner")
