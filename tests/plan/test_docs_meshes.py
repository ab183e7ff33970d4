"""The guide to meshes says what the rules and facts say, and its pictures are those of the examples."""

import re
from pathlib import Path

import chart_keys
import pytest
from example_args import example

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.graph import graph
from pulumi_multimesh.plan.graph_text import mermaid
from pulumi_multimesh.plan.mesh_facts import AS_OF, FACTS, facts_table, needs_table, sources_list

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "meshes.md").read_text()


@pytest.mark.parametrize("part", [facts_table(), sources_list(), needs_table(), AS_OF], ids=str.__len__)
def test_the_guide_has_the_facts_and_the_rules(part: str) -> None:
    assert part in GUIDE


@pytest.mark.parametrize("name", ["linkerd", "consul"])
def test_the_pictures_are_those_of_the_examples(name: str) -> None:
    assert f"```mermaid\n{mermaid(graph(plan('shop', example(name))))}```" in GUIDE


def test_every_fact_has_a_source_and_every_side_is_told() -> None:
    abouts = {fact.about for fact in FACTS}
    assert {"complexity", "performance", "several clusters", "load balancing", "security"} <= abouts
    for fact in FACTS:
        assert all((fact.istio, fact.linkerd, fact.consul, fact.sources))
        assert "|" not in fact.istio + fact.linkerd + fact.consul


def test_figures_say_of_which_year_they_are() -> None:
    for fact in FACTS:
        if fact.about == "performance":
            figures = [side for side in (fact.istio, fact.linkerd, fact.consul) if re.search(r"\d", side)]
            assert figures, fact.what
            assert all(re.search(r"20\d\d", side.replace("2000", "")) for side in figures), fact.what
            assert re.search(r"20\d\d", fact.sources), fact.what


def test_the_numbers_of_values_are_those_of_the_lists() -> None:
    (fact,) = [fact for fact in FACTS if fact.what == "values of its main chart"]
    assert fact.linkerd == str(len(chart_keys.known("linkerd-control-plane")))
    assert fact.consul == str(len(chart_keys.known("consul")))
