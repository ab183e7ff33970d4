"""Checks of VPN tunnels between clouds: how they agree on keys, and with which algorithms.

Owns: tunnels of GCP, AWS, Azure and OCI. Does not own: routes.
"""

import re
from collections.abc import Iterable, Iterator

from pulumi_multimesh.checks.check import Check, Level
from pulumi_multimesh.checks.cloud_types import Types, by_cloud
from pulumi_multimesh.checks.item import UNREAD, Item, all_texts, at, is_empty, items, text, texts

_GCP: Types = ("gcp:compute/vPNTunnel:VPNTunnel",)
_AWS: Types = ("aws:ec2/vpnConnection:VpnConnection",)
_AZURE: Types = (
    "azure-native:network:VirtualNetworkGatewayConnection",
    "azure-native:network/*:VirtualNetworkGatewayConnection",
)
_OCI: Types = ("oci:Core/ipsecConnectionTunnelManagement:IpsecConnectionTunnelManagement",)
_WEAK = re.compile(r"(?i)(?<![a-z0-9])(3?DES3?|MD5|SHA-?1|DHGroup[12]|GROUP-?[125]|PFS[12])(?![a-z0-9])")
_WEAK_GROUPS = (2, 5, 22)
"""Diffie-Hellman groups below 2048 bits, or with a subgroup as small, that AWS offers; RFC 8247 §2.4."""
_OFFERED_BY_AWS = {
    "EncryptionAlgorithms": "",
    "IntegrityAlgorithms": "SHA-1",
    "DhGroupNumbers": "group 2",
}
"""By list, what weak one AWS takes where the list is not given: https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html."""


def _old_gcp(item: Item) -> Iterable[str]:
    if at(item.properties, "ikeVersion") in (1, 1.0, "1"):
        yield "ikeVersion is 1"


def _old_aws(item: Item) -> Iterable[str]:
    for tunnel in ("tunnel1", "tunnel2"):
        versions = at(item.properties, f"{tunnel}IkeVersions")
        if versions is not UNREAD and (not versions or "ikev1" in texts(item.properties, f"{tunnel}IkeVersions")):
            yield f"{tunnel}IkeVersions lets the other side choose IKEv1"


def _old_azure(item: Item) -> Iterable[str]:
    if at(item.properties, "connectionProtocol") == "IKEv1":
        yield "connectionProtocol is IKEv1"


def _old_oci(item: Item) -> Iterable[str]:
    if at(item.properties, "ikeVersion") in (None, "V1"):
        yield "ikeVersion is V1, which is what OCI takes without a word"


def _weak_texts(path: str, value: object) -> Iterator[str]:
    for where, said in all_texts(value, path):
        if _WEAK.search(said):
            yield f"{where} is {said}"


def _weak_gcp(item: Item) -> Iterable[str]:
    return _weak_texts("cipherSuite", at(item.properties, "cipherSuite"))


def _weak_aws(item: Item) -> Iterable[str]:
    for tunnel in ("tunnel1", "tunnel2"):
        for phase in ("Phase1", "Phase2"):
            for what, offered in _OFFERED_BY_AWS.items():
                path = f"{tunnel}{phase}{what}"
                yield from _weak_texts(path, at(item.properties, path))
                if offered and is_empty(item.properties, path):
                    yield f"{path} is not given, so that AWS takes {offered} too"
            path = f"{tunnel}{phase}DhGroupNumbers"
            groups = [int(each) for each in items(item.properties, path) if isinstance(each, int | float)]
            yield from (f"{path} has group {group}" for group in groups if group in _WEAK_GROUPS)


def _weak_azure(item: Item) -> Iterable[str]:
    yield from _weak_texts("ipsecPolicies", at(item.properties, "ipsecPolicies"))
    for number, policy in enumerate(items(item.properties, "ipsecPolicies")):
        for key in ("ipsecEncryption", "dhGroup"):
            if text(policy, key).lower() == "none":
                yield f"ipsecPolicies[{number}].{key} is None"
    if at(item.properties, "connectionType") == "IPsec" and is_empty(item.properties, "ipsecPolicies"):
        yield "ipsecPolicies is not given, so that Azure takes SHA-1 and group 2 too"


def _weak_oci(item: Item) -> Iterable[str]:
    for key in ("phaseOneDetails", "phaseTwoDetails"):
        yield from _weak_texts(key, at(item.properties, key))


CHECKS = (
    Check(
        id="tunnel-old-ike",
        level=Level.MANDATORY,
        title="Tunnels agree on keys by IKEv2.",
        why="IKEv1 is historic: a pre-shared key can be guessed offline from what it sends in aggressive mode.",
        remedy="Name version 2 on both sides; `MultiCloudMesh` does.",
        source="RFC 9395",
        types=(*_GCP, *_AWS, *_AZURE, *_OCI),
        look=by_cloud({_GCP: _old_gcp, _AWS: _old_aws, _AZURE: _old_azure, _OCI: _old_oci}),
    ),
    Check(
        id="tunnel-weak-algorithms",
        level=Level.MANDATORY,
        title="Tunnels use algorithms that hold.",
        why="DES and 3DES, MD5 and SHA-1, and groups below 2048 bits are broken or within reach of who can pay for it, "
        "and without encryption everybody reads; what was recorded today is read then.",
        remedy="AES-256 with SHA-256 and group 14, or better ones that both clouds have; name them, since AWS and "
        "Azure take weak ones too where nothing is said.",
        source="RFC 8247",
        types=(*_GCP, *_AWS, *_AZURE, *_OCI),
        look=by_cloud({_GCP: _weak_gcp, _AWS: _weak_aws, _AZURE: _weak_azure, _OCI: _weak_oci}),
    ),
)
