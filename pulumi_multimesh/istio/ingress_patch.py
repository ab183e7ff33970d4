"""What ingress gateways make of a call from outside before anything else reads it, where one signs on.

Owns: the patch that takes away what only the sign-on may say, and that writes hosts in one way. Does not own: who is
asked, and which headers and hosts those are (sign_on.py).

Envoy lays the headers of a service's answer over those of a call, but leaves what the answer does not have as the
caller sent it, and asks nobody about open hosts and public paths. So the headers go from every call of every host, by
what Envoy does before it chooses a route: "early header mutation". Istio has no setting for it; this patches what
istiod makes. A filter would come after the choice of a route, and a `VirtualService` may choose by a header.
"""

import re
from typing import Any

from pulumi_multimesh.istio import ingress_gateway
from pulumi_multimesh.istio.gateway_chart import selector
from pulumi_multimesh.plan.sign_on import SignOnPlan

NAME = "sign-on-calls"
ASKED_WITH = ("authorization", "cookie")
"""Headers of the call with which the service is asked, so that they cannot be taken away before."""
_HTTP = "envoy.filters.network.http_connection_manager"
_EXTENSIONS = "type.googleapis.com/envoy.extensions"
_REMOVAL = "early_header_mutation.header_mutation"


def ingress_patch_spec(plan: SignOnPlan) -> dict[str, Any]:
    """An `EnvoyFilter` of Istio's own namespace, for the ingress gateways of every namespace."""
    changed: dict[str, Any] = {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager"
    }
    claimed = [header for header in plan.headers if header not in ASKED_WITH]
    if claimed:
        removal = {
            "@type": f"{_EXTENSIONS}.http.{_REMOVAL}.v3.HeaderMutation",
            "mutations": [
                {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": _alike(name)}}}} for name in claimed
            ],
        }
        changed["early_header_mutation_extensions"] = [{"name": f"envoy.http.{_REMOVAL}", "typed_config": removal}]
    if plan.hosts or plan.open_hosts:
        # The policy compares texts, while routes are chosen whatever port a host is written with.
        changed |= {"strip_trailing_host_dot": True, "strip_any_host_port": True}
    return {
        "workloadSelector": {"labels": selector(ingress_gateway.GATEWAY)},
        "configPatches": [
            {
                "applyTo": "NETWORK_FILTER",
                "match": {"context": "GATEWAY", "listener": {"filterChain": {"filter": {"name": _HTTP}}}},
                "patch": {"operation": "MERGE", "value": {"typed_config": changed}},
            }
        ],
    }


def _alike(header: str) -> str:
    """Every name that a server in CGI's manner (RFC 3875 §4.1.18) hands to its program as it does this one."""
    return "".join("[-_]" if letter in "-_" else re.escape(letter) for letter in header)
