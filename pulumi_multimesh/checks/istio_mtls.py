"""Checks of mTLS in an Istio mesh: who may still talk in the clear.

Owns: PeerAuthentication and what DestinationRules say of TLS, and what Linkerd and Consul have in their place. Does not
own: who may call whom (istio_access.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.istio_installed import istiods
from pulumi_multimesh.checks.item import Item, at, is_empty, items, text
from pulumi_multimesh.checks.mesh_defaults import DEFAULT_POLICY, OPEN_POLICIES, linkerd_policies
from pulumi_multimesh.checks.pods import WORKLOADS, pod_metadata
from pulumi_multimesh.plan.security import PLAIN_TEXT_UNTIL, last_day

_PEER_AUTHENTICATION = "kubernetes:security.istio.io:PeerAuthentication"
_SOURCE = "https://istio.io/latest/docs/reference/config/security/peer_authentication/"
_OPEN = ("PERMISSIVE", "DISABLE")
_CONSULS = ("kubernetes:consul.hashicorp.com:ServiceDefaults", "kubernetes:consul.hashicorp.com:ProxyDefaults")
_EXCEPTIONS = (_PEER_AUTHENTICATION, "kubernetes::Namespace", "kubernetes::NamespacePatch", *WORKLOADS, *_CONSULS)


def _open_modes(item: Item) -> Iterator[tuple[str, str]]:
    """Where it lets calls without mTLS in, and how that is said there."""
    if item.kind == "PeerAuthentication":
        yield from ((path, mode) for path, mode in _modes(item) if mode in _OPEN)
    elif item.group == "consul.hashicorp.com":
        mode = text(item.properties, "spec", "mutualTLSMode")
        if mode == "permissive":
            yield "spec.mutualTLSMode", mode
    else:
        policy = text(_linkerds(item), DEFAULT_POLICY)
        if policy in OPEN_POLICIES:
            yield f"the annotation {DEFAULT_POLICY}", policy


def _linkerds(item: Item) -> object:
    """The annotations in which Linkerd looks: a namespace's, or those of pods."""
    found = at(item.properties, "metadata") if item.kind == "Namespace" else pod_metadata(item)
    return at(found, "annotations")


def _modes(item: Item) -> Iterator[tuple[str, str]]:
    """Where a PeerAuthentication says each mode, and the mode."""
    yield "spec.mtls.mode", text(item.properties, "spec", "mtls", "mode")
    ports = at(item.properties, "spec", "portLevelMtls")
    if isinstance(ports, Mapping):
        for port, said in cast("Mapping[str, Any]", ports).items():
            yield f"spec.portLevelMtls.{port}.mode", text(said, "mode")


def _ends(item: Item) -> date | None:
    said = text(item.properties, "metadata", "annotations", PLAIN_TEXT_UNTIL)
    return last_day(said or text(_linkerds(item), PLAIN_TEXT_UNTIL))


def _without_end(item: Item) -> Iterator[str]:
    if _ends(item) is None:
        yield from (f"{path} is {mode}, and nothing says until when" for path, mode in _open_modes(item))


def _over(item: Item) -> Iterator[str]:
    ends = _ends(item)
    if ends is not None and ends < date.today() and any(_open_modes(item)):
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
    for item, policy in linkerd_policies(found):
        if policy in OPEN_POLICIES:
            yield item, f"has the default policy {policy}: callers without an identity are answered"


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
        types=_EXCEPTIONS,
        look=_without_end,
    ),
    Check(
        id="istio-plain-text-over",
        level=Level.MANDATORY,
        title="An exception from mTLS is gone after its last day.",
        why="The day was agreed on; what is left after it is nobody's decision.",
        remedy="Take it out of `security.plain_text` and run `pulumi up`, or agree on another day.",
        source=_SOURCE,
        types=_EXCEPTIONS,
        look=_over,
    ),
    Check(
        id="istio-mesh-strict",
        level=Level.MANDATORY,
        title="A mesh refuses calls without mTLS everywhere.",
        why="Without a word Istio and Linkerd take both: a caller that simply leaves TLS out is answered.",
        remedy="Istio: create a `PeerAuthentication` with `mtls.mode: STRICT` and without a selector in istiod's "
        "namespace. Linkerd: install it with `proxy.defaultInboundPolicy: all-authenticated` or `deny`. "
        "`MultiCloudMesh` does.",
        source=_SOURCE,
        types=(
            _PEER_AUTHENTICATION,
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:apps:Deployment",
            "kubernetes::ConfigMap",
        ),
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
