"""Azure's VPN gateways, and the ends of their connections' tunnels.

Owns: reading them. Does not own: which networks share a gateway (azure.py). An active-active gateway opens a tunnel
from each of its two addresses for every connection, so a connection has two ends. Sources: "About cryptographic
requirements and Azure VPN gateways", "About BGP with VPN Gateway" (learn.microsoft.com).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multimesh_lab.fabric.azure_ids import find, outer, same
from multimesh_lab.fabric.inventory import Inventory, label, listed, number, text, texts, trailing_number, value
from multimesh_lab.fabric.model import Declared, Gateway, Proposal, Service, TunnelEnd
from multimesh_lab.fabric.proposals import group, proposal
from multimesh_lab.providers.store import Record

_GATEWAY = "azure-native:network:VirtualNetworkGateway"
_CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"
_LOCAL = "azure-native:network:LocalNetworkGateway"
_ADDRESS = "azure-native:network:PublicIPAddress"

_DEFAULT_ASN = 65515
_DEFAULT_IKE = proposal(("AES256", "AES128", "DES3"), ("SHA256", "SHA1"), (2,))
_DEFAULT_ESP = proposal(("GCMAES256", "AES256", "AES128", "DES3"), ("SHA256", "SHA1"), ("None", 1, 2, 14, 24))
_IKE_SECONDS, _ESP_SECONDS = 28800, 27000
"""Phase 1 cannot be set; phase 2 is what it is without a policy."""


@dataclass(frozen=True)
class _Instance:
    """One of the gateway's machines."""

    configuration: str
    """Id of its IP configuration."""
    address: str
    custom: tuple[str, ...]
    """Its addresses inside tunnels, as far as the gateway has any set."""
    default: str


def gateways(inventory: Inventory) -> list[Record]:
    """The VPN gateways; one for ExpressRoute has no tunnels."""
    return [each for each in inventory.all(_GATEWAY) if text(each, "gatewayType") in ("", "Vpn")]


def vnet_of(gateway: Record) -> str:
    """Id of the network in whose `GatewaySubnet` it is."""
    configurations = listed(gateway, "ipConfigurations")
    return outer(text(configurations[0], "subnet.id")) if configurations else ""


def gateway(inventory: Inventory, record: Record, vnet: Record, services: Iterable[Service]) -> Gateway:
    """The gateway in the words of the model."""
    return Gateway(
        id=record.id,
        cloud="azure",
        site=vnet.id,
        name=f"azure virtualNetworkGateway {label(record)}",
        asn=number(record, "bgpSettings.asn") or _DEFAULT_ASN,
        services=tuple(services),
        # "About BGP with VPN Gateway": it passes on what one connection taught it to the others (transit routing).
        passes_on=True,
        addresses=tuple(instance.address for instance in _instances(inventory, record)),
    )


def prefixes(vnet: Record | None) -> list[str]:
    """The network's address space."""
    return texts(vnet, "addressSpace.addressPrefixes")


def ends(inventory: Inventory, shared: Mapping[str, Sequence[str]]) -> list[TunnelEnd]:
    """Both ends of each connection; `shared` is what each gateway announces: the space of the networks it serves."""
    found: list[TunnelEnd] = []
    for connection in inventory.all(_CONNECTION):
        own = find(inventory, _GATEWAY, text(connection, "virtualNetworkGateway1.id"))
        local = find(inventory, _LOCAL, text(connection, "localNetworkGateway2.id"))
        if own is not None:
            parts = (connection, own, local)
            found += [_end(parts, instance, shared.get(own.id, ())) for instance in _instances(inventory, own)]
    return found


def _instances(inventory: Inventory, record: Record) -> list[_Instance]:
    configurations: list[dict[str, Any]] = listed(record, "ipConfigurations")
    peering: list[dict[str, Any]] = listed(record, "bgpSettings.bgpPeeringAddresses")
    found: list[_Instance] = []
    for configuration in configurations:
        name = f"{record.id}/ipConfigurations/{text(configuration, 'name')}"
        bgp = next((each for each in peering if same(text(each, "ipconfigurationId"), name)), {})
        address = find(inventory, _ADDRESS, text(configuration, "publicIPAddress.id"))
        default = next(iter(texts(bgp, "defaultBgpIpAddresses")), "")
        custom = tuple(texts(bgp, "customBgpIpAddresses"))
        found.append(_Instance(name, text(address, "ipAddress"), custom, default))
    return found


def _end(parts: tuple[Record, Record, Record | None], instance: _Instance, shared: Sequence[str]) -> TunnelEnd:
    connection, own, local = parts
    inside = _inside(connection, instance)
    ike, esp, seconds = _policy(connection)
    mode = text(connection, "connectionMode") or "Default"
    has_bgp = value(connection, "enableBgp") is True
    return TunnelEnd(
        cloud="azure",
        site=vnet_of(own),
        gateway=own.id,
        name=f"azure connection {label(connection)}",
        number=trailing_number(label(connection)),
        connection=connection.id,
        own_public=instance.address,
        peer_public=text(local, "gatewayIpAddress"),
        own_inside=inside if has_bgp else None,
        peer_inside=(text(local, "bgpSettings.bgpPeeringAddress") or None) if has_bgp else None,
        own_asn=number(own, "bgpSettings.asn") or _DEFAULT_ASN,
        peer_asn=number(local, "bgpSettings.asn"),
        key=text(connection, "sharedKey"),
        ike_versions=(1,) if text(connection, "connectionProtocol") == "IKEv1" else (2,),
        ike=ike,
        esp=esp,
        ike_seconds=_IKE_SECONDS,
        esp_seconds=seconds,
        starts=mode != "ResponderOnly",
        answers=mode != "InitiatorOnly",
        advertised=tuple(shared),
        declared=_declared(connection, own, local),
        bgp_faults=tuple(_faults(connection, own, local, instance, inside)),
    )


def _inside(connection: Record, instance: _Instance) -> str | None:
    """The connection's own choice; with several to choose from and none chosen, Azure takes the first."""
    chosen: list[dict[str, Any]] = listed(connection, "gatewayCustomBgpIpAddresses")
    for each in chosen:
        if same(text(each, "ipConfigurationId"), instance.configuration):
            return text(each, "customBgpIpAddress") or None
    return next(iter(instance.custom), instance.default) or None


def _policy(connection: Record) -> tuple[Proposal, Proposal, int]:
    """A policy names one of each and replaces all that Azure would offer; its lifetime is that of phase 2."""
    policies: list[dict[str, Any]] = listed(connection, "ipsecPolicies")
    if not policies:
        return _DEFAULT_IKE, _DEFAULT_ESP, _ESP_SECONDS
    policy = policies[0]
    dh, pfs = text(policy, "dhGroup"), text(policy, "pfsGroup")
    return (
        proposal([text(policy, "ikeEncryption")], [text(policy, "ikeIntegrity")], [group(dh)]),
        # `PFSMM` is the group of phase 1.
        proposal([text(policy, "ipsecEncryption")], [text(policy, "ipsecIntegrity")], [dh if pfs == "PFSMM" else pfs]),
        number(policy, "saLifeTimeSeconds") or _ESP_SECONDS,
    )


def _declared(connection: Record, own: Record, local: Record | None) -> Declared:
    link, speaker = f"azure connection {label(connection)}", f"azure virtualNetworkGateway {label(own)}"
    other = f"azure localNetworkGateway {label(local) if local else '(none)'}"
    return Declared(
        key=f"{link}.sharedKey",
        ike=f"{link}.ipsecPolicies",
        esp=f"{link}.ipsecPolicies",
        start=f"{link}.connectionMode",
        own_inside=f"{link}.gatewayCustomBgpIpAddresses",
        peer_inside=f"{other}.bgpSettings.bgpPeeringAddress",
        own_asn=f"{speaker}.bgpSettings.asn",
        peer_asn=f"{other}.bgpSettings.asn",
        advertised="azure virtualNetwork.addressSpace",
    )


def _faults(
    connection: Record, own: Record, local: Record | None, instance: _Instance, inside: str | None
) -> Iterator[str]:
    if local is None:
        yield f"azure connection {label(connection)}.localNetworkGateway2 names no localNetworkGateway that there is"
    elif not text(local, "bgpSettings.bgpPeeringAddress"):
        yield f"azure localNetworkGateway {label(local)}.bgpSettings is not set, so no BGP peer is known"
    if value(connection, "enableBgp") is not True:
        yield f"azure connection {label(connection)}.enableBgp is off"
    elif inside is not None and instance.custom and inside not in (*instance.custom, instance.default):
        chosen = f"azure connection {label(connection)}.gatewayCustomBgpIpAddresses has {inside}"
        yield f"{chosen}, which azure virtualNetworkGateway {label(own)}.bgpSettings.bgpPeeringAddresses has not"
