"""The plan as text."""

from plan.configurations import TWO_CLOUDS, changed, existing

from pulumi_multimesh.plan.build import plan
from pulumi_multimesh.plan.render import render

EXPECTED = """\
Mesh "shop": 2 clusters, 1 link; istio 1.30.3, multi-primary, mesh id shop

Clusters
  NAME    KIND  CLOUD  REGION        NETWORK         EGRESS
  aws-us  eks   aws    us-east-1     network-aws-us  made with the cluster
  gcp-eu  gke   gcp    europe-west4  network-gcp-eu  made with the cluster

Addresses (from 10.0.0.0/8)
  CLUSTER  NODES          PODS           SERVICES        CONTROL PLANE    PINNED
  aws-us   10.188.0.0/16  in nodes       10.189.64.0/18  –                no
  gcp-eu   10.215.0.0/18  10.214.0.0/16  10.215.64.0/18  10.215.128.0/28  no

Links
  BETWEEN  AND     ROAD
  aws-us   gcp-eu  public gateways

Roads: cost and time (rough list prices of 2026-07, check them)
  WHAT                                  COUNT  A MONTH
  AWS load balancers (public)           1      16 $
  AWS public addresses of balancers     3      11 $
  Google Cloud load balancers (public)  1      18 $
  in all, before transfer               –      46 $
  each GB that leaves a cloud costs beside that: aws 0.09 $, gcp 0.12 $
  ready some 3 minutes after their first part, beside the clusters

Trust (domain cluster.local)
  CERTIFICATE  SUBJECT                                KEY         LIFE
  root         O=Istio, CN=Root CA                    ECDSA P256  3650 days
  └ aws-us     O=Istio, CN=Intermediate CA, L=aws-us  ECDSA P256  730 days
  └ gcp-eu     O=Istio, CN=Intermediate CA, L=gcp-eu  ECDSA P256  730 days

Remote secrets
  IN      READS
  aws-us  gcp-eu
  gcp-eu  aws-us

API access
  FROM    RANGE
  office  203.0.113.0/24

Which mesh fits
  - nothing here asks for more than every mesh keeps
  - of those that fit, linkerd leaves the least to run, before istio and consul
  - chosen: istio, which fits most: several networks, fine traffic rules, one trust domain

Notes
"""


def test_two_clouds():
    text = render(plan("shop", TWO_CLOUDS))
    assert text.startswith(EXPECTED)
    notes = text.removeprefix(EXPECTED).splitlines()
    assert notes and notes[0].startswith("  - ") and all(line.startswith("    ") for line in notes[1:])


def test_servers_are_below_the_authority_that_signs_for_them():
    args = {key: value for key, value in TWO_CLOUDS.items() if key != "istio"}
    text = render(plan("shop", {**args, "consul": {}}))
    assert (
        """
Trust (of Consul's servers; workloads' certificates are Consul's own)
  CERTIFICATE  SUBJECT                                 KEY         LIFE
  root         O=Consul, CN=Root CA                    ECDSA P256  3650 days
  └ aws-us     O=Consul, CN=Intermediate CA, L=aws-us  ECDSA P256  730 days
    └ servers  CN=server.aws-us.consul                 ECDSA P256  365 days
  └ gcp-eu     O=Consul, CN=Intermediate CA, L=gcp-eu  ECDSA P256  730 days
    └ servers  CN=server.gcp-eu.consul                 ECDSA P256  365 days
"""
        in text
    )
    text = render(plan("shop", {**args, "linkerd": {}}))
    assert "\nTrust (domain cluster.local)\n" in text
    for webhook in ("policy-validator", "sp-validator", "proxy-injector"):
        assert text.count(f"    └ {webhook}") == 2
        assert f"CN=linkerd-{webhook}.linkerd.svc" in text


def test_no_line_is_wide_or_ends_in_blanks():
    args = changed({"existing/old": existing(), "pki": {"algorithm": "RSA"}})
    lines = render(plan("shop", args)).splitlines()
    assert max(map(len, lines)) <= 110
    assert all(line == line.rstrip() for line in lines)
    assert any("RSA 4096" in line for line in lines)


def test_sections_without_content_are_left_out():
    text = render(plan("shop", {"existing": {"old": existing()}, "istio": {}}))
    assert "1 cluster, 0 links" in text
    for title in ("Links", "Remote secrets", "API access"):
        assert f"\n{title}\n" not in text
    assert "203.0.113.7" in text


def test_control_planes_side_by_side():
    pair = {"default": {}, "1-31-0": {"version": "1.31.0", "clusters": ["gcp-eu"], "default_in": ["gcp-eu"]}}
    text = render(plan("shop", changed({"istio": {"revisions": pair, "default": "default"}})))
    assert (
        """
Control planes side by side
  CLUSTER  DEFAULT  VERSION  BESIDE IT
  aws-us   default  1.30.3   –
  gcp-eu   1-31-0   1.31.0   default (1.30.3)
"""
        in text
    )
