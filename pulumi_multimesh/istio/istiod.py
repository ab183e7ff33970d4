"""What istiod is told: from a control plane's arguments to the values of its chart.

Owns: the values of the chart `istiod`. Does not own: when it is installed (control_plane.py).
"""

from dataclasses import asdict
from typing import Any, NotRequired, TypedDict

from pulumi_multimesh.charts import merged
from pulumi_multimesh.istio.analysis import NOT_ALIKE
from pulumi_multimesh.istio.policies import NO_KEYS_FROM
from pulumi_multimesh.istio.sign_on import with_provider
from pulumi_multimesh.istio.trust_values import trust_values
from pulumi_multimesh.istio.tuning_values import spread, tuning_values
from pulumi_multimesh.plan.revisions import ClusterRevisions
from pulumi_multimesh.plan.sign_on import SignOnPlan
from pulumi_multimesh.plan.trust_settings import TrustSettings
from pulumi_multimesh.plan.tuning import TuningPlan

_AMBIENT: dict[str, Any] = {
    "profile": "ambient",
    # Off unless asked for, in 1.30 still: gateways to other networks, and the services behind them.
    "env": {"AMBIENT_ENABLE_MULTI_NETWORK": "true"},
}


class IstioControlPlaneArgs(TypedDict):
    """A primary control plane."""

    cluster_id: str
    """The cluster's id in the mesh; must equal the remote secrets' for it."""
    network: str
    """The mesh network that the cluster's pods are on."""
    mesh_id: str
    """The mesh's id; the same in each cluster."""
    trust_domain: NotRequired[str]
    """`cluster.local` unless given; the same in each cluster."""
    serves_others: NotRequired[bool]
    """Whether it is the control plane of other clusters too; false unless given."""
    ambient: NotRequired[bool]
    """Whether proxies on the nodes carry the calls, and not sidecars; false unless given."""
    trust: NotRequired[TrustSettings]
    """How certificates are handed out and believed; as Istio does by itself unless given."""
    sign_on: NotRequired[SignOnPlan]
    """Whom ingress gateways ask about calls from outside; nobody unless given."""
    fetches_keys: NotRequired[bool]
    """Whether it fetches the public keys of tokens' issuers, and must be told from where not; false unless given."""
    tuning: NotRequired[TuningPlan]
    """How it is tuned; as the charts are unless given."""
    revisions: NotRequired[ClusterRevisions]
    """Control planes side by side; one, without a revision, unless given."""
    chart_repository: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    chart_version: NotRequired[str]
    """`versions.ISTIO`'s unless given."""
    values: NotRequired[dict[str, dict[str, Any]]]
    """Further values by chart: `base`, `istiod`, `gateway`."""


def istiod_values(args: IstioControlPlaneArgs) -> dict[str, Any]:
    """The values of the chart `istiod`, each of which the pinned chart has; the user's are merged over them later."""
    known: dict[str, Any] = {
        "meshID": args["mesh_id"],
        "multiCluster": {"clusterName": args["cluster_id"]},
        "network": args["network"],
    }
    served: dict[str, Any] = _AMBIENT if args.get("ambient", False) else {}
    if args.get("serves_others", False):
        known["externalIstiod"] = True
        served = {**served, "serviceAnnotations": NOT_ALIKE}
    values: dict[str, Any] = {
        **served,
        "global": known,
        # Else istiod changes the webhook's failure policy after each install, and each upgrade changes it back.
        "base": {"validationFailurePolicy": "Fail"},
        "meshConfig": {"trustDomain": args.get("trust_domain", "cluster.local")},
        # The chart's disruption budget of one with its single replica would block every drain of a node.
        "autoscaleMin": 2,
        "topologySpreadConstraints": spread({"app": "istiod"}),
    }
    values = merged(values, trust_values(args.get("trust", TrustSettings())))
    if args.get("fetches_keys", False):
        values = merged(values, {"env": {"BLOCKED_CIDRS_IN_JWKS_URIS": NO_KEYS_FROM}})
    tuning = args.get("tuning")
    if tuning is not None:
        values = merged(values, tuning_values(tuning, args["cluster_id"]))
    return with_provider(values, args.get("sign_on"))


def shown(args: IstioControlPlaneArgs) -> dict[str, Any]:
    """The arguments as a component's inputs, which are plain tables."""
    found: dict[str, Any] = {**args}
    if "sign_on" in args:
        found["sign_on"] = asdict(args["sign_on"])
    if "tuning" in args:
        found["tuning"] = asdict(args["tuning"])
    if "trust" in args:
        found["trust"] = asdict(args["trust"])
    if "revisions" in args:
        found["revisions"] = asdict(args["revisions"])
    return found
