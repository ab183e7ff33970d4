"""What a check found.

Owns: the closed list of checks and a finding's form. Does not own: how a check looks.
"""

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """Every check by its stable name, in the order of cause before effect."""

    REACHABLE = "cluster-reachable"
    ROOT = "one-root"
    REMOTE_SECRET = "remote-secret"
    GATEWAY = "east-west-gateway"
    SIDECAR = "sidecar"
    IDENTITY = "identity"
    REPLIES = "replies"
    ENCRYPTION = "no-plain-text"


@dataclass(frozen=True)
class Finding:
    """One check in one cluster, or on the wire between them."""

    check: Check
    where: str
    ok: bool
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        mark = "ok  " if self.ok else "FAIL"
        line = f"{mark} {self.check:<18} {self.where:<10} {self.message}"
        return f"{line}\n     remedy: {self.remedy}" if self.remedy and not self.ok else line
