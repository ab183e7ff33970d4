"""What a refresh makes of the inputs: Azure's answer holds far more than the program gave.

Owns: which differences reach the inputs. Does not own: the answer, nor its form as inputs (shapes).
As Read in provider/pkg/provider/provider.go and applyDiff in diff.go: only what differs between the former outputs and
the present ones is taken over.
"""

from collections.abc import Mapping
from typing import Any, cast

from multimesh_lab.providers.azure_native import shapes
from multimesh_lab.providers.azure_native.kind import ArmKind
from multimesh_lab.providers.wire import Properties


def refreshed(kind: ArmKind, inputs: Properties, before: Properties, now: Properties) -> Properties:
    """The inputs with what has changed since."""
    hidden = {part for part in kind.parts if part not in inputs}
    shown = {key: value for key, value in now.items() if key not in hidden}
    return _applied(inputs, shapes.as_inputs(kind, before), shapes.as_inputs(kind, shown))


def _applied(inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> Properties:
    result = {key: value for key, value in inputs.items() if key in now or key not in before}
    for key, value in now.items():
        if key not in before:
            result[key] = value
        elif before[key] != value:
            result[key] = _value(inputs[key], before[key], value) if key in inputs else value
    return result


def _value(given: Any, before: Any, now: Any) -> Any:
    values = (given, before, now)
    if all(isinstance(each, Mapping) for each in values):
        return _applied(*(cast("Mapping[str, Any]", each) for each in values))
    if all(isinstance(each, list) for each in values):
        own, old, new = (cast("list[Any]", each) for each in values)
        both = min(len(own), len(old))
        return [_value(own[i], old[i], each) if i < both else each for i, each in enumerate(new)]
    return now
