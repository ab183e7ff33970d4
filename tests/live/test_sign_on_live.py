"""One sign-on in the lab: the ingress asks before it passes a call from outside on, and refuses when nobody answers.

What is asked is a stand-in for oauth2-proxy, whose image and chart cannot be had here: an Envoy that answers 200 to a
call with a certain cookie, and sends every other one to a login. Beside it that Envoy has a second port, a workload
whose answers tell which headers it got. The tests go in order: first some hosts are named, then every host signs on.
"""

import http.client
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lab_engine import Lab, passed
from live_mesh import STACK, UP, ingress_address
from live_program import write_program

from multimesh_lab import istio_release
from multimesh_lab.home import LabHome
from multimesh_lab.verification.kubectl import Cluster
from multimesh_lab.verification.verify import clusters_of

pytestmark = pytest.mark.live

PROGRAM = """
import json

import pulumi
import pulumi_kubernetes as k8s
import pulumi_multimesh as multimesh
import workloads

mesh = multimesh.MultiCloudMesh("shop", {
    "gke": {"gcp-eu": {"project": "acme-dev", "region": "europe-west4"}},
    "istio": {"ingress": {}},
    "security": {
        "default": "deny",
        "allow": [
            {"callers": ["istio-system/istio-ingressgateway"], "to": "web/helloworld"},
            {"callers": ["istio-system/istio-ingressgateway"], "to": "sign-on"},
        ],
        "sign_on": {"service": "sign-on/stand-in", "public_paths": ["/health", "/seen/public"], **HOSTS},
    },
    "api_access": {"office": "203.0.113.0/24"},
})
workloads.install(mesh)
workloads.entrance(mesh, "gcp-eu")

login = {"https_redirect": True, "host_redirect": "login.example.com", "path_redirect": "/", "response_code": "FOUND"}
extensions = "type.googleapis.com/envoy.extensions.filters"


def said(**headers):
    return [{"header": {"key": key.replace("_", "-"), "value": value}} for key, value in headers.items()]


def with_cookie(text, **headers):
    match = {"prefix": "/", "headers": [{"name": "cookie", "string_match": {"contains": text}}]}
    return {"match": match, "direct_response": {"status": 200}, "response_headers_to_add": said(**headers)}


def listener(port, routes):
    manager = {
        "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "stand-in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {"name": "router", "typed_config": {"@type": f"{extensions}.http.router.v3.Router"}},
        ],
    }
    return {
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


asked = [
    with_cookie("session=staff", x_auth_request_user="alice", x_auth_request_groups="staff"),
    with_cookie("session=good", x_auth_request_user="alice"),
    {"match": {"prefix": "/"}, "redirect": login, "response_headers_to_add": said(set_cookie="state=x")},
]
seen = said(
    seen_user="[%REQ(x-auth-request-user)%]",
    seen_groups="[%REQ(x-auth-request-groups)%]",
    seen_alike="[%REQ(x_auth_request-groups)%]",
    seen_other="[%REQ(x-other)%]",
    seen_host="[%REQ(:authority)%]",
)
tells = [{"match": {"prefix": "/"}, "direct_response": {"status": 200}, "response_headers_to_add": seen}]
envoy = json.dumps({"static_resources": {"listeners": [listener(8080, asked), listener(8081, tells)]}})
inside = mesh.clusters["gcp-eu"].inside(depends_on=[mesh.enrol("sign-on", ["gcp-eu"])["gcp-eu"]])
workloads.deployment(
    "gcp-eu",
    "stand-in",
    {
        "name": "envoy",
        "image": "IMAGE",
        "command": ["/usr/local/bin/envoy", "--disable-hot-restart", "--config-yaml", envoy],
    },
    inside,
    "sign-on",
)
k8s.core.v1.Service(
    "stand-in",
    metadata={"name": "stand-in", "namespace": "sign-on"},
    spec={
        "ports": [
            {"port": 80, "target_port": 8080, "name": "http"},
            {"port": 81, "target_port": 8081, "name": "http-seen"},
        ],
        "selector": {"app": "stand-in"},
    },
    opts=inside,
)
route = {"destination": {"host": "stand-in.sign-on.svc.cluster.local", "port": {"number": 81}}}
k8s.apiextensions.CustomResource(
    "seen",
    api_version="networking.istio.io/v1",
    kind="VirtualService",
    metadata={"name": "seen", "namespace": "web"},
    spec={
        "hosts": ["*"],
        "gateways": ["entrance"],
        "http": [{"match": [{"uri": {"prefix": "/seen"}}], "route": [route]}],
    },
    opts=mesh.clusters["gcp-eu"].inside(depends_on=[mesh.istio.ingress["gcp-eu"]]),
)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""


@pytest.fixture(scope="module")
def project(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, Path]:
    folder = tmp_path_factory.mktemp("sign-on")
    up_with(lab, folder, {"hosts": ["shop.example.com", "*.internal.example.com"]})
    return Lab(lab), folder


def up_with(lab: LabHome, folder: Path, hosts: dict[str, list[str]]) -> None:
    program = PROGRAM.replace("IMAGE", istio_release.NEWEST.image("proxyv2")).replace("HOSTS", repr(hosts))
    write_program(folder, "sign-on", program)
    passed(Lab(lab).pulumi(*UP, folder=folder, seconds=1500))


def members_of(project: tuple[Lab, Path]) -> Any:
    used, folder = project
    return clusters_of(used.home, folder, STACK)


def called(
    member: Cluster,
    path: str = "/hello",
    host: str = "shop.example.com",
    cookie: str = "",
    claims: Mapping[str, str] | None = None,
) -> Any:
    """The status, the headers and the text that a caller from outside gets; `claims` are further headers."""
    connection = http.client.HTTPConnection(ingress_address(member), timeout=10)
    try:
        headers = {"Host": host, **({"Cookie": cookie} if cookie else {}), **(claims or {})}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read().decode()
    finally:
        connection.close()


def eventually(member: Cluster, wanted: int, **call: Any) -> Any:
    """A gateway hears of a policy within seconds."""
    deadline = time.monotonic() + 60
    while (seen := called(member, **call))[0] != wanted:
        assert time.monotonic() < deadline, seen
        time.sleep(2)
    return seen


def test_who_has_not_signed_on_is_sent_to_the_login(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        _, found, text = eventually(member, 302)
        assert (found["location"], found["set-cookie"]) == ("https://login.example.com/", "state=x")
        assert "Hello" not in text


def test_who_has_signed_on_gets_through(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        assert "Hello" in eventually(member, 200, cookie="session=good")[2]
        assert called(member, cookie="session=bad")[0] == 302


def test_public_paths_and_other_hosts_are_for_everybody(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        assert "healthy" in eventually(member, 200, path="/health")[2]
        assert "Hello" in eventually(member, 200, host="open.example.com")[2]


@pytest.mark.parametrize(
    "host",
    [
        "shop.example.com:80",
        "shop.example.com:1",
        "SHOP.example.com",
        "shop.example.com.",
        "shop.example.com.:80",
        "a.internal.example.com",
        "a.internal.example.com:80",
        "a.internal.example.com.",
        "a.internal.example.com.:80",
    ],
)
def test_another_way_to_write_a_host_is_no_way_around(project: tuple[Lab, Path], host: str) -> None:
    with members_of(project) as (member,):
        assert eventually(member, 302, host=host)[1]["location"] == "https://login.example.com/"
        assert "Hello" in eventually(member, 200, host=host, cookie="session=good")[2]


FORGED = {
    "X-Auth-Request-User": "root",
    "X-Auth-Request-Groups": "admins",
    "X_Auth_Request-Groups": "admins",
    "X-Other": "kept",
}


def seen(member: Cluster, path: str, **call: Any) -> dict[str, str]:
    """What a workload got of the forged headers, once the call gets through."""
    found = eventually(member, 200, path=path, claims=FORGED, **call)[1]
    assert found["seen-other"] == "[kept]", "what is not the sign-on's gets through, so that the rest says something"
    return {name: found[f"seen-{name}"] for name in ("user", "groups", "alike")}


def test_nobody_says_of_himself_who_he_is(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        nothing = {"user": "[]", "groups": "[]", "alike": "[]"}
        assert seen(member, "/seen/public") == nothing
        assert seen(member, "/seen", host="open.example.com") == nothing
        # Who has signed on without groups: what the answer does not have is not the caller's to add.
        assert seen(member, "/seen", cookie="session=good") == {**nothing, "user": "[alice]"}


def test_what_the_answer_says_arrives(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        found = seen(member, "/seen", cookie="session=staff")
        assert found == {"user": "[alice]", "groups": "[staff]", "alike": "[]"}


def test_every_host_signs_on_but_for_open_ones(project: tuple[Lab, Path]) -> None:
    used, folder = project
    up_with(used.home, folder, {"open_hosts": ["open.example.com"]})
    with members_of(project) as (member,):
        for host in ("other.example.com", "198.51.100.1", "open.example.com.example.com", "shop.example.com."):
            eventually(member, 302, host=host)
            assert "Hello" in eventually(member, 200, host=host, cookie="session=good")[2]
        assert "Hello" in eventually(member, 200, host="open.example.com")[2]
        assert seen(member, "/seen", host="open.example.com") == {"user": "[]", "groups": "[]", "alike": "[]"}
        assert "healthy" in eventually(member, 200, path="/health", host="other.example.com")[2]
        passed(member.analyze("istio-system"))


def test_nobody_gets_through_when_nobody_answers(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        passed(member.run("scale", "deploy/stand-in", "-n", "sign-on", "--replicas=0"))
        eventually(member, 403, cookie="session=good")
        assert "Hello" in eventually(member, 200, host="open.example.com")[2]
