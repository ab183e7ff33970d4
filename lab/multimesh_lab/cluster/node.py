"""The one node of a cluster: containerd, kubelet, kube-proxy, and pods on a bridge of the namespace.

Owns: starting them and taking them away with all their pods. Does not own: the namespace, and what runs in a pod.
They live in the machine's own mount namespace, so what they mount is unmounted by the lab.
"""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from multimesh_lab import files, image_registry, images, residue, tools
from multimesh_lab.cluster.api import Api, ApiError
from multimesh_lab.cluster.control_plane import ONE_PROCESSOR
from multimesh_lab.cluster.facts import ClusterError, ClusterFacts
from multimesh_lab.network import HOST
from multimesh_lab.processes import ProcessEndedError, stop

NAMES = ("kube-proxy", "kubelet", "containerd")
PATIENCE = 90.0
_CNI_PLUGINS = Path("/usr/lib/cni")


def ensure(facts: ClusterFacts, labels: Mapping[str, str]) -> None:
    """The node is Ready and labelled when this returns."""
    _containerd(facts)
    _kubelet(facts)
    _kube_proxy(facts)
    _await_ready(facts)
    wanted = {**_topology(facts), **labels}
    Api(facts).merge(f"/api/v1/nodes/{facts.node_name}", {"metadata": {"labels": wanted}})


def remove(facts: ClusterFacts) -> None:
    """The node and all its pods go; the cluster's API server no longer knows it, if there is one."""
    stop(facts.daemon(name).pid_file for name in ("kube-proxy", "kubelet"))
    residue.kill_containers(facts.folder)
    stop([facts.daemon("containerd").pid_file])
    residue.unmount(facts.folder)
    if facts.daemon("kube-apiserver").alive():
        try:
            Api(facts).delete(f"/api/v1/nodes/{facts.node_name}")
        except OSError as fault:
            raise ClusterError(
                f"the node of {facts.name} is gone, but its API server does not answer: {fault}"
            ) from fault


def _topology(facts: ClusterFacts) -> dict[str, str]:
    """What a cloud's node controller adds; a zone is written as the cloud writes it."""
    zone = facts.region + {"gcp": "-a", "aws": "a"}.get(facts.cloud, "-1")
    return {"topology.kubernetes.io/region": facts.region, "topology.kubernetes.io/zone": zone}


def socket(facts: ClusterFacts) -> Path:
    """containerd's socket; the kernel allows it 107 characters."""
    return facts.folder / "containerd.sock"


def _containerd(facts: ClusterFacts) -> None:
    folder = facts.folder
    files.write(folder / "containerd.toml", _containerd_config(facts))
    image_registry.write_client_config(folder / "registries")
    files.write_json(folder / "cni" / "10-pods.conflist", _cni_config(facts))
    daemon = facts.daemon("containerd")
    daemon.start(["containerd", "--config", folder / "containerd.toml"])
    deadline = time.monotonic() + PATIENCE
    while subprocess.run([*_ctr(facts), "version"], capture_output=True, check=False).returncode:
        if not daemon.alive() or time.monotonic() > deadline:
            raise ProcessEndedError(daemon)
        time.sleep(0.05)


def _ctr(facts: ClusterFacts) -> list[str]:
    return ["ctr", "--address", str(socket(facts))]


def _containerd_config(facts: ClusterFacts) -> str:
    folder = facts.folder
    return f"""\
version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
[grpc]
  address = "{socket(facts)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  # A container of this machine may lack CAP_SYS_RESOURCE, without which runc cannot lower the score.
  restrict_oom_score_adj = true
  sandbox_image = "{images.PAUSE}"
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{folder}/registries"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{_CNI_PLUGINS}"
    conf_dir = "{folder}/cni"
"""


def _cni_config(facts: ClusterFacts) -> dict[str, object]:
    """No masquerading here: pods see each other's own addresses, and what leaves is the firewall's matter."""
    ipam = {
        "type": "host-local",
        "dataDir": str(facts.folder / "ipam"),
        "ranges": [[{"subnet": str(facts.plan.pods)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": ipam,
    }
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}


def _kubelet(facts: ClusterFacts) -> None:
    folder = facts.folder
    residue.claim_kubelet_folder()
    files.write(folder / "resolv.conf", f"nameserver {HOST}\n", 0o644)
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        # Only the API server's certificate gets in; what it then may do is not asked again.
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": str(facts.certificates / "ca.crt")},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "tlsCertFile": str(facts.certificates / "kubelet.crt"),
        "tlsPrivateKeyFile": str(facts.certificates / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{socket(facts)}",
        "clusterDNS": [facts.plan.dns_service],
        "clusterDomain": "cluster.local",
        "resolvConf": str(folder / "resolv.conf"),
        "podLogsDir": str(folder / "pod-logs"),
        "volumePluginDir": str(folder / "volume-plugins"),
        "maxPods": 110,
        # The machine may have cgroup v1, swap, and a disk that others fill.
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "localStorageCapacityIsolation": False,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "serializeImagePulls": False,
    }
    files.write(folder / "kubelet.yaml", json.dumps(config, indent=2))
    facts.daemon("kubelet").start(
        [
            tools.binary("kubelet"),
            f"--config={folder / 'kubelet.yaml'}",
            f"--kubeconfig={facts.kubeconfig_of('kubelet')}",
            f"--root-dir={folder / 'kubelet'}",
            f"--cert-dir={folder / 'kubelet-pki'}",
            f"--hostname-override={facts.node_name}",
            f"--node-ip={facts.plan.node}",
            # Each kubelet looks at the control groups of the whole machine, the other clusters' too.
            "--housekeeping-interval=60s",
        ],
        ONE_PROCESSOR,
    )


def _kube_proxy(facts: ClusterFacts) -> None:
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": str(facts.plan.pods),
        "clientConnection": {"kubeconfig": str(facts.kubeconfig_of("kube-proxy"))},
        "hostnameOverride": facts.node_name,
        "metricsBindAddress": "127.0.0.1:10249",
        "conntrack": {"maxPerCore": 0},
    }
    files.write(facts.folder / "kube-proxy.yaml", str(yaml.safe_dump(config)))
    command = [tools.binary("kube-proxy"), f"--config={facts.folder / 'kube-proxy.yaml'}"]
    facts.daemon("kube-proxy").start(command, ONE_PROCESSOR)


def _await_ready(facts: ClusterFacts) -> None:
    api, deadline, said = Api(facts), time.monotonic() + PATIENCE, "it has not registered"
    daemons = [facts.daemon(name) for name in NAMES]
    while True:
        try:
            conditions = api.get(f"/api/v1/nodes/{facts.node_name}")["status"].get("conditions", [])
            ready = next((entry for entry in conditions if entry["type"] == "Ready"), None)
            if ready is not None and ready["status"] == "True":
                return
            said = said if ready is None else str(ready["message"])
        except (ApiError, OSError) as fault:
            said = said if isinstance(fault, ApiError) and fault.status == 404 else str(fault)
        for daemon in daemons:
            if not daemon.alive():
                raise ProcessEndedError(daemon)
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the node of {facts.name} is not Ready after {PATIENCE:.0f} s: {said}; "
                f"see {facts.daemon('kubelet').log_file}"
            )
        time.sleep(0.1)
