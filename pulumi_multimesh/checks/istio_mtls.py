"""Checks of mTLS in an Istio mesh: who may still talk in the clear.

Owns: PeerAuthentication and what DestinationRules say of TLS. Does not own: who may call whom (istio_access.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.istio_installed import istiods
from pulumi_multimesh.checks.item import Item, at, is_empty, items, text
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL, last_day

_PEER_AUTHENTICATION = "kubernetes:security.istio.io:PeerAuthentication"
_SOURCE = "https://istio.io/latest/docs/reference/config/security/peer_authentication/"
_OPEN = ("PERMISSIVE", "DISABLE")


def _modes(item: Item) -> Iterator[tuple[str, str]]:
    """Where each mode is said, and the mode."""
    yield "spec.mtls.mode", text(item.properties, "spec", "mtls", "mode")
    ports = at(item.properties, "spec", "portLevelMtls")
    if isinstance(ports, Mapping):
        for port, said in cast("Mapping[str, Any]", ports).items():
            yield f"spec.portLevelMtls.{port}.mode", text(said, "mode")


def _ends(item: Item) -> date | None:
    return last_day(text(item.properties, "metadata", "annotations", PLAIN_TEXT_UNTIL))


def _without_end(item: Item) -> Iterator[str]:
    if _ends(item) is None:
        yield from (f"{path} is {mode}, and nothing says until when" for path, mode in _modes(item) if mode in _OPEN)


def _over(item: Item) -> Iterator[str]:
    ends = _ends(item)
    if ends is not None and ends < date.today() and any(mode in _OPEN for _, mode in _modes(item)):
        yield f"was to end on {ends.isoformat()}, and still takes calls without mTLS"


def _strict_mesh(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    for istiod in istiods(found):
        strict = any(
            item.kind == "PeerAuthentication"
            and item.namespace == istiod.namespace
            and is_empty(item.properties, "spec", "selector")
            and text(item.properties, "spec", "mtls", "mode") == "STRICT"
            for item in found
        )
        if not strict:
            yield istiod.item, f"has no PeerAuthentication with STRICT for the whole mesh in {istiod.namespace}"


def _plain_destination(item: Item) -> Iterable[str]:
    policy = at(item.properties, "spec", "trafficPolicy")
    everywhere = [("spec.trafficPolicy", policy)]
    everywhere += [
        (f"spec.trafficPolicy.portLevelSettings[{number}]", each)
        for number, each in enumerate(items(policy, "portLevelSettings"))
    ]
    everywhere += [
        (f"spec.subsets[{number}].trafficPolicy", at(each, "trafficPolicy"))
        for number, each in enumerate(items(item.properties, "spec", "subsets"))
    ]
    for path, said in everywhere:
        if text(said, "tls", "mode") == "DISABLE":
            yield f"{path}.tls.mode is DISABLE: calls to {text(item.properties, 'spec', 'host')} are in the clear"
        if at(said, "tls", "insecureSkipVerify") is True:
            yield f"{path}.tls.insecureSkipVerify: whoever answers is believed"


CHECKS = (
    Check(
        id="istio-plain-text",
        level=Level.MANDATORY,
        title="An exception from mTLS has a last day.",
        why="Calls without mTLS can be read and changed on their way, and their caller has no identity that a rule "
        "could name. An exception without an end stays for good.",
        remedy="Remove it, or declare it as `security.plain_text` with `until` and `reason`, which writes the "
        "annotation "
        f"`{PLAIN_TEXT_UNTIL}`.",
        source=_SOURCE,
        types=(_PEER_AUTHENTICATION,),
        look=_without_end,
    ),
    Check(
        id="istio-plain-text-over",
        level=Level.MANDATORY,
        title="An exception from mTLS is gone after its last day.",
        why="The day was agreed on; what is left after it is nobody's decision.",
        remedy="Take it out of `security.plain_text` and run `pulumi up`, or agree on another day.",
        source=_SOURCE,
        types=(_PEER_AUTHENTICATION,),
        look=_over,
    ),
    Check(
        id="istio-mesh-strict",
        level=Level.MANDATORY,
        title="A mesh refuses calls without mTLS everywhere.",
        why="Without a word Istio takes both: a caller that simply leaves TLS out is answered.",
        remedy="Create a `PeerAuthentication` with `mtls.mode: STRICT` and without a selector in istiod's namespace, "
        "as `MultiCloudMesh` does.",
        source=_SOURCE,
        types=(_PEER_AUTHENTICATION, "kubernetes:helm.sh/v3:Release", "kubernetes:apps:Deployment"),
        survey=_strict_mesh,
    ),
    Check(
        id="istio-destination-plain-text",
        level=Level.MANDATORY,
        title="No rule takes TLS from calls, or the check of who answers.",
        why="A `DestinationRule` overrides what the mesh would do by itself, so one line puts a service's calls in the "
        "clear for every caller.",
        remedy="Remove `tls.mode: DISABLE` and `insecureSkipVerify`; within the mesh leave `tls` out altogether.",
        source="https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings",
        types=("kubernetes:networking.istio.io:DestinationRule",),
        look=_plain_destination,
    ),
)
