"""MultiCloudMesh: the whole mesh as one component. It reads as the README's picture does, top to bottom.

Owns: the order of the parts. Does not own: any part.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pulumi

from pulumi_multimesh.access.cluster_access import ClusterAccess
from pulumi_multimesh.checked import checked_plan
from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.clusters.oidc_login import OidcLogin, person_kubeconfig
from pulumi_multimesh.clusters.planned import make_clusters, make_networks, private_networks
from pulumi_multimesh.config import MeshArgs
from pulumi_multimesh.consul.consul_mesh import ConsulMesh
from pulumi_multimesh.enrolment import Enrolment, Wish
from pulumi_multimesh.istio.istio_mesh import IstioMesh
from pulumi_multimesh.linkerd.linkerd_mesh import LinkerdMesh
from pulumi_multimesh.network.roads import make_roads
from pulumi_multimesh.pki.authority import ExternalAuthority
from pulumi_multimesh.pki.expiry import all_ends, warn_of_servers
from pulumi_multimesh.pki.mesh_pki import MeshPki, MeshPkiArgs
from pulumi_multimesh.plan import meshes, names, shared_services
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.roles import REMOTE
from pulumi_multimesh.plan.security import ending_soon
from pulumi_multimesh.service_mesh import ServiceMesh


def _sources_first(plan: MeshPlan, clusters: Mapping[str, KubernetesCluster]) -> dict[str, KubernetesCluster]:
    return {
        name: clusters[name] for name in sorted(clusters, key=lambda name: (plan.clusters[name].role == REMOTE, name))
    }


class MultiCloudMesh(pulumi.ComponentResource):
    """Clusters, certificate authorities and a service mesh over all of them.

    Raises `pulumi.RunError` with every fault of the arguments at once, before anything is registered.
    """

    cluster_names: pulumi.Output[list[str]]
    """The clusters' names in the mesh, sorted."""
    root_certificate: pulumi.Output[str]
    """The mesh's root of trust, as PEM; public."""
    kubeconfigs: pulumi.Output[dict[str, str]]
    """A kubeconfig for each cluster, by name; a secret."""
    login_kubeconfigs: pulumi.Output[dict[str, str]]
    """For people: a kubeconfig for each cluster that takes `access.login`, without any credential; empty without."""

    trust: pulumi.Output[dict[str, str]]
    """When each certificate ends, by RFC 3339: the authorities', and those of servers as `CLUSTER/SERVER`; public."""

    def __init__(
        self,
        name: str,
        args: MeshArgs,
        opts: pulumi.ResourceOptions | None = None,
        authority: ExternalAuthority | None = None,
    ) -> None:
        """`authority`: what signs the clusters' intermediates in place of a root that is made here."""
        plan = checked_plan(name, args, signed_outside=authority is not None)
        super().__init__("multimesh:index:MultiCloudMesh", name, {"plan": plan.decisions()}, opts)
        # Said here and not in the plan, which is part of what the engine compares: no diff comes with a day.
        for line in ending_soon(plan.security, date.today()):
            pulumi.log.warn(line, self)
        self.plan = plan
        """All that was decided without a cloud."""
        self._args = args
        makers = make_networks(self, plan, args)
        self.clusters: dict[str, KubernetesCluster] = _sources_first(plan, make_clusters(plan, makers))
        """By name; `clusters[name].provider` is what to install workloads with.

        Those that another's control plane serves come last: what is done for each in this order, such as `enrol`, is
        done first where that control plane reads it.
        """
        make_roads(self, plan, private_networks(plan, makers))
        self._admit_pods()
        self.pki = self._make_pki(authority)
        self.istio: IstioMesh | None = None
        """What Istio is made of; None where another mesh is chosen, and so with the two below."""
        self.linkerd: LinkerdMesh | None = None
        self.consul: ConsulMesh | None = None
        self._mesh = self._make_mesh()
        self._enrolled: set[str] = set()
        self.access = self._make_access()
        """By cluster; empty where nobody asked for roles."""
        self.cluster_names = pulumi.Output.from_input(list(self.plan.clusters))
        self.root_certificate = self.pki.root_certificate
        self.trust = all_ends(self.pki.ends, self._mesh.server_ends)
        warn_of_servers(self, self.trust, plan.trust.warning_days)
        self.kubeconfigs = pulumi.Output.secret(
            pulumi.Output.all(**{name: cluster.kubeconfig for name, cluster in self.clusters.items()})
        )
        self._warn_of_what_is_not_enrolled()
        self.login_kubeconfigs = self._login_kubeconfigs()
        self.register_outputs(
            {
                "clusterNames": self.cluster_names,
                "rootCertificate": self.root_certificate,
                "trust": self.trust,
                "kubeconfigs": self.kubeconfigs,
                "loginKubeconfigs": self.login_kubeconfigs,
            }
        )

    def enrol(
        self,
        namespace: str,
        clusters: Iterable[str] | None = None,
        *,
        create: bool = True,
        revision: str | None = None,
        restart: Sequence[str] = (),
    ) -> dict[str, Enrolment]:
        """Let a namespace's pods be part of the mesh; by the clusters' names.

        In the named clusters or else in all of the mesh, to which a management cluster does not belong.
        `create=False`: the namespace is there already, and only its label is set. Its scope is the one that
        `istio.scopes` declares for it. `revision`: the one whose sidecars its pods get at their next start, the default
        unless given. `restart`: Deployments that run in it already (with `create=False`) and are restarted to get their
        sidecars, now and whenever their revision changes; none unless given. Give the enrolment as `depends_on` of what
        is installed in the namespace. Raises `ValueError` for a cluster that is not in the mesh, for a revision that a
        cluster has not, and for one in which rules of the namespace would not hold, since its control plane reads them
        in another, where the namespace is not enrolled.
        """
        enrolled = {
            cluster: self._mesh.enrol(namespace, cluster, Wish(create, revision, restart))
            for cluster in self._chosen("enrol", clusters)
        }
        self._enrolled.add(namespace)
        for cluster, enrolment in enrolled.items():
            for team, planned in self.plan.access.teams_in(namespace).items():
                self.access[cluster].bind_team(team, self._called(planned.groups, cluster), namespace, enrolment)
        return enrolled

    def export(
        self,
        namespace: str,
        service: str,
        clusters: Iterable[str] | None = None,
        *,
        after: Mapping[str, Sequence[pulumi.Resource]] | None = None,
    ) -> None:
        """Let the other clusters call a service by `host`; in Istio's sidecar mesh every service is known anyway.

        In the named clusters or else in all of the mesh. `after`: by cluster, what makes the Service, which has to be
        there. Consul keeps one list, `consul.exports`; raises `ValueError` for a service that is not in it, and for a
        cluster that is not in the mesh.
        """
        for cluster in self._chosen("export", clusters):
            self._mesh.export(namespace, service, cluster, (after or {}).get(cluster, ()))

    def federate(
        self,
        namespace: str,
        service: str,
        clusters: Iterable[str] | None = None,
        *,
        after: Mapping[str, Sequence[pulumi.Resource]] | None = None,
    ) -> None:
        """Make a service one over the clusters, called by `federated_host` from each of them.

        Istio and Linkerd spread calls over all of them, Consul goes to the others when nobody at home answers.
        `clusters` and `after` as for `export`. Raises `ValueError` where the mesh cannot: Linkerd needs `flat`, Consul
        the service among its exports; and for a cluster that is not in the mesh.
        """
        wanted = self._chosen("federate", clusters)
        self._mesh.federate(namespace, service, {cluster: (after or {}).get(cluster, ()) for cluster in wanted})

    def host(self, namespace: str, service: str, *, of: str, seen_from: str) -> str:
        """The name by which pods in `seen_from` call what the cluster `of` exports.

        With Linkerd it resolves only where that cluster has the namespace too, as a mirror makes none: enrol it there.
        Raises `LookupError` where there is none.
        """
        return shared_services.host(self.plan, namespace, service, of, seen_from)

    def federated_host(self, namespace: str, service: str) -> str:
        """The name of a federated service, the same in each cluster."""
        return shared_services.federated_host(self.plan, namespace, service)

    def _chosen(self, verb: str, clusters: Iterable[str] | None) -> list[str]:
        """The named clusters, in the order of `self.clusters`, or all of the mesh."""
        there = [cluster for cluster in self.clusters if self.plan.clusters[cluster].is_in_mesh]
        wanted = there if clusters is None else list(clusters)
        unknown = [repr(cluster) for cluster in wanted if cluster not in there]
        if unknown:
            raise ValueError(f"{verb}: not in the mesh: {', '.join(unknown)}; its clusters: {', '.join(sorted(there))}")
        return [cluster for cluster in there if cluster in wanted]

    def _warn_of_what_is_not_enrolled(self) -> None:
        """Once the program has run, and so has every call of `enrol`: the clusters' own resources come after that."""

        def warn(_: object) -> None:
            absent = [each for each in self.plan.security.namespaces if each not in self._enrolled]
            if absent:
                pulumi.log.warn(
                    f"security names what is enrolled nowhere, so that no rule guards its pods: {', '.join(absent)}; "
                    f'call  mesh.enrol("{absent[0]}") , or take it out of security',
                    self,
                )

        self.kubeconfigs.apply(warn, run_with_unknowns=True)

    def _make_mesh(self) -> ServiceMesh:
        """The one that is chosen: here they differ, and nowhere else."""
        given, authorities = self._args, self.pki.authorities
        match self.plan.control_plane.mesh:
            case meshes.LINKERD:
                self.linkerd = LinkerdMesh(self, self.plan, self.clusters, authorities, given.get("linkerd", {}))
                return self.linkerd
            case meshes.CONSUL:
                self.consul = ConsulMesh(self, self.plan, self.clusters, authorities, given.get("consul", {}))
                return self.consul
            case _:
                self.istio = IstioMesh(self, self.plan, self.clusters, authorities, given.get("istio", {}))
                return self.istio

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _make_pki(self, authority: ExternalAuthority | None) -> MeshPki:
        args: MeshPkiArgs = {
            **self._args.get("pki", {}),
            "clusters": list(self.plan.trust.intermediates),
            "trust_domain": self.plan.trust.trust_domain,
            "organization": self.plan.trust.root.organization,
            "issuer_names": list(self.plan.trust.issuer_names),
        }
        return MeshPki(names.child(self.plan.name, "pki"), args, self._child(), authority)

    def _called(self, groups: Iterable[str], cluster: str) -> list[str]:
        kind = self.plan.clusters[cluster].kind
        return sorted({name for group in groups for name in self.plan.access.bound(group, cluster, kind)})

    def _login_kubeconfigs(self) -> pulumi.Output[dict[str, str]]:
        login, none = OidcLogin.of(self._args.get("access", {}).get("login")), dict[str, str]()
        if login is None:
            return pulumi.Output.from_input(none)
        taking = {name: each for name, each in self.clusters.items() if self.plan.access.takes_login(name)}
        return pulumi.Output.all(**{name: person_kubeconfig(each, login) for name, each in taking.items()})

    def _make_access(self) -> dict[str, ClusterAccess]:
        wished = self.plan.access
        if not wished.is_asked:
            return {}
        return {
            name: ClusterAccess(
                names.child(names.cluster(self.plan.name, name), "access"),
                cluster,
                {
                    "operators": self._called(wished.operators, name),
                    "readers": self._called(wished.readers, name),
                    "has_teams": bool(wished.teams),
                    "mesh_namespace": self.plan.control_plane.namespace,
                    "mesh": self.plan.control_plane.mesh,
                },
                self._child(),
                [self._mesh.namespace_of(name)],
            )
            for name, cluster in self.clusters.items()
        }

    def _admit_pods(self) -> None:
        """In a flat mesh pods call each other directly, so networks let the peers' in."""
        if self.plan.flat:
            for name, cluster in self.clusters.items():
                cluster.admit(self.plan.ranges_of(self.plan.peers(name)))
