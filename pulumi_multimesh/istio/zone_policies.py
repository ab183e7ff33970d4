"""Zones in the words of Istio and of Kubernetes: who may come into a namespace that is in one.

Owns: one AuthorizationPolicy that denies, and one NetworkPolicy, for each such namespace. Does not own: who may cross
(plan/zones.py), and the resources (enrolment.py).

The mesh's policy tells callers by their identity, in every cluster. A policy that denies goes before all that allow
(Istio, "Authorization Policy"), so a rule of `security.allow` chooses among who may cross, and lets nobody else in.
Kubernetes' policy tells pods of the same cluster by their namespace, also where no sidecar listens; calls from other
clusters come by the gateway between clusters, or from their pods' ranges, and only the mesh's policy tells those apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_multimesh.istio import east_west_gateway, ingress_gateway
from pulumi_multimesh.istio.gateway_chart import selector
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.zones import Entry, ZonesPlan

_NAME_OF = "kubernetes.io/metadata.name"
"""The label that Kubernetes gives each namespace itself, since 1.21."""
_HBONE = 15008
"""The port on which an ambient mesh's calls arrive at a pod, whichever they are for."""


@dataclass(frozen=True)
class _Lets:
    """On which ports a kind of caller comes in: those, or all where it is None."""

    ports: frozenset[str] | None

    @classmethod
    def by(cls, entries: Sequence[Entry]) -> "_Lets":
        found = [each.ports for each in entries]
        return cls(None if () in found else frozenset(port for ports in found for port in ports))


def zone_policy_spec(zones: ZonesPlan, zone: str, gateway_principal: str) -> dict[str, Any] | None:
    """What an AuthorizationPolicy of a namespace in that zone denies; None where anybody may come in.

    Each rule is for one kind of caller: the zones' namespaces, by the ports that they have in common, the ingress
    gateway by its identity, and all others.
    """
    entries = zones.entries(zone)
    anybody = _Lets.by([each for each in entries if each.anybody])
    if anybody.ports is None:
        return None
    named = sorted({namespace for each in entries for namespace in each.namespaces})
    by_ingress = [each for each in entries if each.ingress]
    others: dict[str, Any] = {"notNamespaces": named}
    if by_ingress:
        others["notPrincipals"] = [gateway_principal]
    rules = [_denied(others, anybody)]
    if by_ingress:
        rules.append(_denied({"principals": [gateway_principal]}, _joined(_Lets.by(by_ingress), anybody)))
    for lets, namespaces in _by_ports(entries, named, anybody).items():
        rules.append(_denied({"namespaces": namespaces}, lets))
    return {"action": "DENY", "rules": [rule for rule in rules if rule is not None]}


def _by_ports(entries: Sequence[Entry], named: Sequence[str], anybody: _Lets) -> Mapping[_Lets, list[str]]:
    """Namespaces that come in on the same ports."""
    found: dict[_Lets, list[str]] = {}
    for namespace in named:
        lets = _joined(_Lets.by([each for each in entries if namespace in each.namespaces]), anybody)
        found.setdefault(lets, []).append(namespace)
    return found


def _joined(one: _Lets, other: _Lets) -> _Lets:
    return _Lets(None if one.ports is None or other.ports is None else one.ports | other.ports)


def _denied(source: dict[str, Any], lets: _Lets) -> dict[str, Any] | None:
    """A rule that denies what those may not; None where they may all."""
    if lets.ports is None:
        return None
    rule: dict[str, Any] = {"from": [{"source": source}]}
    if lets.ports:
        rule["to"] = [{"operation": {"notPorts": sorted(lets.ports, key=int)}}]
    return rule


def network_policy_spec(plan: MeshPlan, cluster: str, zone: str) -> dict[str, Any]:
    """The NetworkPolicy of a namespace in that zone, in that cluster.

    What goes out is left alone: it comes in somewhere, and is told there.
    """
    system = plan.control_plane.namespace
    entries = plan.security.zones.entries(zone)
    ambient = plan.of_istio.data_plane == AMBIENT
    rules = [rule for each in entries for rule in _let_in(each, system, ambient=ambient)]
    if plan.flat:
        rules.append({"from": [{"ipBlock": {"cidr": cidr}} for cidr in plan.ranges_of(plan.peers(cluster))]})
    elif plan.mesh_peers(cluster):
        labels = (
            {"gateway.networking.k8s.io/gateway-name": east_west_gateway.GATEWAY}
            if ambient
            else selector(east_west_gateway.GATEWAY)
        )
        rules.append({"from": [_pods(system, labels)]})
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": rules}


def _let_in(entry: Entry, system: str, *, ambient: bool) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    if entry.namespaces:
        chosen = {"key": _NAME_OF, "operator": "In", "values": list(entry.namespaces)}
        sources.append({"namespaceSelector": {"matchExpressions": [chosen]}})
    if entry.ingress:
        sources.append(_pods(system, selector(ingress_gateway.GATEWAY)))
    ports: list[int] = [int(port) for port in entry.ports]
    if ports and ambient:
        ports.append(_HBONE)
    # No ports, or no sources, are all of them in Kubernetes' words.
    on: dict[str, Any] = {"ports": [{"protocol": "TCP", "port": port} for port in ports]} if ports else {}
    if entry.anybody:
        return [on]
    return [{"from": sources, **on}] if sources else []


def _pods(namespace: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {_NAME_OF: namespace}},
        "podSelector": {"matchLabels": dict(labels)},
    }
