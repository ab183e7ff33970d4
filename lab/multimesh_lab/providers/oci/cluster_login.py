"""The OIDC provider of an OKE cluster in the simulated Oracle Cloud.

Owns: OKE's rules for it. Does not own: what the API server does with it (the lab's runtime).
"""

from typing import cast

from multimesh_lab.cluster import Login
from multimesh_lab.providers.kinds import Call
from multimesh_lab.providers.oci import names
from multimesh_lab.providers.wire import Properties

OPTION = "openIdConnectTokenAuthenticationConfig"
_ENHANCED = "ENHANCED_CLUSTER"
_SINGLE = (
    *("caCertificate", "clientId", "groupsClaim", "groupsPrefix", "issuerUrl", "requiredClaims"),
    *("signingAlgorithms", "usernameClaim", "usernamePrefix"),
)


def given(properties: Properties) -> Properties:
    """What the program says of it."""
    return names.within(names.within(properties, "options"), OPTION)


def kept(call: Call) -> Properties:
    """What there was: Optional and Computed in oci_containerengine_cluster, so to leave it out changes nothing."""
    return given(call.old)


def rules(call: Call) -> None:
    """What Oracle refuses."""
    wish = given(call.inputs)
    if not wish:
        return
    # ConflictsWith of oci_containerengine_cluster.
    if wish.get("configurationFile") and any(wish.get(each) for each in _SINGLE):
        raise names.invalid(f"options.{OPTION}: configurationFile conflicts with the settings of a single provider")
    if not wish.get("isOpenIdConnectAuthEnabled"):
        return
    # docs.oracle.com/iaas/Content/ContEng/Tasks/contengOpenIDConnect-Authentication.htm: enhanced clusters alone.
    kind = call.inputs.get("type") or call.old.get("type")
    if kind != _ENHANCED:
        raise names.invalid(f"options.{OPTION}: OIDC authentication needs an {_ENHANCED}; the cluster is {kind}")
    if wish.get("configurationFile"):
        raise names.invalid(f"options.{OPTION}: the lab has no configurationFile, but single providers")
    for each in ("issuerUrl", "clientId"):
        if not wish.get(each):
            raise names.invalid(f"options.{OPTION}.{each} is required")
    # API of Container Engine, OpenIdConnectTokenAuthenticationConfig.issuerUrl.
    if not str(wish["issuerUrl"]).startswith("https://"):
        raise names.invalid(f"options.{OPTION}.issuerUrl must use https://")


def _login(wish: Properties) -> Login | None:
    if not wish.get("isOpenIdConnectAuthEnabled"):
        return None
    claims = [cast("Properties", each) for each in names.listed(wish, "requiredClaims") if isinstance(each, dict)]
    required = {str(each["key"]): str(each["value"]) for each in claims}
    return Login.by_flags(str(wish["issuerUrl"]), str(wish["clientId"]), wish, required)


def apply(call: Call) -> None:
    """Tell the cluster's API server, if the program says something of it."""
    wish = given(call.inputs)
    if wish:
        call.runtime.set_login(names.lab_id(call.id), _login(wish))
