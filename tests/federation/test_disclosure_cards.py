"""What stands beside the name of an organisation is true of k of its people, and no finer than their classes."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.deidentify import publish
from federation.disclosure_cards import COARSEST, card_codes
from federation.disclosure_lattice import Codes

K = 5
RECORDS = st.fixed_dictionaries(
    {
        "noc": st.sampled_from(["21231", "21232", "21300", "11100", "4"]),
        "region": st.sampled_from(["AB-835", "AB-825", "AB", "ON-535"]),
        "years_band": st.sampled_from(["0-2", "3-5", "6-10", "21+"]),
    }
)
PEOPLE = st.lists(st.tuples(RECORDS, st.sampled_from("abc")), min_size=1, max_size=80)


def classes_of(people: list[tuple[dict[str, str], str]]) -> list[Codes]:
    """What browse shows of each."""
    found = [COARSEST] * len(people)
    for cell in publish([record for record, _ in people], [owner for _, owner in people], K).classes:
        for one in cell.members:
            found[one] = Codes(**cell.shown)
    return found


@given(PEOPLE)
@settings(deadline=None)
def test_a_card_is_true_of_k_people_of_its_organisation_or_says_nothing_but_its_name(people: list):
    owners = [owner for _, owner in people]
    cards = card_codes(classes_of(people), owners, K)

    alike = Counter(zip(owners, cards, strict=True))
    assert all(number >= K or codes == COARSEST for (_, codes), number in alike.items())


@given(PEOPLE)
@settings(deadline=None)
def test_a_card_covers_what_the_class_shows(people: list):
    classes = classes_of(people)

    cards = card_codes(classes, [owner for _, owner in people], K)
    assert all(card.cover(shown) for card, shown in zip(cards, classes, strict=True))


@given(PEOPLE)
@settings(deadline=None)
def test_nobody_of_an_organisation_of_k_people_is_left_with_the_name_alone_unless_the_codes_are_all_hidden(
    people: list,
):
    owners = [owner for _, owner in people]
    classes = [Codes("2123", "AB-835", "6-10")] * len(people)

    cards = card_codes(classes, owners, K)
    for owner, number in Counter(owners).items():
        shown = {card for card, who in zip(cards, owners, strict=True) if who == owner}
        assert shown == ({classes[0]} if number >= K else {COARSEST})


@given(PEOPLE, RECORDS)
@settings(deadline=None)
def test_the_epoch_that_follows_keeps_what_stood_or_splits_it(people: list, newcomer: dict[str, str]):
    classes, owners = classes_of(people), [owner for _, owner in people]
    before = card_codes(classes, owners, K)
    shown = [None if card == COARSEST else card for card in before]

    after = card_codes([*classes, Codes(newcomer["noc"][:4], "AB", "*")], [*owners, "a"], K, before=[*shown, None])
    stood = [(card, earlier) for card, earlier in zip(after, before, strict=False) if earlier != COARSEST]
    assert all(earlier.cover(card) for card, earlier in stood)


def test_one_person_with_two_records_counts_once():
    classes = [Codes("2123", "AB", "*")] * 5

    assert set(card_codes(classes, ["a"] * 5, K)) == {classes[0]}
    assert set(card_codes(classes, ["a"] * 5, K, people=[1, 1, 2, 3, 4])) == {COARSEST}


@pytest.mark.parametrize("band", ["0-5", "6+", "*"])
def test_what_a_class_shows_coarsely_is_never_shown_finer(band: str):
    classes = [Codes("21", "*", band)] * 6

    assert set(card_codes(classes, ["a"] * 6, K)) == {classes[0]}
