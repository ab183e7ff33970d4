"""What Google Cloud's firewall rules make of traffic between pods.

Owns: this one decision, as "VPC firewall rules" describes it: without a rule nothing comes in and everything goes out;
of the rules that match, the one with the lowest number decides, and a denial before a permission.
Does not own: hierarchical policies, which the lab does not have.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Any

from multimesh_lab.fabric.gcp_names import CLUSTER, NETWORK, find, refers_to
from multimesh_lab.fabric.inventory import Inventory, is_covered, label, listed, number, text, texts, value
from multimesh_lab.fabric.model import Member, Part
from multimesh_lab.providers.store import Record

_FIREWALL = "gcp:compute/firewall:Firewall"
_NODE_POOL = "gcp:container/nodePool:NodePool"
_DEFAULT_PRIORITY = 1000


def stops(inventory: Inventory, member: Member, peers: Sequence[Part], *, ingress: bool) -> list[str]:
    """Why TCP from (or to) the peers' ranges does not pass the cluster's nodes."""
    cluster = inventory.get(CLUSTER, member.id.removeprefix("gcp/"))
    network = find(inventory, NETWORK, value(cluster, "network"))
    if cluster is None or network is None:
        return []
    rules = list(_rules(inventory, cluster, network, ingress=ingress))
    found = (_stopped(rules, member, label(network), peer.network, ingress=ingress) for peer in peers)
    return [reason for reason in found if reason]


def _rules(inventory: Inventory, cluster: Record, network: Record, *, ingress: bool) -> Iterator[Record]:
    """Those for all of the cluster's nodes."""
    pools = [pool for pool in inventory.all(_NODE_POOL) if pool.id.startswith(f"{cluster.id}/")]
    tags = [set(texts(pool, "nodeConfig.tags")) for pool in pools]
    accounts = [text(pool, "nodeConfig.serviceAccount") for pool in pools]
    for rule in inventory.all(_FIREWALL):
        is_inward = (text(rule, "direction") or "INGRESS") == "INGRESS"
        if not refers_to(value(rule, "network"), network) or is_inward != ingress or value(rule, "disabled") is True:
            continue
        targets, of_accounts = set(texts(rule, "targetTags")), texts(rule, "targetServiceAccounts")
        by_tag = not targets or (bool(tags) and all(targets & own for own in tags))
        by_account = not of_accounts or (bool(accounts) and all(own in of_accounts for own in accounts))
        if by_tag and by_account:
            yield rule


def _stopped(rules: Sequence[Record], member: Member, network: str, peer: IPv4Network, *, ingress: bool) -> str | None:
    matching = [rule for rule in rules if _matches(rule, member, peer, ingress=ingress)]
    first = min(matching, key=lambda rule: (_priority(rule), not listed(rule, "denies")), default=None)
    way, side = ("from", "sourceRanges") if ingress else ("to", "destinationRanges")
    if first is None:
        return (
            f"no gcp firewall of {network} lets tcp {way} {peer} reach the nodes of {member.name} "
            f"({side}, allows, targetTags)"
            if ingress
            else None
        )
    return f"gcp firewall {label(first)}.denies stops tcp {way} {peer}" if listed(first, "denies") else None


def _matches(rule: Record, member: Member, peer: IPv4Network, *, ingress: bool) -> bool:
    denies = bool(listed(rule, "denies"))
    own = texts(rule, "destinationRanges" if ingress else "sourceRanges")
    theirs = texts(rule, "sourceRanges" if ingress else "destinationRanges") or ([] if ingress else ["0.0.0.0/0"])
    # A permission must hold for every address, a denial only for one.
    if denies:
        return any(peer.overlaps(IPv4Network(each)) for each in theirs) and _is_tcp(rule, "denies")
    covers_own = not own or all(is_covered(part.network, own) for part in member.pods)
    return is_covered(peer, theirs) and covers_own and _is_tcp(rule, "allows")


def _is_tcp(rule: Record, key: str) -> bool:
    """Whether it is about all of TCP: pods listen wherever they like."""
    entries: list[dict[str, Any]] = listed(rule, key)
    protocols = [each for each in entries if text(each, "protocol").lower() in ("all", "tcp", "6")]
    return any(key == "denies" or text(each, "protocol") == "all" or not texts(each, "ports") for each in protocols)


def _priority(rule: Record) -> int:
    known = number(rule, "priority")
    return _DEFAULT_PRIORITY if known is None else known
