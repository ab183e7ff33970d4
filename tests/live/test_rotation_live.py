"""An intermediate and then the root rotated under load in the lab, stage by stage: no call is lost, no stage skipped.

One mesh for all tests, in this order. Workloads' certificates live five minutes here, in place of a day, so that they
are renewed between the stages without a restart, as they are in a day elsewhere.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography import x509
from lab_engine import Lab, passed
from live_load import Record, load, none_lost
from live_program import TWO, Program, write_program

from multimesh_lab.home import LabHome
from multimesh_lab.verification.kubectl import Cluster

pytestmark = [pytest.mark.live, pytest.mark.timeout(2400)]

SYSTEM = "istio-system"
PATIENCE = 600
"""Seconds until every proxy has what a stage gives: a kubelet's minute or two, and half a certificate's life."""
PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_multimesh as multimesh
import workloads

mesh = multimesh.MultiCloudMesh("shop", json.loads(Path("mesh.json").read_text()))

workloads.install(mesh)
pulumi.export("trust", mesh.trust)
pulumi.export("kubeconfigs", mesh.kubeconfigs)
"""
OLD, NEW = "Root CA", "Root CA r2028"
NAMED: dict[str, Any] = {"workload_minutes": 5, "roots": ["default"]}
RENEWED: dict[str, Any] = {**NAMED, "intermediates": {"gcp-eu": {"generation": 2}}}
DISTRIBUTED: dict[str, Any] = {**RENEWED, "roots": ["default", "r2028"], "issuing": "default"}
SWITCHED: dict[str, Any] = {**DISTRIBUTED, "issuing": "r2028"}
RETIRED: dict[str, Any] = {**RENEWED, "roots": ["r2028"]}


def with_pki(pki: dict[str, Any]) -> dict[str, Any]:
    return {**TWO, "istio": {}, "pki": pki}


@dataclass(frozen=True)
class Held:
    """What one proxy shows and believes."""

    intermediate: int
    """The serial number of the certificate above its own."""
    issuer: str
    """The common name of the root above that."""
    roots: frozenset[str]
    """The common names of the roots that it believes."""


def held(member: Cluster, namespace: str, pod: str) -> Held:
    """By what Envoy itself says of its secrets; it leaves out keys."""
    words = ("exec", "-n", namespace, pod, "-c", "istio-proxy", "--", "pilot-agent", "request", "GET", "config_dump")
    said = passed(member.run(*words, seconds=60))
    # The agent's own log lines come first.
    dump = json.loads(said[said.index("{") :])
    (secrets,) = [each for each in dump["configs"] if "SecretsConfigDump" in each["@type"]]
    found = {each["name"]: each["secret"] for each in secrets["dynamic_active_secrets"]}
    chain = _pem(found["default"]["tls_certificate"]["certificate_chain"])
    roots = _pem(found["ROOTCA"]["validation_context"]["trusted_ca"])
    return Held(chain[1].serial_number, _name(chain[1].issuer), frozenset(_name(root.subject) for root in roots))


def _pem(source: dict[str, str]) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(base64.b64decode(source["inline_bytes"]))


def _name(name: x509.Name) -> str:
    return str(name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def proxies(member: Cluster) -> Iterator[Held]:
    """Of the workloads, and of the gateway by which the others come in."""
    for namespace, selector in (("web", "app=client"), ("web", "app=helloworld"), (SYSTEM, "istio=eastwestgateway")):
        found = member.items("pods", namespace, selector)
        assert found, selector
        for pod in found:
            yield held(member, namespace, pod["metadata"]["name"])


def wait_until(members: list[Cluster], wanted: Callable[[Held], bool]) -> None:
    """Until every proxy has what is wanted: what the runbook tells a user to look at before the next stage."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = {member.name: list(proxies(member)) for member in members}
        if all(wanted(each) for found in seen.values() for each in found):
            return
        assert time.monotonic() < deadline, seen
        time.sleep(10)


def restarts(members: list[Cluster]) -> set[str]:
    """The pods of all istiods, by which a restart would be seen."""
    return {pod["metadata"]["uid"] for member in members for pod in member.items("pods", SYSTEM, "app=istiod")}


@pytest.fixture(scope="module")
def mesh(lab: LabHome, tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("rotation")
    write_program(folder, "rotation", PROGRAM)
    made = Program(Lab(lab), folder)
    made.bring_up(with_pki(NAMED))
    return made


def test_an_intermediate_is_renewed_without_a_restart_and_no_call_is_lost(
    mesh: Program, record_property: Record
) -> None:
    with mesh.clusters() as members:
        (gcp,) = [member for member in members if member.name == "gcp-eu"]
        old, istiods = {each.intermediate for each in proxies(gcp)}, restarts(members)
        with load(members) as loads:
            mesh.bring_up(with_pki(RENEWED))
            wait_until([gcp], lambda each: each.intermediate not in old)
        none_lost(loads, record_property)
        assert restarts(members) == istiods
    mesh.bring_up(with_pki(RENEWED), "--expect-no-changes")


def test_a_stage_cannot_be_skipped(mesh: Program) -> None:
    for skipped in (SWITCHED, RETIRED):
        assert "a stage is skipped" in mesh.refused(with_pki(skipped))
    mesh.bring_up(with_pki(RENEWED), "--expect-no-changes")


def test_the_root_is_rotated_in_stages_and_no_call_is_lost(mesh: Program, record_property: Record) -> None:
    with mesh.clusters() as members:
        istiods = restarts(members)
        with load(members) as loads:
            mesh.bring_up(with_pki(DISTRIBUTED))
            wait_until(members, lambda each: each.roots == frozenset({OLD, NEW}) and each.issuer == OLD)
        none_lost(loads, record_property)
        assert "a stage is skipped" in mesh.refused(with_pki(RETIRED))
        with load(members) as loads:
            mesh.bring_up(with_pki(SWITCHED))
            wait_until(members, lambda each: each.roots == frozenset({OLD, NEW}) and each.issuer == NEW)
        none_lost(loads, record_property)
        with load(members) as loads:
            mesh.bring_up(with_pki(RETIRED))
            wait_until(members, lambda each: each.roots == frozenset({NEW}) and each.issuer == NEW)
        none_lost(loads, record_property)
        assert restarts(members) == istiods
    mesh.bring_up(with_pki(RETIRED), "--expect-no-changes")


def test_a_pod_that_starts_afterwards_is_believed(mesh: Program, record_property: Record) -> None:
    with mesh.clusters() as members:
        for member in members:
            passed(member.run("rollout", "restart", "deploy/client", "-n", "web"))
            words = ("rollout", "status", "deploy/client", "-n", "web", "--timeout=120s", "--request-timeout=0")
            passed(member.run(*words, seconds=150))
        with load(members) as loads:
            time.sleep(30)
        none_lost(loads, record_property)
