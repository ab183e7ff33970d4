"""What a simulated cloud can have done to a cluster.

Owns: the order of things, and that each may be repeated after a crash. Does not own: any one part.
"""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from ipaddress import AddressValueError, IPv4Network

from multimesh_lab import files, firewall, network, residue
from multimesh_lab.cluster import certificates, cloud_controller, control_plane, dns, logins, node, registry, users
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts, ClusterRequest
from multimesh_lab.cluster.logins import Login
from multimesh_lab.home import LabHome
from multimesh_lab.processes import ProcessEndedError, stop


@dataclass(frozen=True)
class _Settings:
    """What the cloud set, remembered so that a cluster started again has it still."""

    admitted: list[str] = field(default_factory=list[str])
    egress: str | None = None
    authentication: str = logins.configuration(None, "")
    """Which logins the API server takes beside the lab's own tokens."""

    @classmethod
    def load(cls, facts: ClusterFacts) -> "_Settings":
        return cls(**files.read_json(facts.folder / "settings.json", {}))

    def save(self, facts: ClusterFacts) -> None:
        files.write_json(facts.folder / "settings.json", asdict(self))


@contextlib.contextmanager
def _changing(facts: ClusterFacts) -> Generator[None]:
    """One change at a time; what fails below is told as a ClusterError that names the cluster."""
    with files.locked(facts.lock):
        try:
            yield
        except (network.NetworkError, ProcessEndedError, OSError) as fault:
            raise ClusterError(f"cluster {facts.name} (slot {facts.slot}): {fault}") from fault


def create(home: LabHome, request: ClusterRequest) -> ClusterFacts:
    """The cluster's control plane runs and is ready when this returns."""
    if network.owner() != str(home.root):
        raise ClusterError("the lab's network is not there; remedy: `multimesh-lab up`")
    facts = registry.claim(home, request)
    with _changing(facts):
        network.ensure_namespace(facts.plan)
        firewall.ensure_namespace(facts.plan)
        settings = _Settings.load(facts)
        firewall.admit_api(facts.plan, settings.admitted)
        _apply_egress(facts, settings.egress)
        facts = replace(facts, ca_pem=certificates.ensure(facts))
        facts.save()
        users.ensure(facts)
        logins.write(facts, settings.authentication)
        control_plane.ensure(facts)
        cloud_controller.ensure(facts)
    return facts


def join_node(home: LabHome, cluster_id: str, labels: Mapping[str, str]) -> None:
    """The cluster's one node is Ready when this returns."""
    facts = registry.get(home, cluster_id)
    with _changing(facts):
        cloud_controller.ensure(facts)
        node.ensure(facts, labels)


def remove_node(home: LabHome, cluster_id: str) -> None:
    """Safe to repeat, and on a cluster that is gone."""
    facts = registry.find(home, cluster_id)
    if facts is not None:
        with _changing(facts):
            node.remove(facts)


def install_dns(home: LabHome, cluster_id: str) -> None:
    facts = registry.get(home, cluster_id)
    with _changing(facts):
        dns.ensure(facts)


def admit_api(home: LabHome, cluster_id: str, cidrs: Sequence[str]) -> None:
    """Who may open the API server's port from outside the cluster; the machine itself always may."""
    facts = registry.get(home, cluster_id)
    for cidr in cidrs:
        try:
            IPv4Network(cidr)
        except (AddressValueError, ValueError) as fault:
            raise ClusterError(f"{cidr!r} is not an IPv4 range such as 203.0.113.0/24: {fault}") from None
    with _changing(facts):
        firewall.admit_api(facts.plan, cidrs)
        replace(_Settings.load(facts), admitted=list(cidrs)).save(facts)


def set_login(home: LabHome, cluster_id: str, login: Login | None, authority: str = "") -> None:
    """The API server takes the provider's tokens, or those of none, when this returns; see `logins.configuration`."""
    facts = registry.get(home, cluster_id)
    text = logins.configuration(login, authority)
    with _changing(facts):
        if logins.write(facts, text):
            logins.await_taken(facts, text)
        replace(_Settings.load(facts), authentication=text).save(facts)


def set_egress(home: LabHome, cluster_id: str, address: str | None) -> None:
    """With this source leaves what pods and node send out of the cluster."""
    facts = registry.get(home, cluster_id)
    with _changing(facts):
        before = _Settings.load(facts)
        if before.egress and before.egress != address:
            network.unroute_address(before.egress)
        _apply_egress(facts, address)
        replace(before, egress=address).save(facts)


def delete(home: LabHome, cluster_id: str) -> None:
    """Everything of the cluster goes; safe to repeat."""
    facts = registry.find(home, cluster_id)
    if facts is None:
        return
    with _changing(facts):
        node_first = (cloud_controller.NAME, *control_plane.NAMES[:0:-1])
        stop((facts.daemon(name).pid_file for name in node_first), patience=2)
        node.remove(facts)
        stop([facts.daemon(control_plane.NAMES[0]).pid_file])
        cloud_controller.release_all(facts)
        residue.kill(facts.folder, [facts.namespace])
        network.remove_namespace(facts.plan)
        residue.remove_log_links(facts.folder)
        registry.forget(facts)


def _apply_egress(facts: ClusterFacts, address: str | None) -> None:
    firewall.set_egress(facts.plan, address)
    if address:
        network.route_address(address, facts.plan)
