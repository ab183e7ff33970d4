"""What GKE asks of versions, windows, keys and logs of a cluster in the simulated Google Cloud.

Owns: these rules. Does not own: rules of networks and names (cluster).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from multimesh_lab.providers.gcp import names
from multimesh_lab.providers.gcp.iam import CRYPTO_KEY, KEY_USER
from multimesh_lab.providers.gcp.invokes import project_number
from multimesh_lab.providers.kinds import Call, RefusedError
from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.wire import Properties

_VERSION = re.compile(r"(latest|1\.(\d+)(\.\d+(-gke\.\d+)?)?)")
_COMPONENTS = (
    *("SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"),
    *("KCP_CONNECTION", "KCP_SSHD", "KCP_HPA"),
)
_FEWEST_HOURS, _WITHIN_DAYS, _LEAST_WINDOW = 48, 32, 4
_ENCRYPTS = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


def _within(properties: Properties, name: str) -> Properties:
    return cast("Properties", properties.get(name) or {})


def check(inputs: Properties) -> Iterable[InputFault]:
    """Validation of google_container_cluster: logging_config.enable_components."""
    components = cast("list[object]", _within(inputs, "loggingConfig").get("enableComponents") or [])
    for index, component in enumerate(components):
        if isinstance(component, str) and component not in _COMPONENTS:
            yield InputFault(
                f"loggingConfig.enableComponents[{index}]", f"{component!r}; allowed are {', '.join(_COMPONENTS)}"
            )


def security_group(call: Call) -> None:
    """The group's name is fixed (cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac)."""
    group = _within(call.inputs, "authenticatorGroupsConfig").get("securityGroup")
    if group and not re.fullmatch(r"gke-security-groups@[^@\s]+", str(group)):
        raise RefusedError(
            f"Error 400: authenticator_groups_config.security_group is {group!r}; it must be "
            "gke-security-groups@DOMAIN, badRequest"
        )


def version_moves(call: Call) -> None:
    """A minor at a time (cloud.google.com/kubernetes-engine/docs/concepts/cluster-upgrades).

    A least version below what runs asks for nothing (google_container_cluster compares the two).
    """
    asked = call.inputs.get("minMasterVersion")
    if asked is None:
        return
    found = _VERSION.fullmatch(str(asked))
    if found is None:
        raise RefusedError(
            f"Error 400: Version {asked!r} is invalid; it must be like 1.34 or 1.34.1-gke.100, badRequest"
        )
    before = _VERSION.match(str(call.old.get("masterVersion") or ""))
    if found[2] is None or before is None or before[2] is None:
        return
    if int(found[2]) - int(before[2]) > 1:
        raise RefusedError(
            f"Error 400: Master cannot be upgraded to {asked!r} from {call.old['masterVersion']!r}:"
            " only the next minor version is allowed, badRequest"
        )


def upgraded_to(call: Call) -> str | None:
    """The version that a higher least version brings; None when what runs is as high."""
    asked = str(call.inputs.get("minMasterVersion") or "")
    wanted, runs = (
        [int(part) for part in re.findall(r"\d+", text)] for text in (asked, call.old.get("masterVersion") or "")
    )
    if not wanted or wanted <= runs[: len(wanted)]:
        return None
    return f"{asked}.0-gke.1" if asked.count(".") == 1 else asked


def window(call: Call) -> None:
    """Long and frequent enough.

    cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
    """
    recurring = _within(_within(call.inputs, "maintenancePolicy"), "recurringWindow")
    if not recurring:
        return
    start, end = (datetime.fromisoformat(str(recurring[key])) for key in ("startTime", "endTime"))
    hours = (end - start).total_seconds() / 3600
    if hours < _LEAST_WINDOW:
        raise RefusedError(
            f"Error 400: maintenance window of {hours:g} hours; it must be at least {_LEAST_WINDOW}, badRequest"
        )
    rule = dict(part.split("=", 1) for part in str(recurring["recurrence"]).split(";"))
    days = len(rule["BYDAY"].split(",")) if "BYDAY" in rule else 1
    times = {"DAILY": _WITHIN_DAYS, "WEEKLY": _WITHIN_DAYS // 7 * days}.get(rule.get("FREQ", ""), 0)
    if times * hours < _FEWEST_HOURS:
        raise RefusedError(
            f"Error 400: maintenance policy would go longer than 32d without 48h maintenance availability of "
            f"at least 4h: {times} windows of {hours:g} hours, badRequest"
        )


def zones(call: Call) -> None:
    """Nodes lie in the cluster's region (GKE API, projects.locations.clusters.locations)."""
    in_region(names.location(call), cast("list[str]", call.inputs.get("nodeLocations") or []))


def in_region(location: str, asked: list[str]) -> None:
    region = "-".join(location.split("-")[:2])
    for zone in asked:
        if not re.fullmatch(re.escape(region) + "-[a-z]", zone):
            raise RefusedError(f"Error 400: Zone {zone!r} is not in the cluster's region {region!r}, badRequest")


def encryption_key(call: Call) -> None:
    """The key is there, in the cluster's region, and GKE's service agent may use it.

    cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets
    """
    config = _within(call.inputs, "databaseEncryption")
    if config.get("state") != "ENCRYPTED":
        return
    key = names.must_find(call, CRYPTO_KEY, config.get("keyName"), "databaseEncryption.keyName")
    region = "-".join(names.location(call).split("-")[:2])
    where = key.id.split("/")[3]
    if where != region:
        raise RefusedError(
            f"Error 400: Cloud KMS key {key.id!r} is in {where!r}; it must be in the cluster's region {region!r},"
            " badRequest"
        )
    agent = (
        f"serviceAccount:service-{project_number(names.project(call))}@container-engine-robot.iam.gserviceaccount.com"
    )
    if not any(
        (grant.inputs["cryptoKeyId"], grant.inputs["role"], grant.inputs["member"]) == (key.id, _ENCRYPTS, agent)
        for grant in call.store.all(KEY_USER)
    ):
        raise RefusedError(
            f"Error 400: Cloud KMS key {key.id!r}: {agent} lacks the permission"
            f" 'cloudkms.cryptoKeyVersions.useToEncrypt'; grant it {_ENCRYPTS}, badRequest"
        )
