"""One person on the wire: every field has one shape, and what is not ours is refused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.documents import CLB_SKILLS, MAX_SEATS, YEARS_BANDS, ProfileDocument, read
from federation.problems import Problem
from federation.vocabularies import load as vocabularies
from tests.federation.document_faults import faults, without
from tests.hub.people import consent, mentee, mentor

WORDS = vocabularies()
SETS = {
    "languages": "languages",
    "formats": "formats",
    "modes": "modes",
    "slots": "slots",
    "interests": "interests",
    "working_styles": "working_styles",
    "goals": "topics",
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def subset(vocabulary: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(WORDS.codes(vocabulary)), unique=True, max_size=4)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.sampled_from([mentor, mentee]))
def test_every_profile_of_known_codes_is_read_as_it_was_written(data: st.DataObject, make: Callable[..., Any]):
    sent = make(
        noc=data.draw(st.sampled_from(WORDS.codes("noc"))),
        region=data.draw(st.sampled_from(WORDS.codes("region"))),
        years_band=data.draw(st.sampled_from(YEARS_BANDS)),
        **{name: data.draw(subset(vocabulary)) for name, vocabulary in SETS.items()},
    )

    got = read(ProfileDocument(), sent)

    assert {name: got[name] for name in (*SETS, "noc", "region", "years_band")} == {
        name: sent[name] for name in (*SETS, "noc", "region", "years_band")
    }


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(ProfileDocument().fields)), ANYTHING, st.sampled_from([mentor(), mentee()]))
def test_whatever_a_field_holds_the_answer_is_a_profile_or_a_problem(name: str, value: Any, base: dict[str, Any]):
    try:
        got = read(ProfileDocument(), base | {name: value})
    except Problem:
        assert any(pointer.startswith(f"/{name}") for pointer in faults_of(base | {name: value}))
    else:
        assert got["kind"] in {"mentor", "mentee"}


def faults_of(payload: Any) -> set[str]:
    with pytest.raises(Problem) as problem:
        read(ProfileDocument(), payload)
    return {error.pointer for error in problem.value.errors}


@pytest.mark.parametrize("payload", [None, [], "text", 7, {}])
def test_what_is_not_a_profile_at_all_is_a_refusal(payload: Any):
    assert faults(ProfileDocument(), payload)


@pytest.mark.parametrize("field", ["email", "first_name", "phone", "notes", "id"])
def test_a_key_that_is_not_ours_is_refused_and_wins_over_other_faults(field: str):
    detail = faults(ProfileDocument(), mentor(seats=99) | {field: "x"}, "unknown-field")

    assert detail[f"/{field}"] == "Unknown field."
    assert "/seats" in detail


def test_keys_inside_objects_are_as_strict():
    assert "/consent/signature" in faults(ProfileDocument(), mentor(consent=consent(signature="x")), "unknown-field")
    clb = dict.fromkeys(CLB_SKILLS, 7) | {"language": "en", "score": 7}
    told = faults(ProfileDocument(), mentee(readiness={"clb": clb}), "unknown-field")
    assert list(told) == ["/readiness/clb/score"]


@pytest.mark.parametrize("name", [n for n, f in ProfileDocument().fields.items() if f.required])
def test_each_required_field_is_asked_for(name: str):
    assert faults(ProfileDocument(), without(mentor(), name))[f"/{name}"] == "Missing data for required field."


@pytest.mark.parametrize("name", ["noc", "region", *SETS])
def test_a_value_outside_the_vocabulary_is_refused_and_not_repeated(name: str):
    value: Any = "Amina Yusuf"

    told = faults(ProfileDocument(), mentor(**{name: [value] if name in SETS else value}))

    assert list(told) == [f"/{name}/0" if name in SETS else f"/{name}"]
    assert "Amina" not in str(told)


@pytest.mark.parametrize("name", SETS)
def test_a_set_holds_each_code_once(name: str):
    first = WORDS.codes(SETS[name])[0]

    assert faults(ProfileDocument(), mentor(**{name: [first, first]})) == {f"/{name}": "The same code stands twice."}


@pytest.mark.parametrize("value", ["3", 2.0, True, -1, MAX_SEATS + 1, None, [1]])
def test_seats_are_a_whole_number_in_range(value: Any):
    assert "/seats" in faults(ProfileDocument(), mentor(seats=value))


@pytest.mark.parametrize("seats", [0, MAX_SEATS])
def test_seats_at_the_edges_are_read(seats: int):
    assert read(ProfileDocument(), mentor(seats=seats))["seats"] == seats


def test_a_mentor_says_how_many_seats():
    assert faults(ProfileDocument(), without(mentor(), "seats"))["/seats"].startswith("Say how many")


@pytest.mark.parametrize("name", sorted(ProfileDocument.MENTEE_ONLY))
def test_a_mentor_has_no_field_of_a_mentee(name: str):
    value = {"target_noc": "21", "needs": [], "readiness": {}, "waiting_since": "2026-01-01"}[name]

    assert faults(ProfileDocument(), mentor(**{name: value})) == {f"/{name}": "A mentor has no such field."}


@pytest.mark.parametrize("name", sorted(ProfileDocument.MENTOR_ONLY))
def test_a_mentee_has_no_field_of_a_mentor(name: str):
    value = {"seats": 1, "strengths": [], "donated": False, "resting_until": "2027-01-15"}[name]

    assert faults(ProfileDocument(), mentee(**{name: value})) == {f"/{name}": "A mentee has no such field."}


@pytest.mark.parametrize("value", ["soon", 20270115, "2027-13-01", ["2027-01-15"], True])
def test_a_rest_ends_on_a_day(value: Any):
    assert "/resting_until" in faults(ProfileDocument(), mentor(resting_until=value))


def test_a_mentor_may_say_until_when_they_rest():
    day = read(ProfileDocument(), mentor(resting_until="2027-01-15"))["resting_until"]

    assert day.isoformat() == "2027-01-15"
    assert read(ProfileDocument(), mentor(resting_until=None))["resting_until"] is None
    assert read(ProfileDocument(), mentor())["resting_until"] is None


def test_what_was_left_out_is_filled_for_the_kind_alone():
    asked, offered = read(ProfileDocument(), without(mentee(), "readiness")), read(ProfileDocument(), mentor())

    assert asked["readiness"] == {
        "clb": None,
        "certification": "not_needed",
        "documents": "complete",
        "commitment": "unconfirmed",
    }
    assert offered["donated"] is False
    assert not ProfileDocument.MENTOR_ONLY & asked.keys()
    assert not ProfileDocument.MENTEE_ONLY & offered.keys()


def test_origin_needs_its_own_consent():
    both = consent(purposes=["share", "origin"])

    assert read(ProfileDocument(), mentor(origin="IN", consent=both))["origin"] == "IN"
    assert "/origin" in faults(ProfileDocument(), mentor(origin="IN"))


@pytest.mark.parametrize("skill", CLB_SKILLS)
@pytest.mark.parametrize("level", [0, 13, "7", 7.5, None])
def test_benchmarks_are_whole_and_1_to_12(skill: str, level: Any):
    clb = dict.fromkeys(CLB_SKILLS, 7) | {"language": "fr", skill: level}

    assert f"/readiness/clb/{skill}" in faults(ProfileDocument(), mentee(readiness={"clb": clb}))


def test_a_consent_ends_no_sooner_than_it_began():
    same = consent(given_on="2026-03-01", until="2026-03-01")

    assert read(ProfileDocument(), mentor(consent=same))["consent"]["until"] == date(2026, 3, 1)
    told = faults(ProfileDocument(), mentor(consent=same | {"until": "2026-02-28"}))
    assert told == {"/consent/until": "A consent cannot end before it was given."}


@pytest.mark.parametrize("notice", ["ab" * 31, "AB" * 32, "ab" * 32 + "\n", "", 7])
def test_a_notice_is_named_by_its_whole_digest(notice: Any):
    assert "/consent/notice_version" in faults(ProfileDocument(), mentor(consent=consent(notice_version=notice)))


@pytest.mark.parametrize("day", ["2026-02-30", "today", "2026-1-1", 20260101, "2026-01-01T00:00:00Z"])
def test_dates_are_days_that_exist(day: Any):
    assert "/confirmed_on" in faults(ProfileDocument(), mentor(confirmed_on=day))
