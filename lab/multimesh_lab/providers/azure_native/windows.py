"""Maintenance windows of the simulated AKS.

Owns: their names and forms. Does not own: what happens in them, which the lab does not simulate.
"""

import re

from multimesh_lab.providers.azure_native import ids
from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.azure_native.tokens import CLUSTER, WINDOW
from multimesh_lab.providers.kinds import Call

# "Use planned maintenance to schedule and control upgrades for your AKS cluster" (learn.microsoft.com).
_BASIC, _NAMES = "default", ("default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule")
_HOURS = range(4, 25)
_KINDS = ("daily", "weekly", "absoluteMonthly", "relativeMonthly")
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_CLOCK, _OFFSET = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$"), re.compile(r"^[+-]\d{2}:\d{2}$")
_url = ids.in_group("Microsoft.ContainerService/managedClusters/{resourceName}/maintenanceConfigurations/{configName}")


def _check(call: Call) -> None:
    call.id = call.id or _url(call)
    ids.parent_of(call, CLUSTER)
    name, window = call.inputs["configName"], ids.within(call.inputs, "maintenanceWindow")
    if name not in _NAMES:
        raise _invalid(f"configName '{name}' must be one of {', '.join(_NAMES)}")
    if name == _BASIC:
        if window and call.inputs.get("timeInWeek"):
            raise _invalid("timeInWeek and maintenanceWindow exclude each other")
        if not window and not call.inputs.get("timeInWeek"):
            raise _invalid("configName 'default' needs timeInWeek or maintenanceWindow")
    elif call.inputs.get("timeInWeek") or not window:
        raise _invalid(f"configName '{name}' needs maintenanceWindow and takes no timeInWeek")
    if window:
        _check_window(call)


def _check_window(call: Call) -> None:
    window = ids.within(call.inputs, "maintenanceWindow")
    if window.get("durationHours") not in _HOURS:
        raise _invalid(f"maintenanceWindow.durationHours {window.get('durationHours')} must be 4 to 24")
    if not _CLOCK.match(str(window.get("startTime"))):
        raise _invalid(f"maintenanceWindow.startTime '{window.get('startTime')}' must be 00:00 to 23:59")
    if not _OFFSET.match(str(window.get("utcOffset", "+00:00"))):
        raise _invalid(f"maintenanceWindow.utcOffset '{window['utcOffset']}' must have the form +HH:mm or -HH:mm")
    schedule = ids.within(window, "schedule")
    found = [each for each in _KINDS if schedule.get(each)]
    if len(found) != 1:
        raise _invalid(f"maintenanceWindow.schedule has {found}; exactly one of {', '.join(_KINDS)} is allowed")
    weekly = ids.within(schedule, "weekly")
    if weekly and weekly.get("dayOfWeek") not in _DAYS:
        raise _invalid(f"schedule.weekly.dayOfWeek '{weekly.get('dayOfWeek')}' must be one of {', '.join(_DAYS)}")
    if weekly and weekly.get("intervalWeeks") not in range(1, 5):
        raise _invalid(f"schedule.weekly.intervalWeeks {weekly.get('intervalWeeks')} must be 1 to 4")


def _invalid(message: str) -> Exception:
    return ids.invalid("InvalidParameter", f"{message}.")


KIND = ArmKind(
    WINDOW,
    identify=_url,
    replaces=frozenset({"resourceGroupName", "resourceName", "configName"}),
    named_by="configName",
    naming=Naming.COPY,
    planned=ids.named(WINDOW, "configName"),
    rules=(_check,),
)
