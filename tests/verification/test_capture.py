"""Reading a capture: what counts as TLS, what counts as readable, and what proves nothing."""

import struct
from ipaddress import IPv4Address
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from multimesh_lab.verification.capture import Capture, is_tls, judge, read

CLIENT, GATEWAY = ("198.18.0.11", 40000), ("198.18.202.1", 15443)
HELLO = b"\x16\x03\x01\x00\x05hello"
DATA = b"\x17\x03\x03\x00\x04\x01\x02\x03\x04"


def packet(sequence: int, payload: bytes, source: tuple[str, int] = CLIENT, target: tuple[str, int] = GATEWAY) -> bytes:
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], sequence, 0, 5 << 4, 0x18, 0, 0, 0) + payload
    addresses = IPv4Address(source[0]).packed + IPv4Address(target[0]).packed
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses
    return b"\0" * 12 + b"\x08\x00" + ip + tcp


def capture_of(folder: Path, *packets: bytes) -> Capture:
    records = b"".join(struct.pack("<IIII", 0, 0, len(each), len(each)) + each for each in packets)
    path = folder / "c.pcap"
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + records)
    return read(path)


def test_a_tls_connection_is_accepted(tmp_path: Path) -> None:
    found = judge(capture_of(tmp_path, packet(1, HELLO), packet(1 + len(HELLO), DATA)))
    assert found.ok
    assert "1 TLS streams" in found.message


def test_a_connection_older_than_the_capture_is_accepted(tmp_path: Path) -> None:
    assert judge(capture_of(tmp_path, packet(900, DATA), packet(900 + len(DATA), DATA))).ok


def test_packets_out_of_order_and_sent_again_are_put_right(tmp_path: Path) -> None:
    capture = capture_of(tmp_path, packet(11, DATA), packet(1, HELLO), packet(1, HELLO[:4]))
    assert list(capture.streams().values()) == [HELLO + DATA]


def test_plain_http_is_refused(tmp_path: Path) -> None:
    found = judge(capture_of(tmp_path, packet(1, b"GET /hello HTTP/1.1\r\n\r\n")))
    assert not found.ok
    assert "GET /hello" in found.message


def test_text_inside_a_record_is_refused(tmp_path: Path) -> None:
    text = b"Hello version: v1"
    record = b"\x17\x03\x03" + struct.pack("!H", len(text)) + text
    assert not judge(capture_of(tmp_path, packet(1, record))).ok


def test_something_else_than_tls_is_refused(tmp_path: Path) -> None:
    found = judge(capture_of(tmp_path, packet(1, b"\x00\x01\x02\x03\x04\x05\x06")))
    assert not found.ok
    assert "not TLS" in found.message


def test_silence_proves_nothing(tmp_path: Path) -> None:
    found = judge(capture_of(tmp_path))
    assert not found.ok
    assert "nothing is proven" in found.message


@given(st.lists(st.tuples(st.sampled_from([20, 21, 22, 23]), st.binary(max_size=200)), min_size=1), st.integers(0, 50))
def test_records_are_tls_wherever_the_last_is_cut(records: list[tuple[int, bytes]], cut: int) -> None:
    stream = b"".join(bytes([kind, 3, 3]) + struct.pack("!H", len(body)) + body for kind, body in records)
    assert is_tls(stream)
    assert is_tls(stream[: max(1, len(stream) - cut)])
