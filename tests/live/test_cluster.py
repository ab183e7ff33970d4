"""Two real clusters of the lab, and what passes between them."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from multimesh_lab import cluster, dns, lifecycle, network, processes, residue, tools
from multimesh_lab.cluster import ClusterFacts, ClusterRequest
from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live

_WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec:
      containers:
      - {name: hello, image: "docker.io/istio/examples-helloworld-VERSION:1.0", ports: [{containerPort: 5000}]}
---
apiVersion: v1
kind: Service
metadata: {name: hello}
spec: {type: LoadBalancer, selector: {app: hello}, ports: [{port: 5000}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: curl
    image: docker.io/curlimages/curl:latest
    imagePullPolicy: IfNotPresent
    command: [sleep, infinity]
"""


class Clusters:
    """Cluster 1 as GCP makes one, cluster 2 as AWS does."""

    def __init__(self, home: LabHome) -> None:
        self.home = home
        self.gcp = self._make("gcp", "europe-west4", "v1")
        self.aws = self._make("aws", "us-east-1", "v2")

    def _make(self, cloud: str, region: str, version: str) -> ClusterFacts:
        facts = cluster.create(self.home, ClusterRequest(f"{cloud}/one", f"{cloud}-one", cloud, region))
        cluster.join_node(self.home, facts.id, {"example.test/pool": "first"})
        cluster.install_dns(self.home, facts.id)
        cluster.set_egress(self.home, facts.id, cluster.allocate_address(self.home, facts.id))
        _kubectl(facts, "apply", "-f", "-", data=_WORKLOAD.replace("VERSION", version))
        _kubectl(facts, "wait", "--for=condition=Ready", "pod/client", "--timeout=60s")
        _kubectl(facts, "rollout", "status", "deploy/hello", "--timeout=60s")
        return facts


@pytest.fixture(scope="module")
def clusters(lab: LabHome) -> Iterator[Clusters]:
    yield Clusters(lab)


def _kubectl(facts: ClusterFacts, *words: str, data: str | None = None, check: bool = True) -> str:
    answer = subprocess.run(
        [str(tools.binary("kubectl")), "--kubeconfig", str(facts.kubeconfig), *words],
        input=data,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer.stdout


def _curl(facts: ClusterFacts, url: str) -> str:
    """From the cluster's client; empty when nobody answers."""
    return _kubectl(facts, "exec", "client", "--", "curl", "-skS", "-m", "3", url, check=False)


def _eventually(ask: Callable[[], str], wanted: str, seconds: float = 20) -> None:
    deadline, heard = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        heard = ask()
        if wanted in heard:
            return
        time.sleep(0.3)
    pytest.fail(f"expected {wanted!r} within {seconds:.0f} s, heard {heard!r}")


def _ingress(facts: ClusterFacts) -> dict[str, str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = json.loads(_kubectl(facts, "get", "service", "hello", "-o", "json"))["status"]
        if status["loadBalancer"].get("ingress"):
            return dict(status["loadBalancer"]["ingress"][0])
        time.sleep(0.2)
    pytest.fail("the Service has no address after 20 s")


def _set_ranges(facts: ClusterFacts, *ranges: str) -> None:
    patch = json.dumps({"spec": {"loadBalancerSourceRanges": list(ranges) or None}})
    _kubectl(facts, "patch", "service", "hello", "-p", patch)


def _from_host(url: str) -> str:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=3) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, TimeoutError):
        return ""


class TestCluster:
    def test_is_ready_and_labelled(self, clusters: Clusters) -> None:
        node = json.loads(_kubectl(clusters.gcp, "get", "node", clusters.gcp.node_name, "-o", "json"))
        assert node["metadata"]["labels"]["example.test/pool"] == "first"
        assert node["metadata"]["labels"]["topology.kubernetes.io/region"] == "europe-west4"
        assert node["status"]["nodeInfo"]["kubeletVersion"] == clusters.gcp.version

    def test_creating_again_changes_nothing(self, clusters: Clusters) -> None:
        def identities() -> list[processes.Identity | None]:
            return [processes.read(path) for path in sorted(clusters.gcp.folder.glob("pids/*.pid"))]

        before = identities()
        again = cluster.create(clusters.home, ClusterRequest(clusters.gcp.id, clusters.gcp.name, "gcp", "europe-west4"))
        cluster.join_node(clusters.home, again.id, {})
        assert again == clusters.gcp
        assert identities() == before

    def test_exec_and_logs(self, clusters: Clusters) -> None:
        assert "sleep" in _kubectl(clusters.gcp, "exec", "client", "--", "sleep", "--version")
        assert _kubectl(clusters.gcp, "logs", "client") == ""
        assert "CoreDNS" in _kubectl(clusters.gcp, "logs", "-n", "kube-system", "deploy/coredns")

    def test_names_inside_resolve(self, clusters: Clusters) -> None:
        assert "Hello version: v1" in _curl(clusters.gcp, "http://hello.default.svc.cluster.local:5000/hello")

    def test_tokens_are_in_no_command_line_and_no_log(self, clusters: Clusters) -> None:
        token = cluster.token(clusters.home, clusters.gcp.name).encode()
        for lost in residue.processes(clusters.home.root, []):
            assert token not in Path(f"/proc/{lost.identity.pid}/cmdline").read_bytes()
        for log in clusters.home.root.rglob("*.log"):
            assert token not in log.read_bytes(), log


class TestLoadBalancers:
    def test_an_address_answers_from_the_host_and_the_other_cloud(self, clusters: Clusters) -> None:
        address = _ingress(clusters.gcp)["ip"]
        _eventually(lambda: _from_host(f"http://{address}:5000/hello"), "v1")
        _eventually(lambda: _curl(clusters.aws, f"http://{address}:5000/hello"), "v1")

    def test_a_hostname_answers_the_other_cloud_and_its_own(self, clusters: Clusters) -> None:
        entry = _ingress(clusters.aws)
        assert set(entry) == {"hostname"}
        _eventually(lambda: _curl(clusters.gcp, f"http://{entry['hostname']}:5000/hello"), "v2")
        _eventually(lambda: _curl(clusters.aws, f"http://{entry['hostname']}:5000/hello"), "v2")

    @pytest.mark.parametrize("cloud", ["gcp", "aws"])
    def test_source_ranges_see_the_egress_address(self, clusters: Clusters, cloud: str) -> None:
        """The ranges that a mesh sets are NAT gateways' addresses, so packets must carry exactly those."""
        target, caller = (clusters.gcp, clusters.aws) if cloud == "gcp" else (clusters.aws, clusters.gcp)
        entry = _ingress(target)
        url = f"http://{entry.get('ip') or entry['hostname']}:5000/hello"
        egress = cluster.allocate_address(clusters.home, caller.id)
        try:
            _set_ranges(target, f"{egress}/32")
            _eventually(lambda: _curl(caller, url), "Hello")
            _set_ranges(target, "203.0.113.0/24")
            time.sleep(2)
            assert _curl(caller, url) == ""
        finally:
            _set_ranges(target)


class TestApiAdmission:
    def test_only_admitted_addresses_reach_the_api_server(self, clusters: Clusters) -> None:
        url = f"{clusters.gcp.endpoint}/readyz"
        egress = cluster.allocate_address(clusters.home, clusters.aws.id)
        assert _curl(clusters.aws, url) == ""
        cluster.admit_api(clusters.home, clusters.gcp.id, [f"{egress}/32"])
        _eventually(lambda: _curl(clusters.aws, url), "ok")
        cluster.admit_api(clusters.home, clusters.gcp.id, ["203.0.113.0/24"])
        assert _curl(clusters.aws, url) == ""
        assert "ok" in _kubectl(clusters.gcp, "get", "--raw", "/readyz"), "the machine itself always may"

    def test_the_kubelet_is_not_reached_from_outside(self, clusters: Clusters) -> None:
        assert _curl(clusters.aws, f"https://{clusters.gcp.plan.node}:10250/pods") == ""

    def test_nothing_goes_out_without_egress(self, clusters: Clusters) -> None:
        address = _ingress(clusters.gcp)["ip"]
        egress = cluster.allocate_address(clusters.home, clusters.aws.id)
        cluster.set_egress(clusters.home, clusters.aws.id, None)
        try:
            assert _curl(clusters.aws, f"http://{address}:5000/hello") == ""
        finally:
            cluster.set_egress(clusters.home, clusters.aws.id, egress)
        _eventually(lambda: _curl(clusters.aws, f"http://{address}:5000/hello"), "v1")

    def test_a_fault_in_a_range_names_it(self, clusters: Clusters) -> None:
        with pytest.raises(cluster.ClusterError, match="'office' is not an IPv4 range"):
            cluster.admit_api(clusters.home, clusters.gcp.id, ["office"])


class TestEnd:
    """Last, because it takes away what the others use."""

    def test_a_killed_api_server_comes_back_with_what_it_knew(self, clusters: Clusters) -> None:
        pid_file = clusters.gcp.daemon("kube-apiserver").pid_file
        identity = processes.read(pid_file)
        assert identity is not None
        os.kill(identity.pid, signal.SIGKILL)
        time.sleep(0.5)
        assert lifecycle.is_stale(clusters.home)
        cluster.create(clusters.home, ClusterRequest(clusters.gcp.id, clusters.gcp.name, "gcp", "europe-west4"))
        assert "client" in _kubectl(clusters.gcp, "get", "pods")
        assert not lifecycle.is_stale(clusters.home)

    def test_delete_leaves_nothing_of_the_cluster_and_all_of_the_other(self, clusters: Clusters) -> None:
        for _ in range(2):
            cluster.delete(clusters.home, clusters.aws.id)
        assert cluster.find(clusters.home, clusters.aws.id) is None
        assert residue.processes(clusters.aws.folder, []) == []
        assert residue.mounts(clusters.aws.folder) == []
        assert network.namespaces() == [clusters.gcp.namespace]
        assert network.links() == [network.BRIDGE, clusters.gcp.plan.veth]
        assert dns.names(clusters.home) == {}
        assert not clusters.aws.folder.exists()
        assert "Hello version: v1" in _curl(clusters.gcp, "http://hello:5000/hello")

    def test_down_ends_what_no_pid_file_knows(self, clusters: Clusters) -> None:
        """Managers killed, pid files lost, pods still running."""
        for name in ("kubelet", "containerd", "etcd"):
            identity = processes.read(clusters.gcp.daemon(name).pid_file)
            assert identity is not None
            os.kill(identity.pid, signal.SIGKILL)
        for pid_file in clusters.home.root.rglob("*.pid"):
            pid_file.unlink()
        assert any("(helloworld)" in line for line in lifecycle.leftovers(clusters.home))
        lifecycle.down(clusters.home)
        assert lifecycle.leftovers(clusters.home) == []
