"""What a release of Istio, Linkerd or Consul asks for of the Service of its gateway between clusters.

Owns: reading values. Does not own: any check. An ingress is not among them: it is meant for everybody.
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.checks.item import UNREAD, Item, at, text, yaml_in

_RANGES = "loadBalancerSourceRanges"


def gateways(release: Item) -> Iterator[Mapping[str, object]]:
    """`type`, `annotations` and `loadBalancerSourceRanges` of each; `type` is missing where the chart decides."""
    values, chart = at(release.properties, "values"), text(release.properties, "chart").rpartition("/")[2]
    if chart.endswith("gateway"):
        if "eastwest" in text(values, "name") or text(values, "networkGateway"):
            service = at(values, "service")
            yield {key: at(service, key) for key in ("type", "annotations", _RANGES)}
    elif chart == "linkerd-multicluster":
        gateway = at(values, "gateway")
        if at(gateway, "enabled") not in (False, UNREAD):
            yield {
                "type": at(gateway, "serviceType"),
                "annotations": at(gateway, "serviceAnnotations"),
                _RANGES: at(gateway, _RANGES),
            }
    elif chart == "consul" and at(values, "meshGateway", "enabled") is True:
        yield _consuls(at(values, "meshGateway", "service"))


def _consuls(service: object) -> Mapping[str, object]:
    """Whose annotations, and whatever the chart has no value for, are texts of YAML."""
    rest, annotations = at(service, "additionalSpec"), at(service, "annotations")
    return {
        "type": at(service, "type"),
        "annotations": UNREAD if annotations is UNREAD else yaml_in(annotations),
        _RANGES: UNREAD if rest is UNREAD else at(yaml_in(rest), _RANGES),
    }
