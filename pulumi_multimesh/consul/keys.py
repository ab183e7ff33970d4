"""What servers of Consul would invent by themselves, made here as secrets: the key of their gossip, and tokens.

Owns: these. Does not own: the Secrets that hold them (trust.py), and what a machine's token may do (machines.py).
"""

import base64
import uuid
from dataclasses import dataclass

import pulumi
import pulumi_tls as tls

from pulumi_multimesh.pki.derived import derived


@dataclass(frozen=True)
class ConsulKeys:
    """Of one datacenter, or of all that are federated."""

    gossip: pulumi.Output[str]
    """32 bytes in base64, as `consul keygen` writes them; a secret."""
    bootstrap_token: pulumi.Output[str] | None
    """The token that may do everything; a secret. None where ACLs do not begin: in a federation but for its primary."""
    source: pulumi.Output[str]
    """The key from which all of them follow; a secret."""


def consul_keys(name: str, opts: pulumi.ResourceOptions) -> ConsulKeys:
    """Another `PrivateKey`, and both are others."""
    source = tls.PrivateKey(f"{name}-keys", algorithm="ED25519", opts=opts)
    secret = pulumi.Output.secret(source.private_key_pem)
    return ConsulKeys(gossip=secret.apply(gossip_key), bootstrap_token=secret.apply(token), source=secret)


def gossip_key(secret: str) -> str:
    """The key of the gossip."""
    return base64.b64encode(derived(secret, "gossip")).decode()


def token(secret: str, purpose: str = "bootstrap token") -> str:
    """A token, which Consul wants to be a UUID; the first one unless another purpose is given."""
    return str(uuid.UUID(bytes=derived(secret, purpose)[:16], version=4))
