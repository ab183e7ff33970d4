"""A look at the packets between the clouds on private roads: all of it must be in tunnels.

Owns: reading such a capture. Does not own: capturing, and what is inside the tunnels (capture.py).
"""

import struct
from pathlib import Path

from multimesh_lab.network import HOST
from multimesh_lab.verification.capture import PLAIN_MARKS, PORT, frames
from multimesh_lab.verification.finding import Check, Finding

_ETHERNET_HEADER, _UDP, _TCP = 14, 17, 6
_TUNNEL_PORT = 4500


def words(port: int) -> str:
    """What to capture: tunnels, and what should be nowhere but in them; the machine's own registry is no cluster's."""
    return f"udp port {_TUNNEL_PORT} or (tcp port {port} and not host {HOST})"


def judge(path: Path, port: int = PORT) -> Finding:
    """Tunnels' packets must have passed, none readable, and nothing to that port beside them."""
    tunnelled = beside = 0
    readable: set[str] = set()
    for packet in frames(path):
        protocol, ports = _ports(packet)
        tunnelled += protocol == _UDP and _TUNNEL_PORT in ports
        beside += protocol == _TCP and port in ports
        readable |= {mark.decode() for mark in PLAIN_MARKS if mark in packet}
    seen = f"{tunnelled} packets of tunnels between the clouds"
    if not tunnelled:
        problem = "no packet of a tunnel was captured, so nothing is proven"
    elif beside:
        problem = f"{beside} packets to port {port} are beside them, in no tunnel"
    elif readable:
        problem = f"readable on the wire: {', '.join(sorted(readable))}"
    else:
        return Finding(Check.ENCRYPTION, "between", True, f"{seen}: nothing beside them, nothing readable")
    return Finding(Check.ENCRYPTION, "between", False, f"{seen}: {problem}", "what is up? multimesh-lab roads")


def _ports(packet: bytes) -> tuple[int, tuple[int, ...]]:
    """Protocol and ports of an IPv4 packet; zeros for anything else."""
    if len(packet) < _ETHERNET_HEADER + 24 or packet[12:14] != b"\x08\x00":
        return 0, ()
    ip = packet[_ETHERNET_HEADER:]
    header = (ip[0] & 0x0F) * 4
    return ip[9], struct.unpack_from("!HH", ip, header)
