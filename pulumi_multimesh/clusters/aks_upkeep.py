"""When AKS may upgrade a cluster by itself.

Owns: the maintenance windows. Does not own: what is upgraded (the channels, aks.py).
"""

from pulumi_azure_native import containerservice

from pulumi_multimesh.clusters.aks_site import AksSite
from pulumi_multimesh.config import MaintenanceArgs

_SCHEDULES = {"upgrades": "aksManagedAutoUpgradeSchedule", "node-images": "aksManagedNodeOSUpgradeSchedule"}
"""By what they are for: the names by which AKS knows them."""


def maintenance(
    site: AksSite, cluster: containerservice.ManagedCluster, window: MaintenanceArgs
) -> list[containerservice.MaintenanceConfiguration]:
    """One window for Kubernetes and the same for the nodes' images, every week."""
    return [
        containerservice.MaintenanceConfiguration(
            f"{site.name}-{what}",
            resource_group_name=site.group,
            resource_name_=cluster.name,
            config_name=schedule,
            maintenance_window={
                "schedule": {"weekly": {"day_of_week": window["days"][0].capitalize(), "interval_weeks": 1}},
                "start_time": window["start"],
                "duration_hours": window["hours"],
                "utc_offset": "+00:00",
            },
            opts=site.child(),
        )
        for what, schedule in _SCHEDULES.items()
    ]
