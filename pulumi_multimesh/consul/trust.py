"""What Consul's servers in one cluster trust and prove themselves with, as the Secrets that the chart is told of.

Owns: the roots, the servers' certificate, the key of their gossip, the first token. Does not own: the authorities
(pki), the keys (keys.py), and the workloads' certificates, which Consul signs by an authority of its own.

All are given, so that the chart's jobs have nothing to invent; no key is among its values, where Helm would keep it,
and that of the authority never gets into the cluster.
"""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.consul.keys import ConsulKeys
from pulumi_multimesh.pki.authority import Authority
from pulumi_multimesh.pki.fingerprint import CERTIFICATES, fingerprint
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import consul_names, names, rotation

_ROOTS, _SERVERS, _GOSSIP, _TOKEN = "consul-roots", "consul-servers", "consul-gossip", "consul-bootstrap-token"
_LOOPBACK = ["127.0.0.1", "::1"]


class ConsulTrust(pulumi.ComponentResource):
    """The Secrets of one datacenter."""

    def __init__(
        self,
        name: str,
        cluster: KubernetesCluster,
        authority: Authority,
        keys: ConsulKeys,
        datacenter: str,
        namespace: k8s.core.v1.Namespace,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace`: Consul's own, which has to be there."""
        super().__init__("multimesh:index:ConsulTrust", name, {"datacenter": datacenter}, opts)
        self._cluster, self._namespace = cluster, namespace
        hosts = consul_names.server_hosts(datacenter)
        made = server_certificate(names.servers(name), authority, hosts, self, addresses=_LOOPBACK)
        pair, said = {"tls.crt": made.certificate, "tls.key": made.key}, authority.annotations
        self.parts: list[pulumi.Resource] = [
            self._secret(names.roots(name), _ROOTS, {"tls.crt": authority.root}, rotation.of_roots(said)),
            self._secret(names.servers(name), _SERVERS, pair, rotation.of_issuer(said)),
            self._secret(f"{name}-gossip", _GOSSIP, {"key": keys.gossip}),
        ]
        """What has to be there before the servers are."""
        if keys.bootstrap_token is not None:
            token = {"token": keys.bootstrap_token}
            self.parts.append(self._secret(f"{name}-bootstrap-token", _TOKEN, token))
        self.values = reading_values(fingerprint(authority.root), fingerprint(authority.root, made.certificate))
        """Values of the chart by which pods start anew with other certificates."""
        self.ends: pulumi.Output[dict[str, str]] = pulumi.Output.all(**{consul_names.SERVERS: made.ends})
        """When the servers' certificate ends, by RFC 3339."""
        self.register_outputs({"ends": self.ends})

    def _secret(
        self,
        name: str,
        called: str,
        data: dict[str, pulumi.Output[str]],
        annotations: dict[str, str] | None = None,
    ) -> k8s.core.v1.Secret:
        metadata: k8s.meta.v1.ObjectMetaArgsDict = {"name": called, "namespace": consul_names.NAMESPACE}
        if annotations:
            metadata["annotations"] = annotations
        return k8s.core.v1.Secret(
            name,
            metadata=metadata,
            string_data=data,
            opts=self._cluster.inside(self, depends_on=[self._namespace]),
        )


def reading_values(roots: pulumi.Input[str], servers: pulumi.Input[str]) -> dict[str, Any]:
    """Servers do not read a renewed certificate by themselves, and nobody reads other roots while running.

    The chart writes these texts below annotations of its own, so they are lines of YAML and no map in braces.
    """

    def text(of: pulumi.Input[str]) -> dict[str, Any]:
        return {"annotations": pulumi.Output.concat(f'"{CERTIFICATES}": "', of, '"')}

    return {"server": text(servers), "connectInject": text(roots), "meshGateway": text(roots)}


def trust_values(*, bootstraps: bool) -> dict[str, Any]:
    """Values of the chart under `global`, by which it takes all of that as it is.

    `bootstraps`: whether ACLs begin here; those of a secondary datacenter are its primary's.
    """
    token = {"bootstrapToken": {"secretName": _TOKEN, "secretKey": "token"}} if bootstraps else {}
    return {
        "tls": {"enabled": True, "httpsOnly": True, "caCert": {"secretName": _ROOTS, "secretKey": "tls.crt"}},
        "gossipEncryption": {"secretName": _GOSSIP, "secretKey": "key"},
        "acls": {"manageSystemACLs": True, **token},
    }


def server_certificate_values() -> dict[str, Any]:
    """The same under `server`."""
    return {"serverCert": {"secretName": _SERVERS}}
