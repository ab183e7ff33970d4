"""Real clusters, reached by internal load balancers through tunnels only, as their inventories declare."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import combinations, permutations

import pytest
from landscape import Landscape, Place, aws_place, azure_place, gcp_place
from landscape_vpn import add_gateway, join
from paper_fabric import remember
from vpn_faults import CHANGES, Spot

from multimesh_lab import cluster, network, tools
from multimesh_lab.cluster import ClusterFacts, ClusterRequest
from multimesh_lab.fabric import wiring_daemon, wiring_roads
from multimesh_lab.fabric.model import GATEWAY_FLOW
from multimesh_lab.home import LabHome

pytestmark = pytest.mark.live

_INTERNAL = {
    "gcp": {"networking.gke.io/load-balancer-type": "Internal"},
    "aws": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"},
    "azure": {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"},
}
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
      - {name: hello, image: "docker.io/istio/examples-helloworld-v1:1.0", ports: [{containerPort: 5000}]}
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


class Three:
    """A cluster in each of three clouds; Azure's pods hide behind their node."""

    def __init__(self, home: LabHome) -> None:
        self.home = home
        self.land = Landscape()
        self.places = {
            "gcp": gcp_place(self.land, "gcp", 1),
            "aws": aws_place(self.land, "aws", 2),
            "azure": azure_place(self.land, "azure", 3, overlay=True),
        }
        for place in self.places.values():
            add_gateway(self.land, place)
        for one, other in combinations(self.places.values(), 2):
            join(self.land, one, other)
        self.facts = {name: self._make(place) for name, place in self.places.items()}
        remember(home, self.land)
        self.urls = {name: self._serve(name) for name in self.places}

    def _make(self, place: Place) -> ClusterFacts:
        facts = cluster.create(self.home, ClusterRequest(place.cluster, place.name, place.cloud, place.region))
        cluster.join_node(self.home, facts.id, {})
        cluster.install_dns(self.home, facts.id)
        _kubectl(facts, "apply", "-f", "-", data=_WORKLOAD)
        return facts

    def _serve(self, name: str) -> str:
        """An internal load balancer that admits what the other clusters declare; its URL."""
        facts = self.facts[name]
        _kubectl(facts, "wait", "--for=condition=Ready", "pod/client", "--timeout=90s")
        _kubectl(facts, "rollout", "status", "deploy/hello", "--timeout=90s")
        ranges = [cidr for other in self.places.values() if other.name != name for cidr in other.sources]
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "hello", "annotations": _INTERNAL[name]},
            "spec": {
                "type": "LoadBalancer",
                "selector": {"app": "hello"},
                "ports": [{"port": 5000}],
                "loadBalancerSourceRanges": ranges,
            },
        }
        _kubectl(facts, "apply", "-f", "-", data=json.dumps(service))
        _until(lambda: bool(self._ingress(name)), 20)
        return f"http://{self._ingress(name)}:5000/hello"

    def _ingress(self, name: str) -> str:
        status = json.loads(_kubectl(self.facts[name], "get", "service", "hello", "-o", "json"))["status"]
        found = status["loadBalancer"].get("ingress") or [{}]
        return str(found[0].get("ip") or found[0].get("hostname") or "")

    def hears(self, one: str, other: str) -> bool:
        words = ("exec", "client", "--", "curl", "-sS", "-m", "2", self.urls[other])
        return "Hello version" in _kubectl(self.facts[one], *words, check=False)

    def admit(self, name: str, *ranges: str) -> None:
        patch = json.dumps({"spec": {"loadBalancerSourceRanges": list(ranges)}})
        _kubectl(self.facts[name], "patch", "service", "hello", "-p", patch)


@pytest.fixture(scope="module")
def three(lab: LabHome) -> Iterator[Three]:
    yield Three(lab)


def _kubectl(facts: ClusterFacts, *words: str, data: str | None = None, check: bool = True) -> str:
    answer = subprocess.run(
        [str(tools.binary("kubectl")), "--kubeconfig", str(facts.kubeconfig), *words],
        input=data,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer.stdout


def _until(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(0.3)


class TestInternalLoadBalancers:
    def test_every_cluster_hears_every_other(self, three: Three) -> None:
        for one, other in permutations(three.places, 2):
            _until(lambda one=one, other=other: three.hears(one, other), 40)

    def test_their_addresses_are_of_the_clouds_own_networks(self, three: Three) -> None:
        assert three.urls["gcp"] == "http://198.19.101.1:5000/hello"
        assert three.urls["azure"] == "http://198.19.103.1:5000/hello"
        assert ".elb." in three.urls["aws"]
        assert not any(route.split()[1].startswith("198.19.") for route in network.routes())

    def test_roads_say_that_all_is_up(self, three: Three) -> None:
        report = wiring_roads.report(three.home)
        assert all(tunnel.up for tunnel in report.tunnels)
        assert {road.passes for road in report.roads if road.flow == GATEWAY_FLOW} == {True}

    @pytest.mark.parametrize("name", ["gcp", "aws", "azure"])
    def test_only_declared_callers_are_admitted(self, three: Three, name: str) -> None:
        """The two others are told apart by the ranges that they declare."""
        first, second = (place for place in three.places.values() if place.name != name)
        three.admit(name, *first.sources)
        _until(lambda: not three.hears(second.name, name), 15)
        assert three.hears(first.name, name)
        three.admit(name, *first.sources, *second.sources)
        _until(lambda: three.hears(second.name, name), 15)


class TestDaemon:
    def test_a_key_that_drifts_on_every_tunnel_ends_the_road_and_mending_it_opens_it_again(self, three: Three) -> None:
        before = three.land.records
        gcp, azure = three.places["gcp"], three.places["azure"]
        for index in (0, 1):
            CHANGES["key"]["gcp"].apply(three.land, Spot(gcp, azure, index))
        remember(three.home, three.land)
        _until(lambda: not three.hears("azure", "gcp"), 10)
        assert not three.hears("gcp", "azure")
        assert three.hears("gcp", "aws")
        for record in before:
            three.land.change(record.type, record.name, **record.outputs)
        remember(three.home, three.land)
        _until(lambda: three.hears("azure", "gcp") and three.hears("gcp", "azure"), 40)

    def test_its_end_changes_nothing_and_its_start_neither(self, three: Three) -> None:
        def started() -> dict[str, str]:
            return {path.name: path.read_text() for path in three.home.fabric.glob("pids/*.pid")}

        ends = started()
        wiring_daemon.daemon(three.home).stop()
        assert three.hears("gcp", "aws")
        wiring_daemon.ensure(three.home)
        time.sleep(4)
        assert started() == ends
        assert three.hears("aws", "gcp")

    def test_a_network_that_goes_takes_its_router_along(self, three: Three) -> None:
        azure = three.places["azure"]
        cluster.delete(three.home, azure.cluster)
        for record in three.land.records:
            if "azure" in f"{record.type} {record.name}":
                three.land.drop(record.type, record.name)
        remember(three.home, three.land)
        _until(lambda: sum(name.startswith("mmr") for name in network.namespaces()) == 2, 10)
        assert three.hears("gcp", "aws")
