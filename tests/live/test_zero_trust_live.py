"""Default deny in the lab: who is named may call, in the own cloud and from the other, and nobody else.

One mesh for all tests, in this order. HelloWorld in `web` may be called by `web`'s own account, by `other/trusted`, and
by `other`'s own account with a token of the issuer whose public key the mesh has. A rule allows `stranger` too, whose
zone may not cross; and `legacy` takes calls without mTLS for a while.
"""

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from exception_days import UNTIL
from lab_engine import Lab, passed
from live_mesh import STACK, UP, plain_text_call
from live_program import write_program

from multimesh_lab.home import LabHome
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import clusters_of

pytestmark = pytest.mark.live

ISSUER = "https://login.example.com"
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
    "istio": {},
    "security": {
        "default": "deny",
        "allow": [
            {"callers": ["web/default", "other/trusted", "stranger"], "to": "web/helloworld", "methods": ["GET"]},
            {"callers": ["other/default"], "to": "web/helloworld", "token": "login", "claims": {"team": "shop"}},
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


class Login:
    """An issuer of tokens with a key of its own."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_set(self) -> str:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": "lab",
            "n": _text(numbers.n.to_bytes(256)),
            "e": _text(numbers.e.to_bytes(3)),
        }
        return json.dumps({"keys": [key]})

    def token(self, *, ends_in: int = 3600, **claims: Any) -> str:
        """A token (RFC 7519), signed with RS256; `ends_in` seconds."""
        now = int(time.time())
        said = {"iss": ISSUER, "sub": "me", "aud": "shop", "team": "shop", "iat": now, "exp": now + ends_in, **claims}
        parts = ({"alg": "RS256", "typ": "JWT", "kid": "lab"}, said)
        head = ".".join(_text(json.dumps(part).encode()) for part in parts)
        return f"{head}.{_text(self._key.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


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
