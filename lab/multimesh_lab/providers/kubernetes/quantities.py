"""Kubernetes quantities in their canonical form, as the API server writes them.

Owns: that form (k8s.io/apimachinery, resource.Quantity). Does not own: which fields are quantities.
"""

import re
from decimal import ROUND_CEILING, Decimal

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]


def canonical(text: str) -> str:
    """No fraction and the largest suffix that allows it; text in another form stays as it is."""
    match = _FORM.fullmatch(text)
    if match is None:
        return text
    number, suffix = Decimal(match[1]), match[2]
    if suffix in _DECIMAL:
        return _decimal(number.scaleb(_DECIMAL[suffix]))
    value = number * 1024 ** _BINARY.index(suffix)
    # A binary quantity that is small or no whole number is written as a decimal one.
    return _decimal(value) if abs(value) < 1024 or value != value.to_integral_value() else _binary(int(value))


def _decimal(value: Decimal) -> str:
    nano = int(value.scaleb(9).to_integral_value(rounding=ROUND_CEILING))
    if nano == 0:
        return "0"
    suffixes = list(_DECIMAL)
    position = 0
    while nano % 1000 == 0 and position < len(suffixes) - 1:
        nano, position = nano // 1000, position + 1
    return f"{nano}{suffixes[position]}"


def _binary(value: int) -> str:
    position = 0
    while value % 1024 == 0 and position < len(_BINARY) - 1:
        value, position = value // 1024, position + 1
    return f"{value}{_BINARY[position]}"
