"""The address book as a file: a small YAML document, committed beside the stack's configuration.

Owns: reading and writing. Does not own: what a book holds (plan/book.py) and whether it is sound (plan/rules/book.py).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from pulumi_multimesh.plan.book import Book, as_document, of_document
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.reading import as_record
from pulumi_multimesh.plan.rules.book import book_faults

_HEADER = """\
# The address book of this mesh: what its clusters, gateways and tunnels have, so that they keep it.
# Written by `multimesh plan --update-book`; commit it with the change that made it differ.
"""


def read_book(path: Path, *, new: bool = False) -> Book:
    """The book in a file; `new`: an empty one where there is no file yet.

    Raises `ConfigurationFaults` with every fault of the file.
    """
    if not path.exists():
        if new:
            return Book()
        remedy = "write it with  multimesh plan --update-book , and commit it"
        raise _faulty(path, Fault("addresses.book", path.name, "is not there", "a file beside the program", remedy))
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as problem:
        told = " ".join(str(problem).split())
        raise _faulty(
            path, Fault(path.name, None, f"cannot be read: {told}", "YAML", "undo the edit, as its history has it")
        ) from None
    if not isinstance(document, Mapping):
        raise _faulty(path, Fault(path.name, None, "is no table", "an address book", "undo the edit"))
    record = as_record(cast("Mapping[str, Any]", document))
    faults = book_faults(record)
    if faults:
        raise ConfigurationFaults(path.name, faults, what="address book")
    return of_document(record)


def write_book(path: Path, book: Book) -> None:
    """Write beside and rename, so that nobody ever reads half a book."""
    text = yaml.safe_dump(as_document(book), sort_keys=False, default_flow_style=False, width=100)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(_HEADER + text, encoding="utf-8")
    beside.replace(path)


def _faulty(path: Path, fault: Fault) -> ConfigurationFaults:
    return ConfigurationFaults(path.name, [fault], what="address book")
