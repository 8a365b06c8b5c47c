"""A pin moves by one's own clock and ear: whatever a hub shows, in whatever order, with whatever dates."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.key_chains import issue_statement, read_chain
from federation.keys import generate_keys
from federation.pins import Pins, Sighting
from federation.problems import Problem
from federation.replacements import issue_objection, issue_replacement

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLD, NEW, NEWER = (generate_keys("criec") for _ in range(3))
FIRST = [issue_statement(OLD, [], NOW)]
SECOND = [*FIRST, issue_replacement(NEW, FIRST, NOW)]
THIRD = [*SECOND, issue_replacement(NEWER, SECOND, NOW)]
ENDED = [*SECOND, issue_objection(OLD, SECOND, NOW)]
LENGTHS = {1: FIRST, 2: SECOND, 3: THIRD}
WAIT, LATELY = timedelta(hours=72), timedelta(days=30)
MINUTES = st.integers(0, 10_000)


def look(pins: Pins, statements: list[str], now: datetime = NOW) -> bool:
    """Look at a chain; return whether its newest identity waits."""
    chain = read_chain(statements, "criec")
    waiting = pins.check(chain)
    pins.follow(chain, waiting, now)
    return waiting is not None


def known() -> Pins:
    """Pins after criec's number was heard."""
    pins = Pins()
    look(pins, FIRST)
    pins.confirm("criec", OLD.identity, NOW)
    return pins


@given(looks=st.lists(st.tuples(MINUTES, st.integers(1, 3)), min_size=1, max_size=8), asked=MINUTES)
@settings(max_examples=80, deadline=None)
def test_a_pin_moves_72_hours_after_the_first_look_at_that_very_replacement_and_only_when_confirmed(
    looks: list[tuple[int, int]], asked: int
):
    pins, longest, first_seen = known(), 1, {}
    for minute, length in sorted(looks):
        longest = max(longest, length)
        first_seen.setdefault(longest, minute)
        assert look(pins, LENGTHS[longest], NOW + timedelta(minutes=minute)) == (longest > 1)
        assert pins.identities["criec"] == OLD.identity.thumbprint()
    asked = max(asked, sorted(looks)[-1][0])
    newest = {1: OLD, 2: NEW, 3: NEWER}[longest].identity
    ready = longest == 1 or timedelta(minutes=asked - first_seen[longest]) >= WAIT

    try:
        pins.confirm("criec", newest, NOW + timedelta(minutes=asked))
    except Problem as problem:
        assert (problem.kind, ready) == ("illegal-move", False)  # noqa: PT017
        assert pins.compared["criec"] == OLD.identity.thumbprint()
    else:
        assert ready
        assert pins.identities["criec"] == pins.compared["criec"] == newest.thumbprint()
        assert pins.seen == {}


def test_a_replacement_cannot_be_confirmed_a_second_before_its_72_hours_are_over():
    pins = known()
    look(pins, SECOND)

    with pytest.raises(Problem, match="asks to replace"):
        pins.confirm("criec", NEW.identity, NOW + WAIT - timedelta(seconds=1))
    assert pins.seen["criec"].until == NOW + WAIT
    pins.confirm("criec", NEW.identity, NOW + WAIT)


@given(now=st.integers(-10_000, 0))
@settings(max_examples=15, deadline=None)
def test_a_clock_that_was_set_back_shortens_no_wait(now: int):
    pins = known()
    look(pins, SECOND)

    with pytest.raises(Problem, match="asks to replace"):
        pins.confirm("criec", NEW.identity, NOW + timedelta(minutes=now))


def test_an_objection_ends_what_waits_and_the_pin_was_never_moved():
    pins = known()
    look(pins, SECOND)

    assert look(pins, ENDED) is False
    assert (pins.seen, pins.moved) == ({}, {})
    assert pins.identities["criec"] == pins.compared["criec"] == OLD.identity.thumbprint()


def test_after_the_pin_moved_the_old_identity_is_as_unknown_as_any():
    pins = known()
    look(pins, SECOND)
    pins.confirm("criec", NEW.identity, NOW + WAIT)

    for chain in (ENDED, FIRST):
        with pytest.raises(Problem, match="identity key of criec changed"):
            look(pins, chain)
    assert look(pins, SECOND) is False


def test_the_first_contact_pins_where_the_chain_begins_and_a_replacement_in_it_waits():
    pins = Pins()

    assert look(pins, SECOND) is True
    assert pins.is_new("criec")
    assert pins.identities == {"criec": OLD.identity.thumbprint()}
    assert look(pins, THIRD) is True
    assert pins.is_new("criec")
    pins.confirm("criec", NEWER.identity, NOW + WAIT)
    assert (pins.identities["criec"], pins.moved) == (NEWER.identity.thumbprint(), {})
    assert not pins.is_new("criec")


def test_whoever_was_replaced_lately_or_waits_or_was_not_compared_vouches_for_nobody():
    pins, chain = known(), read_chain(SECOND, "criec")
    assert pins.trusted_to_vouch(read_chain(FIRST, "criec"), NOW).thumbprint() == OLD.identity.thumbprint()
    look(pins, SECOND)
    with pytest.raises(Problem, match="or asks to"):
        pins.trusted_to_vouch(chain, NOW)
    pins.confirm("criec", NEW.identity, NOW + WAIT)

    with pytest.raises(Problem, match="replaced its own identity key"):
        pins.trusted_to_vouch(chain, NOW + WAIT + LATELY - timedelta(seconds=1))
    assert pins.trusted_to_vouch(chain, NOW + WAIT + LATELY).thumbprint() == NEW.identity.thumbprint()
    with pytest.raises(Problem, match="may be invented"):
        Pins().trusted_to_vouch(read_chain(FIRST, "criec"), NOW)


def test_an_identity_is_relied_on_once_its_number_was_heard_and_no_other_is():
    view, other = read_chain(FIRST, "criec").view(NOW), read_chain(SECOND, "criec").view(NOW)
    unheard = Pins()
    look(unheard, FIRST)

    known().require_compared(view)
    for pins, shown in ((unheard, view), (known(), other)):
        with pytest.raises(Problem, match="Nobody compared the safety number with criec") as refused:
            pins.require_compared(shown)
        assert refused.value.kind == "invalid-signature"


def test_pins_come_back_from_the_store_as_they_were_and_an_older_store_has_fewer():
    pins = known()
    look(pins, SECOND)
    pins.operator = "announcement"

    assert Pins.from_kept(pins.as_kept()) == pins
    assert Pins.from_kept({"identities": {"criec": "x"}, "heads": {}}) == Pins({"criec": "x"})
    assert isinstance(pins.seen["criec"], Sighting)
