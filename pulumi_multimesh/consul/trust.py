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
from pulumi_multimesh.pki.server_certificate import server_certificate
from pulumi_multimesh.plan import consul_names

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
        self._name, self._cluster, self._namespace = name, cluster, namespace
        hosts = consul_names.server_hosts(datacenter)
        made = server_certificate(f"{name}-servers", authority, hosts, self, addresses=_LOOPBACK)
        self.parts: list[pulumi.Resource] = [
            self._secret("roots", _ROOTS, {"tls.crt": authority.root}),
            self._secret("servers", _SERVERS, {"tls.crt": made.certificate, "tls.key": made.key}),
            self._secret("gossip", _GOSSIP, {"key": keys.gossip}),
        ]
        """What has to be there before the servers are."""
        if keys.bootstrap_token is not None:
            self.parts.append(self._secret("bootstrap-token", _TOKEN, {"token": keys.bootstrap_token}))
        self.register_outputs({})

    def _secret(self, key: str, called: str, data: dict[str, pulumi.Output[str]]) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-{key}",
            metadata={"name": called, "namespace": consul_names.NAMESPACE},
            string_data=data,
            opts=self._cluster.inside(self, depends_on=[self._namespace]),
        )


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
