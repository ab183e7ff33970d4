"""Who may call whom, as a mesh of any kind understands it.

Owns: what was decided. Does not own: whether the declaration is right (rules/security.py), and the words of one mesh
(istio/policies.py).
"""

from dataclasses import dataclass
from datetime import date

from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.reading import Record
from pulumi_multimesh.plan.sign_on import SignOnPlan, sign_on
from pulumi_multimesh.plan.zones import ZonesPlan, zones

DENY, ALLOW = "deny", "allow"
DEFAULTS = (DENY, ALLOW)
ANYBODY = "*"
_MONTH = 30
PLAIN_TEXT_UNTIL = "multimesh.io/plain-text-until"
"""The annotation that says until when a namespace takes calls without mTLS."""
PLAIN_TEXT_REASON = "multimesh.io/plain-text-reason"
"""The one that says why."""


@dataclass(frozen=True)
class Target:
    """What a rule is for."""

    namespace: str
    app: str | None
    """The label `app` of its pods; all of the namespace where it is None."""

    @property
    def text(self) -> str:
        """As it is declared."""
        return f"{self.namespace}/{self.app}" if self.app else self.namespace


@dataclass(frozen=True)
class Rule:
    """Calls that are allowed; all that is named has to hold."""

    to: Target
    callers: tuple[str, ...]
    """`*`, `NAMESPACE` or `NAMESPACE/SERVICE-ACCOUNT`, sorted."""
    methods: tuple[str, ...]
    paths: tuple[str, ...]
    ports: tuple[str, ...]
    token: str | None
    """The issuer of the token that a call must bear."""
    claims: dict[str, str]


@dataclass(frozen=True)
class Issuer:
    """Who issues tokens."""

    issuer: str
    audiences: tuple[str, ...]
    jwks_uri: str | None
    jwks: str | None


@dataclass(frozen=True)
class PlainText:
    """A namespace that takes calls without mTLS."""

    until: str
    """The last day, by ISO 8601."""
    reason: str


@dataclass(frozen=True)
class SecurityPlan:
    """Who may call whom."""

    deny_by_default: bool
    rules: tuple[Rule, ...]
    """In the order in which they were declared."""
    issuers: dict[str, Issuer]
    """By name."""
    plain_text: dict[str, PlainText]
    """By namespace."""
    zones: ZonesPlan
    sign_on: SignOnPlan | None

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Those that rules, zones and exceptions are about, sorted."""
        ruled = {rule.to.namespace for rule in self.rules}
        zoned = {namespace for namespaces in self.zones.zones.values() for namespace in namespaces}
        return tuple(sorted(ruled | set(self.plain_text) | zoned))

    def rules_for(self, namespace: str) -> dict[str | None, tuple[Rule, ...]]:
        """The rules of a namespace by the app that they are for; None for all of it."""
        here = [rule for rule in self.rules if rule.to.namespace == namespace]
        apps = dict.fromkeys(rule.to.app for rule in here)
        return {app: tuple(rule for rule in here if rule.to.app == app) for app in apps}


def ending_soon(plan: SecurityPlan, today: date) -> list[str]:
    """A sentence for each exception that ends within a month."""
    days = {namespace: (date.fromisoformat(found.until) - today).days for namespace, found in plan.plain_text.items()}
    return [
        f"security.plain_text.{namespace} ends in {left} days, on {plan.plain_text[namespace].until}; from then on "
        "`pulumi up` refuses until it is taken out"
        for namespace, left in days.items()
        if left <= _MONTH
    ]


def security(args: Record) -> SecurityPlan:
    """The security of valid arguments."""
    wish = reading.record(args, "security")
    return SecurityPlan(
        deny_by_default=reading.text(wish, "default") == DENY,
        rules=tuple(rule(each) for each in listed(wish)),
        issuers={name: _issuer(each) for name, each in reading.records(wish, "issuers").items()},
        plain_text={
            namespace: PlainText(reading.text(each, "until") or "", reading.text(each, "reason") or "")
            for namespace, each in reading.records(wish, "plain_text").items()
        },
        zones=zones(wish),
        sign_on=sign_on(wish),
    )


def listed(wish: Record) -> list[Record]:
    """The declared rules, in their order."""
    return [reading.as_record(each) for each in reading.as_list(wish.get("allow"))]


def last_day(text: str) -> date | None:
    """The day that the text is by ISO 8601, in its long form; None for any other text."""
    try:
        return date.fromisoformat(text) if len(text) == len("2027-03-31") else None
    except ValueError:
        return None


def target(text: str) -> Target:
    """`NAMESPACE` or `NAMESPACE/APP`."""
    namespace, _, app = text.partition("/")
    return Target(namespace, app or None)


def rule(wish: Record) -> Rule:
    """One of the declared rules, whose ports are numbers."""
    return Rule(
        to=target(reading.text(wish, "to") or ""),
        callers=tuple(sorted(reading.texts(wish, "callers"))),
        methods=tuple(sorted(reading.texts(wish, "methods"))),
        paths=tuple(sorted(reading.texts(wish, "paths"))),
        ports=tuple(sorted(reading.texts(wish, "ports"), key=int)),
        token=reading.text(wish, "token"),
        claims=reading.text_table(wish, "claims"),
    )


def _issuer(wish: Record) -> Issuer:
    return Issuer(
        reading.text(wish, "issuer") or "",
        reading.texts(wish, "audiences"),
        reading.text(wish, "jwks_uri"),
        reading.text(wish, "jwks"),
    )
