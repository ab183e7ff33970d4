"""A namespace of workloads in one cluster of the mesh, whichever mesh.

Owns: the namespace with the marks by which its pods are in the mesh, and the restart of what runs in it already, since
a pod gets its sidecar when it starts. Does not own: the marks and policies of one mesh (its own room), workloads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from pulumi_multimesh.clusters.cluster import KubernetesCluster
from pulumi_multimesh.plan.revisions import UNNAMED

_SIDECAR_OF = "multimesh.io/sidecar-of"
KINDS = ("IstioEnrolment", "LinkerdEnrolment", "ConsulEnrolment")
"""The component of each mesh."""


@dataclass(frozen=True)
class Wish:
    """How a namespace is to be part of the mesh."""

    create: bool
    revision: str | None
    """The one whose sidecars its pods get; the cluster's default where it is None."""
    restart: Sequence[str]
    """Deployments that run already."""


@dataclass(frozen=True)
class Marks:
    """What a namespace bears so that its pods are in the mesh."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class EnrolmentArgs(TypedDict):
    """Which namespace."""

    namespace: str
    """Its name."""
    create: NotRequired[bool]
    """Whether to make it; true unless given. False: it is there, and only its marks are set."""
    restart: NotRequired[list[str]]
    """Deployments that run already and are to get their sidecars now; none unless given."""
    sidecar: NotRequired[str]
    """Whose sidecars they are, `default` unless given; Deployments are restarted again when it changes."""


class Enrolment(pulumi.ComponentResource):
    """The namespace, ready for pods that want a sidecar; each mesh has a kind of its own."""

    namespace: pulumi.Output[str]
    """Its name; what is installed in it comes after it."""

    def __init__(self, kind: str, name: str, args: EnrolmentArgs, opts: pulumi.ResourceOptions | None) -> None:
        """`kind`: one of `KINDS`. Each is the others' successor: another mesh does not make a namespace anew."""
        former = [pulumi.Alias(type_=_token(each)) for each in KINDS if each != kind]
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=former))
        super().__init__(_token(kind), name, {**args}, merged)

    def _enrol(self, name: str, cluster: KubernetesCluster, args: EnrolmentArgs, marks: Marks) -> pulumi.Resource:
        """The namespace, and the restarts after it."""
        labels, annotations = dict(marks.labels) or None, dict(marks.annotations) or None
        inside = cluster.inside(self)
        if args.get("create", True):
            metadata = k8s.meta.v1.ObjectMetaArgs(name=args["namespace"], labels=labels, annotations=annotations)
            made = k8s.core.v1.Namespace(name, metadata=metadata, opts=inside)
        else:
            patch = k8s.meta.v1.ObjectMetaPatchArgs(name=args["namespace"], labels=labels, annotations=annotations)
            made = k8s.core.v1.NamespacePatch(name, metadata=patch, opts=inside)
        self.namespace = made.id
        return made

    def _restart(
        self, name: str, cluster: KubernetesCluster, args: EnrolmentArgs, after: Sequence[pulumi.Resource]
    ) -> None:
        """What `kubectl rollout restart` does, by an annotation that stays as it is while the sidecars do."""
        annotations = {_SIDECAR_OF: args.get("sidecar", UNNAMED)}
        for deployment in args.get("restart", []):
            k8s.apps.v1.DeploymentPatch(
                f"{name}-{deployment}-restart",
                metadata={"name": deployment, "namespace": args["namespace"]},
                spec={"template": {"metadata": {"annotations": annotations}}},
                opts=cluster.inside(self, depends_on=after),
            )


def _token(kind: str) -> str:
    return f"multimesh:index:{kind}"


def enrolment_args(namespace: str, wish: Wish, mesh: str) -> EnrolmentArgs:
    """The arguments of a mesh without revisions; raises `ValueError` for a wish that it cannot fulfil."""
    if wish.revision is not None:
        raise ValueError(f"enrol: {mesh} has no revisions side by side, as only istio has; drop revision")
    args: EnrolmentArgs = {"namespace": namespace, "create": wish.create}
    add_restart(args, wish)
    return args


def add_restart(args: EnrolmentArgs, wish: Wish) -> None:
    """The restarts of a wish; raises `ValueError` where nothing can run yet."""
    if not wish.restart:
        return
    if wish.create:
        namespace = args["namespace"]
        raise ValueError(f"enrol: nothing runs in {namespace} before it is made; add create=False, or drop restart")
    args["restart"] = sorted(wish.restart)
