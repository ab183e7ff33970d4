"""Default deny in the lab: who is named may call, in the own cloud and from the other, and nobody else.

One mesh for all tests, in this order. HelloWorld in `web` may be called by `web`'s own account, by `other/trusted`, and
by `other`'s own account with a token of the issuer whose public key the mesh has. A rule allows `stranger` too, whose
zone may not cross; and `legacy` takes calls without mTLS for a while, of the method that its rule names.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from exception_days import UNTIL
from lab_certificates import self_signed
from lab_engine import Lab, passed
from leaf_certificates import double, key_pem
from live_login import Login
from live_mesh import STACK, UP, plain_text_call
from live_outsider import call_as, intermediate_of
from live_program import write_program

from multimesh_lab.home import LabHome
from multimesh_lab.verification.identities import check_identities
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import clusters_of

pytestmark = pytest.mark.live

PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh
import workloads

mesh = multimesh.MultiCloudMesh("shop", {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "eks": {"aws-us": {"region": "us-east-1"}},
    "istio": {"trust_domain": "shop.example.com", "trust_domain_aliases": ["former.example.com"]},
    "security": {
        "default": "deny",
        "allow": [
            {"callers": ["web/default", "other/trusted", "stranger"], "to": "web/helloworld", "methods": ["GET"]},
            {"callers": ["other/default"], "to": "web/helloworld", "token": "login", "claims": {"team": "shop"}},
            {"callers": ["web/default"], "to": "legacy/helloworld", "methods": ["GET"]},
        ],
        "issuers": {
            "login": {
                "issuer": "https://login.example.com",
                "audiences": ["shop"],
                "jwks": Path("keys.json").read_text(),
            },
        },
        "zones": {
            "front": {"namespaces": ["web"]},
            "partners": {"namespaces": ["other"]},
            "strangers": {"namespaces": ["stranger"]},
        },
        "crossings": [{"callers": ["partners"], "to": "front"}],
        "plain_text": {"legacy": {"until": "UNTIL", "reason": "the old billing host has no sidecar"}},
    },
    "access": {
        "operators": ["ops@example.com"],
        "readers": ["all@example.com"],
        "teams": {"web": {"groups": ["web@example.com"], "namespaces": ["web"]}},
    },
    "api_access": {"office": "203.0.113.0/24"},
})

workloads.install(mesh)
for name, cluster in mesh.clusters.items():
    inside = cluster.inside(depends_on=[mesh.enrol("other", [name])[name]])
    k8s.core.v1.ServiceAccount(f"{name}-trusted", metadata={"name": "trusted", "namespace": "other"}, opts=inside)
    for account in ("default", "trusted"):
        workloads.deployment(name, account, workloads.CURL, inside, "other", account)
    stranger = cluster.inside(depends_on=[mesh.enrol("stranger", [name])[name]])
    workloads.deployment(name, "client", workloads.CURL, stranger, "stranger")
    workloads.helloworld(name, cluster.inside(depends_on=[mesh.enrol("legacy", [name])[name]]), "legacy")

pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""


@pytest.fixture(scope="module")
def login() -> Login:
    return Login()


@pytest.fixture(scope="module")
def project(lab: LabHome, login: Login, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, Path]:
    folder = tmp_path_factory.mktemp("zero-trust")
    write_program(folder, "zero-trust", PROGRAM.replace("UNTIL", UNTIL))
    (folder / "keys.json").write_text(login.key_set())
    used = Lab(lab)
    passed(used.pulumi(*UP, folder=folder, seconds=1500))
    return used, folder


def members_of(project: tuple[Lab, Path]) -> Any:
    used, folder = project
    return clusters_of(used.home, folder, STACK)


def codes(member: Cluster, caller: str, *options: str, calls: int = 30) -> set[str]:
    """The HTTP status of so many calls by a Deployment, `NAMESPACE/NAME`."""
    namespace, _, name = caller.partition("/")
    curl = ("curl", "-sS", "-o", "/dev/null", "--max-time", "5", "-w", "%{http_code}\\n", *options)
    words = ("exec", "-n", namespace, f"deploy/{name}", "-c", "curl", "--", *curl)
    answer = member.run(*words, f"http://helloworld.web:5000/hello?[1-{calls}]", seconds=200)
    return set(answer.stdout.split())


def eventually(member: Cluster, caller: str, wanted: set[str], *options: str) -> None:
    """A proxy hears of a policy within seconds, and of the other cloud's endpoints too."""
    deadline = time.monotonic() + 60
    while (seen := codes(member, caller, *options)) != wanted:
        assert time.monotonic() < deadline, (member.name, caller, seen)
        time.sleep(2)


def heard(member: Cluster, caller: str) -> set[str]:
    """The clusters that answer a Deployment."""
    namespace, _, name = caller.partition("/")
    words = ("exec", "-n", namespace, f"deploy/{name}", "-c", "curl", "--", "curl", "-sS", "--max-time", "5")
    answer = passed(member.run(*words, "http://helloworld.web:5000/hello?[1-60]", seconds=200))
    return {line.split("version: ")[1].split(",")[0] for line in answer.splitlines() if "version: " in line}


@pytest.mark.parametrize("caller", ["web/client", "other/trusted"])
def test_who_is_named_may_call_in_both_clouds(project: tuple[Lab, Path], caller: str) -> None:
    with members_of(project) as members:
        for member in members:
            eventually(member, caller, {"200"})
            assert heard(member, caller) == {"aws-us", "gcp-eu"}


def test_another_method_is_refused(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for member in members:
            eventually(member, "web/client", {"403"}, "-X", "POST")


def test_another_identity_is_refused_in_both_clouds(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for member in members:
            eventually(member, "other/default", {"403"})


def test_a_caller_without_a_certificate_is_refused(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for member in members:
            assert "reset by peer" in plain_text_call(member, "http://helloworld.web:5000/hello"), member.name


NAMED = "spiffe://shop.example.com/ns/web/sa/default"


@pytest.mark.parametrize("called", ["another root", "the intermediate's own names"])
def test_a_certificate_of_another_root_is_refused(project: tuple[Lab, Path], called: str) -> None:
    """Although it says the identity that may call; the same call with a chain of the stack's own gets its answer."""
    with members_of(project) as members:
        for member in members:
            foreign = double(intermediate_of(member))
            if called == "another root":
                key = ec.generate_private_key(ec.SECP256R1())
                root = self_signed("Another Root CA", key)
                foreign = key_pem(key), root.public_bytes(Encoding.PEM).decode()
            refused = call_as(member, NAMED, (foreign[0], foreign[1] * 2))
            assert " alert " in refused, refused
            assert "Hello" not in refused, member.name
            assert "Hello" in call_as(member, NAMED), member.name


def test_each_proxy_shows_its_pods_identity(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for finding in check_identities(members):
            assert finding.ok, finding
            assert finding.message.endswith(" identities of shop.example.com"), finding


@pytest.mark.parametrize(("domain", "answer"), [("former.example.com", "Hello"), ("other.example.com", " alert ")])
def test_a_rule_holds_for_the_trust_domains_aliases_alone(project: tuple[Lab, Path], domain: str, answer: str) -> None:
    """A certificate for any other domain is refused by TLS already, although the mesh's own authority signed it."""
    with members_of(project) as members:
        for member in members:
            assert answer in call_as(member, f"spiffe://{domain}/ns/web/sa/default"), member.name


def test_a_rule_that_names_an_alias_holds(project: tuple[Lab, Path]) -> None:
    """As one does that was written for the former trust domain."""
    former = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "former", "namespace": "web"},
        "spec": {"rules": [{"from": [{"source": {"principals": ["former.example.com/ns/other/sa/default"]}}]}]},
    }
    file = project[1] / "former.json"
    file.write_text(json.dumps(former))
    with members_of(project) as members:
        for member in members:
            passed(member.run("apply", "-f", str(file)))
        try:
            for member in members:
                eventually(member, "other/default", {"200"})
        finally:
            for member in members:
                passed(member.run("delete", "-f", str(file)))
        for member in members:
            eventually(member, "other/default", {"403"})


def test_a_zone_that_may_not_cross_is_refused_in_both_clouds(project: tuple[Lab, Path]) -> None:
    """Although a rule allows it: a rule chooses among who may cross. The lab's network keeps no NetworkPolicy."""
    with members_of(project) as members:
        for member in members:
            eventually(member, "stranger/client", {"403"})
            policy = json.loads(passed(member.run("get", "networkpolicy", "zone", "-n", "web", "-o", "json")))
            (own, gateway, *_) = (rule["from"][0]["namespaceSelector"] for rule in policy["spec"]["ingress"][::2])
            assert own["matchExpressions"][0]["values"] == ["web"]
            assert gateway["matchLabels"] == {"kubernetes.io/metadata.name": "istio-system"}


def test_an_exception_takes_calls_without_mtls(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for member in members:
            assert f"version: {member.name}" in plain_text_call(member, "http://helloworld.legacy:5000/hello")
            answer = plain_text_call(member, "http://helloworld.legacy:5000/hello", "-X", "POST")
            assert "RBAC: access denied" in answer, "what the rule beside it does not allow is not allowed without mTLS"


MAY = [
    ("ops", "create", "peerauthentications.security.istio.io", "web", True),
    ("ops", "delete", "pods", "istio-system", True),
    ("ops", "get", "secrets", "istio-system", False),
    ("ops", "patch", "deployments.apps", "istio-system", False),
    ("all", "list", "authorizationpolicies.security.istio.io", "web", True),
    ("all", "get", "pods/log", "web", False),
    ("web", "create", "deployments.apps", "web", True),
    ("web", "create", "deployments.apps", "other", False),
    ("web", "delete", "authorizationpolicies.security.istio.io", "web", False),
    ("web", "delete", "networkpolicies.networking.k8s.io", "web", False),
    ("web", "create", "rolebindings.rbac.authorization.k8s.io", "web", False),
]


def test_groups_may_do_what_their_role_allows(project: tuple[Lab, Path]) -> None:
    with members_of(project) as members:
        for member in members:
            for group, verb, resource, namespace, allowed in MAY:
                who = ("--as", "somebody", "--as-group", f"{group}@example.com")
                kind, _, part = resource.partition("/")
                words = (verb, kind, *((f"--subresource={part}",) if part else ()), "-n", namespace)
                answer = member.run("auth", "can-i", *words, *who)
                assert answer.stdout.strip() == ("yes" if allowed else "no"), (member.name, group, verb, resource)


def audited(project: tuple[Lab, Path]) -> tuple[int, list[dict[str, str]]]:
    """How `multimesh audit` ends, and what of its findings is mandatory."""
    used, folder = project
    words = ("exec", "--", sys.executable, "-m", "pulumi_multimesh.cli", "audit", "--stack", STACK, "-o", "json")
    answer = used.command(*words, folder=folder)
    return answer.returncode, [each for each in json.loads(answer.stdout) if each["level"] == "mandatory"]


def test_an_audit_finds_what_is_planted_in_one_cluster(project: tuple[Lab, Path]) -> None:
    assert audited(project) == (0, [])
    planted = {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": "planted", "namespace": "web"},
        "spec": {"mtls": {"mode": "PERMISSIVE"}},
    }
    file = project[1] / "planted.json"
    file.write_text(json.dumps(planted))
    with members_of(project) as members:
        (member,) = [each for each in members if each.name == "aws-us"]
        passed(member.run("apply", "-f", str(file)))
        try:
            code, found = audited(project)
        finally:
            passed(member.run("delete", "peerauthentication", "planted", "-n", "web"))
    assert code == 1
    (finding,) = found
    assert (finding["check"], finding["cluster"], finding["name"]) == ("istio-plain-text", "aws-us", "web/planted")
    assert audited(project) == (0, [])


def test_a_token_lets_in_who_may_only_come_with_one(project: tuple[Lab, Path], login: Login) -> None:
    with members_of(project) as members:
        for member in members:
            eventually(member, "other/default", {"200"}, "-H", f"Authorization: Bearer {login.token()}")


@pytest.mark.parametrize(
    ("what", "code"),
    [("expired", "401"), ("another key", "401"), ("another audience", "403"), ("another team", "403")],
)
def test_a_wrong_token_is_refused(project: tuple[Lab, Path], login: Login, what: str, code: str) -> None:
    token = {
        "expired": login.token(ends_in=-3600),
        "another key": Login().token(),
        "another audience": login.token(aud="elsewhere"),
        "another team": login.token(team="other"),
    }[what]
    with members_of(project) as members:
        for member in members:
            eventually(member, "other/default", {code}, "-H", f"Authorization: Bearer {token}")


def test_a_token_does_not_stand_for_an_identity(project: tuple[Lab, Path], login: Login) -> None:
    with members_of(project) as members:
        for member in members:
            header = f"Authorization: Bearer {login.token()}"
            answer = plain_text_call(member, "http://helloworld.web:5000/hello", "-H", header)
            assert "reset by peer" in answer, member.name


def test_istioctl_finds_nothing_and_a_second_up_changes_nothing(project: tuple[Lab, Path]) -> None:
    used, folder = project
    with members_of(project) as members:
        for member in members:
            passed(member.analyze("istio-system"))
    passed(used.pulumi(*UP, "--expect-no-changes", folder=folder, seconds=600))
