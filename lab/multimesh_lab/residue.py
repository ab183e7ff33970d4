"""What processes leave behind, and processes that no pid file knows: found by what the kernel says of them.

Owns: finding and removing containers, mounts, control groups and lost processes below a folder. Does not own:
namespaces and links (network), rules (firewall).
"""

import contextlib
import ctypes
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab import network
from multimesh_lab.processes import MARK, Identity, end

_CGROUPS = Path("/sys/fs/cgroup")
_DETACH = 2
_LOG_LINKS = Path("/var/log/containers")
_SHIM_SOCKETS = Path("/run/containerd/s")


@dataclass(frozen=True)
class Lost:
    """A process of the lab."""

    identity: Identity
    name: str


def processes(lab: Path) -> list[Lost]:
    """Every process of the lab: marked in its environment, or in one of its namespaces, or a container of it."""
    namespaces = {network.namespace_inode(name) for name in network.namespaces()} - {None}
    mark = f"{MARK}={lab}".encode()
    return [
        found
        for found in _all()
        if mark in _environment(found)
        or _namespace(found, "net") in namespaces
        or _is_container(found, lab)
    ]


def kill(lab: Path) -> None:
    """End all of them; again while some appear, because a manager may start one while it is being ended."""
    for _ in range(5):
        found = [lost.identity for lost in processes(lab) if lost.identity.pid != os.getpid()]
        if not found:
            return
        end(found, patience=3)


def kill_containers(folder: Path) -> None:
    """The containers whose root lies below the folder, and the shims that hold them."""
    for _ in range(5):
        found = [lost.identity for lost in _all() if _is_container(lost, folder) or _is_shim(lost, folder)]
        if not found:
            return
        end(found, patience=1)
    for address in folder.glob("containerd/state/io.containerd.runtime.v2.task/*/*/address"):
        socket = Path(address.read_text().strip().removeprefix("unix://"))
        if socket.parent == _SHIM_SOCKETS:
            socket.unlink(missing_ok=True)


def mounts(folder: Path) -> list[str]:
    """The mount points at and below the folder, the deepest first."""
    prefix = f"{folder}/"
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = (line.split()[4].encode().decode("unicode_escape") for line in lines)
    return sorted((point for point in points if f"{point}/".startswith(prefix)), reverse=True)


def unmount(folder: Path) -> None:
    """Detach every mount; again, because one may hide another."""
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(10):
        points = mounts(folder)
        if not points:
            break
        for point in points:
            libc.umount2(os.fsencode(point), _DETACH)


def remove_log_links(folder: Path) -> None:
    """The kubelet's links in /var/log/containers, a path that it cannot be told to leave alone."""
    if _LOG_LINKS.is_dir():
        for link in _LOG_LINKS.iterdir():
            if link.is_symlink() and link.readlink().is_relative_to(folder):
                link.unlink(missing_ok=True)


def cgroup_name(folder: Path) -> str:
    """The control group of the pods whose node lies in this folder."""
    return f"/multimesh-lab-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def cgroups(folder: Path) -> list[Path]:
    """The control groups of a node; one for each hierarchy of cgroup v1."""
    name = cgroup_name(folder).lstrip("/")
    return [path for path in (_CGROUPS / name, *_CGROUPS.glob(f"*/{name}")) if path.is_dir()]


def remove_cgroups(folder: Path) -> None:
    """Empty groups from the leaves up; the kernel takes a moment to notice that a group is empty."""
    deadline = time.monotonic() + 3
    while (found := cgroups(folder)) and time.monotonic() < deadline:
        for top in found:
            for path in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    path.rmdir()
            with contextlib.suppress(OSError):
                top.rmdir()
        time.sleep(0.02)


def _all() -> Iterator[Lost]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            identity = Identity.of(int(entry.name))
            if identity is not None:
                with contextlib.suppress(OSError):
                    yield Lost(identity, (entry / "comm").read_text().strip())


def _read(found: Lost, name: str) -> bytes:
    try:
        return Path(f"/proc/{found.identity.pid}/{name}").read_bytes()
    except OSError:
        return b""


def _environment(found: Lost) -> list[bytes]:
    return _read(found, "environ").split(b"\0")


def _namespace(found: Lost, kind: str) -> int | None:
    try:
        return Path(f"/proc/{found.identity.pid}/ns/{kind}").stat().st_ino
    except OSError:
        return None


def _is_shim(found: Lost, folder: Path) -> bool:
    words = _read(found, "cmdline").split(b"\0")
    return words[0].endswith(b"containerd-shim-runc-v2") and os.fsencode(folder / "containerd.sock") in words


def _is_container(found: Lost, folder: Path) -> bool:
    """Whether its root is an overlay whose layers lie below the folder; the machine's own processes share our mounts."""
    if _namespace(found, "mnt") == Path("/proc/self/ns/mnt").stat().st_ino:
        return False
    needle = os.fsencode(folder) + b"/"
    return any(
        line.split(b" ")[4] == b"/" and needle in line for line in _read(found, "mountinfo").splitlines()
    )
