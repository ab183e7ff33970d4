"""The table of keys says what config.py says."""

import typing
from typing import Any, NotRequired, Required, get_args, get_origin, is_typeddict

import pulumi
import pytest

from pulumi_multimesh import config
from pulumi_multimesh.plan import (
    access_fields,
    charts,
    cluster_fields,
    consul_fields,
    fields,
    istio_fields,
    linkerd_fields,
    pki_fields,
    security_fields,
    wants_fields,
)
from pulumi_multimesh.plan.cluster_fields import Fields, Kind

PAIRS: dict[type, Fields] = {
    config.WantsArgs: wants_fields.WANTS,
    config.RangesArgs: cluster_fields.RANGES,
    config.TaintArgs: cluster_fields.TAINT,
    config.NodePoolArgs: cluster_fields.NODE_POOL,
    config.SurgingNodePoolArgs: cluster_fields.SURGING_NODE_POOL,
    config.OkeNodePoolArgs: cluster_fields.OKE_NODE_POOL,
    config.MaintenanceArgs: cluster_fields.MAINTENANCE,
    config.AloneArgs: cluster_fields.ALONE,
    config.GkeNetworkIds: cluster_fields.GKE_NETWORK_IDS,
    config.GkeArgs: cluster_fields.GKE,
    config.EksNetworkIds: cluster_fields.EKS_NETWORK_IDS,
    config.LoadBalancerControllerArgs: cluster_fields.LOAD_BALANCER_CONTROLLER,
    config.EksGroupArgs: cluster_fields.EKS_GROUP,
    config.EksArgs: cluster_fields.EKS,
    config.AksNetworkIds: cluster_fields.AKS_NETWORK_IDS,
    config.AksArgs: cluster_fields.AKS,
    config.OkeNetworkIds: cluster_fields.OKE_NETWORK_IDS,
    config.OkeArgs: cluster_fields.OKE,
    config.ExistingArgs: cluster_fields.EXISTING,
    config.AddressesArgs: cluster_fields.ADDRESSES,
    config.PairArgs: fields.PAIR,
    config.LinksArgs: fields.LINKS,
    config.IntermediateArgs: pki_fields.INTERMEDIATE,
    config.PkiArgs: pki_fields.PKI,
    config.ChartsArgs: charts.CHARTS,
    config.LinkerdGatewayArgs: linkerd_fields.GATEWAY,
    config.LinkerdProbeArgs: linkerd_fields.PROBE,
    config.LinkerdArgs: linkerd_fields.LINKERD,
    config.ConsulGatewayArgs: consul_fields.GATEWAY,
    config.ConsulArgs: consul_fields.CONSUL,
    config.IstioGatewayArgs: istio_fields.GATEWAY,
    config.IstioReaderArgs: istio_fields.READER,
    config.IstioIngressArgs: istio_fields.INGRESS,
    config.IstioControlPlaneSizeArgs: istio_fields.CONTROL_PLANE_SIZE,
    config.IstioProxyArgs: istio_fields.PROXY,
    config.IstioTracingArgs: istio_fields.TRACING,
    config.IstioRevisionArgs: istio_fields.REVISION,
    config.IstioScopeArgs: istio_fields.SCOPE,
    config.IstioArgs: istio_fields.ISTIO,
    config.LoginArgs: cluster_fields.LOGIN,
    config.AccessArgs: access_fields.ACCESS,
    config.GroupNamesArgs: access_fields.GROUP_NAMES,
    config.TeamArgs: access_fields.TEAM,
    config.AllowArgs: security_fields.ALLOW,
    config.IssuerArgs: security_fields.ISSUER,
    config.PlainTextArgs: security_fields.PLAIN_TEXT,
    config.SignOnArgs: security_fields.SIGN_ON,
    config.ZoneArgs: security_fields.ZONE,
    config.CrossingArgs: security_fields.CROSSING,
    config.SecurityArgs: security_fields.SECURITY,
    config.MeshArgs: fields.MESH,
}
SECRETS: dict[type, str] = {config.ExistingArgs: "kubeconfig", config.IntermediateArgs: "key"}
INPUTS_OWN_NAMES: dict[str, Any] = {"Output": pulumi.Output, "T": typing.TypeVar("T")}
"""`pulumi.Input` names its parts as text, which is read where it is used."""
SIMPLE: dict[Any, Kind] = {
    str: Kind.TEXT,
    int: Kind.INTEGER,
    bool: Kind.BOOLEAN,
    list[str]: Kind.TEXTS,
    dict[str, str]: Kind.TEXT_TABLE,
    dict[str, dict[str, Any]]: Kind.TABLES,
}


def is_input(hint: Any) -> bool:
    return any(get_origin(choice) is pulumi.Output for choice in get_args(hint))


def input_kind(hint: Any) -> Kind:
    """Of a text or a list of texts that may be an output."""
    return Kind.INPUT_TEXTS if any(get_origin(choice) is list for choice in get_args(hint)) else Kind.INPUT_TEXT


def kind_and_record(hint: Any) -> tuple[Kind, Fields]:
    if get_origin(hint) in (NotRequired, Required):
        hint = get_args(hint)[0]
    if hint in SIMPLE:
        return SIMPLE[hint], {}
    if is_input(hint):
        return input_kind(hint), {}
    if get_origin(hint) is list:
        (item,) = get_args(hint)
        return (Kind.INPUT_TEXTS, {}) if is_input(item) else (Kind.LIST_OF_RECORDS, PAIRS[item])
    if is_typeddict(hint):
        return Kind.RECORD, PAIRS[hint]
    return Kind.RECORDS, PAIRS[get_args(hint)[1]]


def test_every_class_of_config_is_held_to_the_table():
    written = {thing for thing in vars(config).values() if isinstance(thing, type) and is_typeddict(thing)}
    assert written == set(PAIRS)


@pytest.mark.parametrize("written", PAIRS, ids=lambda written: written.__name__)
def test_table_equals_config(written: type):
    table = PAIRS[written]
    hints = typing.get_type_hints(written, localns=INPUTS_OWN_NAMES, include_extras=True)
    secret = SECRETS.get(written)
    if secret is not None:
        # A stack's configuration holds a secret in a form of its own.
        assert table[secret].kind is Kind.ANYTHING
        table, hints = ({key: of[key] for key in of if key != secret} for of in (table, hints))
    assert {key: (field.kind, field.fields) for key, field in table.items()} == {
        key: kind_and_record(hint) for key, hint in hints.items()
    }
    required = typing.cast("frozenset[str]", vars(written)["__required_keys__"])
    assert {key for key, field in table.items() if field.required} == required


@pytest.mark.parametrize("table", PAIRS.values(), ids=[written.__name__ for written in PAIRS])
def test_a_required_key_says_what_it_holds(table: Fields):
    for field in table.values():
        assert not field.required or (field.allowed and field.example)
