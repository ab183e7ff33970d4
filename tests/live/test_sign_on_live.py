"""One sign-on in the lab: the ingress asks before it passes a call from outside on, and refuses when nobody answers.

What is asked is a stand-in for oauth2-proxy, whose image and chart cannot be had here: an Envoy that answers 200 to a
call with a certain cookie, and sends every other one to a login.
"""

import http.client
import time
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
        "sign_on": {"service": "sign-on/stand-in", "hosts": ["shop.example.com"], "public_paths": ["/health"]},
    },
    "api_access": {"office": "203.0.113.0/24"},
})
workloads.install(mesh)
workloads.entrance(mesh, "gcp-eu")

login = {"https_redirect": True, "host_redirect": "login.example.com", "path_redirect": "/", "response_code": "FOUND"}
state = [{"header": {"key": "set-cookie", "value": "state=x"}}]
signed_in = {"name": "cookie", "string_match": {"contains": "session=good"}}
routes = [
    {"match": {"prefix": "/", "headers": [signed_in]}, "direct_response": {"status": 200}},
    {"match": {"prefix": "/"}, "redirect": login, "response_headers_to_add": state},
]
extensions = "type.googleapis.com/envoy.extensions.filters"
manager = {
    "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
    "stat_prefix": "stand-in",
    "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
    "http_filters": [
        {"name": "router", "typed_config": {"@type": f"{extensions}.http.router.v3.Router"}},
    ],
}
listener = {
    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}},
    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
}
envoy = json.dumps({"static_resources": {"listeners": [listener]}})
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
    spec={"ports": [{"port": 80, "target_port": 8080, "name": "http"}], "selector": {"app": "stand-in"}},
    opts=inside,
)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""


@pytest.fixture(scope="module")
def project(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, Path]:
    folder = tmp_path_factory.mktemp("sign-on")
    write_program(folder, "sign-on", PROGRAM.replace("IMAGE", istio_release.image("proxyv2")))
    used = Lab(lab)
    passed(used.pulumi(*UP, folder=folder, seconds=1500))
    return used, folder


def members_of(project: tuple[Lab, Path]) -> Any:
    used, folder = project
    return clusters_of(used.home, folder, STACK)


def called(member: Cluster, path: str = "/hello", host: str = "shop.example.com", cookie: str = "") -> Any:
    """The status, the headers and the text that a caller from outside gets."""
    connection = http.client.HTTPConnection(ingress_address(member), timeout=10)
    try:
        headers = {"Host": host, **({"Cookie": cookie} if cookie else {})}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def eventually(member: Cluster, wanted: int, **call: str) -> Any:
    """A gateway hears of a policy within seconds."""
    deadline = time.monotonic() + 60
    while (seen := called(member, **call))[0] != wanted:
        assert time.monotonic() < deadline, seen
        time.sleep(2)
    return seen


def test_who_has_not_signed_on_is_sent_to_the_login(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        _, headers, text = eventually(member, 302)
        found = {name.lower(): value for name, value in headers.items()}
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
        assert called(member, host="shop.example.com:80")[0] == 302, "a port is no way around"


def test_nobody_gets_through_when_nobody_answers(project: tuple[Lab, Path]) -> None:
    with members_of(project) as (member,):
        passed(member.run("scale", "deploy/stand-in", "-n", "sign-on", "--replicas=0"))
        eventually(member, 403, cookie="session=good")
        assert "Hello" in eventually(member, 200, host="open.example.com")[2]
