"""The certificates that lie in the clusters' Secrets once a mesh is up, looked at by what else lies there.

By cryptography's verifier and by openssl, on two real API servers: servers by the roots that the API server or Consul
is told of, issuers and their workloads by the roots of the other cluster.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import stand_in_charts
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lab_engine import Lab
from mesh_world import World, recorded, secret, started
from shown_certificates import STRANGER, believed, openssl, workload
from stack_life import Life

NAMES = ("east", "west")
PROGRAM = """
import json
import pulumi_multimesh as multimesh

multimesh.MultiCloudMesh("shop", json.load(open("mesh.json")))
"""
Held = dict[str, dict[str, str]]
"""What each Secret of a cluster holds."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with started(tmp_path_factory.mktemp("world"), NAMES) as found:
        yield found


def up(lab: Lab, folder: Path, world: World, key: str, wish: dict[str, Any]) -> Life:
    """A stack of that mesh over both clusters."""
    existing = {
        name: {"kubeconfig": world.kubeconfigs[name], "egress_ips": [f"203.0.113.{number}"]}
        for number, name in enumerate(NAMES, 1)
    }
    of = {**wish, "charts": {"repository": world.charts}, "version": stand_in_charts.VERSION}
    life = Life.begin(lab, folder)
    life.program(PROGRAM)
    (folder / "mesh.json").write_text(json.dumps({"existing": existing, key: of}))
    life.up()
    return life


SHOWN = {
    "policyValidator": ("linkerd", "linkerd-policy-validator-k8s-tls", "linkerd-policy-validator.linkerd.svc"),
    "profileValidator": ("linkerd", "linkerd-sp-validator-k8s-tls", "linkerd-sp-validator.linkerd.svc"),
    "proxyInjector": ("linkerd", "linkerd-proxy-injector-k8s-tls", "linkerd-proxy-injector.linkerd.svc"),
    "tap": ("linkerd-viz", "tap-k8s-tls", "tap.linkerd-viz.svc"),
    "tapInjector": ("linkerd-viz", "tap-injector-k8s-tls", "tap-injector.linkerd-viz.svc"),
}
"""The servers of Linkerd that an API server calls, by the charts' value: namespace, Secret, and the name they go by."""


def test_those_of_linkerd(lab: Lab, world: World, tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    life = up(lab, tmp_path / "stack", world, "linkerd", {"viz": True})
    for name in NAMES:
        for value, (namespace, called, host) in SHOWN.items():
            chart = "linkerd-viz" if namespace == "linkerd-viz" else "linkerd-control-plane"
            given = recorded(world.server(name), namespace, chart)[value]
            assert given["externalSecret"] is True
            is_a_server(secret(world.server(name), namespace, called), given["caBundle"], [host], tmp_path)
    issuers = {name: secret(world.server(name), "linkerd", "linkerd-identity-issuer") for name in NAMES}
    roots = {
        name: world.server(name).call("GET", "/api/v1/namespaces/linkerd/configmaps/linkerd-identity-trust-roots")
        for name in NAMES
    }
    believed_by = {name: found["data"]["ca-bundle.crt"] for name, found in roots.items()}
    assert issuers["east"]["tls.key"] != issuers["west"]["tls.key"]
    is_an_issuer(issuers["east"], believed_by["west"], tmp_path)
    is_an_issuer(issuers["west"], believed_by["east"], tmp_path)
    life.destroy()
    world.sweep()


def is_a_server(held: dict[str, str], roots: str, hosts: list[str], folder: Path) -> None:
    """It is believed by these roots under its names and no other, and its key is its own and PKCS #8."""
    shown = held["tls.crt"]
    for host in hosts:
        assert believed(shown, roots, host), host
        assert openssl(folder, shown, roots, "-purpose", "sslserver", "-verify_hostname", host), host
    assert not believed(shown, roots, STRANGER)
    assert not openssl(folder, shown, roots, "-purpose", "sslserver", "-verify_hostname", STRANGER)
    assert held["tls.key"].startswith("-----BEGIN PRIVATE KEY-----")
    is_its_key(held)


def is_its_key(held: dict[str, str]) -> None:
    key = serialization.load_pem_private_key(held["tls.key"].encode(), None)
    assert key.public_key() == x509.load_pem_x509_certificates(held["tls.crt"].encode())[0].public_key()


def is_an_issuer(held: dict[str, str], roots: str, folder: Path) -> None:
    """An authority on P-256 under the name that the identity controller looks for, whose workloads are believed."""
    issuer = x509.load_pem_x509_certificates(held["tls.crt"].encode())[0]
    key: Any = issuer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = issuer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["identity.linkerd.cluster.local"]
    is_its_key(held)
    assert openssl(folder, held["tls.crt"], roots)
    identity = "front.web.serviceaccount.identity.linkerd.cluster.local"
    shown = workload(held["tls.key"], held["tls.crt"], identity)
    assert believed(shown, roots, identity)
    assert not believed(shown, roots, "back.web.serviceaccount.identity.linkerd.cluster.local")
    assert openssl(folder, shown, roots, "-verify_hostname", identity)


def test_those_of_consul(lab: Lab, world: World, tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    life = up(lab, tmp_path / "stack", world, "consul", {})
    for name in NAMES:
        tls = recorded(world.server(name), "consul", "consul")
        told_roots, told_servers = tls["global"]["tls"]["caCert"], tls["server"]["serverCert"]
        roots = secret(world.server(name), "consul", told_roots["secretName"])[told_roots["secretKey"]]
        held = secret(world.server(name), "consul", told_servers["secretName"])
        hosts = [f"server.{tls['global']['datacenter']}.consul", "localhost", "consul-server.consul.svc"]
        is_a_server(held, roots, [*hosts, "consul-server-0.consul-server.consul.svc"], tmp_path)
        # Consul's servers are each other's clients.
        assert openssl(tmp_path, held["tls.crt"], roots, "-purpose", "sslclient")
        assert openssl(tmp_path, held["tls.crt"], roots, "-verify_ip", "127.0.0.1")
    life.destroy()
    world.sweep()
