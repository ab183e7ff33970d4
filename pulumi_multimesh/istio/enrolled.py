"""What enrolling a namespace means in one cluster of a plan: from what is wished to an enrolment's arguments.

Owns: revisions, scopes and restarts of a namespace. Does not own: the resources (enrolment.py).
"""

from collections.abc import Collection

from pulumi_multimesh.enrolment import Wish, add_restart
from pulumi_multimesh.istio.enrolment import IstioEnrolmentArgs
from pulumi_multimesh.istio.policies import namespace_policies
from pulumi_multimesh.istio.zone_policies import network_policy_spec
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.revisions import UNNAMED, ClusterRevisions
from pulumi_multimesh.plan.roles import CONFIG, PRIMARY


def enrolment_args(
    plan: MeshPlan, namespace: str, cluster: str, wish: Wish, enrolled_in: Collection[str] = ()
) -> IstioEnrolmentArgs:
    """The arguments of the enrolment in that cluster; `enrolled_in`: those in which the namespace is enrolled already.

    Raises `ValueError` for a revision that the cluster has not, since no pod of the namespace would start, for one
    that a label cannot name, for what is to be restarted where nothing runs, or where no sidecar comes of it, and for
    a cluster whose control plane would not hear of the namespace's rules.
    """
    args: IstioEnrolmentArgs = {"namespace": namespace, "create": wish.create}
    settings = plan.of_istio
    found = settings.revisions.get(cluster)
    if wish.revision is not None:
        _check_revision(cluster, wish.revision, found)
        args["revision"] = wish.revision
    if settings.data_plane == AMBIENT:
        args["ambient"] = True
    scope, policies = settings.tuning.scopes.get(namespace), namespace_policies(plan, namespace)
    # Of the clusters that a control plane serves, configuration is read from one; it holds for the others.
    source = _read_from(plan, cluster)
    if source == cluster:
        if scope is not None:
            args["hosts"] = list(scope)
        if policies:
            args["policies"] = policies
    elif source not in enrolled_in and (policies or scope is not None):
        raise ValueError(
            f"enrol: the rules of {namespace} would not hold in {cluster}: its control plane reads them in {source}, "
            f'where {namespace} is not enrolled; enrol it there first, or in one call: enrol("{namespace}", '
            f'["{source}", "{cluster}"])'
        )
    zone = plan.security.zones.zone_of(namespace)
    if zone is not None:
        args["network_policy"] = network_policy_spec(plan, cluster, zone)
    add_restart(args, wish)
    if wish.restart:
        if settings.data_plane == AMBIENT:
            raise ValueError("enrol: pods of an ambient mesh have no sidecar to restart for; drop restart")
        args["sidecar"] = wish.revision or (found.default if found else UNNAMED)
    return args


def _check_revision(cluster: str, revision: str, found: ClusterRevisions | None) -> None:
    if found is None or revision not in found.versions:
        there = ", ".join(found.versions) if found else "none; declare istio.revisions"
        raise ValueError(f"enrol: {cluster} has no revision {revision!r}; its revisions: {there}")
    if revision == UNNAMED != found.default:
        raise ValueError(
            f"enrol: {cluster} would give the sidecars of {found.default}, since to Istio a label {UNNAMED!r} means "
            f"whatever is the default; drop revision, or write  istio.default: {UNNAMED}"
        )


def _read_from(plan: MeshPlan, cluster: str) -> str:
    """The cluster whose configuration holds in that one."""
    served_by = plan.clusters[cluster].served_by
    (source,) = (
        name for name, each in plan.clusters.items() if each.served_by == served_by and each.role in (PRIMARY, CONFIG)
    )
    return source
