"""Chains whose identity changes: whatever happened, who reigns is what the statements say, and nothing else holds together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.key_chains import (
    STATEMENT,
    issue_statement,
    link,
    public_keys,
    read_chain,
    statement_hash,
    verify_chain,
)
from federation.keys import OrganisationKeys, generate_keys, sign
from federation.problems import Problem
from federation.replacements import issue_objection, issue_replacement

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
IDENTITIES = [generate_keys("eriec") for _ in range(6)]
STEPS = st.sampled_from(["renew", "replace", "instead", "object"])
FIRST, SECOND, THIRD = IDENTITIES[:3]


@dataclass
class Story:
    """A chain as it grows, and whose reigns a reader of the story would count: indices of IDENTITIES."""

    reigns: list[int] = field(default_factory=lambda: [0])
    statements: list[str] = field(default_factory=lambda: [issue_statement(FIRST, [], NOW)])
    used: int = 1

    def take(self, step: str, which: int) -> None:
        """Do one step; ``which`` picks the reign whose holder objects. A step that is not possible is left out."""
        getattr(self, step)(which)

    def renew(self, which: int) -> None:
        keys = IDENTITIES[self.reigns[-1]].rotated(NOW)
        self.statements.append(issue_statement(keys, self.statements, NOW))

    def replace(self, which: int, *, instead: bool = False) -> None:
        if self.used < len(IDENTITIES):
            keys = IDENTITIES[self.used]
            self.statements.append(issue_replacement(keys, self.statements, NOW, instead=instead))
            self.reigns = [*(self.reigns[:-1] if instead else self.reigns), self.used]
            self.used += 1

    def instead(self, which: int) -> None:
        if len(self.reigns) > 1:
            self.replace(which, instead=True)

    def object(self, which: int) -> None:
        if len(self.reigns) > 1:
            place = which % (len(self.reigns) - 1)
            self.statements.append(issue_objection(IDENTITIES[self.reigns[place]], self.statements, NOW))
            self.reigns = self.reigns[: place + 1]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story()
    for step in draw(st.lists(st.tuples(STEPS, st.integers(0, 5)), min_size=1, max_size=7)):
        story.take(*step)
    return story


def refusal(statements: Sequence[str], organisation: str = "eriec") -> str:
    with pytest.raises(Problem) as refused:
        read_chain(statements, organisation)
    return refused.value.kind


@given(story=stories())
@settings(max_examples=40, deadline=None)
def test_whatever_happened_the_reigns_are_those_that_nobody_ended(story: Story):
    chain = read_chain(story.statements, "eriec")

    expected = [IDENTITIES[one].identity.thumbprint() for one in story.reigns]
    assert [reign.identity.thumbprint() for reign in chain.reigns] == expected
    assert chain.hashes == tuple(map(statement_hash, story.statements))
    assert verify_chain(story.statements, NOW, "eriec").identity.thumbprint() == expected[-1]


@given(story=stories(), place=st.integers(0, 20), other=st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_no_statement_can_be_left_out_repeated_or_moved(story: Story, place: int, other: int):
    whole = story.statements
    one, two = place % len(whole), other % len(whole)
    moved = list(whole)
    moved[one], moved[two] = moved[two], moved[one]

    for changed in (whole[:one] + whole[one + 1 :], [*whole[: one + 1], whole[one], *whole[one + 1 :]], moved):
        if changed and changed not in (whole, whole[:-1]):
            refusal(changed)


@given(story=stories())
@settings(max_examples=15, deadline=None)
def test_no_chain_passes_for_another_organisation_s(story: Story):
    assert refusal(story.statements, "criec") == "key-chain-broken"


@given(story=stories(), parts=st.lists(st.text("ab.~", max_size=4), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_what_is_joined_to_a_statement_changes_no_hash_and_only_a_replacement_carries_any(
    story: Story, parts: list[str]
):
    last = "~".join([story.statements[-1], *parts])
    joined = [*story.statements[:-1], last]

    if chain_of(story).reigns[-1].replacement == story.statements[-1]:
        assert read_chain(joined, "eriec").hashes == chain_of(story).hashes
        assert read_chain(joined, "eriec").reigns[-1].replacement == last
    else:
        assert refusal(joined) == "invalid-signature"


def chain_of(story: Story):
    return read_chain(story.statements, "eriec")


def replaced() -> list[str]:
    """FIRST's chain, replaced by SECOND."""
    first = [issue_statement(FIRST, [], NOW)]
    return [*first, issue_replacement(SECOND, first, NOW)]


def test_a_statement_cannot_change_the_identity_not_even_back_to_one_that_reigned():
    chain = replaced()
    back = sign(SECOND.identity, STATEMENT, link(SECOND, chain) | public_keys(FIRST, NOW))

    assert refusal([*chain, back]) == "invalid-signature"


def test_a_replacement_cannot_bring_back_an_identity_that_was_replaced():
    with pytest.raises(Problem, match="brings back"):
        issue_replacement(FIRST, replaced(), NOW)


def test_a_replacement_that_names_another_last_statement_is_refused():
    older = [issue_statement(FIRST, [], NOW)]
    longer = [*older, issue_statement(FIRST, older, NOW)]
    payload = link(SECOND, longer) | {"replaces": statement_hash(older[0])} | public_keys(SECOND, NOW)
    with pytest.raises(Problem, match="last good statement"):
        read_chain([*longer, sign(SECOND.identity, "passerelle-key-replacement", payload)], "eriec")


def test_a_chain_cannot_begin_with_a_replacement_nor_with_an_objection():
    chain = replaced()

    assert refusal([chain[1]]) == "key-chain-broken"
    assert refusal([issue_objection(FIRST, chain, NOW)]) == "key-chain-broken"


def test_the_identity_that_was_replaced_signs_nothing_more_but_an_objection():
    chain = replaced()

    assert refusal([*chain, issue_statement(FIRST, chain, NOW)]) == "invalid-signature"
    ended = read_chain([*chain, issue_objection(FIRST, chain, NOW)], "eriec")
    assert [reign.identity.thumbprint() for reign in ended.reigns] == [FIRST.identity.thumbprint()]


def test_after_an_objection_the_old_identity_goes_on_and_the_new_one_does_not():
    chain = replaced()
    chain.append(issue_objection(FIRST, chain, NOW))

    assert refusal([*chain, issue_statement(SECOND, chain, NOW)]) == "invalid-signature"
    assert verify_chain([*chain, issue_statement(FIRST, chain, NOW)], NOW, "eriec").seq == 4


def test_a_cancelled_replacement_cannot_be_put_at_the_end_again():
    chain = replaced()
    cancelled = [*chain, issue_objection(FIRST, chain, NOW)]

    assert refusal([*cancelled, chain[1]]) == "key-chain-broken"


@pytest.mark.parametrize("objector", [SECOND, THIRD])
def test_nobody_but_the_identity_that_is_replaced_objects(objector: OrganisationKeys):
    chain = replaced()
    payload = link(objector, chain) | {"objects": statement_hash(chain[1]), "iat": int(NOW.timestamp())}

    assert refusal([*chain, sign(objector.identity, "passerelle-key-objection", payload)]) == "invalid-signature"
    with pytest.raises(Problem, match="Nobody asks to replace"):
        issue_objection(objector, chain, NOW)


def test_the_same_identity_may_ask_again_to_be_countersigned_by_others():
    chain = replaced()
    again = [*chain, issue_replacement(SECOND, chain, NOW + timedelta(hours=1))]

    assert len(read_chain(again, "eriec").reigns) == 2
    assert read_chain(again, "eriec").head == statement_hash(again[-1])


def test_an_identity_that_reigns_from_the_beginning_has_nothing_to_replace():
    with pytest.raises(Problem, match="no replacement"):
        issue_replacement(FIRST, [issue_statement(FIRST, [], NOW)], NOW)
