"""The certificate tree has the profile that istiod accepts."""

from pulumi_multimesh.plan.trust import tree


def test_root_and_intermediates_by_default():
    plan = tree(["b", "a"], "cluster.local", {})
    assert plan.trust_domain == "cluster.local"
    root = plan.root
    assert (root.name, root.issuer, root.common_name, root.organization) == ("root", None, "Root CA", "Istio")
    assert (root.locality, root.dns_names) == (None, ())
    assert (root.max_path_length, root.validity_hours) == (1, 3650 * 24)
    assert list(plan.intermediates) == ["a", "b"]
    for name, certificate in plan.intermediates.items():
        assert (certificate.name, certificate.issuer, certificate.locality) == (name, "root", name)
        assert certificate.common_name == "Intermediate CA"
        assert certificate.dns_names == ("istiod.istio-system.svc",)
        assert (certificate.max_path_length, certificate.validity_hours) == (0, 730 * 24)
        assert (certificate.algorithm, certificate.ecdsa_curve, certificate.rsa_bits) == (
            "ECDSA",
            "P256",
            None,
        )


def test_rsa_has_4096_bits_unless_given():
    plan = tree(["a"], "cluster.local", {"algorithm": "RSA"})
    assert (plan.root.algorithm, plan.root.rsa_bits, plan.root.ecdsa_curve) == ("RSA", 4096, None)
    assert tree(["a"], "x", {"algorithm": "RSA", "rsa_bits": 3072}).intermediates["a"].rsa_bits == 3072


def test_given_values_win():
    plan = tree(
        ["a"],
        "prod.example.com",
        {"organization": "Acme", "root_validity_days": 100, "intermediate_validity_days": 10},
    )
    assert (plan.root.organization, plan.root.validity_hours) == ("Acme", 2400)
    assert plan.intermediates["a"].validity_hours == 240
    assert plan.trust_domain == "prod.example.com"


def test_a_cluster_more_changes_no_other_authority():
    before, after = tree(["a", "b"], "x", {}), tree(["a", "b", "c"], "x", {})
    assert after.root == before.root
    assert {name: after.intermediates[name] for name in ("a", "b")} == before.intermediates
