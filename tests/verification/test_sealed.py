"""Reading a capture between clouds on private roads: only tunnels' packets are right, and some must be there."""

import struct
from ipaddress import IPv4Address
from pathlib import Path

from multimesh_lab.verification import sealed
from multimesh_lab.verification.finding import Finding

UDP, TCP = 17, 6


def packet(protocol: int, source_port: int, target_port: int, payload: bytes = b"") -> bytes:
    transport = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload + b"\0" * 12
    addresses = IPv4Address("198.18.3.1").packed + IPv4Address("198.18.3.2").packed
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(transport), 0, 0, 64, protocol, 0) + addresses
    return b"\0" * 12 + b"\x08\x00" + ip + transport


def judged(folder: Path, *packets: bytes) -> Finding:
    records = b"".join(struct.pack("<IIII", 0, 0, len(each), len(each)) + each for each in packets)
    path = folder / "c.pcap"
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + records)
    return sealed.judge(path)


def test_packets_of_tunnels_alone_are_right(tmp_path: Path) -> None:
    found = judged(tmp_path, packet(UDP, 4500, 4500, b"\x01\x02"), packet(UDP, 4500, 4500, b"\x03"))
    assert found.ok
    assert "2 packets of tunnels" in found.message


def test_nothing_proves_nothing(tmp_path: Path) -> None:
    assert not judged(tmp_path).ok
    assert not judged(tmp_path, packet(UDP, 53, 53)).ok


def test_a_gateways_packet_beside_the_tunnels_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, packet(UDP, 4500, 4500), packet(TCP, 40000, 15443))
    assert not found.ok
    assert "1 packets to port 15443 are beside them" in found.message


def test_what_can_be_read_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, packet(UDP, 4500, 4500, b"GET /hello HTTP/1.1"))
    assert not found.ok
    assert "GET /hello" in found.message
