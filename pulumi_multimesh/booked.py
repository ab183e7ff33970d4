"""A plan beside the address book that its arguments name.

Owns: when the book is read and when it is written. Does not own: the plan (plan/build.py), the file (book_file.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_multimesh.book_file import read_book, write_book
from pulumi_multimesh.plan.book import Book, Difference, difference, remembered
from pulumi_multimesh.plan.build import book_file, plan, plan_anew
from pulumi_multimesh.plan.fault import ConfigurationFaults
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.validate import validate


def booked_plan(name: str, args: Mapping[str, Any], folder: Path, command: str) -> MeshPlan:
    """The plan with the book that the arguments name, a path from `folder`; `command` is what updates that.

    Raises `ConfigurationFaults` with every fault of the arguments and of the book.
    """
    file = book_file(args)
    book = None if file is None else _book(name, args, folder / file, command)
    return plan(name, args, book, command)


def update_book(name: str, args: Mapping[str, Any], folder: Path, command: str) -> tuple[str, Difference | None]:
    """Give what is new its place and write that down; the book's file, and what changed: None when nothing did.

    Raises `ConfigurationFaults` with every fault of the arguments and of the book, which is then as it was, and
    `LookupError` when the arguments name no book.
    """
    file = book_file(args)
    if file is None:
        raise LookupError(name)
    path = folder / file
    before = _book(name, args, path, command) if path.exists() else Book()
    after = remembered(plan_anew(name, args, before), before)
    if path.exists() and after == before:
        return file, None
    write_book(path, after)
    return file, difference(before, after)


def _book(name: str, args: Mapping[str, Any], path: Path, command: str) -> Book:
    """A book that cannot be read is told together with what is wrong about the arguments."""
    try:
        return read_book(path, command)
    except ConfigurationFaults as faults:
        raise ConfigurationFaults(name, [*faults.faults, *validate(name, args)]) from None
