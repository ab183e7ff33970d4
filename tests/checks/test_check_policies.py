"""What the policy SDK is told of the checks, and how what it shows is read."""

from typing import Any

import pulumi_policy as policy
import pytest
from check_cases import CASES
from check_cases.things import peer
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from pulumi_multimesh.checks.catalogue import BY_ID, CATALOGUE
from pulumi_multimesh.checks.policies import Inputs, as_policy

PROVIDER = "urn:pulumi:s::p::pulumi:providers:kubernetes::one"


def options() -> policy.PolicyResourceOptions:
    return policy.PolicyResourceOptions(False, [], None, [], policy.PolicyCustomTimeouts(0, 0, 0), [], None)


def looked(check: str, kind: str, properties: dict[str, Any], name: str = "it", **config: Any) -> list[str]:
    """What the check's policy reports of a resource."""
    found: list[str] = []
    made = as_policy(BY_ID[check], {})
    assert isinstance(made, policy.ResourceValidationPolicy)
    args = policy.ResourceValidationArgs(
        kind, unknown_checking_proxy(properties), f"urn::{name}", name, options(), None, config, {}
    )
    made.validate(args, lambda message, _urn=None: found.append(message))
    return found


def test_a_finding_is_told_with_its_remedy() -> None:
    (said,) = looked("key-weak", "tls:index/privateKey:PrivateKey", {"algorithm": "RSA", "rsaBits": 1024})
    assert said == f"it: has 1024 bits\n{BY_ID['key-weak'].remedy}\nWhy: multimesh checks key-weak"


def test_a_name_is_excepted_by_the_packs_configuration() -> None:
    weak = {"algorithm": "RSA", "rsaBits": 1024}
    assert looked("key-weak", "tls:index/privateKey:PrivateKey", weak, "old-one", **{"except": ["old-*"]}) == []


def test_what_a_preview_does_not_know_is_not_judged() -> None:
    kind = "aws:eks/cluster:Cluster"
    assert looked("cluster-open-api", kind, {"vpcConfig": {"publicAccessCidrs": UNKNOWN_STRING_VALUE}}) == []
    assert looked("cluster-open-api", kind, {"vpcConfig": {"publicAccessCidrs": [UNKNOWN_STRING_VALUE]}}) == []
    assert looked("cluster-open-api", kind, {"vpcConfig": {"publicAccessCidrs": []}}) != []


def test_a_survey_sees_what_was_asked_for_where_the_engine_shows_nothing() -> None:
    """Of a resource whose cluster is not there yet a preview's end has no properties."""
    bad = CASES["istio-mesh-strict"].bad[0][0]
    strict = peer("STRICT", "istio-system")
    inputs: Inputs = {"urn::istiod": bad.properties, "urn::strict": strict.properties}
    provider = policy.PolicyProviderResource("pulumi:providers:kubernetes", {}, PROVIDER, "one")

    def surveyed(*resources: tuple[str, str]) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        made = as_policy(BY_ID["istio-mesh-strict"], inputs)
        assert isinstance(made, policy.StackValidationPolicy)
        shown = [
            policy.PolicyResource(kind, unknown_checking_proxy({}), urn, urn, options(), provider, None, [], {})
            for kind, urn in resources
        ]
        args = policy.StackValidationArgs(shown, None, {})
        made.validate(args, lambda message, urn=None: found.append((message, urn)))
        return found

    istiod, authentication = (bad.type, "urn::istiod"), (strict.type, "urn::strict")
    ((said, urn),) = surveyed(istiod)
    assert urn == "urn::istiod"
    assert "has no PeerAuthentication with STRICT" in said
    assert surveyed(istiod, authentication) == []


@pytest.mark.parametrize("check", [check.id for check in CATALOGUE])
def test_a_policy_keeps_the_checks_words(check: str) -> None:
    made = as_policy(BY_ID[check], {})
    about = BY_ID[check]
    assert (made.name, made.description, made.remediation_steps) == (about.id, about.title, about.remedy)
    assert made.enforcement_level is policy.EnforcementLevel(str(about.level))
