"""The guide to roads says what the plan says: every key, every figure, a picture of each option."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from test_links import FOUR

from pulumi_multimesh import config
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.connectivity import CONNECTIVITIES
from pulumi_multimesh.plan.estimate import HOURS, PRICES, Estimate, estimate
from pulumi_multimesh.plan.links import TOPOLOGIES

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "connectivity.md").read_text()
NAMES = {"gcp-eu": "Google Cloud", "aws-us": "AWS", "azure-eu": "Azure", "oci-eu": "Oracle Cloud"}


def of(**more: Any) -> Estimate:
    return estimate(plan("shop", {**FOUR, "connectivity": "vpn", **more}))


def row(start: str) -> list[str]:
    """The cells of the one row of a table that starts so."""
    (line,) = [line for line in GUIDE.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("word", [*CONNECTIVITIES, *TOPOLOGIES, *config.LinksArgs.__annotations__, "flat", "book"])
def test_every_word_of_the_configuration_is_there(word: str) -> None:
    assert re.search(rf"\b{word}\b", GUIDE)


@pytest.mark.parametrize("picture", ["gateways", "peering", "vpn", "hub"])
def test_each_option_has_a_picture(picture: str) -> None:
    name = f"connectivity-{picture}.svg"
    assert f"]({name})" in GUIDE
    assert ElementTree.parse(DOCS / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(("first", "second"), list(combinations(NAMES, 2)))
def test_each_pair_has_its_tunnels_its_price_and_its_minutes(first: str, second: str) -> None:
    found = of(links={"topology": "list", "pairs": [{"first": first, "second": second}]})
    names = [(first, second), (second, first)]
    (cells,) = [row(f"{NAMES[a]} – {NAMES[b]} |") for a, b in names if f"| {NAMES[a]} – {NAMES[b]} |" in GUIDE]
    dollars = {item.what: item.dollars for item in found.items}
    told = [int(number) for number in re.findall(r"\d+", cells[2])]
    billed = dollars.get("AWS VPN connections", 0) + dollars.get("Google Cloud VPN tunnels", 0)
    assert told[:1] == ([round(billed)] if billed else [])
    assert told[1:] == [round(each) for what, each in dollars.items() if what.startswith("AWS public addresses")]
    assert ("Azure's gateway" in cells[2]) == ("Azure VPN gateways" in dollars)
    assert cells[3] == f"{found.minutes:.0f} min"


@pytest.mark.parametrize(
    ("start", "links"),
    [
        ("`topology: full-mesh`", {}),
        ("`topology: hub-and-spokes`", {"topology": "hub-and-spokes", "hub": "aws-us"}),
        ("`topology: hub-and-spokes`", {"topology": "hub-and-spokes", "hub": "azure-eu"}),
    ],
)
def test_each_topology_has_its_price(start: str, links: dict[str, Any]) -> None:
    assert f"{of(links=links).dollars:.0f} $" in row(start)[2]


@pytest.mark.parametrize(
    ("start", "keys"),
    [
        ("AWS VPN connection", ("aws connection",)),
        ("Google Cloud VPN tunnel", ("gcp tunnel",)),
        ("Azure VpnGw1AZ;", ("azure gateway", "azure tunnel")),
        ("load balancer:", ("aws balancer", "gcp balancer", "azure balancer")),
        ("public address of", ("aws address", "azure address")),
    ],
)
def test_prices_are_those_of_the_table(start: str, keys: tuple[str, ...]) -> None:
    _, hourly, monthly = row(start)
    for key in keys:
        assert f"{PRICES[key].dollars:g}" in hourly
        assert f"{PRICES[key].dollars * HOURS + 1e-9:.2f}" in monthly


def test_transfer_is_that_of_the_table() -> None:
    for cloud in ("aws", "gcp", "azure", "oci"):
        assert f"{PRICES[f'{cloud} transfer'].dollars:g}" in row("a GB out")[2]


def test_prices_that_nobody_checked_are_called_so() -> None:
    assert any(price.checked for price in PRICES.values()) != ("**No price here was checked" in GUIDE)
