"""Namespaces that stand for clusters on paper, and echoes through the clouds' networks.

Owns: a probe's namespace and its addresses, and asking whether an address answers. Does not own: real clusters'
namespaces, in which the same question can be asked.
"""

import subprocess
import sys
from ipaddress import IPv4Address

from multimesh_lab import firewall, network
from multimesh_lab.network import Plan, inside, run

_HOST_NUMBER = 10


def pod(plan: Plan) -> IPv4Address:
    """Where a probe answers as one of its pods."""
    return plan.pods[_HOST_NUMBER]


def balancer(plan: Plan) -> IPv4Address:
    """Where a probe answers as an internal load balancer."""
    return plan.internal[_HOST_NUMBER]


def ensure(plan: Plan) -> None:
    """The namespace of a cluster on paper, as a real one's; its pod and its balancer are addresses that answer."""
    network.ensure_namespace(plan)
    firewall.ensure_namespace(plan)
    for address in (pod(plan), balancer(plan)):
        run("ip", "-n", plan.namespace, "addr", "replace", f"{address}/32", "dev", "lo")


def answers(source: Plan, target: IPv4Address, sender: IPv4Address | None = None, seconds: float = 1.0) -> bool:
    """Whether an echo from the source's namespace comes back; `sender` is a pod's address, else the node's is used."""
    words = [sys.executable, "-c", _ECHO, str(target), str(sender or source.private_node), str(seconds)]
    command = [*inside(source.namespace), *words]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


_ECHO = """
import os, socket, struct, sys, time
target, sender, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
def checked(packet):
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return packet[:2] + struct.pack("!H", ~total & 0xFFFF) + packet[4:]
number = os.getpid() & 0xFFFF
mark = b"multimesh-probe!"
with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
    sock.bind((sender, 0))
    try:
        sock.sendto(checked(struct.pack("!BBHHH", 8, 0, 0, number, 1) + mark), (target, 0))
    except OSError:
        sys.exit(1)
    deadline = time.monotonic() + seconds
    while (rest := deadline - time.monotonic()) > 0:
        sock.settimeout(rest)
        try:
            answer, (who, _) = sock.recvfrom(1024)
        except TimeoutError:
            break
        kind, _, _, theirs, _ = struct.unpack("!BBHHH", answer[20:28])
        if who == target and (kind, theirs, answer[28:]) == (0, number, mark):
            sys.exit(0)
sys.exit(1)
"""
"""One ICMP echo; a program of its own, since a process has one network namespace."""
