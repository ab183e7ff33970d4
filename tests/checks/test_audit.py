"""What an audit makes of a state and of what runs, together."""

from check_cases.things import declared, deployment
from check_cases.trust import authorities, ends_in, root

from pulumi_multimesh.checks.audit import audit
from pulumi_multimesh.checks.catalogue import BY_ID
from pulumi_multimesh.checks.check import run
from pulumi_multimesh.checks.item import Item
from pulumi_multimesh.checks.settings import Settings


def found(stated: list[Item], running: list[Item] | None) -> list[tuple[str, str]]:
    return [(each.check.id, each.item.name) for each in audit(stated, running, Settings())]


def test_what_a_program_makes_is_no_vendors_where_it_runs() -> None:
    """Its name and its namespace are what the program likes them to be."""
    runs = deployment("kube-system", securityContext={"privileged": True})
    assert found([], [runs]) == []
    assert found([declared(runs)], [runs]) == [("pod-on-its-node", "kube-system/it")]
    assert found([declared(deployment("shop"))], [runs]) == []


def test_an_end_that_a_certificate_of_the_stack_tells_is_told_once() -> None:
    soon, brought = ends_in(10), ends_in(20)
    pki = authorities({"root": soon, "gcp-eu": brought})
    told = run([BY_ID["certificate-ending"]], [root(validityEndTime=soon), pki])
    assert [(each.item.type, each.message.split()[0]) for each in told] == [
        (root().type, "ends"),
        ("multimesh:index:MeshPki", "gcp-eu"),
    ]
