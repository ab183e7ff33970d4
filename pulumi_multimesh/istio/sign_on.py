"""The sign-on in Istio's words: whom the ingress gateways ask before they pass a call on.

Owns: the provider among istiod's settings, and the policy of the gateways. Does not own: who is asked, which is a
service of the user's own, such as oauth2-proxy by its chart; what a call loses before (ingress_patch.py); and what was
decided (plan/sign_on.py).

The service is asked with the call's own path, so that it answers the identity provider's way back itself: what is not
200 goes to the caller as it is, a redirection and its cookie included. Istio, "External Authorization".
"""

from typing import Any

from pulumi_multimesh.istio import ingress_gateway
from pulumi_multimesh.istio.gateway_chart import selector
from pulumi_multimesh.istio.ingress_patch import ASKED_WITH
from pulumi_multimesh.plan.sign_on import SignOnPlan

PROVIDER = "sign-on"


def provider(plan: SignOnPlan) -> dict[str, Any]:
    """The entry among `meshConfig.extensionProviders`."""
    return {
        "name": PROVIDER,
        "envoyExtAuthzHttp": {
            "service": f"{plan.service}.{plan.namespace}.svc.cluster.local",
            "port": plan.port,
            "includeRequestHeadersInCheck": list(ASKED_WITH),
            # The host and the path by which it finds the way back.
            "includeAdditionalHeadersInCheck": {"X-Forwarded-Proto": "https"},
            "headersToUpstreamOnAllow": list(plan.headers),
            "headersToDownstreamOnAllow": ["set-cookie"],
            "headersToDownstreamOnDeny": ["content-type", "location", "set-cookie"],
            "failOpen": False,
            "timeout": "5s",
        },
    }


def sign_on_spec(plan: SignOnPlan) -> dict[str, Any]:
    """The AuthorizationPolicy of the ingress gateways; open hosts, and public paths, are not asked about."""
    operation: dict[str, Any] = {}
    if plan.hosts:
        operation["hosts"] = [each for host in plan.hosts for each in _written(host)]
    if plan.open_hosts:
        operation["notHosts"] = list(plan.open_hosts)
    if plan.public_paths:
        operation["notPaths"] = list(plan.public_paths)
    return {
        "selector": {"matchLabels": selector(ingress_gateway.GATEWAY)},
        "action": "CUSTOM",
        "provider": {"name": PROVIDER},
        "rules": [{"to": [{"operation": operation}]} if operation else {}],
    }


def _written(host: str) -> list[str]:
    """The ways to write a host; of one with a wildcard Istio compares no port, which the gateways take off."""
    absolute = f"{host}."
    return [host, absolute] if host.startswith("*") else [host, f"{host}:*", absolute, f"{absolute}:*"]


def with_provider(values: dict[str, Any], plan: SignOnPlan | None) -> dict[str, Any]:
    """Values of the chart `istiod` with the provider beside those that are there; the same where nobody signs on."""
    if plan is None:
        return values
    mesh: dict[str, Any] = values.get("meshConfig", {})
    providers = [*mesh.get("extensionProviders", []), provider(plan)]
    return {**values, "meshConfig": {**mesh, "extensionProviders": providers}}
