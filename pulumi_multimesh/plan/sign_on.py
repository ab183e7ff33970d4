"""One sign-on at the ingress: who is asked about calls from outside, and about which.

Owns: what was decided. Does not own: whether the declaration is right (rules/sign_on.py), and Istio's words for it
(istio/sign_on.py).
"""

from dataclasses import dataclass

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record

PORT = 80
"""That of oauth2-proxy's Service, as its chart makes it."""
HEADERS = ("authorization", "x-auth-request-email", "x-auth-request-groups", "x-auth-request-user")
"""What oauth2-proxy says of who is signed in, with its option `set-xauthrequest`."""


@dataclass(frozen=True)
class SignOnPlan:
    """Who is asked."""

    namespace: str
    service: str
    port: int
    hosts: tuple[str, ...]
    """Of calls from outside, sorted; every host where there is none."""
    open_hosts: tuple[str, ...]
    """About which nobody is asked, sorted; only where `hosts` is empty."""
    public_paths: tuple[str, ...]
    """Paths about which nobody is asked, whatever the host, sorted."""
    headers: tuple[str, ...]
    """What the answer may tell workloads, sorted, in lower case."""


def sign_on(security: Record) -> SignOnPlan | None:
    """The sign-on of a valid declaration under `security`; None unless asked for."""
    if "sign_on" not in security:
        return None
    wish = reading.record(security, "sign_on")
    namespace, _, service = (reading.text(wish, "service") or "").partition("/")
    return SignOnPlan(
        namespace,
        service,
        reading.integer(wish, "port") or PORT,
        tuple(sorted(reading.texts(wish, "hosts"))),
        tuple(sorted(reading.texts(wish, "open_hosts"))),
        tuple(sorted(reading.texts(wish, "public_paths"))),
        tuple(sorted(header.lower() for header in reading.texts(wish, "headers"))) or HEADERS,
    )
