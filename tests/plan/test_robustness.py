"""Whatever is written, the answer is a list of faults and never a crash."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from plan.configurations import TWO_CLOUDS, changed

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.cluster_fields import CLUSTER_KINDS, CLUSTERS, Fields, Kind
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.fields import ISTIO, MESH
from pulumi_multimesh.plan.validate import validate

ALL_KINDS: dict[str, Any] = {
    **TWO_CLOUDS,
    "aks": {"azure-eu": {"region": "westeurope"}},
    "oke": {"oci-eu": {"compartment_id": "ocid1.compartment.oc1..aaaa", "region": "eu-frankfurt-1"}},
    "existing": {"old": {"egress_ips": ["203.0.113.7"]}},
}
NAMED = {kind: next(iter(ALL_KINDS[kind])) for kind in CLUSTER_KINDS}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["10.0.0.0/8", "10.0.0.0/16", "us-east-1", "europe-west4", "2001:db8::1", "1.34", "10.0.0.0/33"]),
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=8,
)
CLUSTER_KEYS = st.sampled_from(sorted({key for keys in CLUSTERS.values() for key in keys}))
MESH_KEYS = st.sampled_from([*MESH])


@given(args=ANYTHING)
def test_anything_at_all(args: Any):
    assert validate("shop", args)


@given(args=st.dictionaries(MESH_KEYS, ANYTHING, max_size=6))
def test_known_keys_with_anything_in_them(args: dict[str, Any]):
    check(args)


@given(
    kind=st.sampled_from(CLUSTER_KINDS),
    wish=st.dictionaries(CLUSTER_KEYS, ANYTHING, max_size=5),
    istio=st.dictionaries(st.sampled_from(sorted(ISTIO)), ANYTHING, max_size=4),
)
def test_a_cluster_and_istio_with_anything_in_them(kind: str, wish: dict[str, Any], istio: dict[str, Any]):
    check(changed({f"{kind}/other": wish, "istio": istio}))


def check(args: dict[str, Any]) -> None:
    """A fault is found, or there is a plan; and every fault can be written out."""
    faults = validate("shop", args)
    if faults:
        assert str(ConfigurationFaults("shop", faults))
    else:
        assert plan("shop", args).as_dict()


def test_every_key_of_the_table_is_checked_for_its_kind():
    """An object that is none of the kinds is refused under every key but a kubeconfig."""

    def paths(prefix: str, fields: Fields) -> list[str]:
        found: list[str] = []
        for key, field in fields.items():
            if field.kind is not Kind.ANYTHING:
                found.append(f"{prefix}{key}")
            if field.kind is Kind.RECORDS:
                found += paths(f"{prefix}{key}/{NAMED.get(key, 'apps')}/", field.fields)
            elif field.kind is Kind.LIST_OF_RECORDS:
                continue
            else:
                found += paths(f"{prefix}{key}/", field.fields)
        return found

    for path in paths("", MESH):
        args = changed({path: object()}, ALL_KINDS)
        assert path.replace("/", ".") in {fault.path for fault in validate("shop", args)}, path
