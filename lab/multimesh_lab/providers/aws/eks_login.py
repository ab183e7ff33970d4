"""OIDC providers of EKS clusters in the simulated AWS.

Owns: EKS's rules for the one provider of a cluster. Does not own: what the API server does with it (the lab's runtime).
"""

from collections.abc import Iterable
from typing import cast

from multimesh_lab.cluster import Login
from multimesh_lab.providers.aws import names
from multimesh_lab.providers.aws.cluster import CLUSTER, key
from multimesh_lab.providers.kinds import Call, Kind, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.store import Record
from multimesh_lab.providers.wire import Properties

IDENTITY_PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"
_TEXTS = (
    *("clientId", "groupsClaim", "groupsPrefix", "identityProviderConfigName"),
    *("usernameClaim", "usernamePrefix"),
)
_LONGEST_CLAIM, _LONGEST_VALUE = 63, 253


def _oidc(inputs: Properties) -> Properties:
    return cast("Properties", inputs.get("oidc") or {})


def _check(inputs: Properties) -> Iterable[InputFault]:
    # Validation of aws_eks_identity_provider_config.
    oidc = _oidc(inputs)
    for name in _TEXTS:
        if oidc.get(name) == "":
            yield InputFault(f"oidc.{name}", "must not be empty")
    issuer = oidc.get("issuerUrl")
    if isinstance(issuer, str) and not issuer.startswith("https://"):
        yield InputFault("oidc.issuerUrl", f"{issuer!r} must be an https URL")
    for claim, value in cast("Properties", oidc.get("requiredClaims") or {}).items():
        if not 1 <= len(claim) <= _LONGEST_CLAIM or not 1 <= len(str(value)) <= _LONGEST_VALUE:
            yield InputFault(
                f"oidc.requiredClaims.{claim}", f"1 to {_LONGEST_CLAIM} characters, its value 1 to {_LONGEST_VALUE}"
            )


def _cluster_of(call: Call) -> Record:
    return names.must_find(call, CLUSTER, call.inputs["clusterName"], "ResourceNotFoundException")


def _rules(call: Call) -> None:
    _cluster_of(call)
    oidc = _oidc(call.inputs)
    # docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html: one for each cluster.
    for other in call.others(IDENTITY_PROVIDER):
        if other.inputs["clusterName"] == call.inputs["clusterName"]:
            raise RefusedError(
                f"ResourceLimitExceededException: the cluster {call.inputs['clusterName']!r} has the identity provider "
                f"configuration {other.id!r}, and can have one"
            )
    # EKS API, OidcIdentityProviderConfigRequest: a path, but no query; prefixes without system:.
    if "?" in str(oidc["issuerUrl"]):
        raise RefusedError(f"InvalidParameterException: issuerUrl {oidc['issuerUrl']!r} must not have a query")
    for prefix in ("usernamePrefix", "groupsPrefix"):
        if "system:" in str(oidc.get(prefix) or ""):
            raise RefusedError(f"InvalidParameterException: {prefix} cannot contain system:")


def _login(oidc: Properties) -> Login:
    required = {str(each): str(value) for each, value in (oidc.get("requiredClaims") or {}).items()}
    return Login.by_flags(str(oidc["issuerUrl"]), str(oidc["clientId"]), oidc, required)


def _associate(call: Call) -> Properties:
    cluster = _cluster_of(call)
    call.runtime.set_login(key(cluster.outputs["arn"]), _login(_oidc(call.inputs)))
    name = f"{cluster.id}/oidc/{_oidc(call.inputs)['identityProviderConfigName']}"
    return {"arn": names.arn(call, "eks", f"identityproviderconfig/{name}"), "status": "ACTIVE"}


def _disassociate(call: Call) -> None:
    cluster = call.store.get(CLUSTER, str(call.inputs["clusterName"]))
    if cluster is not None:
        call.runtime.set_login(key(cluster.outputs["arn"]), None)


KINDS = (
    Kind(
        IDENTITY_PROVIDER,
        identify=lambda call: f"{call.inputs['clusterName']}:{_oidc(call.inputs)['identityProviderConfigName']}",
        replaces=frozenset({"clusterName", "oidc", "region"}),  # ForceNew of aws_eks_identity_provider_config
        planned=names.plan,
        check=_check,
        rules=(_rules,),
        create=_associate,
        delete=_disassociate,
        create_minutes=15,
        delete_minutes=15,
    ),
)
