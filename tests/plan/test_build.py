"""The whole plan."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from plan.configurations import TWO_CLOUDS, changed, existing

from pulumi_multimesh import versions
from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.fault import ConfigurationFaults

ROOT = Path(__file__).parents[2]


def test_two_clouds():
    result = plan("shop", TWO_CLOUDS)
    assert list(result.clusters) == ["aws-us", "gcp-eu"]
    gcp, aws = result.clusters["gcp-eu"], result.clusters["aws-us"]
    assert (gcp.kind, gcp.cloud, gcp.region) == ("gke", "gcp", "europe-west4")
    assert (aws.kind, aws.cloud, aws.region) == ("eks", "aws", "us-east-1")
    assert gcp.network != aws.network
    assert [(link.first, link.second) for link in result.links] == [("aws-us", "gcp-eu")]
    assert {(secret.of, secret.into) for secret in result.remote_secrets} == {
        ("aws-us", "gcp-eu"),
        ("gcp-eu", "aws-us"),
    }
    assert set(result.trust.intermediates) == set(result.clusters)
    assert result.api_access == {"office": "203.0.113.0/24"}
    assert result.supernet == "10.0.0.0/8"


def test_defaults_of_the_control_plane():
    result = plan("shop", changed({"istio": {}}))
    control, istio = result.control_plane, result.of_istio
    assert (control.mesh, control.topology, istio.mesh_id) == ("istio", "multi-primary", "shop")
    assert control.chart_repository == versions.ISTIO.repository
    assert control.chart_version == versions.ISTIO.version
    assert (istio.gateway_min_replicas, istio.gateway_max_replicas) == (2, 5)


def test_given_values_of_the_control_plane():
    istio = {
        "mesh_id": "one",
        "trust_domain": "prod.example.com",
        "version": "1.29.0",
        "charts": {"repository": "https://charts.example.com"},
        "gateway": {"min_replicas": 3, "max_replicas": 7},
    }
    result = plan("shop", changed({"istio": istio}))
    control, istio = result.control_plane, result.of_istio
    assert (istio.mesh_id, control.chart_version) == ("one", "1.29.0")
    assert control.chart_repository == "https://charts.example.com"
    assert (istio.gateway_min_replicas, istio.gateway_max_replicas) == (3, 7)
    assert result.trust.trust_domain == "prod.example.com"


def test_an_existing_cluster():
    result = plan("shop", changed({"existing/old": existing(kubeconfig=object(), cloud="azure")}))
    old = result.clusters["old"]
    assert (old.kind, old.cloud, old.region, old.egress_ips) == ("existing", "azure", "", ("203.0.113.7",))
    assert any("old declares no `ranges`" in note for note in result.notes)
    assert plan("shop", changed({"existing/old": existing()})).clusters["old"].cloud == "none"


def test_the_plan_is_plain_json_and_always_the_same():
    texts = {json.dumps(plan("shop", TWO_CLOUDS).as_dict()) for _ in range(3)}
    turned = {key: TWO_CLOUDS[key] for key in reversed(TWO_CLOUDS)}
    assert {json.dumps(plan("shop", turned).as_dict())} == texts


def test_the_arguments_stay_as_they_are():
    args = changed({})
    plan("shop", args)
    assert args == TWO_CLOUDS


def test_one_more_cluster_changes_nothing_of_the_others():
    before = plan("shop", TWO_CLOUDS)
    after = plan("shop", changed({"gke/gcp-us": {"project": "acme-dev", "region": "us-east4"}}))
    assert {name: after.clusters[name] for name in before.clusters} == before.clusters
    assert set(before.links) < set(after.links)


def test_faults_are_raised_together():
    with pytest.raises(ConfigurationFaults) as raised:
        plan("shop", changed({"istio": {"topology": "star"}, "zzz": 1}))
    assert raised.value.name == "shop"
    assert len(raised.value.faults) == 2


def test_notes_say_what_follows_from_names_and_what_is_pinned():
    assert "aws-us, gcp-eu follow from the clusters' names" in plan("shop", TWO_CLOUDS).notes[0]
    pins = {"nodes": "10.66.0.0/16", "services": "10.67.0.0/18"}
    assert "ranges of gcp-eu follow" in plan("shop", changed({"eks/aws-us/ranges": pins})).notes[0]


def test_an_api_that_is_open_to_all_is_noted():
    notes = plan("shop", changed({"api_access": {"all": "0.0.0.0/0"}})).notes
    assert any("api_access.all (0.0.0.0/0)" in note for note in notes)


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_the_stacks_of_this_repository(path: Path):
    config: dict[str, Any] = yaml.safe_load(path.read_text())["config"]
    assert plan(config["multimesh:name"], config["multimesh:mesh"]).clusters
