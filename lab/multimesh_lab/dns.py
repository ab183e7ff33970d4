"""The lab's public DNS: names of load balancers, answered on the bridge's address for every cluster.

Owns: the server and its names. Does not own: the DNS inside a cluster, which asks this one for all other names.
"""

import socket
import struct
import time
from pathlib import Path

from multimesh_lab import files, network, tools
from multimesh_lab.home import LabHome
from multimesh_lab.processes import Daemon, ProcessEndedError

_PORT = 53


def daemon(home: LabHome) -> Daemon:
    return Daemon("dns", home.root)


def ensure(home: LabHome) -> None:
    """The server answers when this returns."""
    hosts = _hosts(home)
    if not hosts.exists():
        files.write(hosts, "", 0o644)
    corefile = home.root / "dns" / "Corefile"
    zone = home.root / "dns" / "root.zone"
    files.write(zone, _ZONE, 0o644)
    files.write(corefile, _corefile(hosts, zone), 0o644)
    server = daemon(home)
    server.start([tools.binary("coredns"), "-conf", corefile])
    deadline = time.monotonic() + 15
    while not _answers():
        if not server.alive() or time.monotonic() > deadline:
            raise ProcessEndedError(server)
        time.sleep(0.05)


def add_name(home: LabHome, name: str, address: str) -> None:
    """Have the name resolve to the address, and to no other."""
    with files.locked(home.root / "dns" / "lock"):
        files.write(_hosts(home), "".join([*_others(home, name), f"{address} {name}\n"]), 0o644)


def remove_name(home: LabHome, name: str) -> None:
    with files.locked(home.root / "dns" / "lock"):
        files.write(_hosts(home), "".join(_others(home, name)), 0o644)


def names(home: LabHome) -> dict[str, str]:
    """Name → address."""
    if not _hosts(home).exists():
        return {}
    pairs = (line.split() for line in _hosts(home).read_text().splitlines())
    return {name: address for address, name in pairs}


def _others(home: LabHome, name: str) -> list[str]:
    return [f"{address} {other}\n" for other, address in names(home).items() if other != name]


def _hosts(home: LabHome) -> Path:
    return home.root / "dns" / "hosts"


_ZONE = """\
. 5 IN SOA ns.multimesh.test. lab.multimesh.test. 1 60 60 60 5
. 5 IN NS ns.multimesh.test.
"""
"""An empty root: names that the lab does not have do not exist, and the machine's resolver is never asked."""


def _corefile(hosts: Path, zone: Path) -> str:
    return f"""\
.:{_PORT} {{
    bind {network.HOST}
    errors
    hosts {hosts} {{
        ttl 5
        reload 1s
        fallthrough
    }}
    file {zone} .
}}
"""


def _answers() -> bool:
    """Whether anything answers a question; a question for the root's name servers needs no name of the lab."""
    question = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + b"\x00" + struct.pack("!2H", 2, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        try:
            sock.connect((network.HOST, _PORT))
            sock.send(question)
            return len(sock.recv(512)) >= 12
        except OSError:
            return False
