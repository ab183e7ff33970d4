"""The values that a chart of Linkerd or Consul has, from a list in chart_values/, which names its source and version.

Owns: reading the lists and comparing. Does not own: the lists. Helm passes over what a chart does not know, without a
word; so does this not.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "chart_values"
_KINDS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "list": (list, str),  # texts of YAML
    "map": (dict,),
    "number": (int, float),
    "text": (str,),
    "text or boolean": (str, bool),  # `-` in Consul's chart, which follows another switch
    "text or number": (str, int, float),
    "unset": (object,),
}
_MAPS = ("Resources", "serviceAnnotations", "podAnnotations", "extraConfig")
"""Ends of names of what a chart hands on: Kubernetes' own words are below them."""
_LISTS = {
    "controllers": {"link.ref.name", "gateway.enabled", "replicas", "logLevel"},
}
"""Lists of records: what each may have, as the comments of the chart's values say it."""


@cache
def known(chart: str) -> Mapping[str, str]:
    """By path, the kind of the value."""
    lines = (_FOLDER / f"{chart}.txt").read_text().splitlines()
    return dict(line.split(": ") for line in lines if not line.startswith("#"))


def head(chart: str) -> str:
    """Where the list is from."""
    return (_FOLDER / f"{chart}.txt").read_text().splitlines()[0]


def wrong(chart: str, values: Mapping[str, Any]) -> list[str]:
    """What the chart does not know, or knows as something else."""
    return [found for path, value in leaves(values) for found in _wrong(chart, path, value)]


def refused(values: Mapping[str, Any]) -> list[str]:
    """Why the chart `consul` would not be installed with the values: what its templates end with `fail` for.

    From consul-k8s, templates/server-statefulset.yaml and templates/connect-inject-deployment.yaml.
    """
    general, gateway = values["global"], values["meshGateway"]["enabled"]
    joined = {key: general.get(key, {}).get("enabled", False) for key in ("peering", "federation")}
    return [
        *(
            f"{key} without {what}"
            for key, on in joined.items()
            for what, there in _needs(values, gateway)
            if on > there
        ),
        *(["peering and federation at once"] if all(joined.values()) else []),
    ]


def _needs(values: Mapping[str, Any], gateway: bool) -> list[tuple[str, bool]]:
    return [
        ("a mesh gateway", gateway),
        ("TLS", values["global"]["tls"]["enabled"]),
        ("the injector", values["connectInject"]["enabled"]),
    ]


def leaves(values: Mapping[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The paths of what is set, with their values."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, *above, key)
        else:
            yield (*above, key), value


def _wrong(chart: str, path: tuple[str, ...], value: Any) -> Iterator[str]:
    name, kinds = ".".join(path), known(chart)
    handed = next((".".join(path[:end]) for end in range(1, len(path)) if path[end - 1].endswith(_MAPS)), None)
    if handed is not None and kinds.get(handed) == "map":
        return
    if name not in kinds:
        yield f"{name} is not known"
    elif not isinstance(value, _KINDS[kinds[name]]):
        yield f"{name} is {value!r} and should be a {kinds[name]}"
    elif name in _LISTS:
        below = {".".join(inner) for entry in value for inner, _ in leaves(entry)}
        yield from (f"{name}[].{each} is not known" for each in sorted(below - _LISTS[name]))
