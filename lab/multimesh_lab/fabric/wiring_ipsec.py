"""A tunnel's end: one strongSwan for each, with exactly what the end's cloud declares.

Owns: its configuration, its process, its device and what it says of itself. Does not own: the namespace it lives in
(wiring_links). One for each end, because in user space (kernel-libipsec; the kernels that the lab meets have no ESP)
one charon cannot tell apart two tunnels that both carry everything.
"""

import re
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab import files
from multimesh_lab.fabric.model import Proposal
from multimesh_lab.fabric.proposals import NO_PFS
from multimesh_lab.fabric.wiring_plan import End
from multimesh_lab.processes import Daemon, ProcessEndedError, read, tail

_CHARON = "/usr/lib/ipsec/charon"
_PATIENCE = 15.0


@dataclass(frozen=True)
class Association:
    """What a charon says of its tunnel."""

    established: bool
    """The two have agreed on keys and identities."""
    installed: bool
    """… and on how packets are encrypted: they flow."""
    complaint: str
    """The last thing that went wrong, empty when nothing did."""


def daemon_of(fabric: Path, number: int) -> Daemon:
    """The process of an end that may be in no plan any more."""
    return Daemon(f"charon-{number}", fabric, f"mmt{number}")


class Charon:
    """The charon of one end; everything of it lies in a folder of its own."""

    def __init__(self, fabric: Path, end: End) -> None:
        self.end = end
        self.folder = fabric / "ends" / str(end.number)
        self.daemon = daemon_of(fabric, end.number)

    @property
    def _socket(self) -> Path:
        return self.folder / "vici"

    @property
    def _connections(self) -> Path:
        return self.folder / "swanctl.conf"

    @property
    def _refusal(self) -> Path:
        """What strongSwan found wrong with the connection itself, such as an algorithm that it does not have."""
        return self.folder / "refusal"

    def is_current(self) -> bool:
        """Whether it runs with what the end's cloud declares now."""
        text = self._connections.read_text() if self._connections.exists() else ""
        return self.daemon.alive() and text == connections(self.end)

    def start(self) -> None:
        """Start it, without a connection yet; its pid file's path is compiled in, so it gets a /run of its own."""
        run = self.folder / "run"
        run.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        self._connections.unlink(missing_ok=True)
        files.write(self.folder / "strongswan.conf", _settings(self._socket))
        # What is unmounted outside goes inside too, or a namespace would outlive its end.
        isolate = ["unshare", "--mount", "--propagation", "slave", "sh", "-c", 'mount --bind "$0" /run && exec "$1"']
        self.daemon.start([*isolate, run, _CHARON], self._environment)

    def device(self) -> str:
        """The name of its device, once it listens."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self.daemon.alive():
            found = self._device() if self._socket.exists() else None
            if found is not None:
                return found
            time.sleep(0.02)
        raise ProcessEndedError(self.daemon)

    def _device(self) -> str | None:
        identity = read(self.daemon.pid_file)
        for path in Path(f"/proc/{identity.pid if identity else 0}/fdinfo").glob("*"):
            match = re.search(r"^iff:\s*(\S+)", path.read_text(), re.MULTILINE)
            if match:
                return match[1]
        return None

    def load(self) -> None:
        """Give it its connection, with which it answers from now on."""
        files.write(self._connections, connections(self.end))
        answer = self._run("--load-all", "--noprompt", "--file", str(self._connections))
        faults = [line for line in answer.stderr.splitlines() if "failed" in line and "directory" not in line]
        files.write(self._refusal, "; ".join(faults) if answer.returncode else "")

    def stop(self) -> None:
        self.daemon.stop(patience=2)

    def association(self) -> Association:
        if not self.daemon.alive():
            return Association(False, False, "its charon does not run")
        said = self._ask("--list-sas")
        refusal = self._refusal.read_text() if self._refusal.exists() else ""
        return Association(
            bool(re.search(r"^tunnel:.*ESTABLISHED", said, re.MULTILINE)),
            bool(re.search(r"^\s+all:.*INSTALLED", said, re.MULTILINE)),
            refusal or _complaint(tail(self.daemon.log_file, 200)),
        )

    def open(self) -> None:
        """Open the tunnel, if that is its part, without waiting; a charon gives up when it is refused."""
        if self.end.at.starts:
            self._ask("--initiate", "--child", "all", "--timeout", "-1")

    def _ask(self, *words: str) -> str:
        return self._run(*words).stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["swanctl", *words, "--uri", f"unix://{self._socket}"],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {"STRONGSWAN_CONF": str(self.folder / "strongswan.conf")}


def _settings(socket: Path) -> str:
    return f"""\
charon {{
  load = random nonce aes sha1 sha2 md5 hmac kdf gmp gcm openssl kernel-libipsec kernel-netlink socket-default vici
  install_virtual_ip = no
  # An end notices within ten seconds that the other is gone, where the clouds take up to three minutes.
  retransmit_timeout = 1
  retransmit_base = 1.5
  retransmit_tries = 3
  plugins {{
    vici {{
      socket = unix://{socket}
    }}
    kernel-libipsec {{
      allow_peer_ts = yes
    }}
  }}
  filelog {{
    stderr {{
      time_format = %H:%M:%S
      default = 0
      ike = 1
      cfg = 1
    }}
  }}
}}
swanctl {{
  load = random
}}
"""


def connections(end: End) -> str:
    """What the end's cloud declares, in strongSwan's words; both directions carry everything, as routes decide."""
    at = end.at
    return f"""\
connections {{
  tunnel {{
    version = {_version(at.ike_versions)}
    local_addrs = {at.own_public}
    remote_addrs = {at.peer_public}
    proposals = {ike_proposals(at.ike)}
    rekey_time = {at.ike_seconds}s
    # User space takes packets of UDP only, so every tunnel behaves as one through a NAT.
    encap = yes
    mobike = no
    # Phase 2 has an exchange of its own from the start, so that its group is compared now and not after an hour.
    childless = force
    dpd_delay = 10s
    unique = replace
    local {{
      auth = psk
      id = {at.own_public}
    }}
    remote {{
      auth = psk
      id = {at.peer_public}
    }}
    children {{
      all {{
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        esp_proposals = {esp_proposals(at.esp)}
        rekey_time = {at.esp_seconds}s
      }}
    }}
  }}
}}
secrets {{
  ike-peer {{
    id-own = {at.own_public}
    id-peer = {at.peer_public}
    secret = 0s{b64encode(at.key.encode()).decode()}
  }}
}}
"""


def _version(versions: Iterable[int]) -> int:
    """strongSwan takes 0 for both."""
    known = set(versions)
    return known.pop() if len(known) == 1 else 0


def ike_proposals(proposal: Proposal) -> str:
    """Each of strongSwan's proposals holds every alternative; a cipher with integrity of its own needs another."""
    plain, combined, hashes = _words(proposal)
    groups = [name for name in proposal.groups if name != NO_PFS]
    found = [[*plain, *hashes, *groups]] if plain else []
    if combined:
        found.append([*combined, *(f"prf{name}" for name in hashes or ["sha256"]), *groups])
    return ", ".join("-".join(words) for words in found)


def esp_proposals(proposal: Proposal) -> str:
    """Where no perfect forward secrecy is accepted too, a proposal without a group says so."""
    plain, combined, hashes = _words(proposal)
    groups = [name for name in proposal.groups if name != NO_PFS]
    tails = [groups, []] if groups and NO_PFS in proposal.groups else [groups]
    found = [[*plain, *hashes, *tail] for tail in tails if plain]
    found += [[*combined, *tail] for tail in tails if combined]
    return ", ".join("-".join(words) for words in found)


def _words(proposal: Proposal) -> tuple[list[str], list[str], list[str]]:
    """Ciphers, ciphers with integrity of their own, and hashes."""
    combined = [name for name in proposal.encryption if "gcm" in name]
    plain = [name for name in proposal.encryption if name not in combined]
    return plain, combined, [name for name in proposal.integrity if "gcm" not in name]


_COMPLAINTS = {
    "AUTHENTICATION_FAILED": "the other end refused this end's key or identity",
    "NO_PROPOSAL_CHOSEN": "no proposal in common",
    "no matching peer config found": "the other end's identity or address is not the declared one",
    "MAC mismatched": "the other end's key is another one",
    "tried 1 shared key": "the other end's key is another one",
    "peer not responding": "the other end does not answer",
    "TS_UNACCEPTABLE": "no traffic selector in common",
    "no IKE config found": "this end expects no tunnel from that address, or no proposal in common",
    "no acceptable proposal found": "no proposal in common",
    "received proposals unacceptable": "no proposal in common",
}


def _complaint(lines: list[str]) -> str:
    """The last fault in the log that no success follows."""
    for line in reversed(lines):
        if " established with SPIs" in line or ("IKE_SA tunnel" in line and "established between" in line):
            return ""
        for sign, meaning in _COMPLAINTS.items():
            if sign in line:
                return meaning
    return ""
