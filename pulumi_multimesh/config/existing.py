"""The keys of a cluster that is already there."""

from typing import NotRequired, TypedDict

import pulumi

from pulumi_multimesh.config.clusters import RangesArgs


class ExistingArgs(TypedDict):
    """A cluster that is already there."""

    kubeconfig: NotRequired[pulumi.Input[str]]
    """The kubeconfig's text, best as a secret.

    Left out, the reference program takes it from the secret `multimesh:kubeconfig-NAME`.
    """
    cloud: NotRequired[str]
    """`gcp`, `aws`, `azure`, `oci` or `none` (unless given): decides the gateway's load-balancer annotations."""
    region: NotRequired[str]
    """Where it runs; only shown."""
    egress_ips: list[str]
    """Addresses from which its traffic reaches the other clusters; their gateways and API servers admit these."""
    ranges: NotRequired[RangesArgs]
    """Ranges that it uses, so that no other cluster gets them."""
