"""Everybody is linked to everybody, once, and both ends read each other."""

from pulumi_multimesh.plan.links import full_mesh, remote_secrets
from pulumi_multimesh.plan.mesh_plan import LinkPlan, RemoteSecretPlan


def test_three_clusters_have_three_links_in_the_order_of_names():
    assert full_mesh(["c", "a", "b"]) == (
        LinkPlan("a", "b", "gateways"),
        LinkPlan("a", "c", "gateways"),
        LinkPlan("b", "c", "gateways"),
    )


def test_one_cluster_has_none():
    assert full_mesh(["a"]) == ()
    assert remote_secrets(()) == ()


def test_both_ends_of_a_link_read_each_other():
    assert remote_secrets(full_mesh(["b", "a"])) == (RemoteSecretPlan("a", "b"), RemoteSecretPlan("b", "a"))


def test_ten_clusters_have_forty_five_links_and_ninety_secrets():
    links = full_mesh([f"c{number}" for number in range(10)])
    assert len(links) == 45
    assert len(set(remote_secrets(links))) == 90
