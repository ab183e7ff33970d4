"""What the machine must have, and how to get it.

Owns: the checks before anything is started. Does not own: the Go tools (tools.py).
"""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab.home import LabError


@dataclass(frozen=True)
class Need:
    """Something that the lab cannot do without."""

    what: str
    package: str
    """The Debian package that brings it; empty when none does."""
    commands: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def met(self) -> bool:
        if self is ROOT:
            return os.geteuid() == 0
        search = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/sbin"
        return all(shutil.which(name, path=search) for name in self.commands) and all(
            Path(path).exists() for path in self.paths
        )


ROOT = Need("root, for network namespaces and containers", "")
LAB = (
    ROOT,
    Need("containerd", "containerd", commands=("containerd", "ctr")),
    Need("runc", "runc", commands=("runc",)),
    Need(
        "CNI plug-ins",
        "containernetworking-plugins",
        paths=("/usr/lib/cni/bridge", "/usr/lib/cni/host-local"),
    ),
    Need("iptables", "iptables", commands=("iptables", "iptables-restore")),
    Need("ip and nsenter", "iproute2", commands=("ip", "nsenter")),
    Need("tcpdump, which proves that nothing crosses in plain text", "tcpdump", commands=("tcpdump",)),
    Need("curl, for the client's image", "curl", commands=("curl",)),
)

TUNNELS = (
    ROOT,
    Need("strongSwan", "strongswan-charon", paths=("/usr/lib/ipsec/charon",)),
    Need("strongSwan's swanctl", "strongswan-swanctl", commands=("swanctl",)),
    Need(
        "ESP in user space",
        "libcharon-extra-plugins",
        paths=("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",),
    ),
    Need(
        "strongSwan's openssl",
        "libstrongswan-standard-plugins",
        paths=("/usr/lib/ipsec/plugins/libstrongswan-openssl.so",),
    ),
    Need("BIRD 2", "bird2", commands=("bird",)),
    Need("/dev/net/tun", "", paths=("/dev/net/tun",)),
)
"""What the tunnels between the clouds take; a lab without them decides by what was declared alone."""

TESTS = (Need("Graphviz", "graphviz", commands=("dot",)),)
"""What tests take beside the lab; those that need it are skipped without it."""


def missing(needs: Sequence[Need]) -> list[Need]:
    return [need for need in needs if not need.met()]


def require(needs: Sequence[Need]) -> None:
    """Raises `LabError` naming everything that is missing, the remedy, and what runs without."""
    absent = missing(needs)
    if not absent:
        return
    lines = ["this machine lacks what the lab needs:"]
    lines += [f"  {need.what}" + (f" (Debian package {need.package})" if need.package else "") for need in absent]
    packages = " ".join(sorted({need.package for need in absent if need.package}))
    if packages:
        lines.append(f"remedy: apt-get install --no-install-recommends {packages}")
    if ROOT in absent:
        lines.append("remedy: run it as root (sudo make demo)")
    lines.append("without them these work: multimesh plan, and make test for all but the live tests")
    raise LabError("\n".join(lines))


def main() -> int:
    """Print the Debian packages that are missing, a line each, of `lab`, `tunnels` or `tests`; for the Makefile."""
    (whose,) = sys.argv[1:]
    for need in missing({"lab": LAB, "tunnels": TUNNELS, "tests": TESTS}[whose]):
        if need.package:
            sys.stdout.write(need.package + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
