"""What processes leave behind, and processes that no pid file knows: found by what the kernel says of them.

Owns: finding and removing containers, mounts, control groups and lost processes below a folder. Does not own:
namespaces and links (network), rules (firewall).
"""

import contextlib
import ctypes
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab import network
from multimesh_lab.processes import MARK, Identity, end

_CGROUPS = Path("/sys/fs/cgroup")
_DETACH = 2
_LOG_LINKS = Path("/var/log/containers")
_KUBELET = Path("/var/lib/kubelet")
_CLAIM = ".multimesh-lab"
_SHIM_SOCKETS = Path("/run/containerd/s")


@dataclass(frozen=True)
class Lost:
    """A process of the lab."""

    identity: Identity
    name: str


def processes(folder: Path, namespaces: Sequence[str]) -> list[Lost]:
    """Daemons of the folder and of folders in it, their children, their containers, and all in the namespaces."""
    inodes = {network.namespace_inode(name) for name in namespaces} - {None}
    return [
        found
        for found in _all()
        if _is_marked(found, folder) or _namespace(found, "net") in inodes or _is_container(found, folder)
    ]


def kill(folder: Path, namespaces: Sequence[str]) -> None:
    """End all of them; again while some appear, because a manager may start one while it is being ended."""
    for _ in range(5):
        found = [lost.identity for lost in processes(folder, namespaces)]
        if not found:
            return
        end(found, patience=3)


def kill_containers(folder: Path) -> None:
    """The containers whose root lies below the folder, and the shims that hold them."""
    tasks = list(folder.glob("containerd/state/io.containerd.runtime.v2.task/*/*"))
    for _ in range(5):
        found = [lost.identity for lost in _all() if _is_container(lost, folder) or _is_shim(lost, folder)]
        if not found:
            break
        end(found, patience=0)
    for task in tasks:
        _remove_shim_socket(task / "address")
        _remove_cgroups(task.name)
    for parent in (_CGROUPS / "k8s.io", *_CGROUPS.glob("*/k8s.io")):
        # It stays while it holds anybody's container.
        with contextlib.suppress(OSError):
            parent.rmdir()


def _remove_shim_socket(address: Path) -> None:
    with contextlib.suppress(OSError):
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


def cgroups(folder: Path) -> list[Path]:
    """The control groups of the folder's containers that are still known; one for each hierarchy of cgroup v1."""
    tasks = folder.glob("containerd/state/io.containerd.runtime.v2.task/*/*")
    return [group for task in tasks for group in _cgroups_of(task.name)]


def _cgroups_of(container: str) -> list[Path]:
    """containerd's place for a container of which it is told no other."""
    name = f"k8s.io/{container}"
    return [path for path in (_CGROUPS / name, *_CGROUPS.glob(f"*/{name}")) if path.is_dir()]


def _remove_cgroups(container: str) -> None:
    """The container's groups; the kernel takes a moment to see that one is empty."""
    deadline = time.monotonic() + 3
    while (found := _cgroups_of(container)) and time.monotonic() < deadline:
        for group in found:
            with contextlib.suppress(OSError):
                group.rmdir()
        time.sleep(0.02)


def claim_kubelet_folder() -> None:
    """The kubelet always has a folder for device plug-ins here; a mark says that the lab brought it."""
    if not _KUBELET.exists():
        _KUBELET.mkdir(mode=0o750)
        (_KUBELET / _CLAIM).touch()


def remove_kubelet_folder() -> None:
    """Only when the lab brought it."""
    if (_KUBELET / _CLAIM).exists():
        shutil.rmtree(_KUBELET)


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


def _is_marked(found: Lost, folder: Path) -> bool:
    mark = os.fsencode(f"{MARK}={folder}")
    variables = _read(found, "environ").split(b"\0")
    return any(variable == mark or variable.startswith(mark + b"/") for variable in variables)


def _namespace(found: Lost, kind: str) -> int | None:
    try:
        return Path(f"/proc/{found.identity.pid}/ns/{kind}").stat().st_ino
    except OSError:
        return None


def _is_shim(found: Lost, folder: Path) -> bool:
    words = _read(found, "cmdline").split(b"\0")
    return words[0].endswith(b"containerd-shim-runc-v2") and os.fsencode(folder / "containerd.sock") in words


def _is_container(found: Lost, folder: Path) -> bool:
    """Whether its root is an overlay whose layers lie below the folder; the machine's own share our mounts."""
    if _namespace(found, "mnt") == Path("/proc/self/ns/mnt").stat().st_ino:
        return False
    needle = os.fsencode(folder) + b"/"
    return any(line.split(b" ")[4] == b"/" and needle in line for line in _read(found, "mountinfo").splitlines())
