"""Who serves whom, who reads whom, and who admits whom, over all topologies and sets of clusters."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.render import render
from pulumi_multimesh.plan.roles import EXTERNAL, MULTI_PRIMARY, PRIMARY_REMOTE, TOPOLOGIES

NAMES = ("ams", "ber", "cph", "dub", "edi")


@st.composite
def fleets(draw: st.DrawFn) -> MeshPlan:
    """Meshes of every topology; of GKE alone, since roles do not ask for clouds."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, unique=True))
    istio: dict[str, Any] = {"topology": draw(st.sampled_from(TOPOLOGIES))}
    if istio["topology"] == PRIMARY_REMOTE:
        istio["primary"] = draw(st.sampled_from(names))
    if istio["topology"] == EXTERNAL:
        istio["management"], *others = draw(st.permutations(names))
        if draw(st.booleans()):
            istio["config_cluster"] = draw(st.sampled_from(others))
    gke = {name: {"project": "acme-dev", "region": "europe-west4"} for name in names}
    return plan("shop", {"gke": gke, "istio": istio, "api_access": {"office": "203.0.113.0/24"}})


@given(fleets())
def test_each_cluster_is_read_by_exactly_the_control_planes_that_serve_its_mesh(found: MeshPlan) -> None:
    servers = {cluster.served_by for cluster in found.clusters.values()}
    for name, cluster in found.clusters.items():
        own = {name} if cluster.is_primary and cluster.is_in_mesh else set[str]()
        expected = servers - own if cluster.is_in_mesh else set[str]()
        assert set(found.readers(name)) == expected, name


@given(fleets())
def test_authorities_are_where_control_planes_are(found: MeshPlan) -> None:
    assert set(found.trust.intermediates) == {cluster.served_by for cluster in found.clusters.values()}


@given(fleets())
def test_configuration_is_read_from_the_right_number_of_clusters(found: MeshPlan) -> None:
    roles = [cluster.role for cluster in found.clusters.values()]
    sources = roles.count("primary") + roles.count("config")
    assert sources == (len(roles) if found.control_plane.topology == MULTI_PRIMARY else 1)
    assert roles.count("management") == (found.control_plane.topology == EXTERNAL)
    assert (found.config_cluster is None) == (found.control_plane.topology != EXTERNAL)


@given(fleets())
def test_clusters_of_the_mesh_are_each_others_peers(found: MeshPlan) -> None:
    members = [name for name, cluster in found.clusters.items() if cluster.is_in_mesh]
    for first, second in permutations(members, 2):
        assert second in found.mesh_peers(first)
    for name in set(found.clusters) - set(members):
        assert found.mesh_peers(name) == ()


@given(fleets())
def test_a_reader_sees_roles_where_there_are_any(found: MeshPlan) -> None:
    shown = render(found)
    assert ("ROLE" in shown) == (found.control_plane.topology != MULTI_PRIMARY)
