"""Whatever stages a user writes: what is not refused never makes two workloads meet that do not believe each other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pulumi_multimesh.plan.rotation import Trust, annotations, of_issuer, of_roots, remembered, rotation_faults

NAMES = ("default", "r2028", "r2030")
CLUSTERS = ("aws-us", "gcp-eu", "oci-eu")


@st.composite
def trusts(draw: st.DrawFn) -> Trust:
    roots = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)))
    if roots == ("default",) and draw(st.booleans()):
        return Trust()
    return Trust(roots, draw(st.sampled_from(roots)), many_roots=True)


formers = st.dictionaries(st.sampled_from(CLUSTERS), trusts(), max_size=3)
NAMED = Trust(many_roots=True)
BOTH = Trust(("default", "r2028"), "default", many_roots=True)
SWITCHED = Trust(("default", "r2028"), "r2028", many_roots=True)
RETIRED = Trust(("r2028",), "r2028", many_roots=True)
STAGES = (Trust(), NAMED, BOTH, SWITCHED, RETIRED)


def refused(wanted: Trust, former: dict[str, Trust]) -> bool:
    return bool(list(rotation_faults(wanted, former)))


@given(wanted=trusts(), former=formers)
def test_what_is_not_refused_parts_nobody(wanted: Trust, former: dict[str, Trust]):
    if refused(wanted, former):
        return
    # At a moment of the `up` each cluster has what it had or what is wanted.
    for had in former.values():
        for believer in (had, wanted):
            for issuer in (had, wanted):
                assert issuer.issuing in believer.roots


@given(wanted=trusts(), former=formers)
def test_what_is_not_refused_a_running_istiod_takes(wanted: Trust, former: dict[str, Trust]):
    if refused(wanted, former):
        return
    for had in former.values():
        if had.roots != wanted.roots:
            assert had.many_roots
            before, after = (" ".join((*trust.roots, "")) for trust in (had, wanted))
            assert before in after or after in before


@given(wanted=trusts(), former=formers, done=st.sets(st.sampled_from(CLUSTERS)))
def test_an_up_that_ended_half_way_can_go_on_and_back(wanted: Trust, former: dict[str, Trust], done: set[str]):
    if refused(wanted, former):
        return
    halfway = {name: wanted if name in done else had for name, had in former.items()}
    assert not refused(wanted, halfway)
    if len(set(former.values())) == 1:
        (was,) = set(former.values())
        if was.many_roots:
            assert not refused(was, halfway), "back to where all were"


@given(wanted=trusts(), former=formers)
def test_what_starts_anew_takes_all_that_parts_nobody(wanted: Trust, former: dict[str, Trust]):
    anew = {name: replace(trust, starts_anew=True) for name, trust in former.items()}
    believed = all(
        issuer.issuing in believer.roots
        for had in former.values()
        for believer in (had, wanted)
        for issuer in (had, wanted)
    )
    assert refused(wanted, anew) == (not believed)


def test_a_control_plane_that_starts_anew_needs_no_names_first():
    (fault,) = rotation_faults(SWITCHED, {"gcp-eu": Trust(starts_anew=True)})
    assert fault.remedy.startswith("write  pki: {roots: [default, r2028], issuing: default}")
    assert not refused(BOTH, {"gcp-eu": Trust(starts_anew=True)})


def test_the_stages_forward_and_no_other_way_forward():
    for position, wanted in enumerate(STAGES):
        for before, had in enumerate(STAGES[: position + 1]):
            skipped = position - before > 1
            assert refused(wanted, dict.fromkeys(CLUSTERS, had)) == skipped, (had, wanted)


def test_names_are_left_out_once_there_is_nothing_else_to_leave_out():
    (fault,) = rotation_faults(Trust(), dict.fromkeys(CLUSTERS, BOTH))
    assert "pki: {roots: [default]}" in fault.remedy
    assert not refused(NAMED, dict.fromkeys(CLUSTERS, BOTH))
    assert not refused(Trust(), dict.fromkeys(CLUSTERS, NAMED))


def test_one_cluster_that_was_left_behind_holds_the_next_stage_up():
    former = {"aws-us": BOTH, "gcp-eu": NAMED}
    (fault,) = rotation_faults(SWITCHED, former)
    assert fault.path == "pki.issuing"
    assert "gcp-eu does not trust yet" in fault.problem
    assert "roots: [default, r2028], issuing: default" in fault.remedy
    assert not refused(SWITCHED, {**former, "gcp-eu": BOTH})


def test_a_root_goes_only_when_none_issues_under_it():
    (fault,) = rotation_faults(RETIRED, {"aws-us": SWITCHED, "gcp-eu": BOTH})
    assert fault.path == "pki.roots"
    assert "gcp-eu issues" in fault.problem
    assert "issuing: r2028" in fault.remedy


def test_a_mesh_that_names_no_roots_names_them_first():
    (fault,) = rotation_faults(BOTH, {"gcp-eu": Trust()})
    assert fault.remedy.startswith("write  pki: {roots: [default]}  and pulumi up")


def test_not_both_at_once_and_not_in_another_order():
    for roots in (("r2028", "r2030"), ("r2028", "default")):
        (fault,) = rotation_faults(Trust(roots, "r2028", many_roots=True), {"gcp-eu": SWITCHED})
        assert "neither all that gcp-eu trusts and more" in fault.problem


def test_a_new_mesh_may_begin_anywhere():
    assert not refused(SWITCHED, {})


@given(trust=trusts())
def test_what_is_written_is_remembered(trust: Trust):
    assert remembered(annotations(trust)) == trust
    assert remembered({"else": "where"}) == Trust()
    told = annotations(trust)
    assert remembered({**of_roots(told), **of_issuer(told)}) == trust, "also where two things say it"


def test_one_of_two_that_was_not_told_yet_has_what_was_there_before():
    """Where the roots and what is signed are two resources, an `up` may end between them."""
    assert remembered(of_roots(annotations(SWITCHED))).issuing == "default"
    assert remembered(of_issuer(annotations(SWITCHED))).roots == ("default",)
