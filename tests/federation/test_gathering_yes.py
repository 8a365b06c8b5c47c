"""A yes to a gathering is to this question, by this organisation, for these people, for a while; and to nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.gathering_yes import (
    Question,
    commit,
    exchanges,
    introduced_by,
    meets,
    read_question,
    sign_yes,
    verify_yes,
)
from federation.introductions import sign_acceptance
from federation.keys import generate_keys, sign, verify
from federation.problems import Problem
from tests.federation.gatherings import CIRCLE, GROUP, KEYS, NOW, PAIR, committed, question, view_of, yes_of

NAMES = st.sampled_from(["arec", "criec", "eriec", "triec", "lfs", "bvlc", "mosaic"])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any group, pair or circle that organisations could agree on."""
    kind = draw(st.sampled_from(["pair", "circle", "group"]))
    size = 2 if kind == "pair" else draw(st.integers(4, 6))
    names = draw(st.lists(NAMES, min_size=2, max_size=size + (kind == "group"), unique=True))
    if kind == "group":
        return Question("g1", kind, dict.fromkeys(names), names[0], size)
    counts = dict.fromkeys(names, 1)
    counts[names[0]] += size - len(names)
    return Question("g1", kind, counts, None, size)


@given(asked=questions())
def test_a_question_is_read_as_it_was_said(asked: Question):
    assert read_question(asked.as_said()) == asked


@given(asked=questions())
def test_whoever_gives_also_gets_and_there_are_thirty_envelopes_at_most(asked: Question):
    pairs = list(exchanges(asked))

    assert len(pairs) == len(set(pairs)) <= 30
    assert {(recipient, sender) for sender, recipient in pairs} == set(pairs)
    assert {sender for sender, _ in pairs} == set(asked.organisations)
    assert all(recipient in meets(asked, sender) and sender != recipient for sender, recipient in pairs)


@given(asked=questions())
def test_in_a_group_everything_is_with_the_mentor_s_organisation_and_else_with_everybody(asked: Question):
    everybody = len(asked.organisations)
    if asked.kind == "group":
        assert all(asked.mentor in pair for pair in exchanges(asked))
        assert len(list(exchanges(asked))) == 2 * (everybody - 1)
        assert [one for one in asked.organisations if introduced_by(asked, one) == "mentor"] == [asked.mentor]
    else:
        assert len(list(exchanges(asked))) == everybody * (everybody - 1)
        assert {introduced_by(asked, one) for one in asked.organisations} == {"member"}


UNSOUND: dict[str, dict[str, Any]] = {
    "no gathering": PAIR | {"gathering": None},
    "a space in its id": PAIR | {"gathering": "g1 eriec"},
    "another kind": PAIR | {"kind": "crowd"},
    "one organisation": PAIR | {"organisations": {"eriec": 2}},
    "a list": PAIR | {"organisations": ["eriec", "criec"]},
    "nobody of one": PAIR | {"organisations": {"eriec": 2, "criec": 0}},
    "a number too many": PAIR | {"organisations": {"eriec": 1, "criec": 2}},
    "a number untold": PAIR | {"organisations": {"eriec": 1, "criec": None}},
    "a number as text": PAIR | {"organisations": {"eriec": "1", "criec": 1}},
    "a pair of three": PAIR | {"organisations": {"eriec": 2, "criec": 1}, "size": 3},
    "a circle of seven": CIRCLE | {"organisations": {"eriec": 5, "criec": 2}, "size": 7},
    "a size as text": PAIR | {"size": "2"},
    "a mentor in a pair": PAIR | {"mentor": "eriec"},
    "a group without mentor": GROUP | {"mentor": None},
    "another's mentor": GROUP | {"mentor": "triec"},
    "numbers told in a group": GROUP | {"organisations": {"arec": 1, "criec": 2, "eriec": 3}},
    "more organisations than people": GROUP | {"organisations": dict.fromkeys("abcdefg"), "mentor": "a", "size": 5},
    "a name with a line's end": PAIR | {"organisations": {"eriec\n": 1, "criec": 1}},
}


@pytest.mark.parametrize("shown", UNSOUND.values(), ids=UNSOUND)
def test_what_organisations_could_not_agree_on_is_refused(shown: dict[str, Any]):
    with pytest.raises(Problem) as refused:
        read_question(shown)

    assert refused.value.kind == "bad-request"


def refused(
    text: str, asked: Question, organisation: str = "criec", kind: str = "invalid-signature", days: int = 0
) -> str:
    with pytest.raises(Problem) as problem:
        verify_yes(text, view_of(KEYS[organisation]), asked, NOW + timedelta(days=days))
    assert problem.value.kind == kind
    return problem.value.detail


@pytest.mark.parametrize("shown", [PAIR, CIRCLE, GROUP], ids=["pair", "circle", "group"])
def test_a_yes_says_for_whom_without_saying_it(shown: dict[str, Any]):
    asked = question(shown)

    assert verify_yes(yes_of("criec", asked), view_of(KEYS["criec"]), asked, NOW) == committed("criec")


OTHERWISE: dict[str, dict[str, Any]] = {
    "another gathering": {"gathering": "g2"},
    "another kind": {"kind": "pair"},
    "an organisation more": {"organisations": CIRCLE["organisations"] | {"triec": 1}},
    "an organisation less": {"organisations": {"criec": 1, "eriec": 3}},
    "another organisation": {"organisations": {"triec": 1, "criec": 1, "eriec": 2}},
    "other numbers": {"organisations": {"arec": 2, "criec": 1, "eriec": 1}},
    "a mentor": {"mentor": "criec"},
    "another size": {"size": 5},
}


@pytest.mark.parametrize("changes", OTHERWISE.values(), ids=OTHERWISE)
def test_a_yes_to_one_question_is_none_to_another(changes: dict[str, Any]):
    assert "another" in refused(yes_of("criec", question(CIRCLE, **changes)), question(CIRCLE))


def test_a_yes_by_another_is_none():
    asked = question()

    assert "not signed by the key expected" in refused(yes_of("criec", asked, keys=generate_keys("criec")), asked)
    assert "not signed by the key expected" in refused(yes_of("eriec", asked), asked)
    in_its_name = sign(
        KEYS["criec"].identity,
        "passerelle-gathering-acceptance",
        verify(yes_of("eriec", asked), KEYS["eriec"].identity, "passerelle-gathering-acceptance"),
    )
    assert "another" in refused(in_its_name, asked)


def test_a_yes_to_a_proposal_is_none_to_a_gathering():
    proposal = sign_acceptance(KEYS["criec"], "eriec", "g1", "0" * 64, view_of(KEYS["criec"]).head, NOW)

    assert "this is not a passerelle-gathering-acceptance" in refused(proposal, question())


def test_a_yes_is_worth_sixty_days_and_not_one_longer():
    asked = question()
    # A chain that was renewed in between: keys hold for 90 days.
    assert verify_yes(yes_of("criec", asked), view_of(KEYS["criec"]), asked, NOW + timedelta(days=60))
    assert "has expired" in refused(yes_of("criec", asked), asked, days=61)


def test_a_yes_under_keys_that_the_chain_does_not_show_is_refused():
    assert "newer keys" in refused(yes_of("criec", question(), head="f" * 64), question(), kind="key-chain-broken")


@pytest.mark.parametrize("people", [None, [], {}, {"member": "0" * 64}, {"mentor": "0" * 64, "member": "x"}], ids=str)
def test_a_yes_for_nobody_in_particular_is_none(people: Any):
    said = verify(yes_of("criec", question()), KEYS["criec"].identity, "passerelle-gathering-acceptance")
    text = sign(KEYS["criec"].identity, "passerelle-gathering-acceptance", said | {"people": people})

    assert "does not say for whom" in refused(text, question())


PEOPLE = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=4)


@given(people=PEOPLE, others=PEOPLE, data=st.data())
def test_a_commitment_is_to_these_people_under_this_salt_in_any_order(
    people: list[tuple[str, str]], others: list[tuple[str, str]], data: st.DataObject
):
    assert commit("a" * 64, data.draw(st.permutations(people))) == commit("a" * 64, people)
    assert commit("b" * 64, people) != commit("a" * 64, people)
    assert (commit("a" * 64, people) == commit("a" * 64, others)) == (sorted(people) == sorted(others))


def test_a_yes_needs_a_commitment_for_each_role():
    with pytest.raises(KeyError):
        sign_yes(KEYS["criec"], question(), {"member": "0" * 64}, "0" * 64, NOW)
