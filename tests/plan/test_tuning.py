"""The tuning of a mesh: sizes, scopes, machine types, and what is said of wrong ones."""

from typing import Any

import pytest
from configurations import changed
from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan import acceleration, scopes, sizing
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.tuning import TuningPlan
from pulumi_multimesh.plan.validate import validate

COUNTS = st.integers(0, 20_000)
REPLICAS = st.tuples(st.integers(1, 10), st.integers(10, 20))


def faults(istio: dict[str, Any], **others: Any) -> dict[str, str]:
    found = validate("shop", changed({"istio": istio, **others}))
    return {fault.path: f"{fault.problem}; {fault.allowed}; {fault.remedy}" for fault in found}


def tuned(istio: dict[str, Any]) -> TuningPlan:
    return plan("shop", changed({"istio": istio})).of_istio.tuning


def declared(calls: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return tuned({"scopes": calls}).scopes


class TestSize:
    def test_istios_own_measurement(self) -> None:
        """istio.io: 1000 services and 2000 isolated sidecars take 1 vCPU and 1.5 GB."""
        found = sizing.size(1000, 2000, 1, (2, 5), scoped=True)
        assert 1000 <= found.cpu <= 1100
        assert 1500 <= found.memory <= 1700

    @given(COUNTS, COUNTS, st.integers(1, 20), REPLICAS)
    def test_more_never_takes_less(self, services: int, proxies: int, clusters: int, replicas: tuple[int, int]) -> None:
        def size(s: int, p: int, c: int, scoped: bool = True) -> tuple[int, int]:
            found = sizing.size(s, p, c, replicas, scoped=scoped)
            return found.cpu, found.memory

        base = size(services, proxies, clusters)
        for more in (
            size(services + 500, proxies, clusters),
            size(services, proxies + 500, clusters),
            size(services, proxies, clusters + 1),
            size(services, proxies, clusters, scoped=False),
        ):
            assert more[0] >= base[0]
            assert more[1] >= base[1]

    @given(COUNTS, COUNTS)
    def test_what_is_asked_comes_in_steps_from_a_floor(self, services: int, proxies: int) -> None:
        found = sizing.size(services, proxies, 1, (2, 5), scoped=False)
        assert found.cpu >= 250
        assert found.memory >= 512
        assert (found.cpu % 50, found.memory % 64) == (0, 0)

    def test_more_replicas_share_the_proxies_of_one_that_is_gone(self) -> None:
        assert sizing.size(0, 6000, 1, (4, 5), scoped=True).cpu < sizing.size(0, 6000, 1, (2, 5), scoped=True).cpu

    def test_each_control_plane_counts_the_clusters_that_it_reads(self) -> None:
        declared = {"control_plane": {"services": 1000, "proxies": 2000}}
        found = plan("shop", changed({"istio": declared})).of_istio.tuning.sizes
        assert set(found) == {"aws-us", "gcp-eu"}
        alone = sizing.size(1000, 2000, 1, (2, 5), scoped=False)
        assert found["aws-us"].memory > alone.memory

    def test_nothing_declared_nothing_changed(self) -> None:
        found = plan("shop", changed({})).of_istio.tuning
        assert (found.sizes, found.scopes, found.proxy, found.tracing) == ({}, {}, {}, None)


class TestScopes:
    def test_a_namespace_hears_of_itself_of_istio_and_of_what_it_calls(self) -> None:
        assert declared({"web": {"calls": ["payments", "orders/api"]}})["web"] == (
            "./*",
            "istio-system/*",
            "orders/api.orders.svc.cluster.local",
            "payments/*",
        )

    def test_a_namespace_that_is_not_named_hears_of_itself_and_of_istio(self) -> None:
        assert tuned({"scopes": {"web": {}}}).default_scope == ("./*", "istio-system/*")

    def test_without_a_declaration_nobody_hears_less(self) -> None:
        assert tuned({"tracing": {"service": "otel.obs.svc.cluster.local"}}).default_scope == ()

    @pytest.mark.parametrize(
        ("service", "host"),
        [
            ("otel.obs.svc.cluster.local", "*/otel.obs.svc.cluster.local"),
            ("obs/otel.obs.svc.cluster.local", "obs/otel.obs.svc.cluster.local"),
        ],
    )
    def test_everybody_hears_of_the_collector_of_traces(self, service: str, host: str) -> None:
        """A proxy that is not told of the collector has nowhere to send its spans."""
        found = tuned({"scopes": {"web": {"calls": ["payments"]}}, "tracing": {"service": service}})
        assert found.default_scope == ("./*", "istio-system/*", host)
        assert found.scopes["web"] == ("./*", "istio-system/*", host, "payments/*")

    @given(st.lists(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True)))
    def test_the_order_of_a_declaration_is_no_difference(self, calls: list[str]) -> None:
        assert scopes.hosts(tuple(calls), ("s/*",)) == scopes.hosts(tuple(reversed(calls)), ("s/*",))

    @pytest.mark.parametrize(
        ("calls", "said"),
        [
            (["*"], "everything"),
            (["*/api"], "everything"),
            (["web"], "its own namespace"),
            (["a", "a"], "twice"),
            (["a", "a/b"], "called as a whole"),
            (["A"], "neither a namespace nor a service"),
            (["a/b/c"], "neither a namespace nor a service"),
        ],
    )
    def test_wrong_calls(self, calls: list[str], said: str) -> None:
        (found,) = faults({"scopes": {"web": {"calls": calls}}}).items()
        assert found[0].startswith("istio.scopes.web.calls[")
        assert said in found[1]

    def test_the_meshs_own_namespace_has_no_scope(self) -> None:
        assert "every namespace's" in faults({"scopes": {"istio-system": {"calls": []}}})["istio.scopes.istio-system"]


@pytest.mark.parametrize(
    ("istio", "path", "said"),
    [
        ({"proxy": {"regex_engine": "hyperscan"}}, "istio.proxy.regex_engine", "not in Istio's proxy"),
        ({"proxy": {"access_log": "xml"}}, "istio.proxy.access_log", "json"),
        ({"proxy": {"access_log_filter": "true"}}, "istio.proxy.access_log_filter", "write  access_log: json  too"),
        ({"proxy": {"cpu": "lots"}}, "istio.proxy.cpu", "200m"),
        ({"proxy": {"memory": "1GB"}}, "istio.proxy.memory", "256Mi"),
        ({"proxy": {"concurrency": -1}}, "istio.proxy.concurrency", "too small"),
        ({"proxy": {"tls_acceleration": "gpu"}}, "istio.proxy.tls_acceleration", "cryptomb, qat"),
        ({"tracing": {"port": 4317}}, "istio.tracing.service", "is missing"),
        ({"tracing": {"service": "a", "sampling_percent": 101}}, "istio.tracing.sampling_percent", "0 to 100"),
        ({"control_plane": {"services": 10}}, "istio.control_plane.proxies", "is missing"),
        ({"control_plane": {"services": -1, "proxies": 1}}, "istio.control_plane.services", "too small"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(istio: dict[str, Any], path: str, said: str) -> None:
    found = faults(istio)
    assert list(found) == [path]
    assert said in found[path]


class TestAcceleration:
    @pytest.mark.parametrize(
        ("kind", "machine", "fits"),
        [
            ("gke", "c3-standard-8", True),
            ("gke", "e2-standard-4", False),
            ("gke", "n2-standard-4", False),
            ("eks", "m6i.large", True),
            ("eks", "c7i-flex.large", False),
            ("eks", "m6a.large", False),
            ("eks", "m6g.large", False),
            ("eks", "m5.large", False),
            ("aks", "Standard_D4s_v5", True),
            ("aks", "Standard_D4as_v5", False),
            ("aks", "Standard_D4ps_v5", False),
            ("aks", "Standard_D4s_v4", False),
            ("oke", "VM.Standard3.Flex", True),
            ("oke", "VM.Standard.E5.Flex", False),
        ],
    )
    def test_machines_with_avx512_ifma(self, kind: str, machine: str, fits: bool) -> None:
        assert acceleration.fits(acceleration.CRYPTOMB, kind, machine) is fits

    @pytest.mark.parametrize("wish", acceleration.ACCELERATIONS)
    @pytest.mark.parametrize("kind", acceleration.DEFAULT_MACHINES)
    def test_what_a_remedy_proposes_fits(self, wish: str, kind: str) -> None:
        example = acceleration.examples(wish, kind)
        assert not example or acceleration.fits(wish, kind, example)

    def test_pools_that_lack_it_are_named(self) -> None:
        found = faults({"proxy": {"tls_acceleration": "cryptomb"}})
        # EKS's default machine has it, GKE's has not.
        assert list(found) == ["gke.gcp-eu.node_pools.default.machine_type"]
        assert "c3-standard-4" in found["gke.gcp-eu.node_pools.default.machine_type"]
