"""What must be right about trust before anything is registered, beyond the arguments themselves.

Owns: holding the wanted trust against what is brought and against what the last `up` left. Does not own: the rules
(pki/brought.py, plan/rotation.py).
"""

from collections.abc import Iterator, Mapping

from pulumi_multimesh.pki.brought import brought_faults
from pulumi_multimesh.pki.former_trust import former_trust
from pulumi_multimesh.plan import reading
from pulumi_multimesh.plan.fault import Fault
from pulumi_multimesh.plan.mesh_plan import MeshPlan
from pulumi_multimesh.plan.rotation import Trust, rotation_faults


def trust_faults(
    name: str, args: Mapping[str, object], plan: MeshPlan | None, *, signed_outside: bool
) -> Iterator[Fault]:
    """Faults of what is brought, and of a stage that is skipped; the latter only where there is a plan."""
    if signed_outside and "root_certificates" in reading.record(reading.as_record(args), "pki"):
        yield Fault(
            "pki.root_certificates",
            None,
            "is given beside an authority that signs",
            "one source of certificates",
            "remove root_certificates, or the program's authority",
        )
    yield from brought_faults(args)
    if plan is None:
        return
    wanted = Trust(tuple(plan.trust.roots), plan.trust.issuing, plan.trust.settings.many_roots)
    yield from rotation_faults(wanted, former_trust(name, plan.trust.intermediates, plan.control_plane.mesh))
