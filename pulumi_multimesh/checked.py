"""What must be right before anything is registered: the plan, and what an installation needs beyond it.

Owns: the one place where faults end a program. Does not own: any rule (plan).
"""

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pulumi

from pulumi_multimesh.booked import booked_plan, update_book
from pulumi_multimesh.checked_trust import trust_faults
from pulumi_multimesh.config import MeshArgs
from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.build import book_file
from pulumi_multimesh.plan.fault import ConfigurationFaults, Fault
from pulumi_multimesh.plan.mesh_plan import MeshPlan

_UPDATE_BOOK = "MULTIMESH_UPDATE_BOOK"
_SDKS = {
    "gke": ("pulumi_gcp", "gcp"),
    "eks": ("pulumi_aws", "aws"),
    "aks": ("pulumi_azure_native", "azure"),
    "oke": ("pulumi_oci", "oci"),
}
"""By kind: the SDK's Python package, and the extra of this package that brings it."""


def checked_plan(name: str, args: MeshArgs, *, signed_outside: bool = False) -> MeshPlan:
    """The plan of valid arguments; raises `pulumi.RunError`, which ends the program without a stack trace.

    `signed_outside`: whether an authority outside signs, which leaves nothing to bring.
    """
    raw = cast("Mapping[str, Any]", args)
    faults: list[Fault] = []
    result: MeshPlan | None = None
    try:
        result = _planned(name, raw)
    except ConfigurationFaults as found:
        faults.extend(found.faults)
    faults.extend(_missing_kubeconfigs(raw))
    faults.extend(_missing_sdks(raw))
    faults.extend(trust_faults(name, raw, result, signed_outside=signed_outside))
    if faults or result is None:
        raise pulumi.RunError(str(ConfigurationFaults(name, faults)))
    return result


def _planned(name: str, args: Mapping[str, Any]) -> MeshPlan:
    """The plan with the address book of the program's own folder, if it names one.

    With `MULTIMESH_UPDATE_BOOK=1` in the environment the book is written first, as `multimesh plan --update-book` does
    where the arguments are in a file: arguments that a program computes are in none.
    """
    command = f"multimesh plan --stack {pulumi.get_stack()} --update-book , or {_UPDATE_BOOK}=1 pulumi preview"
    if os.environ.get(_UPDATE_BOOK) == "1" and book_file(args) is not None:
        update_book(name, args, Path(), command)
    return booked_plan(name, args, Path(), command)


def _missing_kubeconfigs(args: Mapping[str, Any]) -> list[Fault]:
    """A plan can do without a kubeconfig, an installation cannot."""
    return [
        Fault(
            path=f"existing.{name}.kubeconfig",
            value=None,
            problem="is missing",
            allowed="the text of a kubeconfig, best as a secret",
            remedy=f"pass it in the program, or: pulumi config set --secret multimesh:kubeconfig-{name} < FILE",
        )
        for _, name, wish in reading.clusters(reading.as_record(args), "existing")
        if wish.get("kubeconfig") is None
    ]


def _missing_sdks(args: Mapping[str, Any]) -> list[Fault]:
    """A plan can do without a cloud's SDK, which is looked for and not loaded here."""
    return [
        Fault(
            path=kind,
            value=None,
            problem=f"needs the Python package {package}, which is not installed",
            allowed="clusters of clouds whose SDK is installed",
            remedy=f"pip install 'pulumi-multimesh[{extra}]'",
        )
        for kind, (package, extra) in _SDKS.items()
        if reading.record(reading.as_record(args), kind) and importlib.util.find_spec(package) is None
    ]
