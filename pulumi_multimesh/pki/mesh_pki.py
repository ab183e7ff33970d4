"""The mesh's authorities as a component: its roots, and an intermediate for each cluster.

Owns: which authorities there are, and what each cluster is given. Does not own: the tree itself (plan.trust), where
keys and certificates come from (made.py, brought.py), and how a mesh is given its authority (istio).
"""

from typing import Any, NotRequired

import pulumi

from pulumi_multimesh.config import PkiArgs
from pulumi_multimesh.pki.authority import Authority, ExternalAuthority, Intermediate, Root, Source
from pulumi_multimesh.pki.brought import Brought
from pulumi_multimesh.pki.certificates import sound_root
from pulumi_multimesh.pki.expiry import warn_in_time
from pulumi_multimesh.pki.made import MadeHere, SignedOutside
from pulumi_multimesh.plan import trust
from pulumi_multimesh.plan.mesh_plan import TrustPlan
from pulumi_multimesh.plan.rotation import Trust, annotations


class MeshPkiArgs(PkiArgs):
    """The authorities of one mesh."""

    clusters: list[str]
    """Cluster names; each gets an intermediate."""
    trust_domain: str
    """The mesh's SPIFFE trust domain; only recorded."""
    issuer_names: NotRequired[list[str]]
    """DNS names of the intermediates, by which a mesh knows its issuers; istiod's unless given.

    Linkerd's: `pulumi_multimesh.plan.linkerd_names.identity`.
    """


class MeshPki(pulumi.ComponentResource):
    """Roots whose keys sign intermediates only; one intermediate for each cluster, which signs workloads only."""

    root_certificate: pulumi.Output[str]
    """The root, as PEM; of several, all that are trusted, the oldest first. Public."""
    ends: pulumi.Output[dict[str, str]]
    """When each certificate ends, by RFC 3339: roots as `root`, `root-NAME`, intermediates by their clusters."""

    def __init__(
        self,
        name: str,
        args: MeshPkiArgs,
        opts: pulumi.ResourceOptions | None = None,
        authority: ExternalAuthority | None = None,
    ) -> None:
        super().__init__("multimesh:index:MeshPki", name, _told(args), opts)
        plan = trust.tree(
            args["clusters"],
            args["trust_domain"],
            args,
            issuer_names=tuple(args.get("issuer_names", [trust.ISTIOD])),
        )
        source = self._source(name, plan, args, authority)
        roots = {each: source.root(each) for each in plan.roots}
        below = {cluster: source.intermediate(cluster, plan.issuing) for cluster in plan.intermediates}
        self.root_certificate = pulumi.Output.concat(*(root.certificate for root in roots.values()))
        self.authorities: dict[str, Authority] = {
            cluster: self._authority(given, roots[plan.issuing], plan) for cluster, given in below.items()
        }
        """By cluster."""
        self.ends = pulumi.Output.all(
            **{plan.roots[each].name: root.ends for each, root in roots.items()},
            **{cluster: given.ends for cluster, given in below.items()},
        )
        warn_in_time(self, self.ends, plan)
        self.register_outputs({"rootCertificate": self.root_certificate, "ends": self.ends})

    def _source(self, name: str, plan: TrustPlan, args: PkiArgs, authority: ExternalAuthority | None) -> Source:
        if authority is not None:
            return SignedOutside(name, plan, self, authority)
        return Brought(args) if plan.source == trust.BROUGHT else MadeHere(name, plan, self)

    def _authority(self, given: Intermediate, root: Root, plan: TrustPlan) -> Authority:
        has = Trust(tuple(plan.roots), plan.issuing, plan.settings.many_roots)
        return Authority(
            certificate=given.certificate,
            key=given.key,
            root=self.root_certificate,
            chain=pulumi.Output.concat(given.certificate, given.between, root.certificate),
            bundle=pulumi.Output.concat(given.certificate, given.between),
            annotations=annotations(has),
        )


def _told(args: MeshPkiArgs) -> dict[str, Any]:
    """The component's inputs, in which a brought key must not be, nor one that stands beside a root."""
    told: dict[str, Any] = {key: value for key, value in args.items() if key != "intermediates"}
    if "root_certificates" in args:
        roots = args["root_certificates"]
        told["root_certificates"] = {name: sound_root(name, given) for name, given in roots.items()}
    return told
