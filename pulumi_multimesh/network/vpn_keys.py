"""The pre-shared keys of a VPN's tunnels.

Owns: how they are made. Does not own: who uses them. See docs/decisions/0016-keys-of-tunnels.md.
"""

from collections.abc import Iterable

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.pki.derived import derived

_DIGITS = 48
"""192 bits; with the letter before them 49 of the 64 characters that AWS takes."""


def tunnel_keys(name: str, tunnels: Iterable[int], opts: pulumi.ResourceOptions) -> dict[int, pulumi.Output[str]]:
    """A key for each tunnel, by its index; secrets. Another `PrivateKey`, and every key of the VPN is another."""
    source = tls.PrivateKey(f"{name}-keys", algorithm="ED25519", opts=opts)

    def key_of(index: int) -> pulumi.Output[str]:
        return pulumi.Output.secret(source.private_key_pem).apply(lambda pem: preshared_key(pem, index))

    return {index: key_of(index) for index in tunnels}


def preshared_key(secret: str, index: int) -> str:
    """A key of letters and digits, which all four clouds take: AWS's cannot begin with 0, Oracle's has no dot."""
    return f"k{derived(secret, f'tunnel {index}').hex()[:_DIGITS]}"
