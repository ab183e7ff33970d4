"""A look at the packets between the clusters: what crosses the gateways' port, and whether any of it can be read.

Owns: capturing on the lab's bridge and reading the capture. Does not own: causing the traffic.
"""

import contextlib
import signal
import struct
import subprocess
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from multimesh_lab import network
from multimesh_lab.verification.finding import Check, Finding

PORT = 15443
_ETHERNET_HEADER, _IPV4, _TCP = 14, 0x0800, 6
_TLS_HEADER, _TLS_KINDS, _TLS_LONGEST = 5, range(20, 25), 2**14 + 2048
PLAIN_MARKS = (b"Hello version", b"GET /hello", b"helloworld-v", b"HTTP/1.1")

Flow = tuple[str, int, str, int]


@dataclass
class Capture:
    """What was seen, by direction of each connection and by sequence number."""

    segments: dict[Flow, dict[int, bytes]] = field(default_factory=dict[Flow, dict[int, bytes]])
    packets: int = 0

    def streams(self) -> dict[Flow, bytes]:
        """Each direction's bytes from the first that was seen to the first gap."""
        return {flow: _joined(segments) for flow, segments in self.segments.items()}

    def readable(self) -> list[str]:
        """Marks of the application's own text that were found in the open."""
        return sorted({mark.decode() for stream in self.streams().values() for mark in PLAIN_MARKS if mark in stream})

    def not_tls(self) -> list[Flow]:
        """Directions that are anything but one TLS record after another."""
        return [flow for flow, stream in self.streams().items() if not is_tls(stream)]


def _joined(segments: dict[int, bytes]) -> bytes:
    stream, following = b"", min(segments)
    for sequence in sorted(segments):
        if sequence > following:
            break
        stream += segments[sequence][following - sequence :]
        following = max(following, sequence + len(segments[sequence]))
    return stream


def is_tls(stream: bytes) -> bool:
    """Whether the bytes are TLS records from end to end (RFC 8446 §5.1); the last may be cut off."""
    position = 0
    while position + _TLS_HEADER <= len(stream):
        kind, major, _, length = struct.unpack_from("!BBBH", stream, position)
        if kind not in _TLS_KINDS or major != 3 or length > _TLS_LONGEST:
            return False
        position += _TLS_HEADER + length
    return bool(stream)


@contextlib.contextmanager
def capturing(interface: str, path: Path, what: str, namespace: str | None = None) -> Generator[None]:
    """Capture on the interface what tcpdump's words say while the block runs."""
    command = [*network.inside(namespace), "tcpdump", "-i", interface, "-U", "-s", "0", "-w", str(path), what]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 10
        while not path.exists() or path.stat().st_size < _PCAP_HEADER:
            if process.poll() is not None or time.monotonic() > deadline:
                said = process.stderr.read().decode() if process.poll() is not None and process.stderr else ""
                raise RuntimeError(f"tcpdump does not capture on {interface}: {said.strip() or 'no file after 10 s'}")
            time.sleep(0.05)
        yield
        time.sleep(0.5)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)


_PCAP_HEADER, _RECORD_HEADER = 24, 16


def read(path: Path) -> Capture:
    """The TCP payloads of a capture file."""
    capture = Capture()
    for packet in frames(path):
        parsed = _tcp(packet)
        if parsed is None:
            continue
        flow, sequence, payload = parsed
        capture.packets += 1
        if payload:
            # A retransmission may be cut differently; the longer one holds the shorter.
            held = capture.segments.setdefault(flow, {})
            held[sequence] = max(held.get(sequence, b""), payload, key=len)
    return capture


def frames(path: Path) -> Iterator[bytes]:
    """The packets of a capture file, from their Ethernet headers on."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    position = _PCAP_HEADER
    while position + _RECORD_HEADER <= len(data):
        (length,) = struct.unpack_from(order + "I", data, position + 8)
        yield data[position + _RECORD_HEADER : position + _RECORD_HEADER + length]
        position += _RECORD_HEADER + length


def _tcp(packet: bytes) -> tuple[Flow, int, bytes] | None:
    """Direction, sequence number and payload of an IPv4 TCP packet; None for anything else."""
    if len(packet) < _ETHERNET_HEADER + 40 or struct.unpack_from("!H", packet, 12)[0] != _IPV4:
        return None
    ip = packet[_ETHERNET_HEADER:]
    if ip[9] != _TCP:
        return None
    header = (ip[0] & 0x0F) * 4
    segment = ip[header : struct.unpack_from("!H", ip, 2)[0]]
    source_port, target_port, sequence = struct.unpack_from("!HHI", segment)
    payload = segment[(segment[12] >> 4) * 4 :]
    flow = (str(IPv4Address(ip[12:16])), source_port, str(IPv4Address(ip[16:20])), target_port)
    return flow, sequence, payload


def judge(capture: Capture, port: int = PORT) -> Finding:
    """Connections must have been made while the capture ran, all of it TLS, none readable."""
    streams = capture.streams()
    size = sum(len(stream) for stream in streams.values())
    seen = f"{capture.packets} packets, {size} bytes on port {port}"
    readable, not_tls = capture.readable(), capture.not_tls()
    if not size:
        problem = "no payload was captured, so nothing is proven"
    elif readable:
        problem = f"readable on the wire: {', '.join(readable)}"
    elif not_tls:
        problem = f"{len(not_tls)} connections are not TLS, such as {not_tls[0]}"
    else:
        return Finding(Check.ENCRYPTION, "wire", True, f"{seen}: {len(streams)} TLS streams, nothing readable")
    return Finding(
        Check.ENCRYPTION,
        "wire",
        False,
        f"{seen}: {problem}",
        "is mTLS strict? kubectl get peerauthentication -A",
    )
