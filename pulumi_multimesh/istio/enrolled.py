"""What enrolling a namespace means in one cluster of a plan: from what is wished to an enrolment's arguments.

Owns: revisions, scopes and restarts of a namespace. Does not own: the resources (enrolment.py).
"""

from pulumi_multimesh.enrolment import Wish, add_restart
from pulumi_multimesh.istio.enrolment import IstioEnrolmentArgs
from pulumi_multimesh.istio.policies import namespace_policies
from pulumi_multimesh.istio.zone_policies import network_policy_spec
from pulumi_multimesh.plan.data_plane import AMBIENT
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.revisions import UNNAMED
from pulumi_multimesh.plan.roles import CONFIG, PRIMARY


def enrolment_args(plan: MeshPlan, namespace: str, cluster: str, wish: Wish) -> IstioEnrolmentArgs:
    """The arguments of the enrolment in that cluster.

    Raises `ValueError` for a revision that the cluster has not, since no pod of the namespace would start, and for
    what is to be restarted where nothing runs, or where no sidecar comes of it.
    """
    args: IstioEnrolmentArgs = {"namespace": namespace, "create": wish.create}
    settings = plan.of_istio
    found = settings.revisions.get(cluster)
    if wish.revision is not None:
        if found is None or wish.revision not in found.versions:
            there = ", ".join(found.versions) if found else "none; declare istio.revisions"
            raise ValueError(f"enrol: {cluster} has no revision {wish.revision!r}; its revisions: {there}")
        args["revision"] = wish.revision
    if settings.data_plane == AMBIENT:
        args["ambient"] = True
    # Of the clusters that a control plane serves, configuration is read from one; it holds for the others.
    if plan.clusters[cluster].role in (PRIMARY, CONFIG):
        scopes = settings.tuning.scopes
        if namespace in scopes:
            args["hosts"] = list(scopes[namespace])
        policies = namespace_policies(plan, namespace)
        if policies:
            args["policies"] = policies
    zone = plan.security.zones.zone_of(namespace)
    if zone is not None:
        args["network_policy"] = network_policy_spec(plan, cluster, zone)
    add_restart(args, wish)
    if wish.restart:
        if settings.data_plane == AMBIENT:
            raise ValueError("enrol: pods of an ambient mesh have no sidecar to restart for; drop restart")
        args["sidecar"] = wish.revision or (found.default if found else UNNAMED)
    return args
