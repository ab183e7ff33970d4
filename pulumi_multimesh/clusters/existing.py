"""A cluster that is already there, known by a kubeconfig that the user brings.

Owns: reading the kubeconfig. Does not own: anything of the cluster itself; when the mesh goes, the cluster stays.
"""

import hashlib
from typing import Any, NotRequired, TypedDict, cast

import pulumi
import yaml

from pulumi_multimesh.clusters.cluster import KubernetesCluster


class ExistingClusterArgs(TypedDict):
    """What is known of the cluster."""

    kubeconfig: pulumi.Input[str]
    """The kubeconfig's text, YAML or JSON; its current context is used, and its certificate data must be inline."""
    egress_ips: list[str]
    """Addresses from which its traffic reaches the other clusters."""
    cloud: NotRequired[str]
    """Where it runs; only shown."""
    unreachable: NotRequired[bool]
    """Its API server cannot be reached: nothing in it is looked at or changed; false unless given."""
    lost: NotRequired[bool]
    """It is gone for good: what was in it is forgotten when it is taken out, or refreshed; false unless given."""


class ExistingCluster(KubernetesCluster):
    """Somebody's cluster as a member of the mesh."""

    def __init__(self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # The kubeconfig may hold a credential, so the component's own inputs leave it out.
        shown = {key: value for key, value in args.items() if key != "kubeconfig"}
        super().__init__("ExistingCluster", name, shown, opts)
        text = pulumi.Output.secret(args["kubeconfig"])
        # Where the API server is and who vouches for it is public; only users hold credentials.
        server = pulumi.Output.unsecret(text.apply(lambda value: active_cluster(value)["server"]))
        ca = pulumi.Output.unsecret(
            text.apply(lambda value: active_cluster(value).get("certificate-authority-data", ""))
        )
        self._offer(
            cluster_name=name,
            api_server=server,
            api_ca=ca,
            kubeconfig=text,
            # Another authority is another cluster; a new address or user of the same one is not.
            cluster_identifier=pulumi.Output.all(server, ca).apply(
                lambda facts: hashlib.sha256((facts[1] or facts[0]).encode()).hexdigest()[:16]
            ),
            egress_ips=args["egress_ips"],
            identity="",
            made_by=None,
            nodes=(),
        )


def active_cluster(text: str) -> dict[str, str]:
    """The cluster entry of the kubeconfig's current context; raises `pulumi.RunError` when there is none."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        # The parser's message would quote the text, and with it a credential.
        raise pulumi.RunError("the kubeconfig is no YAML: give the text of the file, not its path") from None
    if not isinstance(document, dict):
        raise pulumi.RunError("the kubeconfig holds no mapping: give the text of the file, not its path")
    config = cast("dict[str, Any]", document)
    current = config.get("current-context")
    contexts = {entry["name"]: entry["context"] for entry in config.get("contexts") or []}
    clusters = {entry["name"]: entry["cluster"] for entry in config.get("clusters") or []}
    if current not in contexts:
        raise pulumi.RunError(
            f"the kubeconfig's current-context is {current!r}, which is none of its contexts"
            f" ({', '.join(sorted(contexts)) or 'it has none'}): set one with `kubectl config use-context`"
        )
    entry = clusters.get(contexts[current]["cluster"])
    if entry is None or "server" not in entry:
        raise pulumi.RunError(
            f"the kubeconfig's context {current!r} names a cluster without a server:"
            " write it anew with `kubectl config view --minify --flatten`"
        )
    if "certificate-authority" in entry:
        raise pulumi.RunError(
            f"the kubeconfig's cluster of context {current!r} names a certificate file, which other machines do not"
            " have: write it with the data inline by `kubectl config view --minify --flatten`"
        )
    return cast("dict[str, str]", entry)
