"""Linkerd's viz by the real engine and a real API server: it comes, changes nothing twice, and goes alone.

Helm is real, the charts are stand-ins that record what they were given (stand_in_charts.py): no dashboard runs.
"""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
import stand_in_charts
from lab_engine import Lab
from mesh_world import World, custom_resources, recorded, started, strictly_taken
from secret_scanner import readable, secrets_in, shown_by
from stack_life import Life, work

PROGRAM = """
import json
import pulumi_multimesh as multimesh

mesh = multimesh.MultiCloudMesh("shop", json.load(open("mesh.json")))
mesh.enrol("web")
"""
VIZ = {
    "shop-east-viz-system",
    "shop-east-viz-release",
    *(f"shop-east-viz-{server}" for server in ("tap", "tap-injector")),
}
"""Each server's name is that of its Secret, its key, its request and its certificate."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with started(tmp_path_factory.mktemp("world"), ["east"]) as found:
        yield found


def declare(life: Life, world: World, *, viz: bool) -> None:
    linkerd = {"charts": {"repository": world.charts}, "version": stand_in_charts.VERSION, "viz": viz}
    args = {
        "existing": {"east": {"kubeconfig": world.kubeconfigs["east"], "egress_ips": ["203.0.113.7"]}},
        "linkerd": linkerd,
        "security": {"default": "deny"},
    }
    (life.folder / "mesh.json").write_text(json.dumps(args))


def test_it_comes_and_goes_by_itself(lab: Lab, world: World, tmp_path: Path) -> None:
    life = Life.begin(lab, tmp_path)
    life.program(PROGRAM)
    declare(life, world, viz=False)
    life.up()
    assert custom_resources(life) == []

    declare(life, world, viz=True)
    policies = {name for _, name, op in work(life.preview()) if op == "create"} - VIZ
    assert policies, "its Prometheus is let in"
    assert all(name.startswith("shop-east-web-") and "linkerd-admin" in name for name in policies), policies
    assert {op for _, _, op in work(life.preview())} == {"create"}, "nothing of the mesh is touched"
    life.up()
    life.unchanged()
    server = world.server("east")
    space = server.call("GET", "/api/v1/namespaces/linkerd-viz")["metadata"]["labels"]
    assert (space["linkerd.io/extension"], space["pod-security.kubernetes.io/enforce"]) == ("viz", "privileged")
    values = recorded(server, "linkerd-viz", "linkerd-viz")
    assert values["createNamespaceMetadataJob"] is False
    assert "PRIVATE KEY" not in json.dumps(values)
    assert strictly_taken(server, custom_resources(life)) == {
        *("Server", "HTTPRoute", "AuthorizationPolicy", "MeshTLSAuthentication", "NetworkAuthentication")
    }
    assert readable(shown_by(lab, life.folder, "test"), secrets_in(lab, life.folder, "test")) == []

    declare(life, world, viz=False)
    gone = {(name, op) for _, name, op in work(life.preview())}
    assert gone == {(name, "delete") for name in VIZ | policies}
    life.up()
    assert not server.call("GET", "/api/v1/namespaces/linkerd-viz"), "its namespace goes with it"
    life.destroy()
    world.sweep()
