"""The simulated Azure as a provider server.

Owns: which types and functions it has, and the rules that hold for all of them. Does not own: any other rule.
"""

from dataclasses import replace

from multimesh_lab.home import LabHome
from multimesh_lab.providers.azure_native import (
    authorization,
    cluster,
    egress,
    groups,
    identity,
    monitor,
    pools,
    subnet,
    vault,
    vnet,
    vnet_peering,
    vpn_connection,
    vpn_gateway,
    windows,
)
from multimesh_lab.providers.azure_native.arm import ArmProvider
from multimesh_lab.providers.azure_native.invokes import invokes
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.azure_native.tokens import GROUP, LOCK
from multimesh_lab.providers.runtime import ClusterRuntime
from multimesh_lab.providers.runtimes import runtime_of
from multimesh_lab.providers.store import Store

_ALL = (
    groups.KIND,
    vnet.KIND,
    subnet.KIND,
    *egress.KINDS,
    vnet_peering.KIND,
    *vpn_gateway.KINDS,
    vpn_connection.KIND,
    identity.KIND,
    *authorization.KINDS,
    cluster.KIND,
    pools.KIND,
    windows.KIND,
    *vault.KINDS,
    *monitor.KINDS,
)


def _ruled(kind: ArmKind) -> ArmKind:
    """The type with what ARM asks of all: a group that is there, and no lock when it is deleted."""
    in_group = "resourceGroupName" in kind.replaces and kind.token != GROUP
    rules = (groups.exists, *kind.rules) if in_group else kind.rules
    in_use = kind.in_use if kind.token == LOCK else (authorization.not_locked, *kind.in_use)
    return replace(kind, rules=rules, in_use=in_use)


KINDS = {each.token: _ruled(each) for each in _ALL}


def provider(home: LabHome, runtime: ClusterRuntime | None = None) -> ArmProvider:
    """The provider of this lab; a test passes a runtime of its own."""
    store = Store(home, "azure-native")
    return ArmProvider(store, runtime or runtime_of(home), KINDS, invokes)
