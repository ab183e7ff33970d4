"""Tokens of an OIDC provider at a real API server on loopback, by the configuration that the lab writes for it."""

import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import urllib3
from api_server import TOKEN, free_port, running
from cryptography.hazmat.primitives.asymmetric import rsa
from lab_engine import missing_tools
from token_issuer import Issuer, issuer

from multimesh_lab import files
from multimesh_lab.cluster import Login
from multimesh_lab.cluster.logins import configuration, is_taken
from pulumi_multimesh.access import roles

RBAC = "/apis/rbac.authorization.k8s.io/v1"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
MAY = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True)
class Server:
    """An API server, its file of logins, and the provider that it may be told of."""

    url: str
    file: Path
    provider: Issuer

    def call(
        self, token: str, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        pool = urllib3.PoolManager(cert_reqs="CERT_NONE")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = pool.request(method, self.url + path, headers=headers, body=json.dumps(body or {}), timeout=20)
        text = answer.data.decode()
        return answer.status, cast("dict[str, Any]", json.loads(text)) if text.startswith("{") else {"text": text}

    def tell(self, login: Login | None) -> None:
        """Change the file as the lab does, and wait until the server goes by it."""
        text = configuration(login, self.provider.authority.read_text())
        files.write(self.file, text)
        deadline = time.monotonic() + 90
        while not is_taken(self.call(TOKEN, "GET", "/metrics")[1]["text"], text):
            assert time.monotonic() < deadline, "the API server has not taken the login"
            time.sleep(0.5)

    def user(self, token: str) -> tuple[int, dict[str, Any]]:
        code, found = self.call(token, "POST", WHO)
        return code, found["status"]["userInfo"] if code == 201 else {}

    def may(self, token: str, verb: str, resource: str, group: str = "") -> bool:
        asked = {"verb": verb, "resource": resource, "group": group, "namespace": "default"}
        code, found = self.call(token, "POST", MAY, {"spec": {"resourceAttributes": asked}})
        assert code == 201, found
        return bool(found["status"]["allowed"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    reason = missing_tools("etcd", "kube-apiserver", "kube-controller-manager")
    if reason:
        pytest.skip(f"needs an API server: {reason}")
    urllib3.disable_warnings()
    folder = tmp_path_factory.mktemp("logins")
    file = folder / "authentication.json"
    files.write(file, configuration(None, ""))
    with issuer("127.0.0.1", free_port(), folder) as provider, running(folder, f"--authentication-config={file}") as up:
        yield Server(json.loads(up)["clusters"][0]["cluster"]["server"], file, provider)


@pytest.fixture
def told(server: Server) -> Callable[..., None]:
    """Tell the server of the provider, as EKS and OKE are told of one by this library."""

    def tell(**required: str) -> None:
        flags = {"usernamePrefix": "oidc:", "groupsClaim": "groups", "groupsPrefix": "oidc:"}
        server.tell(Login.by_flags(server.provider.url, "kubernetes", flags, required))

    return tell


def test_before_it_is_told_the_server_takes_the_labs_own_tokens_alone(server: Server) -> None:
    assert server.user(server.provider.token())[0] == 401
    assert server.user(TOKEN)[1]["username"] == "admin"


def test_a_token_logs_in_beside_the_labs_own(server: Server, told: Callable[..., None]) -> None:
    told()
    code, who = server.user(server.provider.token())
    assert code == 201
    assert who["username"] == "oidc:ada"
    assert set(who["groups"]) == {"oidc:developers", "system:authenticated"}
    assert server.user(TOKEN)[1]["username"] == "admin"


def test_its_group_may_what_its_role_says_and_nothing_else(server: Server, told: Callable[..., None]) -> None:
    told()
    rules = [
        {"apiGroups": rule.get("api_groups"), "resources": rule.get("resources"), "verbs": rule.get("verbs")}
        for rule in roles.reader("istio")
    ]
    role = {"metadata": {"name": "multimesh-reader"}, "rules": rules}
    assert server.call(TOKEN, "POST", f"{RBAC}/clusterroles", role)[0] == 201
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "oidc:developers"}
    bound = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "multimesh-reader"}
    binding = {"metadata": {"name": "multimesh-reader"}, "roleRef": bound, "subjects": [group]}
    assert server.call(TOKEN, "POST", f"{RBAC}/clusterrolebindings", binding)[0] == 201

    token = server.provider.token()
    assert server.call(token, "GET", "/api/v1/namespaces/default/pods")[0] == 200
    assert server.call(token, "GET", "/api/v1/namespaces/default/secrets")[0] == 403
    assert server.may(token, "list", "virtualservices", "networking.istio.io")
    for verb, resource in (("delete", "pods"), ("get", "pods/log"), ("create", "roles"), ("impersonate", "groups")):
        assert not server.may(token, verb, resource), (verb, resource)
    others = server.provider.token(groups=["developers2", "system:masters", "admin"])
    assert server.call(others, "GET", "/api/v1/namespaces/default/pods")[0] == 403


def test_wrong_tokens_are_refused(server: Server, told: Callable[..., None]) -> None:
    told()
    good = server.provider
    wrong = {
        "another issuer": good.token(iss="https://login.example.com"),
        "another audience": good.token(aud="shop"),
        "expired": good.token(exp=int(time.time()) - 60),
        "another key": good.token(key=rsa.generate_private_key(65537, 2048)),
        "no user": good.token(sub=None),
    }
    assert {case: server.user(token)[0] for case, token in wrong.items()} == dict.fromkeys(wrong, 401)


def test_a_required_claim_is_required_and_a_login_goes_again(server: Server, told: Callable[..., None]) -> None:
    told(organization="acme")
    assert server.user(server.provider.token(organization="acme"))[0] == 201
    assert server.user(server.provider.token(organization="other"))[0] == 401
    assert server.user(server.provider.token())[0] == 401
    server.tell(None)
    # Another token than before: an API server remembers for ten seconds whom it has let in.
    assert server.user(server.provider.token(organization="acme", jti="later"))[0] == 401
    assert server.user(TOKEN)[0] == 201
