"""What the simulated Oracle Cloud answers when it is asked for a connection's tunnels.

Owns: the form of the answer. Does not own: the tunnels (ipsec_tunnel).
"""

from typing import Any

from multimesh_lab.providers.oci import ipsec_tunnel, names
from multimesh_lab.providers.oci.tokens import IPSEC
from multimesh_lab.providers.store import Record, Store
from multimesh_lab.providers.wire import Properties

_SESSION = (
    *("bgpIpv6State", "bgpIpv6state", "bgpState", "customerBgpAsn", "oracleBgpAsn"),
    *("customerInterfaceIp", "customerInterfaceIpv6", "oracleInterfaceIp", "oracleInterfaceIpv6"),
)
_PHASE: dict[str, Any] = {
    "customAuthenticationAlgorithm": "",
    "customEncryptionAlgorithm": "",
    "lifetime": 0,
    "negotiatedAuthenticationAlgorithm": "",
    "negotiatedDhGroup": "",
    "negotiatedEncryptionAlgorithm": "",
    "remainingLifetime": "",
    "remainingLifetimeInt": 0,
    "remainingLifetimeLastRetrieved": "",
}
_PHASE_ONE = {**_PHASE, "customDhGroup": "", "isCustomPhaseOneConfig": False, "isIkeEstablished": False}
_PHASE_TWO = {
    **_PHASE,
    "dhGroup": "",
    "isCustomPhaseTwoConfig": False,
    "isEspEstablished": False,
    "isPfsEnabled": False,
}


def tunnels(store: Store, connection: str) -> list[Properties]:
    """The connection's two tunnels, the greater id first: the real list has no order to rely on either."""
    if store.get(IPSEC, connection) is None:
        raise names.not_found("ipsecId", connection, "the OCID of an existing Ipsec")
    return [_answer(tunnel) for tunnel in reversed(ipsec_tunnel.of(store, connection))]


def _answer(tunnel: Record) -> Properties:
    known = dict(tunnel.outputs)
    dpd = {"dpdMode": known["dpdMode"], "dpdTimeoutInSec": known["dpdTimeoutInSec"]}
    return {
        **{name: known[name] for name in ("ipsecId", *ipsec_tunnel.PLAIN)},
        "id": tunnel.id,
        "tunnelId": tunnel.id,
        "bgpSessionInfos": [{**dict.fromkeys(_SESSION, ""), **known["bgpSessionInfo"]}],
        "dpdConfigs": [dpd],
        "encryptionDomainConfigs": [],
        "phaseOneDetails": [{**_PHASE_ONE, **known["phaseOneDetails"]}],
        "phaseTwoDetails": [{**_PHASE_TWO, **known["phaseTwoDetails"]}],
    }
