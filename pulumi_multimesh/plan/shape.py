"""Whether a configuration has the right form: known keys, right types, nothing missing.

Owns: form. Does not own: whether values are right (rules/). No value is shown here, as a kubeconfig may lie
under a misspelt key.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import cast

from pulumi_multimesh.plan.cluster_fields import Field, Fields, Kind
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import as_list, is_list, is_output, is_whole

_MOVED = {"istio.charts.version": "istio.version"}
"""Where keys of former versions are now, which no likeness of names would tell."""


def faults_of_form(path: str, field: Field, value: object) -> Iterator[Fault]:
    """Every fault of form of a record, at any depth."""
    if not isinstance(value, Mapping):
        yield _wrong_type(path, field, value)
        return
    entries = cast("Mapping[object, object]", value)
    fields = field.fields
    for key in sorted(entries, key=str):
        known = fields.get(key) if isinstance(key, str) else None
        if known is None:
            yield _unknown(_join(path, key), key, fields)
        else:
            yield from _faults_of_field(_join(path, key), known, entries[key])
    for key, wanted in fields.items():
        if wanted.required and key not in entries:
            yield Fault(
                _join(path, key),
                None,
                "is missing",
                wanted.allowed,
                f"add  {key}: {wanted.example}  under {path}",
            )


def _faults_of_field(path: str, field: Field, value: object) -> Iterator[Fault]:
    match field.kind:
        case Kind.RECORD:
            yield from faults_of_form(path, field, value)
        case Kind.RECORDS | Kind.TEXT_TABLE | Kind.TABLES:
            yield from _faults_of_table(path, field, value)
        case Kind.TEXTS | Kind.INPUT_TEXTS | Kind.LIST_OF_RECORDS if is_list(value):
            for position, item in enumerate(as_list(value)):
                yield from _faults_of_field(f"{path}[{position}]", _item(field), item)
        case _ if not _fits(field.kind, value):
            yield _wrong_type(path, field, value)
        case _:
            pass


def _item(field: Field) -> Field:
    """What each item of a list holds."""
    if field.kind is Kind.LIST_OF_RECORDS:
        return Field(Kind.RECORD, fields=field.fields)
    return Field(Kind.INPUT_TEXT if field.kind is Kind.INPUT_TEXTS else Kind.TEXT)


def _faults_of_table(path: str, field: Field, value: object) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield _wrong_type(path, field, value)
        return
    entries = cast("Mapping[object, object]", value)
    below = {
        Kind.RECORDS: Field(Kind.RECORD, fields=field.fields),
        Kind.TEXT_TABLE: Field(Kind.TEXT),
        Kind.TABLES: Field(Kind.TABLES),
    }[field.kind]
    for key in sorted(entries, key=str):
        inner = _join(path, key)
        if not isinstance(key, str):
            yield Fault(inner, None, f"has a name that is {_type_of(key)}", "text", f'write  "{key}"  in quotes')
        elif field.kind is not Kind.TABLES:
            yield from _faults_of_field(inner, below, entries[key])
        elif not isinstance(entries[key], Mapping):
            yield _wrong_type(inner, below, entries[key])


def _fits(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.ANYTHING:
            return True
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return is_whole(value)
        case Kind.INPUT_TEXT:
            return isinstance(value, str) or is_output(value)
        case Kind.INPUT_TEXTS:
            return is_output(value)
        case _:
            return False


def _wrong_type(path: str, field: Field, value: object) -> Fault:
    place, kind = path or "the configuration", field.kind
    problem = f"is {_type_of(value)}, not {kind.value}"
    if value is None:
        remedy = f"give {place} a value" + (f", such as {field.example}" if field.example else ", or remove it")
    elif kind is Kind.TEXT and isinstance(value, int | float):
        remedy = "write it in quotes, so that YAML reads it as text" + (f": {field.example}" if field.example else "")
    elif is_output(value):
        remedy = "give a plain value: the plan is made before the engine runs"
    else:
        remedy = f"make it {kind.value}" + (f", such as {field.example}" if field.example else "")
    return Fault(place, None, problem, kind.value, remedy)


def _unknown(path: str, key: object, fields: Fields) -> Fault:
    if path in _MOVED:
        return Fault(path, None, "is not a known key", ", ".join(fields), f"write  {_MOVED[path]}  instead")
    nearest = difflib.get_close_matches(str(key).lower(), fields, n=1, cutoff=0.6)
    remedy = f"write  {nearest[0]}  instead" if nearest else "remove it"
    return Fault(path, None, "is not a known key", ", ".join(fields), remedy)


def _type_of(value: object) -> str:
    if is_output(value):
        return "an output of the program"
    names: dict[type[object], str] = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
    }
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "a table"
    return names.get(type(value), f"a {type(value).__name__}")


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
