"""The names and places that azure-native gives to resources when the program gives none.

Owns: their form, and when they stay. Does not own: which type is named how (kind).
Names are drawn as by getDefaultName and places as by getDefaultLocation (provider/pkg/provider/provider.go).
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from multimesh_lab.providers.azure_native.kind import ArmKind, Naming
from multimesh_lab.providers.wire import Properties

RANDOMLY_NAMED = "__createBeforeDelete"
"""The input by which the provider remembers that a name was drawn, so that another resource may stand beside it."""
_SUFFIX = 8


def named(kind: ArmKind, news: Properties, olds: Mapping[str, Any], request: provider_pb2.CheckRequest) -> Properties:
    """The inputs with a name; without one if naming is disabled."""
    key = kind.named_by
    if news.get(key) is not None:
        return news
    if olds.get(key) is not None:
        drawn = {RANDOMLY_NAMED: True} if olds.get(RANDOMLY_NAMED) else {}
        return {**news, key: olds[key], **drawn}
    engine, options = request.autonaming, provider_pb2.CheckRequest.AutonamingOptions
    if engine.mode == options.DISABLE:
        return news
    if engine.proposed_name and (engine.mode == options.ENFORCE or kind.naming is not Naming.UUID):
        return {**news, key: engine.proposed_name, RANDOMLY_NAMED: True}
    urn_name = request.urn.rpartition("::")[2]
    if kind.naming is Naming.COPY:
        return {**news, key: urn_name}
    digest = hashlib.sha256(request.randomSeed + request.urn.encode()).hexdigest()
    drawn_name = str(uuid.UUID(digest[:32])) if kind.naming is Naming.UUID else urn_name + digest[:_SUFFIX]
    return {**news, key: drawn_name, RANDOMLY_NAMED: True}
