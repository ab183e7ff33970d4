"""What Linkerd and Consul do with a call that no rule is about, as they are installed or as they run.

Owns: reading it. Does not own: any check, and Istio (istio_installed.py).
"""

from collections.abc import Iterator, Sequence

from pulumi_multimesh.checks.item import UNREAD, Item, at, is_off, items, text, yaml_in

OPEN_POLICIES = ("all-unauthenticated", "cluster-unauthenticated", "audit")
"""Linkerd's policies that answer callers without an identity: https://linkerd.io/2/reference/authorization-policy/."""
ALLOWING_POLICIES = (*OPEN_POLICIES, "all-authenticated", "cluster-authenticated")
DEFAULT_POLICY = "config.linkerd.io/default-inbound-policy"
"""The annotation by which a namespace or a pod has another policy than the cluster."""


def linkerd_policies(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    """The default policy of each Linkerd among items of one cluster; one that is not said is the chart's."""
    for item in found:
        values = _linkerd_values(item)
        policy = at(values, "proxy", "defaultInboundPolicy")
        if values is not None and policy is not UNREAD:
            yield item, policy if isinstance(policy, str) else OPEN_POLICIES[0]


def _linkerd_values(item: Item) -> object:
    if item.kind == "ConfigMap":
        # Where Linkerd keeps the values that it was installed with.
        is_linkerds = item.object_name == "linkerd-config"
        return yaml_in(at(item.properties, "data", "values")) if is_linkerds else None
    if not item.kind and text(item.properties, "chart").endswith("linkerd-control-plane"):
        return at(item.properties, "values") or {}
    return None


def consul_allowing(found: Sequence[Item]) -> Iterator[tuple[Item, str]]:
    """What of Consul's allows calls that no other rule is about, with how, as the end of a sentence."""
    for item in found:
        if item.kind == "ServiceIntentions":
            to_all = text(item.properties, "spec", "destination", "name") == "*"
            if to_all and any(_is_for_all(source) for source in items(item.properties, "spec", "sources")):
                yield item, "allows any service to call any other that no intention names"
        elif _is_consul(item) and is_off(item.properties, "values", "global", "acls", "manageSystemACLs"):
            yield item, "has no ACLs, so that what no intention denies is allowed"


def _is_consul(item: Item) -> bool:
    return not item.kind and text(item.properties, "chart").rpartition("/")[2] == "consul"


def _is_for_all(source: object) -> bool:
    return text(source, "name") == "*" and text(source, "action") == "allow"
