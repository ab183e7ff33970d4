"""The lab as a whole: up, down, what is there, what is left.

Owns: the order in which its parts come and go. Does not own: any part, and the clusters, which `pulumi up` makes.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from multimesh_lab import (
    chart_repository,
    dns,
    files,
    firewall,
    image_registry,
    images,
    limits,
    mirrors,
    network,
    processes,
    residue,
)
from multimesh_lab.cluster import cloud_controller
from multimesh_lab.cluster.facts import ClusterFacts
from multimesh_lab.cluster.registry import all_clusters
from multimesh_lab.fabric import wiring_daemon, wiring_links, wiring_state
from multimesh_lab.home import LabError, LabHome


def up(home: LabHome, progress: Callable[[str], None] = lambda _: None) -> None:
    """Make what every cluster of the lab needs; safe to repeat."""
    other = network.owner()
    if other not in (None, str(home.root)):
        raise LabError(
            f"another lab has this machine's network {network.RANGE}: the one in {other or 'an unknown folder'}; "
            f"remedy: MULTIMESH_LAB_DIR={other or 'ITS-FOLDER'} multimesh-lab down"
        )
    home.create()
    try:
        progress(f"network {network.RANGE} on the bridge {network.BRIDGE}")
        network.ensure_bridge(home.root)
        firewall.ensure_host()
        limits.ensure(home)
        progress(f"DNS on {network.HOST}")
        dns.ensure(home)
        serve_charts(home)
        progress(f"charts: Istio {', '.join(chart_repository.versions())} on {chart_repository.url(home)}")
        made = images.ensure(home, progress)
        image_registry.ensure(home)
        progress(f"images: {len(made)} on {image_registry.url()}")
        wiring_daemon.ensure(home)
        progress(f"private roads between the clouds: {wiring_state.how_tunnels_are()}")
    except (network.NetworkError, processes.ProcessEndedError, RuntimeError) as fault:
        raise LabError(f"the lab does not come up: {fault}") from fault


def serve_charts(home: LabHome) -> None:
    """The chart repository answers, and stands in for Istio's own; needs no root."""
    chart_repository.ensure(home)
    here = mirrors.Mirror(
        chart_repository.url(home), chart_repository.versions(), {"istiod": mirrors.STOCK_ENVOY_VALUES}
    )
    mirrors.remember(home, {mirrors.ISTIO: here})


def down(home: LabHome) -> None:
    """End everything of the lab and remove its folder: whatever crashed before, and when pid files are lost."""
    if Path.home().is_relative_to(home.root):
        raise LabError(f"{home.root} cannot be a lab's folder, because down removes it whole; set MULTIMESH_LAB_DIR")
    home.refuse_foreign()
    # First of all, or it would mend what goes.
    wiring_daemon.daemon(home).stop(patience=2)
    pid_files = _pid_files(home)
    for facts in all_clusters(home):
        processes.stop((facts.daemon(name).pid_file for name in ("kube-proxy", "kubelet")), patience=5)
    for folder in _cluster_folders(home):
        residue.kill_containers(folder)
    processes.stop(pid_files, patience=2)
    residue.kill(home.root, _own_namespaces(home))
    residue.unmount(home.root)
    residue.remove_log_links(home.root)
    if _owns_network(home):
        residue.remove_kubelet_folder()
        try:
            wiring_links.remove_all()
            for slot in network.SLOTS:
                network.remove_namespace(network.Plan(slot))
            firewall.remove_host()
            network.remove_bridge()
        except network.NetworkError as fault:
            raise LabError(f"the lab's network is not all gone: {fault}; remedy: multimesh-lab down, again") from fault
    limits.restore(home)
    shutil.rmtree(home.root, ignore_errors=True)


def _pid_files(home: LabHome) -> list[Path]:
    """Of the lab itself, of its clusters, and of the clouds' networks."""
    return [path for folder in ("pids", "clusters/*/pids", "fabric/pids") for path in home.root.glob(f"{folder}/*.pid")]


def _cluster_folders(home: LabHome) -> list[Path]:
    """Those that are there, and those that would be: a folder may be lost while its pods run."""
    return [home.clusters / str(slot) for slot in network.SLOTS]


def _owns_network(home: LabHome) -> bool:
    """Whether the lab's names in the kernel are this lab's: they are, unless another lab's bridge is there."""
    return network.owner() in (None, "", str(home.root))


def _own_namespaces(home: LabHome) -> list[str]:
    return network.namespaces() if _owns_network(home) else []


def leftovers(home: LabHome) -> list[str]:
    """What of the lab is there, a line each; none after `down`, and none before `up`."""
    own = _owns_network(home)
    found = [
        f"process {lost.identity.pid} ({lost.name})" for lost in residue.processes(home.root, _own_namespaces(home))
    ]
    found += [f"mount {point}" for point in residue.mounts(home.root)]
    for folder in _cluster_folders(home):
        found += [f"control group {path}" for path in residue.cgroups(folder)]
    if own:
        found += [f"namespace {name}" for name in network.namespaces()]
        found += [f"link {name}" for name in network.links()]
        found += [f"route {route}" for route in network.routes()]
        found += [f"rules {chain}" for chain in firewall.host_chains()]
    if home.root.exists():
        found.append(f"folder {home.root}")
    return found


def is_stale(home: LabHome) -> bool:
    """Whether a lab is here of which something has ended: after a crash, or after the machine was started again."""
    if any(not processes.alive(path) for path in _pid_files(home)):
        return True
    if network.owner() == str(home.root):
        return not dns.daemon(home).alive()
    # Charts are served without the network, by `exec` alone.
    return bool(all_clusters(home)) or dns.daemon(home).pid_file.exists()


def status_lines(home: LabHome) -> list[str]:
    """The lab for a reader: its parts, then each cluster with what runs of it."""
    if network.owner() != str(home.root):
        return [f"no lab is up in {home.root}; remedy: multimesh-lab up"]
    lines = [f"lab        {home.root}"]
    for name, daemon, where in (
        ("dns", dns.daemon(home), network.HOST),
        ("charts", chart_repository.daemon(home), chart_repository.url(home)),
        ("images", image_registry.daemon(home), image_registry.url()),
        ("roads", wiring_daemon.daemon(home), wiring_state.how_tunnels_are()),
    ):
        lines.append(f"{name:<10} {where} ({'running' if daemon.alive() else 'ended: see ' + str(daemon.log_file)})")
    lines.append(f"istio      {' or '.join(chart_repository.versions())}, in the place of {mirrors.ISTIO}")
    lines.append("simulated  the clouds' APIs; real: Kubernetes, Helm, Istio, Envoy, packets")
    clusters = all_clusters(home)
    for facts in clusters:
        lines += _cluster_lines(facts)
    return lines if clusters else [*lines, "clusters   none yet: multimesh-lab exec -- pulumi up"]


def _cluster_lines(facts: ClusterFacts) -> list[str]:
    running: list[str] = []
    ended: list[str] = []
    for pid_file in sorted(facts.folder.glob("pids/*.pid")):
        (running if processes.alive(pid_file) else ended).append(pid_file.stem)
    lines = [
        f"cluster    {facts.name} ({facts.cloud} {facts.region}) {facts.endpoint} {facts.version}",
        f"           namespace {facts.namespace}, running: {', '.join(running) or 'nothing'}",
    ]
    if ended:
        lines.append(f"           ENDED: {', '.join(ended)}; see multimesh-lab logs {facts.name}")
    held: dict[str, dict[str, Any]] = files.read_json(cloud_controller.memory(facts), {})
    for entry in held.values():
        kind = "internal load balancer" if entry.get("internal") else "load balancer"
        lines.append(f"           {kind} {entry['address']} {entry['hostname']}".rstrip())
    return lines


def log_files(home: LabHome, cluster: str | None, process: str | None) -> list[Path]:
    """Logs of a cluster (by its name, or how it begins), of the lab (`lab`), of tunnels (`roads`), or all there are."""
    folders: dict[str, Path] = {"lab": home.logs, "roads": home.fabric / "logs"}
    folders.update({facts.name: facts.folder / "logs" for facts in all_clusters(home)})
    if cluster is not None:
        exact = [cluster] if cluster in folders else [name for name in folders if name.startswith(cluster)]
        folders = {name: folders[name] for name in exact}
    found = (path for folder in folders.values() for path in sorted(folder.glob("*.log")))
    return [path for path in found if process in (None, path.stem)]
