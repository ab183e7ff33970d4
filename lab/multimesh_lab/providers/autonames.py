"""The names that a bridged provider gives to resources that the program does not name.

Owns: the form of such a name and when it stays. Does not own: which types have one (kinds).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.kinds import Autoname
from multimesh_lab.providers.wire import Properties

_SUFFIX = 7


class NamingError(ValueError):
    """No name can be made."""

    def __init__(self, property_name: str, reason: str) -> None:
        super().__init__(reason)
        self.property = property_name


def named(
    autoname: Autoname | None, news: Properties, olds: Mapping[str, Any], request: provider_pb2.CheckRequest
) -> Properties:
    """The inputs with a name if the type has one, and `__defaults`: what the provider filled in itself."""
    news = {key: value for key, value in news.items() if key != "__defaults"}
    if autoname is None or news.get(autoname.property) is not None or _has_prefix(autoname, news):
        return {**news, "__defaults": []}
    key = autoname.property
    if key in olds.get("__defaults", []) and olds.get(key):
        return {**news, key: olds[key], "__defaults": [key]}
    return {**news, key: _new_name(autoname, request), "__defaults": [key]}


def name_is_the_users(autoname: Autoname | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether old and new would collide: the program chose the name and keeps it."""
    if autoname is None or autoname.property in new.get("__defaults", []):
        return False
    key = autoname.property
    return new.get(key) is not None and new.get(key) == old.get(key)


def _has_prefix(autoname: Autoname, news: Mapping[str, Any]) -> bool:
    return news.get(f"{autoname.property}Prefix") is not None


def _new_name(autoname: Autoname, request: provider_pb2.CheckRequest) -> str:
    engine = request.autonaming
    if engine.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE:
        raise NamingError(autoname.property, "automatic naming is disabled, so a name is required")
    if engine.proposed_name:
        return engine.proposed_name
    urn_name = request.urn.rpartition("::")[2]
    base = autoname.prefix + (urn_name.lower() if autoname.lower else urn_name)
    digest = hashlib.sha256(request.randomSeed + request.urn.encode()).hexdigest()[:_SUFFIX]
    name = f"{base}-{digest}"
    if autoname.limit and len(name) > autoname.limit:
        reason = (
            f"the automatic name {name!r} has {len(name)} characters, at most {autoname.limit} are allowed; "
            f"give a shorter resource name or set {autoname.property!r}"
        )
        raise NamingError(autoname.property, reason)
    return name
