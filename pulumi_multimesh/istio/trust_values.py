"""The settings of trust as values of the chart `istiod`.

Owns: these values. Does not own: what was decided (plan/trust_settings.py).
"""

from typing import Any

from pulumi_multimesh.plan.trust_settings import TrustSettings


def trust_values(settings: TrustSettings) -> dict[str, Any]:
    """What the settings add to the values of istiod; nothing where nothing is asked."""
    mesh, told = dict[str, Any](), dict[str, str]()
    if settings.aliases:
        mesh["trustDomainAliases"] = list(settings.aliases)
    if settings.many_roots:
        # Without it a proxy hears of a further root when its certificate is renewed, half a day later.
        told["PROXY_CONFIG_XDS_AGENT"] = "true"
    if settings.workload_minutes is not None:
        told["SECRET_TTL"] = f"{settings.workload_minutes}m"
    if told:
        mesh["defaultConfig"] = {"proxyMetadata": told}
    values: dict[str, Any] = {"meshConfig": mesh} if mesh else {}
    if settings.many_roots:
        # Without it a running istiod refuses any change of its roots, with a line in its log.
        values["env"] = {"ISTIO_MULTIROOT_MESH": "true"}
    return values
