"""Which machines can take the load of TLS handshakes off a proxy.

Owns: the accelerations of Envoy and the machine types that have what they need. Does not own: the values that turn
them on (istio/tuning_values.py), and the faults (rules/istio_acceleration.py).
"""

import re

CRYPTOMB = "cryptomb"
QAT = "qat"
ACCELERATIONS = (CRYPTOMB, QAT)

DEFAULT_MACHINES = {
    "gke": "e2-standard-4",
    "eks": "m6i.large",
    "aks": "Standard_D4s_v5",
    "oke": "VM.Standard.E5.Flex",
}
"""What a pool has unless it says so, by kind of cluster."""

_FITTING: dict[str, dict[str, str]] = {
    # Intel, "IPP Crypto multi-buffer": CryptoMB multiplies with AVX-512 IFMA, which servers have from Ice Lake on.
    CRYPTOMB: {
        # Google Cloud, "CPU platforms": Sapphire and Emerald Rapids; N2 may be older.
        "gke": r"(c3|c4|n4|h3|m3|z3|x4)-.+",
        # AWS, "Instance types": sixth generation and later with Intel, of which a letter i tells.
        "eks": r"[a-z]+[6-9]i[a-z]*\..+|i4i\..+",
        # Azure, "Sizes for virtual machines": v5 and later; "a" is AMD and "p" is Arm.
        "aks": r"Standard_[DEFLM]\d+(-\d+)?[bdilstm]*_v[5-9]",
        # Oracle Cloud, "Compute Shapes": X9 is Ice Lake.
        "oke": r"(VM|BM)\.(Standard3|Optimized3)\..+",
    },
    # QuickAssist is a device of Sapphire Rapids and later that clouds show on whole machines alone.
    QAT: {
        # AWS, "Instance types": the metal sizes of the seventh generation with Intel.
        "eks": r"[a-z]+7i[a-z]*\.metal.*",
    },
}


def fits(acceleration: str, kind: str, machine: str) -> bool:
    """Whether machines of the type are known to have what the acceleration needs."""
    pattern = _FITTING[acceleration].get(kind)
    return pattern is not None and re.fullmatch(pattern, machine) is not None


def examples(acceleration: str, kind: str) -> str:
    """A machine type that fits, for a remedy; empty where the cloud has none."""
    known = {
        (CRYPTOMB, "gke"): "c3-standard-4",
        (CRYPTOMB, "eks"): "m6i.xlarge",
        (CRYPTOMB, "aks"): "Standard_D4s_v5",
        (CRYPTOMB, "oke"): "VM.Standard3.Flex",
        (QAT, "eks"): "m7i.metal-24xl",
    }
    return known.get((acceleration, kind), "")
