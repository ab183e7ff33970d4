"""What servers of Consul would invent by themselves, made here as secrets: the key of their gossip and the first token.

Owns: both. Does not own: the Secrets that hold them (trust.py).
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
    bootstrap_token: pulumi.Output[str]
    """The token that may do everything; a secret."""


def consul_keys(name: str, opts: pulumi.ResourceOptions) -> ConsulKeys:
    """Another `PrivateKey`, and both are others."""
    source = tls.PrivateKey(f"{name}-keys", algorithm="ED25519", opts=opts)
    secret = pulumi.Output.secret(source.private_key_pem)
    return ConsulKeys(gossip=secret.apply(gossip_key), bootstrap_token=secret.apply(token))


def gossip_key(secret: str) -> str:
    """The key of the gossip."""
    return base64.b64encode(derived(secret, "gossip")).decode()


def token(secret: str) -> str:
    """A token, which Consul wants to be a UUID."""
    return str(uuid.UUID(bytes=derived(secret, "bootstrap token")[:16], version=4))
