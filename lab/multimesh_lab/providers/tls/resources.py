"""The four resources of the tls provider: what each takes, makes and replaces.

Owns: their checks, defaults and outputs. Does not own: the protocol (provider) or the cryptography.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from multimesh_lab.providers.sdk_schema import InputFault
from multimesh_lab.providers.tls import certificates, keys, uses
from multimesh_lab.providers.wire import UNKNOWN, Properties

_HOURS = {"earlyRenewalHours": 0}
_FLAGS = {"isCaCertificate": False, "setSubjectKeyId": False}


@dataclass(frozen=True)
class Made:
    """A created resource."""

    id: str
    outputs: Properties


@dataclass(frozen=True)
class Resource:
    """One type: a key input is needed in clear, since nothing write-only reaches a later refresh."""

    create: Callable[[Mapping[str, Any]], Made]
    defaults: Mapping[str, Any]
    secret_inputs: frozenset[str] = frozenset()
    secret_outputs: frozenset[str] = frozenset()
    in_place: frozenset[str] = frozenset()
    renews: bool = False

    def check(self, inputs: Mapping[str, Any]) -> Iterable[InputFault]:
        """The validators of terraform-provider-tls; what depends on PEM contents fails only on create."""
        yield from _enumerated(inputs)
        for key in sorted(self.secret_inputs):
            if inputs.get(f"{key}Wo") is not None:
                yield InputFault(f"{key}Wo", f"write-only inputs are not simulated; give {key!r}")
            elif inputs.get(key) is None:
                yield InputFault(key, f"missing required property {key!r}")


def _enumerated(inputs: Mapping[str, Any]) -> Iterable[InputFault]:
    for key, allowed in (("algorithm", keys.ALGORITHMS), ("ecdsaCurve", tuple(keys.CURVES))):
        value = inputs.get(key)
        if isinstance(value, str) and value not in allowed:
            yield InputFault(key, f"{value!r}; allowed are {', '.join(allowed)}")
    for key, least in (("validityPeriodHours", 0), ("earlyRenewalHours", 0), ("maxPathLength", -1)):
        value = inputs.get(key)
        if isinstance(value, int) and value < least:
            yield InputFault(key, f"{value}; must be at least {least}")
    for index, use in enumerate(inputs.get("allowedUses") or []):
        if isinstance(use, str) and use not in uses.ALLOWED:
            yield InputFault(f"allowedUses[{index}]", f"{use!r}; allowed are {', '.join(uses.ALLOWED)}")
    for index, address in enumerate(inputs.get("ipAddresses") or []):
        if address == "":
            yield InputFault(f"ipAddresses[{index}]", "an IP address must not be empty")


def _private_key(inputs: Mapping[str, Any]) -> Made:
    key = keys.generate(inputs["algorithm"], int(inputs["rsaBits"]), inputs["ecdsaCurve"])
    public = key.public_key()
    made = {**keys.private_forms(key), **keys.public_forms(public), "__meta": '{"schema_version":"1"}'}
    return Made(keys.public_id(public), made)


def _request(inputs: Mapping[str, Any]) -> Made:
    pem, algorithm, identity = certificates.request(inputs)
    return Made(identity, {"certRequestPem": pem, "keyAlgorithm": algorithm})


def _self_signed(inputs: Mapping[str, Any]) -> Made:
    issued, algorithm = certificates.self_signed(inputs)
    return _issued(issued, inputs, "keyAlgorithm", algorithm)


def _locally_signed(inputs: Mapping[str, Any]) -> Made:
    issued, algorithm = certificates.locally_signed(inputs)
    return _issued(issued, inputs, "caKeyAlgorithm", algorithm)


def _issued(issued: certificates.Issued, inputs: Mapping[str, Any], key: str, algorithm: str) -> Made:
    outputs: Properties = {
        "certPem": issued.pem,
        "validityStartTime": _rfc3339(issued.start),
        "validityEndTime": _rfc3339(issued.end),
        key: algorithm,
    }
    outputs["readyForRenewal"] = due({**inputs, **outputs}, issued.start)
    return Made(str(issued.serial), outputs)


def due(state: Mapping[str, Any], now: datetime) -> bool:
    """Whether the certificate is in its renewal window, as the state tells it."""
    end = state.get("validityEndTime")
    if not isinstance(end, str) or end is UNKNOWN:
        return False
    return now >= _parse(end) - timedelta(hours=int(state.get("earlyRenewalHours") or 0))


def _rfc3339(moment: datetime) -> str:
    """Go's RFC 3339 with nanoseconds in the host's own zone."""
    local = moment.astimezone()
    offset = local.strftime("%z")
    zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    fraction = f"{local.microsecond:06d}000".rstrip("0")
    return local.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + zone


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


RESOURCES: dict[str, Resource] = {
    "tls:index/privateKey:PrivateKey": Resource(
        _private_key,
        defaults={"rsaBits": 2048, "ecdsaCurve": "P224"},
        secret_outputs=frozenset({"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"}),
    ),
    "tls:index/certRequest:CertRequest": Resource(_request, defaults={}, secret_inputs=frozenset({"privateKeyPem"})),
    "tls:index/selfSignedCert:SelfSignedCert": Resource(
        _self_signed,
        defaults={**_HOURS, **_FLAGS, "setAuthorityKeyId": False},
        secret_inputs=frozenset({"privateKeyPem"}),
        in_place=frozenset({"earlyRenewalHours"}),
        renews=True,
    ),
    "tls:index/locallySignedCert:LocallySignedCert": Resource(
        _locally_signed,
        defaults={**_HOURS, **_FLAGS},
        secret_inputs=frozenset({"caPrivateKeyPem"}),
        in_place=frozenset({"earlyRenewalHours"}),
        renews=True,
    ),
}
