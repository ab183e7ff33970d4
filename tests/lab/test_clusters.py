"""What of a cluster needs no machine: slots, addresses, certificates, tokens, load balancers."""

import json
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509

from multimesh_lab import cluster, dns, firewall
from multimesh_lab.cluster import certificates, cloud_controller, load_balancers, registry, users
from multimesh_lab.cluster.api import Api, ApiError
from multimesh_lab.firewall import Forwarding
from multimesh_lab.home import LabHome
from multimesh_lab.network import PUBLIC, RANGE, SLOTS, Plan


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabHome:
    made = LabHome(tmp_path / "lab")
    made.create()
    monkeypatch.setattr(registry, "run", _says_its_version)
    monkeypatch.setattr(registry.tools, "binary", Path("/tools").joinpath)
    return made


def _says_its_version(*_: str) -> str:
    return "Kubernetes v1.36.3\n"


def _request(name: str, cloud: str = "gcp") -> cluster.ClusterRequest:
    return cluster.ClusterRequest(f"{cloud}/projects/p/{name}", name, cloud, "europe-west4")


class TestSlots:
    def test_the_same_id_has_the_same_slot(self, home: LabHome) -> None:
        first = registry.claim(home, _request("a"))
        assert registry.claim(home, _request("b")).slot == first.slot + 1
        assert registry.claim(home, _request("a")) == first == cluster.find(home, first.id)

    def test_a_slot_that_is_free_again_is_used(self, home: LabHome) -> None:
        first = registry.claim(home, _request("a"))
        registry.claim(home, _request("b"))
        registry.forget(first)
        assert cluster.find(home, first.id) is None
        assert registry.claim(home, _request("c")).slot == first.slot

    def test_the_ninth_cluster_is_told_what_to_do(self, home: LabHome) -> None:
        for slot in SLOTS:
            registry.claim(home, _request(f"c{slot}"))
        with pytest.raises(cluster.ClusterError, match=r"all 8 slots.*none is left for late; remedy: destroy a stack"):
            registry.claim(home, _request("late"))

    def test_a_cluster_on_paper_has_a_slot_that_no_real_one_gets(self, home: LabHome) -> None:
        assert registry.claim_on_paper(home, "gcp/paper") == registry.claim_on_paper(home, "gcp/paper") == 1
        assert registry.claim(home, _request("a")).slot == 2
        registry.forget_on_paper(home, "gcp/paper")
        assert registry.on_paper(home) == {}
        assert registry.claim(home, _request("b")).slot == 1

    def test_a_ninth_cluster_on_paper_has_no_slot_and_that_is_no_fault(self, home: LabHome) -> None:
        slots = [registry.claim_on_paper(home, f"c{number}") for number in range(9)]
        assert slots == [*SLOTS, None]

    def test_an_unknown_cloud_is_refused(self, home: LabHome) -> None:
        with pytest.raises(cluster.ClusterError, match="cloud is 'ibm'; allowed are gcp, aws"):
            registry.claim(home, _request("a", "ibm"))

    def test_no_two_slots_share_an_address(self) -> None:
        networks = [
            network
            for plan in map(Plan, SLOTS)
            for network in (plan.pods, plan.services, plan.pool, plan.internal, plan.subnet)
        ]
        networks.append(PUBLIC)
        assert all(network.subnet_of(RANGE) for network in networks)
        for position, network in enumerate(networks):
            assert not any(network.overlaps(other) for other in networks[position + 1 :])

    @pytest.mark.parametrize(
        ("cloud", "issuer"),
        [
            ("gcp", "https://container.googleapis.com/v1/projects/p/a"),
            ("aws", "https://oidc.eks.europe-west4.amazonaws.com/id/"),
            ("azure", "https://europe-west4.oic.prod-aks.azure.com/00000000-0000-0000-0000-000000000000/"),
            ("none", "https://issuer.none.multimesh.test/"),
        ],
    )
    def test_issuers_look_like_the_clouds(self, home: LabHome, cloud: str, issuer: str) -> None:
        assert registry.claim(home, _request("a", cloud)).oidc_issuer.startswith(issuer)


class TestPublicAddresses:
    def test_an_owner_keeps_its_address(self, home: LabHome) -> None:
        first = cluster.allocate_address(home, "nat-a")
        assert cluster.allocate_address(home, "nat-b") != first
        assert cluster.allocate_address(home, "nat-a") == first

    def test_a_released_address_is_given_again(self, home: LabHome) -> None:
        first = cluster.allocate_address(home, "nat-a")
        cluster.release_address(home, "nat-a")
        cluster.release_address(home, "nat-a")
        assert cluster.allocate_address(home, "nat-c") == first


class TestSecrets:
    def test_keys_and_tokens_are_for_their_owner_only(self, home: LabHome) -> None:
        facts = registry.claim(home, _request("a"))
        facts = replace(facts, ca_pem=certificates.ensure(facts))
        facts.save()
        users.ensure(facts)
        secret = [*facts.certificates.glob("*.key"), facts.token_file, facts.kubeconfig]
        assert len(secret) >= 6
        assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
        assert stat.S_IMODE(facts.folder.stat().st_mode) == 0o700

    def test_a_second_start_keeps_certificates_and_tokens(self, home: LabHome) -> None:
        """A kubeconfig in somebody's state must stay good."""
        facts = registry.claim(home, _request("a"))
        ca = certificates.ensure(facts)
        users.ensure(facts)
        token = cluster.token(home, "a")
        assert certificates.ensure(facts) == ca
        users.ensure(facts)
        assert cluster.token(home, "a") == token

    def test_the_api_servers_certificate_names_what_clients_call_it(self, home: LabHome) -> None:
        facts = registry.claim(home, _request("a"))
        ca = x509.load_pem_x509_certificate(certificates.ensure(facts).encode())
        server = x509.load_pem_x509_certificate((facts.certificates / "apiserver.crt").read_bytes())
        server.verify_directly_issued_by(ca)
        names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
        assert addresses == {facts.plan.node, facts.plan.api_service, "127.0.0.1"}
        assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)

    def test_a_token_for_no_cluster_says_which_there_are(self, home: LabHome) -> None:
        registry.claim(home, _request("a"))
        with pytest.raises(cluster.ClusterError, match="no cluster named b; it has: a"):
            cluster.token(home, "b")


class _FakeApi:
    """The API server as the load-balancer controller sees it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.gone = False

    def merge(self, path: str, change: dict[str, Any]) -> None:
        if self.gone:
            raise ApiError(404, "not found")
        self.told.append((path, change["status"]["loadBalancer"]["ingress"]))


def _service(
    name: str, ingress: Sequence[dict[str, str]] = (), annotations: dict[str, str] | None = None, **spec: Any
) -> load_balancers.Service:
    named = {"namespace": "istio-system", "name": name, "uid": f"uid-{name}"}
    return load_balancers.Service.of(
        {
            "metadata": {**named, "annotations": annotations} if annotations else named,
            "spec": {
                "type": "LoadBalancer",
                "ports": [{"port": 15443, "nodePort": 30001, "protocol": "TCP"}],
                **spec,
            },
            "status": {"loadBalancer": {"ingress": list(ingress)}},
        }
    )


def _forwarded(monkeypatch: pytest.MonkeyPatch) -> list[list[Forwarding]]:
    """What the machine is told to forward from now on."""
    calls: list[list[Forwarding]] = []

    def remember(_: Plan, wanted: Sequence[Forwarding]) -> None:
        calls.append(list(wanted))

    monkeypatch.setattr(firewall, "set_forwardings", remember)
    return calls


class TestLoadBalancers:
    @pytest.fixture
    def api(self) -> _FakeApi:
        return _FakeApi()

    @pytest.fixture
    def forwarded(self, monkeypatch: pytest.MonkeyPatch) -> list[list[Forwarding]]:
        return _forwarded(monkeypatch)

    def _controller(self, home: LabHome, api: _FakeApi, cloud: str) -> load_balancers.Controller:
        return load_balancers.Controller(registry.claim(home, _request("a", cloud)), cast(Api, api))

    def test_gives_an_address_where_the_cloud_gives_addresses(self, home: LabHome, api: _FakeApi) -> None:
        self._controller(home, api, "gcp").reconcile([_service("gateway")])
        assert api.told == [("/api/v1/namespaces/istio-system/services/gateway/status", [{"ip": "198.18.201.1"}])]
        assert dns.names(home) == {}

    def test_gives_a_name_on_aws_that_resolves_in_the_lab(
        self, home: LabHome, api: _FakeApi, forwarded: list[list[Forwarding]]
    ) -> None:
        service = _service("istio-eastwestgateway", loadBalancerSourceRanges=["198.18.3.1/32"])
        self._controller(home, api, "aws").reconcile([service])
        ((_, [entry]),) = api.told
        assert set(entry) == {"hostname"}
        assert entry["hostname"].startswith("k8s-istiosys-istioeas-")
        assert entry["hostname"].endswith(".elb.europe-west4.amazonaws.test")
        assert dns.names(home) == {entry["hostname"]: "198.18.201.1"}
        assert forwarded == [[Forwarding("198.18.201.1", "TCP", 15443, 30001, ("198.18.3.1/32",))]]

    def test_what_is_told_already_is_not_told_again(self, home: LabHome, api: _FakeApi) -> None:
        """Each telling is an event, so telling again would never end."""
        self._controller(home, api, "gcp").reconcile([_service("gateway", [{"ip": "198.18.201.1"}])])
        assert api.told == []

    def test_a_service_that_goes_frees_address_and_name(
        self, home: LabHome, api: _FakeApi, forwarded: list[list[Forwarding]]
    ) -> None:
        controller = self._controller(home, api, "aws")
        controller.reconcile([_service("one"), _service("two")])
        controller.reconcile([_service("two")])
        assert list(dns.names(home).values()) == ["198.18.201.2"]
        assert [entry.address for entry in forwarded[-1]] == ["198.18.201.2"]

    def test_a_controller_started_again_remembers(self, home: LabHome, api: _FakeApi) -> None:
        self._controller(home, api, "gcp").reconcile([_service("one"), _service("two")])
        api.told.clear()
        self._controller(home, api, "gcp").reconcile([_service("two")])
        assert api.told[0][1] == [{"ip": "198.18.201.2"}]

    def test_a_service_that_is_no_load_balancer_any_more_loses_its_status(self, home: LabHome, api: _FakeApi) -> None:
        self._controller(home, api, "gcp").reconcile([_service("one", [{"ip": "198.18.201.1"}], type="ClusterIP")])
        assert [ingress for _, ingress in api.told] == [None]

    def test_another_controllers_class_is_left_to_it(self, home: LabHome, api: _FakeApi) -> None:
        self._controller(home, api, "gcp").reconcile([_service("one", loadBalancerClass="example.test/other")])
        assert api.told == []

    def test_a_service_that_went_meanwhile_is_no_fault(self, home: LabHome, api: _FakeApi) -> None:
        api.gone = True
        self._controller(home, api, "gcp").reconcile([_service("one")])


class TestInternalLoadBalancers:
    @pytest.mark.parametrize(
        ("cloud", "annotation", "value"),
        [
            ("gcp", "networking.gke.io/load-balancer-type", "Internal"),
            ("aws", "service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
            ("azure", "service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
            ("oci", "oci-network-load-balancer.oraclecloud.com/internal", "true"),
        ],
    )
    def test_each_cloud_heeds_its_own_annotation_only(
        self, home: LabHome, monkeypatch: pytest.MonkeyPatch, cloud: str, annotation: str, value: str
    ) -> None:
        _forwarded(monkeypatch)
        for number, other in enumerate(("gcp", "aws", "azure", "oci"), start=1):
            facts = registry.claim(home, _request(other, other))
            service = _service("gateway", annotations={annotation: value})
            load_balancers.Controller(facts, cast(Api, _FakeApi())).reconcile([service])
            (entry,) = json.loads(cloud_controller.memory(facts).read_text()).values()
            wanted = f"198.19.{100 + number}.1" if other == cloud else f"198.18.{200 + number}.1"
            assert entry["address"] == wanted
            assert entry["internal"] == (other == cloud)

    def test_one_of_aws_is_not_forwarded_on_the_machine_and_its_name_resolves(
        self, home: LabHome, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = _forwarded(monkeypatch)
        facts = registry.claim(home, _request("a", "aws"))
        scheme = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}
        service = _service("gateway", annotations=scheme, loadBalancerSourceRanges=["10.0.0.0/16"])
        load_balancers.Controller(facts, cast(Api, _FakeApi())).reconcile([service])
        assert calls == [[]]
        assert list(dns.names(home).values()) == ["198.19.101.1"]
        (entry,) = json.loads(cloud_controller.memory(facts).read_text()).values()
        assert (entry["ports"], entry["sources"]) == ([["TCP", 15443, 30001]], ["10.0.0.0/16"])

    def test_a_public_one_that_becomes_internal_gets_another_address(self, home: LabHome) -> None:
        api = _FakeApi()
        controller = load_balancers.Controller(registry.claim(home, _request("a")), cast(Api, api))
        controller.reconcile([_service("gateway")])
        controller.reconcile([_service("gateway", annotations={"networking.gke.io/load-balancer-type": "Internal"})])
        assert [ingress for _, ingress in api.told] == [[{"ip": "198.18.201.1"}], [{"ip": "198.19.101.1"}]]


class TestForwarding:
    def test_only_admitted_sources_are_forwarded(self) -> None:
        rules = Forwarding("198.18.201.1", "TCP", 443, 30001, ("198.18.3.1/32", "198.18.3.2/32")).rules("198.18.0.11")
        assert rules == [
            f"-s 198.18.3.{last}/32 -d 198.18.201.1 -p tcp --dport 443 -j DNAT --to-destination 198.18.0.11:30001"
            for last in (1, 2)
        ]

    def test_without_ranges_all_are(self) -> None:
        (rule,) = Forwarding("198.18.201.1", "UDP", 53, 30002, ()).rules("198.18.0.11")
        assert rule.startswith("-s 0.0.0.0/0 ")
