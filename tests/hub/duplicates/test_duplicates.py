"""Two organisations hear that they may serve one person; each says its word; nobody learns more, nothing is merged."""

from collections.abc import Callable
from dataclasses import asdict
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.problems import Problem
from graph.rules import Rule
from hub.database import Database
from hub.models import OutboxMessage, PossibleDuplicate, Profile
from hub.services import duplicates, profiles, recommendations, snapshots
from hub.services.duplicates import DuplicateView
from hub.settings import load_settings
from tests.hub.duplicates.agencies import AMINA, OMAR, know, look, seen_by, send
from tests.hub.people import coordinator, system, today

SETTINGS = load_settings({}, secret="s" * 40)
Decide = Callable[..., DuplicateView]


def furnish(network: Database) -> Database:
    """Amina at two organisations: a mentee of one, a mentor of the other; and somebody else."""
    know(network, "eriec", "eriec-amina", AMINA)
    know(network, "criec", "criec-amina", AMINA, "mentor")
    know(network, "criec", "criec-omar0", OMAR, "mentor")
    assert look(network) == 1
    return network


@pytest.fixture
def pair(network: Database) -> Database:
    return furnish(network)


def decide(database: Database, organisation: str, word: Decide, found: str | None = None) -> DuplicateView:
    identifier = found or seen_by(database, "eriec")[0].id
    return database.run(lambda session: word(session, coordinator(organisation), identifier))


def told(database: Database, organisation: str) -> list[tuple[str, Any]]:
    with database.reading() as session:
        query = select(OutboxMessage.type, OutboxMessage.data).where(
            OutboxMessage.organisation_id == organisation, OutboxMessage.type.like("duplicate.%")
        )
        return [tuple(row) for row in session.execute(query.order_by(OutboxMessage.number))]


def kept_apart(database: Database) -> set[tuple[str, str]]:
    """Pseudonyms of mentees and mentors that matching keeps apart as one person."""
    with database.reading() as session:
        rules = snapshots.take(session, today()).rules
        pairs = rules.circumstances.pairs_apart[Rule.SELF]
        names = dict(session.execute(select(Profile.id, Profile.pseudonym)).all())
        kinds = dict(session.execute(select(Profile.id, Profile.kind)).all())
    return {(names[one], names[other]) for one, other in pairs if (kinds[one], kinds[other]) == ("mentee", "mentor")}


def test_both_hear_of_the_pair_and_see_of_the_other_the_organisation_only(pair: Database):
    ours, theirs = seen_by(pair, "eriec"), seen_by(pair, "criec")

    assert [view.my_pseudonyms for view in ours + theirs] == [("eriec-amina",), ("criec-amina",)]
    assert [view.organisation_id for view in ours + theirs] == ["criec", "eriec"]
    assert ours[0].reference == theirs[0].reference
    assert (ours[0].likelihood, ours[0].state, ours[0].allowed) == ("very_likely", "possible", ("confirm", "reject"))
    assert "criec-amina" not in str(asdict(ours[0]))
    assert told(pair, "eriec") == told(pair, "criec") == [("duplicate.possible", {"state": "possible"})]


def test_others_neither_see_nor_decide_it(pair: Database):
    assert seen_by(pair, "arec") == []
    for word in (duplicates.confirm, duplicates.reject):
        with pytest.raises(Problem) as refused:
            decide(pair, "arec", word)
        assert refused.value.kind == "not-found"
    with pytest.raises(Problem, match="Check"):
        decide(pair, "eriec", duplicates.confirm, "absent")
    assert seen_by(pair, "eriec")[0].mine == "possible"


@pytest.mark.parametrize(
    ("ours", "theirs", "state", "apart"),
    [
        ("confirm", "confirm", "confirmed", True),
        ("reject", "reject", "rejected", False),
        ("confirm", "reject", "disputed", True),
        ("confirm", None, "possible", True),
        ("reject", None, "rejected", False),
    ],
)
def test_matching_keeps_them_apart_until_somebody_says_they_are_two(
    pair: Database, ours: str, theirs: str | None, state: str, *, apart: bool
):
    assert kept_apart(pair) == {("eriec-amina", "criec-amina")}

    decide(pair, "eriec", getattr(duplicates, ours))
    if theirs:
        decide(pair, "criec", getattr(duplicates, theirs))

    assert seen_by(pair, "criec")[0].state == state
    assert kept_apart(pair) == ({("eriec-amina", "criec-amina")} if apart else set())


def test_a_person_is_not_recommended_to_themself(pair: Database):
    def recommended() -> int:
        actor = coordinator("eriec")
        found = pair.run(lambda session: recommendations.for_mentee(session, actor, "eriec-amina", SETTINGS))
        return len(found.recommendations)

    alone = recommended()
    decide(pair, "criec", duplicates.reject)

    assert (alone, recommended()) == (1, 2)


def test_a_side_says_its_word_once(pair: Database):
    decide(pair, "eriec", duplicates.confirm)

    for word in (duplicates.confirm, duplicates.reject):
        with pytest.raises(Problem) as refused:
            decide(pair, "eriec", word)
        assert refused.value.kind == "illegal-move"
    assert (seen_by(pair, "eriec")[0].mine, seen_by(pair, "eriec")[0].allowed) == ("confirmed", ())
    assert seen_by(pair, "criec")[0].mine == "possible"
    assert told(pair, "criec")[1:] == [("duplicate.confirmed", {"state": "possible"})]


def test_of_two_words_of_one_side_at_once_exactly_one_is_heard(any_network: Database):
    pair = furnish(any_network)
    identifier, start, heard = seen_by(pair, "eriec")[0].id, Barrier(2), []

    def say(word: Decide) -> None:
        start.wait()
        try:
            heard.append(decide(pair, "eriec", word, identifier).mine)
        except Problem as problem:
            heard.append(problem.kind)

    threads = [Thread(target=say, args=(word,)) for word in (duplicates.confirm, duplicates.reject)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard.count("illegal-move") == 1
    assert seen_by(pair, "eriec")[0].mine in heard


def test_where_one_organisation_has_both_its_word_counts_for_both(network: Database):
    know(network, "eriec", "eriec-first", AMINA)
    know(network, "eriec", "eriec-second", AMINA, "mentor")
    assert look(network) == 1

    found = decide(network, "eriec", duplicates.confirm)

    assert (found.my_pseudonyms, found.organisation_id) == (("eriec-first", "eriec-second"), "eriec")
    assert (found.state, found.allowed) == ("confirmed", ())
    assert kept_apart(network) == {("eriec-first", "eriec-second")}
    assert [kind for kind, _ in told(network, "eriec")] == ["duplicate.possible", "duplicate.confirmed"]


def test_nothing_is_merged(pair: Database):
    before = [profiles_of(pair, organisation) for organisation in ("eriec", "criec")]

    decide(pair, "eriec", duplicates.confirm)
    decide(pair, "criec", duplicates.confirm)

    assert [profiles_of(pair, organisation) for organisation in ("eriec", "criec")] == before


def profiles_of(database: Database, organisation: str) -> list[Any]:
    with database.reading() as session:
        return profiles.own(session, system(organisation))


def test_a_withdrawal_takes_the_pair_and_says_only_that_it_is_gone(any_network: Database):
    pair = furnish(any_network)
    decide(pair, "eriec", duplicates.confirm)
    decide(pair, "criec", duplicates.confirm)

    pair.run(lambda session: profiles.withdraw(session, system("criec"), "criec-amina"))

    assert seen_by(pair, "eriec") == seen_by(pair, "criec") == []
    assert told(pair, "eriec")[-1] == ("duplicate.dropped", {})
    with pair.reading() as session:
        assert session.scalar(select(func.count()).select_from(PossibleDuplicate)) == 0


@pytest.mark.parametrize("spoken", [False, True])
def test_a_pair_that_no_longer_looks_alike_is_dropped_unless_somebody_spoke(pair: Database, *, spoken: bool):
    if spoken:
        decide(pair, "criec", duplicates.reject)

    send(pair, "eriec", "eriec-amina", AMINA | OMAR | {"emails": "someone@example.org", "phones": ""})
    look(pair)

    left = [view for view in seen_by(pair, "criec") if view.my_pseudonyms == ("criec-amina",)]
    assert len(left) == spoken


def test_a_rejected_pair_is_not_raised_again(pair: Database):
    decide(pair, "criec", duplicates.reject)
    heard = told(pair, "eriec")

    send(pair, "eriec", "eriec-amina", AMINA)

    assert look(pair) == 0
    assert told(pair, "eriec") == heard
