"""Every check has its page in the docs, as it is written from the check itself."""

from lab_engine import ROOT

from pulumi_multimesh.checks.pages import pages

FOLDER = ROOT / "docs" / "checks"


def test_the_pages_are_up_to_date() -> None:
    """`python -m pulumi_multimesh.checks.pages docs/checks` writes them."""
    assert {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()} == dict(pages())
