"""The routing protocol of a cloud's VPN gateways: one BIRD for each router, one BGP session for each tunnel's end.

Owns: its configuration, its process and what it says of its sessions. Does not own: the other routes (wiring_links).
"""

import socket
from dataclasses import dataclass
from pathlib import Path

from multimesh_lab import files
from multimesh_lab.fabric.wiring_plan import End, Router
from multimesh_lab.processes import Daemon

_HOLD_SECONDS = 9
"""A session whose tunnel is cut ends after this long; the clouds take 30 to 180 s, which nobody wants to watch."""
_FORMAT_END = 5


@dataclass(frozen=True)
class Session:
    """What BIRD says of the session of an end."""

    state: str
    """Established, or where it stands on the way there: Idle, Connect, Active, OpenSent."""
    complaint: str

    @property
    def established(self) -> bool:
        return self.state == "Established"


class Bird:
    """The BIRD of one router."""

    def __init__(self, fabric: Path, router: Router) -> None:
        self._router = router
        self.folder = fabric / "routers" / str(router.number)
        self.daemon = Daemon(f"bird-{router.number}", fabric, router.namespace)

    @property
    def _control(self) -> Path:
        return self.folder / "control"

    def ensure(self) -> None:
        """It runs with the router's sessions; those that stay the same are not disturbed."""
        path, text = self.folder / "bird.conf", configuration(self._router)
        changed = not path.exists() or path.read_text() != text
        if changed:
            files.write(path, text)
        if not self.daemon.alive():
            self._control.unlink(missing_ok=True)
            self.daemon.start(["bird", "-f", "-c", path, "-s", self._control, "-P", self.folder / "pid"])
        elif changed:
            self._ask("configure")

    def stop(self) -> None:
        self.daemon.stop(patience=2)

    def sessions(self) -> dict[int, Session]:
        """By the number of the end; empty when BIRD does not answer."""
        found: dict[int, Session] = {}
        for line in self._ask("show protocols"):
            # Name, protocol, table, state, since, then what it says.
            words = line.split(maxsplit=_FORMAT_END)
            if words and words[0].startswith("end") and len(words) > _FORMAT_END:
                state, _, complaint = words[_FORMAT_END].partition(" ")
                found[int(words[0].removeprefix("end"))] = Session(state, complaint.strip())
        return found

    def _ask(self, question: str) -> list[str]:
        """The lines of BIRD's answer, without their codes; a code and a space begin the last one."""
        if not self.daemon.alive() or not self._control.exists():
            return []
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(5)
            try:
                sock.connect(str(self._control))
                stream = sock.makefile("rw")
                stream.readline()
                stream.write(question + "\n")
                stream.flush()
                lines: list[str] = []
                for line in stream:
                    lines.append(line[_FORMAT_END:].rstrip() if line[:4].isdigit() else line.strip())
                    if line[:4].isdigit() and line[4] == " " and line[0] in "089":
                        break
                return lines
            except OSError:
                return []


def configuration(router: Router) -> str:
    """Its own ranges are static routes that only neighbours hear of; learned ones go to the kernel if it takes them."""
    own = sorted({target for end in router.ends for target in end.advertised})
    statics = "".join(f"  route {target} blackhole;\n" for target in own)
    installed = ", ".join(map(str, router.installed))
    exported = f"where source = RTS_BGP && net ~ [ {installed} ]" if installed else "none"
    return f"""\
log stderr {{ warning, error, fatal, bug, auth, remote }};
router id {router.identity};
protocol device {{ }}
protocol static own {{
  ipv4;
{statics}}}
protocol kernel {{
  ipv4 {{ import none; export {exported}; }};
}}
{"".join(_session(end) for end in router.ends if has_session(end))}"""


def has_session(end: End) -> bool:
    """Whether its cloud opens one at all."""
    at = end.at
    told = (at.own_inside, at.peer_inside, at.own_asn, at.peer_asn)
    return None not in told and not at.bgp_faults


def _session(end: End) -> str:
    at = end.at
    ranges = ", ".join(map(str, end.advertised))
    own = f"if source = RTS_STATIC && net ~ [ {ranges} ] then accept;" if ranges else ""
    learned = "if source = RTS_BGP then accept;" if end.passes_on else ""
    return f"""\
protocol bgp {end.uplink} {{
  local {at.own_inside} as {at.own_asn};
  neighbor {at.peer_inside} as {at.peer_asn};
  interface "{end.tunnel}";
  direct;
  hold time {_HOLD_SECONDS};
  keepalive time {_HOLD_SECONDS // 3};
  connect delay time 1;
  connect retry time 5;
  error wait time 2, 5;
  ipv4 {{
    import all;
    export filter {{ {own} {learned} reject; }};
  }};
}}
"""
