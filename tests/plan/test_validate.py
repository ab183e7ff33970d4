"""One configuration for each fault, and all of them at once."""

from typing import Any

import pulumi
import pytest
from plan.configurations import ABSENT, TWO_CLOUDS, changed, existing

from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.validate import validate

GKE, EKS = "gke/gcp-eu/", "eks/aws-us/"
POOL, AT_GKE, AT_EKS = "node_pools/default/", "gke.gcp-eu.node_pools.default.", "eks.aws-us.node_pools.default."

# Each: changes, the fault's path, words of its problem, words of what is allowed or of the remedy.
CASES: dict[str, tuple[dict[str, object], str, str, str]] = {
    "unknown key": ({"istoi": {}}, "istoi", "not a known key", "write  istio  instead"),
    "unknown key far from any": ({"zzz": 1}, "zzz", "not a known key", "remove it"),
    "unknown key of a cluster": (
        {GKE + "releaseChannel": "RAPID"}, "gke.gcp-eu.releaseChannel", "not a known key", "release_channel",
    ),
    "unknown key deep down": (
        {GKE + POOL + "minsize": 1}, AT_GKE + "minsize", "not a known key", "min_size",
    ),
    "table expected": ({"gke": "x"}, "gke", "is text, not a table", "gcp-eu"),
    "cluster is no table": ({"eks/aws-us": 5}, "eks.aws-us", "is a number, not a table", "a table"),
    "list expected": ({EKS + "zones": "us-east-1a"}, "eks.aws-us.zones", "is text, not a list", "us-east-1a"),
    "text in a list expected": ({EKS + "zones": ["us-east-1a", 2]}, "eks.aws-us.zones[1]", "is a number", "text"),
    "whole number expected": (
        {GKE + POOL + "min_size": 1.5}, AT_GKE + "min_size", "is a number", "whole number",
    ),
    "true is no number": (
        {GKE + POOL + "min_size": True}, AT_GKE + "min_size", "is true or false", "whole",
    ),
    "true or false expected": (
        {GKE + "deletion_protection": "yes"}, "gke.gcp-eu.deletion_protection", "is text", "true or false",
    ),
    "version without quotes": (
        {EKS + "kubernetes_version": 1.30}, "eks.aws-us.kubernetes_version", "is a number", "in quotes",
    ),
    "table of tables expected": (
        {"istio/values": {"istiod": 1}}, "istio.values.istiod", "is a number", "a table",
    ),
    "empty value": ({"istio": None}, "istio", "is empty", "topology: multi-primary"),
    "name that is no text": ({"tags": {True: "x"}}, "tags.True", "name that is true or false", "in quotes"),
    "missing project": (
        {GKE + "project": ABSENT}, "gke.gcp-eu.project", "is missing", "add  project: my-project  under gke.gcp-eu",
    ),
    "missing GKE region": ({GKE + "region": ABSENT}, "gke.gcp-eu.region", "is missing", "region: europe-west4"),
    "missing EKS region": ({EKS + "region": ABSENT}, "eks.aws-us.region", "is missing", "region: us-east-1"),
    "missing egress": ({"existing/old": {}}, "existing.old.egress_ips", "is missing", "203.0.113.7"),
    "no cluster": ({"gke": ABSENT, "eks": ABSENT}, "the mesh", "has no cluster", "gke, eks, aks, oke or existing"),
    "no mesh": ({"istio": ABSENT}, "istio", "no other mesh is given", "linkerd fits where"),
    "two meshes": ({"linkerd": {}}, "istio, linkerd", "given together", "keep one"),
    "duplicate name": ({"existing/gcp-eu": existing()}, "existing.gcp-eu", "has the name of gke.gcp-eu", "rename"),
    "upper-case cluster": ({"existing/Old": existing()}, "existing.Old", "is not a name", "lower-case"),
    "long cluster": ({"existing/" + "c" * 19: existing()}, "existing." + "c" * 19, "is too long", "1 to 18"),
    "cluster starts with a digit": ({"existing/1st": existing()}, "existing.1st", "is not a name", "letter first"),
    "cluster called root": ({"existing/root": existing()}, "existing.root", "part of its own", "another name"),
    "cluster with reads": ({"existing/a-reads-b": existing()}, "existing.a-reads-b", "part of its own", "reads"),
    "project": ({GKE + "project": "Acme"}, "gke.gcp-eu.project", "not a project id", "6 to 30"),
    "AWS region at GKE": ({GKE + "region": "us-east-1"}, "gke.gcp-eu.region", "region of AWS", "eks"),
    "zone at GKE": ({GKE + "region": "europe-west4-a"}, "gke.gcp-eu.region", "is a zone", "write  europe-west4"),
    "no region at GKE": ({GKE + "region": "Europe"}, "gke.gcp-eu.region", "not a region", "europe-west4"),
    "GCP region at EKS": ({EKS + "region": "europe-west4"}, "eks.aws-us.region", "region of Google", "gke"),
    "zone at EKS": ({EKS + "region": "us-east-1a"}, "eks.aws-us.region", "is a zone", "write  us-east-1"),
    "no region at EKS": ({EKS + "region": "virginia"}, "eks.aws-us.region", "not a region", "us-east-1"),
    "zone of another region": (
        {EKS + "zones": ["us-east-1a", "us-west-2a"]}, "eks.aws-us.zones[1]", "not a zone of us-east-1", "us-east-1a",
    ),
    "one zone": ({EKS + "zones": ["us-east-1a"]}, "eks.aws-us.zones", "wrong number", "2 or 3"),
    "no zones": ({EKS + "zones": []}, "eks.aws-us.zones", "wrong number", "2 or 3"),
    "a zone twice": ({EKS + "zones": ["us-east-1a"] * 2}, "eks.aws-us.zones", "twice", "two or three different"),
    "kubernetes patch": (
        {EKS + "kubernetes_version": "v1.34.2"}, "eks.aws-us.kubernetes_version", "not a minor", 'write  "1.34"',
    ),
    "release channel": (
        {GKE + "release_channel": "stable"}, "gke.gcp-eu.release_channel", "not one of the choices", "STABLE",
    ),
    "least above most": (
        {GKE + POOL + "min_size": 3, GKE + POOL + "max_size": 2}, AT_GKE + "min_size", "more than max_size", "3",
    ),
    "least above the default most": (
        {GKE + POOL + "min_size": 9}, AT_GKE + "min_size", "which is 4 unless given", "max_size: 9",
    ),
    "most below the default least": (
        {EKS + POOL + "max_size": 1}, AT_EKS + "max_size", "2 unless given", "min_size: 1",
    ),
    "no node": ({EKS + POOL + "min_size": 0}, AT_EKS + "min_size", "too small", "at least 1"),
    "disk": ({EKS + POOL + "disk_size_gb": 5}, AT_EKS + "disk_size_gb", "out of bounds", "20"),
    "AWS machine at GKE": (
        {GKE + POOL + "machine_type": "m6i.large"},
        AT_GKE + "machine_type", "of AWS", "e2-standard-4",
    ),
    "GCP machine at EKS": (
        {EKS + POOL + "machine_type": "e2-standard-4"}, AT_EKS + "machine_type", "of Google", "m6i",
    ),
    "size beside a range": (
        {EKS + "node_pools": {"default": {"size": 3, "min_size": 2}}},
        AT_EKS + "min_size", "beside size", "remove size or min_size",
    ),
    "size of nothing": (
        {EKS + POOL + "size": 0}, AT_EKS + "size", "too small", "at least 1",
    ),
    "pool's name": (
        {GKE + "node_pools": {"Apps": {}}}, "gke.gcp-eu.node_pools.Apps", "not a pool's name", "lower-case",
    ),
    "no pool": ({GKE + "node_pools": {}}, "gke.gcp-eu.node_pools", "has no pool", "default"),
    "upgrade without a way": (
        {GKE + POOL + "max_surge": 0},
        AT_GKE + "max_surge", "no way forward", "max_unavailable: 1",
    ),
    "surge below nothing": (
        {GKE + POOL + "max_surge": -1},
        AT_GKE + "max_surge", "is negative", "at least 0",
    ),
    "surge on EKS": (
        {EKS + POOL + "max_surge": 1},
        AT_EKS + "max_surge", "not a known key", "max_unavailable",
    ),
    "taint's effect": (
        {GKE + "node_pools": {"default": {"taints": [{"key": "a", "effect": "NoRun"}]}}},
        "gke.gcp-eu.node_pools.default.taints[0].effect", "not a taint's effect", "NoSchedule",
    ),
    "taint without a key": (
        {GKE + "node_pools": {"default": {"taints": [{"effect": "NoSchedule"}]}}},
        "gke.gcp-eu.node_pools.default.taints[0].key", "is missing", "dedicated",
    ),
    "day": (
        {GKE + "maintenance": {"days": ["saturday", "Sun"], "start": "03:00", "hours": 12}},
        "gke.gcp-eu.maintenance.days[1]", "not a day", "write  sunday",
    ),
    "start of a window": (
        {GKE + "maintenance": {"days": ["sunday"], "start": "3 am", "hours": 12}},
        "gke.gcp-eu.maintenance.start", "not a time", "03:00",
    ),
    "window too short": (
        {GKE + "maintenance": {"days": ["sunday"], "start": "03:00", "hours": 3}},
        "gke.gcp-eu.maintenance.hours", "out of bounds", "4 to 24",
    ),
    "too few hours a month": (
        {GKE + "maintenance": {"days": ["sunday"], "start": "03:00", "hours": 6}},
        "gke.gcp-eu.maintenance.hours", "24 hours in four weeks", "hours: 12",
    ),
    "OCI region at EKS": ({EKS + "region": "us-ashburn-1"}, "eks.aws-us.region", "region of Oracle", "oke"),
    "AWS region at OKE": (
        {"oke/oci": {"compartment_id": "ocid1.compartment.oc1..aa", "region": "us-east-1"}},
        "oke.oci.region", "region of AWS", "eks",
    ),
    "Azure region at GKE": ({GKE + "region": "westeurope"}, "gke.gcp-eu.region", "region of Azure", "aks"),
    "named network without its ranges": (
        {EKS + "network": {"vpc_id": "vpc-1", "private_subnet_ids": ["a", "b"], "egress_ips": ["203.0.113.9"]}},
        "eks.aws-us.ranges.nodes", "is missing", "named network",
    ),
    "named network without its egress": (
        {EKS + "network": {"vpc_id": "vpc-1", "private_subnet_ids": ["a", "b"]},
         EKS + "ranges": {"nodes": "10.66.0.0/16"}},
        "eks.aws-us.network.egress_ips", "is missing", "at least one",
    ),
    "no CIDR": ({GKE + "ranges": {"nodes": "ten"}}, "gke.gcp-eu.ranges.nodes", "not a range", "CIDR"),
    "address for a range": (
        {"api_access/office": "203.0.113.7"}, "api_access.office", "prefix length", "203.0.113.7/32",
    ),
    "mask for a prefix": (
        {"api_access/office": "203.0.113.0/255.255.255.0"}, "api_access.office", "CIDR notation", "203.0.113.0/24",
    ),
    "IPv6 range": ({"api_access/office": "2001:db8::/32"}, "api_access.office", "IPv6", "IPv4 range"),
    "host bits": ({GKE + "ranges": {"nodes": "10.1.2.3/16"}}, "gke.gcp-eu.ranges.nodes", "bits set", "10.1.0.0/16"),
    "VPC too large": (
        {EKS + "ranges": {"nodes": "10.0.0.0/15"}}, "eks.aws-us.ranges.nodes", "too large", "/16 to /22",
    ),
    "VPC too small": (
        {EKS + "ranges": {"nodes": "10.0.0.0/26"}}, "eks.aws-us.ranges.nodes", "too small", "/16 to /22",
    ),
    "control plane": (
        {GKE + "ranges": {"control_plane": "10.0.0.0/27"}},
        "gke.gcp-eu.ranges.control_plane", "too large", "exactly /28",
    ),
    "too few pods": ({GKE + "ranges": {"pods": "10.0.0.0/24"}}, "gke.gcp-eu.ranges.pods", "too small", "/9 to /21"),
    "EKS services too large": (
        {EKS + "ranges": {"services": "10.0.0.0/8"}}, "eks.aws-us.ranges.services", "too large", "/12 to /24",
    ),
    "EKS services not private": (
        {EKS + "ranges": {"services": "100.64.0.0/16"}}, "eks.aws-us.ranges.services", "not private", "172.16.0.0/12",
    ),
    "pods on EKS": (
        {EKS + "ranges": {"pods": "10.9.0.0/16"}}, "eks.aws-us.ranges.pods", "not a range of an EKS", "VPC",
    ),
    "control plane on EKS": (
        {EKS + "ranges": {"control_plane": "10.9.0.0/28"}},
        "eks.aws-us.ranges.control_plane", "not a range of an EKS", "nodes",
    ),
    "unknown range": ({EKS + "ranges": {"vpc": "10.9.0.0/16"}}, "eks.aws-us.ranges.vpc", "not a known key", "nodes"),
    "overlap of two clusters": (
        {GKE + "ranges": {"pods": "10.4.0.0/14"}, EKS + "ranges": {"nodes": "10.5.0.0/16"}},
        "eks.aws-us.ranges.nodes", "overlaps gke.gcp-eu.ranges.pods (10.4.0.0/14)", "move",
    ),
    "overlap within a cluster": (
        {GKE + "ranges": {"pods": "10.4.0.0/14", "services": "10.5.0.0/20"}},
        "gke.gcp-eu.ranges.services", "overlaps gke.gcp-eu.ranges.pods", "move",
    ),
    "overlap with a reserved range": (
        {"addresses": {"reserved": {"office": "10.5.0.0/16"}}, EKS + "ranges": {"nodes": "10.5.0.0/16"}},
        "eks.aws-us.ranges.nodes", "overlaps addresses.reserved.office (10.5.0.0/16)", "move",
    ),
    "overlap with an existing cluster": (
        {"existing/old": existing(ranges={"pods": "10.5.0.0/16"}), EKS + "ranges": {"nodes": "10.5.0.0/16"}},
        "existing.old.ranges.pods", "overlaps eks.aws-us.ranges.nodes", "move",
    ),
    "reserved range": (
        {"addresses": {"reserved": {"office": "x"}}}, "addresses.reserved.office", "not a range", "CIDR",
    ),
    "supernet too small": ({"addresses": {"supernet": "10.0.0.0/20"}}, "addresses.supernet", "too small", "/16"),
    "supernet of wrong form": (
        {"addresses": {"supernet": "10.0.0.1/8"}}, "addresses.supernet", "bits set", "10.0.0.0/8",
    ),
    "supernet not private": (
        {"addresses": {"supernet": "100.64.0.0/10"}}, "addresses.supernet", "not private", "10.0.0.0/8",
    ),
    "no room": (
        {"addresses": {"supernet": "10.0.0.0/16", "reserved": {"all": "10.0.0.0/16"}}},
        "eks.aws-us.ranges", "addresses.reserved.all 10.0.0.0/16", "nothing",
    ),
    "primary of many primaries": ({"istio": {"primary": "gcp-eu"}}, "istio.primary", "no effect", "primary-remote"),
    "no primary": ({"istio": {"topology": "primary-remote"}}, "istio.primary", "is missing", "gcp-eu"),
    "unknown primary": (
        {"istio": {"topology": "primary-remote", "primary": "x"}}, "istio.primary", "not a cluster", "aws-us",
    ),
    "primary on private roads": (
        {"istio": {"topology": "primary-remote", "primary": "aws-us"}, "connectivity": "vpn"},
        "istio.primary", "internal load balancer of AWS", "multi-primary",
    ),
    "management of many primaries": (
        {"istio": {"management": "gcp-eu"}}, "istio.management", "no effect", "topology: external",
    ),
    "no management": ({"istio": {"topology": "external"}}, "istio.management", "is missing", "aws-us"),
    "unknown management": (
        {"istio": {"topology": "external", "management": "x"}}, "istio.management", "not a cluster", "aws-us",
    ),
    "management alone": (
        {"istio": {"topology": "external", "management": "aws-us"}, "gke": ABSENT},
        "istio.management", "the only cluster", "add a cluster",
    ),
    "management as config cluster": (
        {"istio": {"topology": "external", "management": "gcp-eu", "config_cluster": "gcp-eu"}},
        "istio.config_cluster", "has the control plane itself", "aws-us",
    ),
    "flat under an external control plane": (
        {"istio": {"topology": "external", "management": "gcp-eu"}, "flat": True, "connectivity": "vpn"},
        "istio.management", "several networks only", "remove  flat",
    ),
    "unknown config cluster": (
        {"istio": {"topology": "external", "management": "gcp-eu", "config_cluster": "x"}},
        "istio.config_cluster", "not a cluster", "aws-us",
    ),
    "unknown data plane": ({"istio": {"data_plane": "x"}}, "istio.data_plane", "not a known", "ambient"),
    "ambient with a primary": (
        {"istio": {"data_plane": "ambient", "topology": "primary-remote", "primary": "gcp-eu"}},
        "istio.data_plane", "cannot be had", "multi-primary",
    ),
    "tracing of ambient": (
        {"istio": {"data_plane": "ambient", "failover": True}}, "istio.failover", "no effect", "sidecar",
    ),
    "unknown topology": ({"istio": {"topology": "star"}}, "istio.topology", "not a known", "multi-primary"),
    "mesh id": ({"istio": {"mesh_id": "a b"}}, "istio.mesh_id", "not an id", "63"),
    "trust domain": ({"istio": {"trust_domain": "Prod"}}, "istio.trust_domain", "not a trust domain", "lower-case"),
    "chart version": (
        {"istio": {"version": "v1.30.3"}}, "istio.version", "not a version", "write  1.30.3",
    ),
    "chart version where it was": (
        {"istio": {"charts": {"version": "1.30.3"}}}, "istio.charts.version", "not a known key", "istio.version",
    ),
    "chart repository": (
        {"istio": {"charts": {"repository": "oci://x/y"}}}, "istio.charts.repository", "OCI", "https://",
    ),
    "values of no chart": (
        {"istio": {"values": {"cni": {}}}}, "istio.values.cni", "not a chart", "base, istiod, gateway",
    ),
    "gateway": (
        {"istio": {"gateway": {"max_replicas": 1}}}, "istio.gateway.max_replicas", "less than", "min_replicas: 1",
    ),
    "a hasty gateway": (
        {"istio": {"gateway": {"drain_seconds": 5}}}, "istio.gateway.drain_seconds", "too short", "30 to 3600",
    ),
    "a gateway that lingers": (
        {"istio": {"gateway": {"drain_seconds": 7200}}}, "istio.gateway.drain_seconds", "too long", "leave it out",
    ),
    "algorithm": ({"pki": {"algorithm": "ED25519"}}, "pki.algorithm", "not a known algorithm", "ECDSA or RSA"),
    "RSA bits": ({"pki": {"algorithm": "RSA", "rsa_bits": 1024}}, "pki.rsa_bits", "not a size", "2048, 3072, 4096"),
    "RSA bits of ECDSA": ({"pki": {"rsa_bits": 2048}}, "pki.rsa_bits", "no effect", "algorithm: RSA"),
    "organization": ({"pki": {"organization": ""}}, "pki.organization", "is empty", "64"),
    "no life": ({"pki": {"root_validity_days": 0}}, "pki.root_validity_days", "out of bounds", "3650"),
    "outlives its root": (
        {"pki": {"root_validity_days": 365}},
        "pki.intermediate_validity_days", "730 unless given, more than", "outlive",
    ),
    "no API access": ({"api_access": ABSENT}, "api_access", "gke.gcp-eu, eks.aws-us", "office"),
    "empty API access": ({"api_access": {}}, "api_access", "is missing", "office"),
    "unknown cloud": ({"existing/old": existing(cloud="ibm")}, "existing.old.cloud", "not a known cloud", "azure"),
    "no egress address": (
        {"existing/old": existing(egress_ips=[])}, "existing.old.egress_ips", "empty list", "at least one",
    ),
    "egress is no address": (
        {"existing/old": existing(egress_ips=["203.0.113.7/32"])},
        "existing.old.egress_ips[0]", "not an IPv4", "write  203.0.113.7",
    ),
    "empty kubeconfig": (
        {"existing/old": existing(kubeconfig=" ")}, "existing.old.kubeconfig", "is empty", "kubeconfig",
    ),
    "label's value": ({"tags": {"team": "Mesh Team"}}, "tags.team", "refused by Google", "mesh-team"),
    "label's key": ({"tags": {"Team": "mesh"}}, "tags.Team", "key that Google", "write  team"),
    "tag of AWS": ({"tags": {"aws:x": "y"}, "gke": ABSENT}, "tags.aws:x", "key that AWS refuses", "128"),
}  # fmt: skip


def by_path(faults: list[Fault]) -> dict[str, Fault]:
    assert len({(fault.path, fault.problem) for fault in faults}) == len(faults), "a fault is reported twice"
    return {fault.path: fault for fault in faults}


@pytest.mark.parametrize("case", CASES)
def test_fault(case: str):
    changes, path, problem, help_words = CASES[case]
    faults = by_path(validate("shop", changed(changes)))
    assert path in faults, list(faults)
    fault = faults[path]
    assert problem in fault.problem
    assert help_words in f"{fault.allowed} {fault.remedy}"
    assert fault.allowed and fault.remedy


LONELY = {"two meshes", "no room", "zone of another region"}


@pytest.mark.parametrize("case", sorted(set(CASES) - LONELY))
def test_one_mistake_is_one_fault(case: str):
    assert len(validate("shop", changed(CASES[case][0]))) == 1, [
        str(fault) for fault in validate("shop", changed(CASES[case][0]))
    ]


def test_a_right_configuration_has_no_fault():
    assert validate("shop", TWO_CLOUDS) == []


def test_everything_that_may_be_written():
    everything = changed(
        {
            GKE + "release_channel": "STABLE",
            GKE + "node_pools": {
                "default": {"machine_type": "e2-standard-8", "min_size": 1, "max_size": 3.0, "disk_size_gb": 100},
            },
            GKE + "ranges": {
                "nodes": "10.64.128.0/20", "pods": "10.64.0.0/17",
                "services": "10.64.160.0/20", "control_plane": "10.64.192.0/28",
            },
            EKS + "kubernetes_version": "1.34",
            EKS + "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
            EKS + "ranges": {"nodes": "10.66.0.0/16", "services": "10.67.0.0/18"},
            EKS + "deletion_protection": True,
            "existing/old": existing(
                cloud="azure", region="westeurope", ranges={"pods": "10.120.0.0/16", "control_plane": "10.121.0.0/24"}
            ),
            "istio/charts": {"repository": "https://charts.example.com/istio"},
            "istio/version": "1.30.3",
            "istio/gateway": {"min_replicas": 3, "max_replicas": 3},
            "istio/values": {"istiod": {"pilot": {"autoscaleMin": 2}}},
            "istio/mesh_id": "shop",
            "istio/trust_domain": "prod.example.com",
            "addresses": {"supernet": "10.64.0.0/10", "reserved": {"all": "10.96.0.0/12", "office": "10.96.1.0/24"}},
            "pki": {"algorithm": "RSA", "rsa_bits": 3072, "organization": "Acme", "root_validity_days": 730},
            "tags": {"environment": "prod"},
        }
    )  # fmt: skip
    assert [str(fault) for fault in validate("shop", everything)] == []


@pytest.mark.parametrize("name", ["", "Shop", "shop_", "a-very-long-mesh", "1shop", "shop-"])
def test_the_meshs_own_name(name: str):
    (fault,) = validate(name, TWO_CLOUDS)
    assert fault.path == "name" and "1 to 12" in fault.allowed


def test_a_named_network_may_be_an_output_of_the_program():
    ids = {name: pulumi.Output.from_input("x") for name in ("vpc_id", "private_subnet_ids", "egress_ips")}
    args = changed({EKS + "network": ids, EKS + "ranges": {"nodes": "10.66.0.0/16"}})
    assert validate("shop", args) == []


def test_existing_clusters_alone_need_no_api_access():
    assert validate("shop", {"existing": {"a": existing(), "b": existing()}, "istio": {}}) == []


def test_arguments_that_are_no_table():
    args: Any = ["gke"]
    (fault,) = validate("shop", args)
    assert fault.problem == "is a list, not a table"


def test_all_faults_come_at_once():
    changes = {
        GKE + "project": ABSENT,
        GKE + "region": "us-east-1",
        EKS + "ranges": {"nodes": "10.0.0.0/8"},
        "istio": {"topology": "ambient"},
        "pki": {"algorithm": "DSA"},
        "api_access": {},
        "zzz": 1,
    }
    assert set(by_path(validate("Shop", changed(changes)))) == {
        "name",
        "zzz",
        "gke.gcp-eu.project",
        "gke.gcp-eu.region",
        "eks.aws-us.ranges.nodes",
        "istio.topology",
        "pki.algorithm",
        "api_access",
    }


def test_the_order_in_which_things_are_written_does_not_matter():
    args = changed({GKE + "region": "x", EKS + "region": "y", "zzz": 1, "aaa": 1})
    turned = dict(reversed(list(args.items())))
    assert validate("shop", turned) == validate("shop", args)


def test_a_kubeconfig_is_never_looked_into_nor_shown():
    secret = pulumi.Output.secret("s3cret-token")
    assert validate("shop", changed({"existing/old": existing(kubeconfig=secret)})) == []
    misspelt = changed({"existing/old": existing(kubeconfg="s3cret-token"), "existing/other": "s3cret-token"})
    text = str(ConfigurationFaults("shop", validate("shop", misspelt)))
    assert "kubeconfg" in text and "s3cret" not in text


def test_an_output_where_the_plan_needs_a_value():
    (fault,) = validate("shop", changed({EKS + "region": pulumi.Output.from_input("us-east-1")}))
    assert "an output of the program" in fault.problem and "plain value" in fault.remedy


def test_how_the_faults_read():
    faults = validate("shop", changed({GKE + "project": ABSENT, EKS + "region": "virginia"}))
    assert str(ConfigurationFaults("shop", faults)) == (
        '2 faults in the configuration of mesh "shop"; nothing was registered:\n'
        "  1. gke.gcp-eu.project is missing\n"
        "     allowed: a Google Cloud project id: 6 to 30 letters, digits and dashes\n"
        "     remedy: add  project: my-project  under gke.gcp-eu\n"
        '  2. eks.aws-us.region: "virginia" is not a region\n'
        "     allowed: an AWS region, such as us-east-1\n"
        "     remedy: write a region like  us-east-1"
    )
    assert str(ConfigurationFaults("shop", faults[:1])).startswith("1 fault in")
    assert str(faults[0]).splitlines()[0] == "gke.gcp-eu.project is missing"


def test_a_long_value_is_cut():
    (fault,) = validate("shop", changed({EKS + "region": "x" * 500}))
    assert len(str(fault).splitlines()[0]) < 120
