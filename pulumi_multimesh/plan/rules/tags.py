"""Rules of tags, which each cloud limits in its own way.

Owns: `tags`. Does not own: Kubernetes labels.
"""

import re
from collections.abc import Iterator

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.reading import Record


def tag_faults(args: Record) -> Iterator[Fault]:
    """Tags that one of the clouds in use would refuse."""
    rules = {"gke": _gcp_label_faults, "eks": _aws_tag_faults, "aks": _azure_tag_faults, "oke": _oci_tag_faults}
    for key, value in reading.text_table(args, "tags").items():
        for kind, rule in rules.items():
            if reading.record(args, kind):
                yield from rule(key, value)


def _gcp_label_faults(key: str, value: str) -> Iterator[Fault]:
    # Google Cloud, "Requirements for labels".
    allowed = (
        "as gke clusters are present: at most 63 lower-case letters, digits, underscores and dashes "
        "in key and value; a key starts with a letter"
    )
    if not (_is_label_text(key) and key[:1].isalpha()):
        remedy = f"write  {_as_label(key) or 'a key of such characters'}"
        yield Fault(f"tags.{key}", None, "has a key that Google Cloud refuses", allowed, remedy)
    if not _is_label_text(value):
        yield Fault(f"tags.{key}", value, "is refused by Google Cloud", allowed, f"write  {_as_label(value)}")


def _is_label_text(text: str) -> bool:
    return len(text) <= 63 and all(c in "_-" or (c.isalnum() and c == c.lower()) for c in text)


def _as_label(text: str) -> str:
    return re.sub(r"[^\w-]", "-", text.lower())[:63]


def _aws_tag_faults(key: str, value: str) -> Iterator[Fault]:
    # AWS, "Tag naming limits and requirements".
    allowed = "a key of 1 to 128 characters that does not start with aws:, and a value of at most 256"
    if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
        yield Fault(f"tags.{key}", None, "has a key that AWS refuses", allowed, "choose another key")
    if len(value) > 256:
        yield Fault(f"tags.{key}", value, "is too long for AWS", allowed, "shorten it")


def _azure_tag_faults(key: str, value: str) -> Iterator[Fault]:
    # Azure, "Use tags to organize your Azure resources": limitations.
    allowed = "a key of 1 to 512 characters without < > % & \\ ? /, and a value of at most 256"
    if not 1 <= len(key) <= 512 or set(key) & set("<>%&\\?/"):
        yield Fault(f"tags.{key}", None, "has a key that Azure refuses", allowed, "choose another key")
    if len(value) > 256:
        yield Fault(f"tags.{key}", value, "is too long for Azure", allowed, "shorten it")


def _oci_tag_faults(key: str, value: str) -> Iterator[Fault]:
    # Oracle Cloud, "Tagging overview": free-form tags.
    allowed = "a key of 1 to 100 characters without spaces and dots, and a value of at most 256"
    if not 1 <= len(key) <= 100 or set(key) & set(" ."):
        yield Fault(f"tags.{key}", None, "has a key that Oracle Cloud refuses", allowed, "choose another key")
    if len(value) > 256:
        yield Fault(f"tags.{key}", value, "is too long for Oracle Cloud", allowed, "shorten it")
