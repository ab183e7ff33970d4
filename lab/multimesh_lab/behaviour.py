"""How the simulated clouds of a lab behave, as people read it and say it: `duration_scale=0.01 nodes=none`.

Owns: the words and their meaning. Does not own: the file and its fields (providers.store).
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509

from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import Failure, Settings, read_settings, write_settings


class BehaviourError(ValueError):
    """The words say something that is not known."""


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not math.isfinite(scale) or scale < 0:
        raise BehaviourError("allowed is a number of 0 or more; the real durations are multiplied by it")
    return scale


def _real_or_none(text: str) -> str:
    if text not in ("real", "none"):
        raise BehaviourError("allowed are real and none")
    return text


def _authority(text: str) -> str:
    if text == "none":
        return ""
    try:
        pem = Path(text).read_text()
        x509.load_pem_x509_certificates(pem.encode())
    except (OSError, ValueError) as fault:
        raise BehaviourError(f"allowed are none and a file with certificates as PEM ({fault})") from None
    return pem


def _failures(text: str) -> tuple[Failure, ...]:
    try:
        return tuple(Failure(**entry) for entry in json.loads(text))
    except (ValueError, TypeError) as fault:
        raise BehaviourError(
            'allowed is a list such as [{"type": "aws:eks/cluster:Cluster", "method": "create", "times": 1, '
            f'"message": "…"}}], or [] for none ({fault})'
        ) from None


WORDS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "duration_scale": (_scale, "the clouds' real durations times this; 0: everything at once"),
    "nodes": (_real_or_none, "real; none: control planes without nodes"),
    "clusters": (_real_or_none, "real; none: clusters on paper, in which nothing can be installed"),
    "login_authority": (_authority, "a file with the authority of an OIDC provider; none: the machine's public ones"),
    "failures": (_failures, "calls that are told to fail, as JSON"),
}
"""Setting → how its value is read, and what it means."""


def changed(home: LabHome, words: Sequence[str]) -> Settings:
    """The settings with what the words say; written, and in force from the next call on."""
    settings = read_settings(home)
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or key not in WORDS:
            raise BehaviourError(f"{word!r} is not SETTING=VALUE; the settings are {', '.join(WORDS)}")
        try:
            settings = replace(settings, **{key: WORDS[key][0](text)})
        except BehaviourError as fault:
            raise BehaviourError(f"{key} is {text!r}; {fault}") from None
    if words:
        home.create()
        write_settings(home, settings)
    return settings


def _subjects(pem: str) -> str:
    found = x509.load_pem_x509_certificates(pem.encode()) if pem else []
    return ", ".join(each.subject.rfc4514_string() for each in found) or "none"


def lines(settings: Settings) -> list[str]:
    """The settings for a reader, a line each."""
    shown = {key: str(getattr(settings, key)) for key in WORDS if key != "failures"}
    told = [f"{each.method} {each.type} ×{each.times}: {each.message}" for each in settings.failures]
    shown["login_authority"] = _subjects(settings.login_authority)
    shown["failures"] = "; ".join(told) or "none"
    return [f"{key:<15} {shown[key]:<6} ({meaning})" for key, (_, meaning) in WORDS.items()]
