"""The picture of a plan: everything that the plan has is in it, and both languages are sound."""

import re
import shutil
import subprocess
from typing import Any

import pytest
from configurations import ABSENT, changed

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.graph import graph
from pulumi_multimesh.plan.graph_text import dot, mermaid

THREE = {"aks": {"azure-eu": {"region": "westeurope"}}}
MESHES: dict[str, dict[str, Any]] = {
    "istio": THREE,
    "one control plane": {**THREE, "istio": {"topology": "primary-remote", "primary": "gcp-eu"}},
    "an external one": {**THREE, "istio": {"topology": "external", "management": "gcp-eu"}},
    "linkerd": {**THREE, "istio": ABSENT, "linkerd": {}},
    "flat": {"istio": ABSENT, "linkerd": {}, "connectivity": "vpn", "flat": True},
    "consul": {**THREE, "istio": ABSENT, "consul": {}},
    "federation": {**THREE, "istio": ABSENT, "consul": {"topology": "federation", "primary": "gcp-eu"}},
    "two roots": {"pki": {"roots": ["default", "r2028"], "issuing": "default"}},
}


@pytest.mark.parametrize("mesh", MESHES)
def test_everything_of_the_plan_is_in_the_picture(mesh: str) -> None:
    found = plan("shop", changed(MESHES[mesh]))
    picture = graph(found)
    assert {node.name for group in picture.groups for node in group.nodes} == set(found.clusters)
    roads = [(edge.start, edge.end) for edge in picture.edges if not edge.dashed]
    assert roads == [(link.first, link.second) for link in found.links]
    signed = [edge.end for edge in picture.edges if edge.text == "signs"]
    assert signed == list(found.trust.intermediates)
    for text in (mermaid(picture), dot(picture)):
        for name in found.clusters:
            assert name in text
        assert found.control_plane.mesh in text


@pytest.mark.parametrize(
    ("mesh", "said"),
    [
        ("one control plane", "remote"),
        ("an external one", "management"),
        ("linkerd", "linked over public gateways"),
        ("flat", "linked over vpn"),
        ("consul", "peered over public gateways"),
        ("federation", "primary datacenter, 3 servers"),
        ("two roots", "root-r2028"),
    ],
)
def test_what_is_told(mesh: str, said: str) -> None:
    picture = graph(plan("shop", changed(MESHES[mesh])))
    assert said in mermaid(picture)
    assert said in dot(picture)


def test_who_reads_whom_is_drawn_where_it_is_not_everybody() -> None:
    def reads(mesh: str) -> list[tuple[str, str]]:
        edges = graph(plan("shop", changed(MESHES[mesh]))).edges
        return [(edge.start, edge.end) for edge in edges if edge.text == "reads"]

    assert reads("istio") == reads("linkerd") == reads("consul") == []
    assert reads("one control plane") == [("gcp-eu", "aws-us"), ("gcp-eu", "azure-eu")]
    assert reads("federation") == [("gcp-eu", "aws-us"), ("gcp-eu", "azure-eu")]


@pytest.mark.parametrize("mesh", MESHES)
def test_mermaid_declares_every_node_that_an_edge_names(mesh: str) -> None:
    text = mermaid(graph(plan("shop", changed(MESHES[mesh]))))
    declared = set(re.findall(r"^ +(n\d+)[\[{]", text, re.MULTILINE))
    named = {name for line in text.splitlines() if "|" in line for name in re.findall(r"\bn\d+\b", line)}
    assert named <= declared
    assert text.count("subgraph") == text.count("  end\n")


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz: apt-get install graphviz")
@pytest.mark.parametrize("mesh", MESHES)
def test_graphviz_draws_it(mesh: str) -> None:
    text = dot(graph(plan("shop", changed(MESHES[mesh]))))
    drawn = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=True)
    assert drawn.stdout.count('class="node"') == len(re.findall(r"^ +n\d+ \[label", text, re.MULTILINE))
    assert drawn.stderr == ""
