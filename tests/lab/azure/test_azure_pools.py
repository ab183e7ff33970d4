"""AKS node pools and maintenance windows of the simulated Azure: every rule broken once."""

from typing import Any

import pytest
from azure_cloud import CLUSTER, POOL, WINDOW, Inputs, Network, cluster_inputs, pool, pool_inputs
from simulated_cloud import Engine, FakeRuntime, RefusedByProviderError, Resource

SPOT: Inputs = {"scaleSetPriority": "Spot", "upgradeSettings": None}
WEEKLY: Inputs = {"weekly": {"dayOfWeek": "Saturday", "intervalWeeks": 1}}


class TestPool:
    def test_it_is_a_record_beside_the_cluster(
        self, cloud: Engine, cluster: Resource, network: Network, runtime: FakeRuntime
    ) -> None:
        before = dict(runtime.nodes)
        made = cloud.create(POOL, "apps", pool_inputs(network, cluster))
        assert made.id == f"{cluster.id}/agentPools/apps"
        assert (made.outputs["name"], made.outputs["type"]) == ("apps", "VirtualMachineScaleSets")
        assert made.outputs["currentOrchestratorVersion"] == "1.34.2"
        assert runtime.nodes == before
        cloud.delete(made)
        assert cloud.read(made) is None

    def test_its_own_name_is_that_of_the_program(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        inputs = {key: value for key, value in pool_inputs(network, cluster).items() if key != "agentPoolName"}
        assert cloud.create(POOL, "batch", inputs).outputs["name"] == "batch"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"agentPoolName": "has-hyphen"}, "has 1 to 12 lowercase letters"),
            ({"agentPoolName": "a" * 13}, "begins with a letter"),
            ({"agentPoolName": "system"}, "cannot create already existing resource"),
            ({"resourceName": "gone"}, "ParentResourceNotFound"),
            ({"mode": "Gateway"}, "must be System or User"),
            ({"maxPods": 9}, "maxPods 9 must be 10 to 250"),
            ({"count": 1001, "maxCount": 1001}, "count 1001 must be 0 to 1000"),
            ({"minCount": None}, "needs minCount and maxCount"),
            ({"minCount": 5}, "must rise from 0 to 1000"),
            ({"enableAutoScaling": False}, "need enableAutoScaling"),
            ({"count": 9}, "must lie between minCount 2 and maxCount 4"),
            ({"nodeTaints": ["a=b"]}, "must have the form key=value:effect"),
            ({"upgradeSettings": {"maxSurge": "many"}}, "must be a number or a percentage"),
            ({"upgradeSettings": {"maxSurge": "1", "maxUnavailable": "1"}}, "maxSurge must be '0' where"),
            ({"upgradeSettings": {"maxUnavailable": "1"}}, "maxSurge must be '0' where"),
            ({"upgradeSettings": {"maxSurge": "0"}}, "cannot both be 0"),
            ({"mode": "System", "upgradeSettings": {"maxSurge": "0", "maxUnavailable": "1"}}, "on System pools"),
            ({"scaleSetPriority": "Spot"}, "Spot pools can't set max surge"),
            ({**SPOT, "mode": "System"}, "a System pool cannot have scaleSetPriority Spot"),
            ({**SPOT, "spotMaxPrice": 0}, "must be -1 or greater than 0"),
            ({"spotMaxPrice": 1}, "spotMaxPrice needs scaleSetPriority Spot"),
            ({"scaleSetEvictionPolicy": "Delete"}, "scaleSetEvictionPolicy needs scaleSetPriority Spot"),
            ({"orchestratorVersion": "1.35"}, "above the control plane version 1.34"),
            ({"orchestratorVersion": "1.29"}, "Version 1.29 is not supported"),
            ({"podSubnetID": "x"}, "must not be set with networkPluginMode overlay"),
            ({"vnetSubnetID": None}, "all pools of a cluster must be in the same virtual network"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster: Resource, network: Network, change: Inputs, message: str) -> None:
        inputs = {**pool_inputs(network, cluster), **change}
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(POOL, "more", {key: value for key, value in inputs.items() if value is not None})
        assert not cloud.store.all(POOL)

    def test_nodes_are_taken_away_or_added(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        away = {"maxSurge": "0", "maxUnavailable": "50%"}
        cloud.create(POOL, "apps", pool_inputs(network, cluster, upgradeSettings=away))

    def test_spot_nodes_are_marked(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        made = cloud.create(POOL, "apps", pool_inputs(network, cluster, **SPOT, spotMaxPrice=-1))
        key = "kubernetes.azure.com/scalesetpriority"
        assert made.outputs["nodeLabels"] == {key: "spot"}
        assert made.outputs["nodeTaints"] == [f"{key}=spot:NoSchedule"]

    def test_what_forces_another(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        made = cloud.create(POOL, "apps", pool_inputs(network, cluster))
        changed = pool_inputs(network, cluster, vmSize="Standard_D8s_v5", count=3)
        answer = cloud.diff(made, changed)
        assert (sorted(answer.diffs), list(answer.replaces)) == (["count", "vmSize"], ["vmSize"])
        assert answer.deleteBeforeReplace

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"availabilityZones": ["1"]}, "PropertyChangeNotAllowed.*availabilityZones"),
            ({"maxPods": 50}, "PropertyChangeNotAllowed.*maxPods"),
            ({"osDiskType": "Ephemeral"}, "PropertyChangeNotAllowed.*osDiskType"),
            ({"orchestratorVersion": "1.33"}, "Downgrading Kubernetes version 1.34 to 1.33"),
        ],
    )
    def test_what_azure_does_not_change(
        self, cloud: Engine, cluster: Resource, network: Network, change: dict[str, Any], message: str
    ) -> None:
        made = cloud.create(POOL, "apps", pool_inputs(network, cluster))
        assert not cloud.diff(made, pool_inputs(network, cluster, **change)).replaces
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.update(made, pool_inputs(network, cluster, **change))

    def test_the_last_system_pool_stays(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        system = {**pool_inputs(network, cluster), "mode": "System"}
        made = cloud.create(POOL, "apps", system)
        cloud.store.change(CLUSTER, cluster.id, {"agentPoolProfiles": [pool(network, mode="User")]})
        for attempt in (lambda: cloud.delete(made), lambda: cloud.update(made, {**system, "mode": "User"})):
            with pytest.raises(RefusedByProviderError, match="There has to be at least one System pool"):
                attempt()

    def test_a_pool_in_a_subnet_holds_it(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        cloud.create(POOL, "apps", pool_inputs(network, cluster))
        cloud.store.change(CLUSTER, cluster.id, {"agentPoolProfiles": []})
        with pytest.raises(RefusedByProviderError, match=r"is in use by .*/agentPools/apps"):
            cloud.delete(network.nodes)

    def test_pods_of_a_subnet_hold_it(self, cloud: Engine, network: Network) -> None:
        inputs = cluster_inputs(network)
        profile = {k: v for k, v in inputs["networkProfile"].items() if k not in ("podCidr", "networkPluginMode")}
        pools = [pool(network, podSubnetID=network.pods.id)]
        cloud.create(CLUSTER, "flat", {**inputs, "networkProfile": profile, "agentPoolProfiles": pools})
        with pytest.raises(RefusedByProviderError, match="InUseSubnetCannotBeDeleted"):
            cloud.delete(network.pods)


class TestWindow:
    def inputs(self, network: Network, cluster: Resource, **change: Any) -> Inputs:
        return {
            "resourceGroupName": network.group.outputs["name"],
            "resourceName": cluster.outputs["name"],
            "configName": "aksManagedAutoUpgradeSchedule",
            "maintenanceWindow": {
                "schedule": WEEKLY,
                "startTime": "03:00",
                "durationHours": 4,
                "utcOffset": "+00:00",
                **change,
            },
        }

    def test_it_lies_in_the_cluster(self, cloud: Engine, cluster: Resource, network: Network) -> None:
        made = cloud.create(WINDOW, "w", self.inputs(network, cluster))
        assert made.id == f"{cluster.id}/maintenanceConfigurations/aksManagedAutoUpgradeSchedule"
        later = self.inputs(network, cluster, startTime="05:00")
        assert not cloud.diff(made, later).replaces
        assert cloud.update(made, later).outputs["maintenanceWindow"]["startTime"] == "05:00"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"durationHours": 3}, "durationHours 3 must be 4 to 24"),
            ({"durationHours": 25}, "durationHours 25 must be 4 to 24"),
            ({"startTime": "24:00"}, "'24:00' must be 00:00 to 23:59"),
            ({"utcOffset": "UTC"}, r"'UTC' must have the form \+HH:mm"),
            ({"schedule": {}}, "exactly one of daily, weekly"),
            ({"schedule": {**WEEKLY, "daily": {"intervalDays": 1}}}, "exactly one of daily, weekly"),
            ({"schedule": {"weekly": {"dayOfWeek": "Sat", "intervalWeeks": 1}}}, "'Sat' must be one of"),
            ({"schedule": {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 5}}}, "intervalWeeks 5 must be 1 to 4"),
        ],
    )
    def test_rules(self, cloud: Engine, cluster: Resource, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(WINDOW, "w", self.inputs(network, cluster, **change))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"configName": "weekends"}, "'weekends' must be one of default, aksManagedAutoUpgradeSchedule"),
            ({"configName": "default", "maintenanceWindow": None}, "needs timeInWeek or maintenanceWindow"),
            ({"configName": "default", "timeInWeek": [{"day": "Monday"}]}, "exclude each other"),
            ({"maintenanceWindow": None}, "needs maintenanceWindow and takes no timeInWeek"),
            ({"resourceName": "gone"}, "ParentResourceNotFound"),
        ],
    )
    def test_names(self, cloud: Engine, cluster: Resource, network: Network, change: Inputs, message: str) -> None:
        with pytest.raises(RefusedByProviderError, match=message):
            cloud.create(WINDOW, "w", {**self.inputs(network, cluster), **change})
