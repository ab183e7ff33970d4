"""The address book as a file: a small YAML document, committed beside the stack's configuration.

Owns: reading and writing. Does not own: what a book holds (plan/book.py), its form (plan/book_document.py) and whether
it is sound (plan/rules/book.py).
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import yaml

from pulumi_multimesh.plan.book import Book
from pulumi_multimesh.plan.book_document import as_document, of_document
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.rules.book import book_faults
from pulumi_multimesh.strict_yaml import StrictLoader

_HEADER = """\
# The address book of this mesh: what its clusters, VPN gateways and tunnels have, so that they keep it.
# `multimesh plan --update-book` writes it; commit it with the change that made it differ.
# A block holds the ranges that were cut from it; what is pinned lies elsewhere; what is freed is given again last.
"""
_MEND = (
    "undo the edit, as the file's history has it; both sides of a merge are kept by writing it anew from one of them"
)


def read_book(path: Path, command: str) -> Book:
    """The book in a file; `command` is what writes it.

    Raises `ConfigurationFaults` with every fault of the file, also that it is not there.
    """
    if not path.exists():
        fault = Fault("addresses.book", path.name, "is not there", "a file that was written", f"write it:  {command}")
        raise ConfigurationFaults(path.name, [fault], what="address book")
    try:
        document = cast("object", yaml.load(path.read_text(encoding="utf-8"), Loader=StrictLoader))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise _unreadable(path, f"is not valid YAML{place}: {problem.problem or problem.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _unreadable(path, "is not valid YAML") from None
    except OSError as problem:
        raise _unreadable(path, f"cannot be read: {problem.strerror}") from None
    if not isinstance(document, Mapping):
        raise _unreadable(path, "is no table")
    table = cast("Mapping[str, object]", document)
    faults = [replace(fault, path=f"{path.name}: {fault.path}") for fault in book_faults(table)]
    if faults:
        raise ConfigurationFaults(path.name, faults, what="address book")
    return of_document(table)


def write_book(path: Path, book: Book) -> None:
    """Write beside and rename, so that nobody ever reads half a book.

    Raises `ConfigurationFaults` when the file cannot be written; it is then as it was.
    """
    text = yaml.safe_dump(as_document(book), sort_keys=False, default_flow_style=False, width=100)
    # A link is followed, or the rename would put a file in its place.
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(_HEADER + text)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                beside.chmod(target.stat().st_mode & 0o777)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as problem:
        told = f"cannot be written: {problem.strerror}"
        allowed, remedy = "a file in a folder that is there", "make its folder, and see to its rights"
        fault = Fault("addresses.book", path.name, told, allowed, remedy)
        raise ConfigurationFaults(path.name, [fault], what="address book") from None


def _unreadable(path: Path, problem: str) -> ConfigurationFaults:
    fault = Fault(path.name, None, problem, "an address book, as the command wrote it", _MEND)
    return ConfigurationFaults(path.name, [fault], what="address book")
