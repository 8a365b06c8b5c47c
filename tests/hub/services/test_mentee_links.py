"""A mentee's link: one way in, once, for fourteen days, and digits that only few guesses are looked at of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import AuditEntry, MenteeLink, utcnow
from hub.services import mentee_links, organisations, withdrawals
from hub.services.mentee_links import MOST_MISSES, Mentee, NewLink
from hub.settings import load_settings
from tests.hub.people import TESTS, coordinator, mentee, mentor, share
from tests.hub.services.refusals import everything, refused

SETTINGS = load_settings({}, secret="s" * 40)
PSEUDONYM = "mentee-0001"
ROUNDS = 25
AT_ONCE = 4


@pytest.fixture
def people(network: Database) -> Database:
    share(network, "eriec", PSEUDONYM, mentee())
    share(network, "eriec", "mentee-0002", mentee())
    share(network, "eriec", "mentor-0001", mentor())
    share(network, "criec", "mentee-0003", mentee())
    return network


def make(database: Database, pseudonym: str = PSEUDONYM, organisation: str = "eriec") -> NewLink:
    return database.run(lambda session: mentee_links.make(session, coordinator(organisation), pseudonym, SETTINGS))


def exchange(database: Database, capability: str) -> str | None:
    opened = database.run(lambda session: mentee_links.exchange(session, capability))
    return opened[0] if opened else None


def resume(database: Database, session_id: str | None) -> Mentee | None:
    with database.reading() as session:
        return mentee_links.resume(session, session_id or "")


def come_in(database: Database) -> tuple[NewLink, Mentee]:
    made = make(database)
    found = resume(database, exchange(database, made.capability))
    assert found is not None
    return made, found


def fits(database: Database, who: Mentee, code: str) -> bool:
    return database.run(lambda session: mentee_links.code_fits(session, who, code, SETTINGS))


def trail(database: Database) -> list[tuple[str, str, str]]:
    """What the audit log says of links: who in which role is not asked here, but what, on whom, and how it ended."""
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    ours = [one for one in entries if one.operation.startswith("mentee_link")]
    return [(one.operation, one.organisation_id or "", one.outcome) for one in ours]


def test_a_link_is_made_for_one_s_own_mentees_only(people: Database) -> None:
    for pseudonym in ("mentee-0003", "mentor-0001", "nobody"):
        with refused(people, "not-found"):
            make(people, pseudonym)


def test_a_link_has_256_bits_six_digits_and_fourteen_days(people: Database) -> None:
    made, other = make(people), make(people, "mentee-0002")

    assert (len(made.capability), len(made.code)) == (43, 6)
    assert made.code.isdigit()
    assert made.capability != other.capability
    assert timedelta(days=13, hours=23) < made.expires_at - utcnow() <= timedelta(days=14)


def test_neither_link_nor_digits_nor_session_are_kept(people: Database) -> None:
    made = make(people)
    session_id = exchange(people, made.capability)

    kept = str(everything(people))
    assert session_id is not None
    assert made.capability not in kept
    assert session_id not in kept
    assert f"'{made.code}'" not in kept


def test_a_link_opens_once(people: Database) -> None:
    made, who = come_in(people)

    assert (who.pseudonym, who.actor.role, who.actor.organisation_id) == (PSEUDONYM, "mentee", "eriec")
    assert exchange(people, made.capability) is None
    assert trail(people) == [
        ("mentee_link.issue", "eriec", "done"),
        ("mentee_link.open", "eriec", "done"),
        ("mentee_link.open", "eriec", "refused"),
    ]


def test_of_many_who_open_a_link_at_once_exactly_one_comes_in(people: Database) -> None:
    for _ in range(ROUNDS):
        made, start = make(people), Barrier(AT_ONCE)

        def press(_: int, made: NewLink = made, start: Barrier = start) -> str | None:
            start.wait()
            return exchange(people, made.capability)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            entered = [one for one in pool.map(press, range(AT_ONCE)) if one]
        assert len(entered) == 1
        assert resume(people, entered[0]) is not None


def test_of_two_links_made_at_once_one_works(people: Database) -> None:
    start = Barrier(2)

    def one(_: int) -> NewLink:
        start.wait()
        return make(people)

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(one, range(2)))

    assert len([link for link in made if exchange(people, link.capability)]) == 1


def test_a_new_link_ends_the_one_before_and_what_it_opened(people: Database) -> None:
    first = make(people)
    make(people)
    assert exchange(people, first.capability) is None
    made = make(people)
    session_id = exchange(people, made.capability)
    make(people)

    assert resume(people, session_id) is None


def grow_old(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(MenteeLink).values(expires_at=utcnow()))


def test_a_link_that_ran_out_opens_nothing_and_its_session_ends_with_it(people: Database) -> None:
    made = make(people)
    session_id = exchange(people, made.capability)
    late = make(people, "mentee-0002")
    grow_old(people)

    assert exchange(people, late.capability) is None
    assert resume(people, session_id) is None


def test_a_forged_or_truncated_link_opens_nothing_and_leaves_no_trace(people: Database) -> None:
    made = make(people)
    before = everything(people)

    for forged in ("", made.capability[:-1], made.capability + "A", made.capability.swapcase(), "A" * 43):
        assert exchange(people, forged) is None
    assert everything(people) == before


def test_the_link_of_a_suspended_member_opens_nothing_and_is_not_used_up(people: Database) -> None:
    made = make(people)
    people.run(lambda session: organisations.suspend(session, TESTS, "eriec"))
    during = exchange(people, made.capability)
    people.run(lambda session: organisations.reinstate(session, TESTS, "eriec"))

    assert during is None
    assert exchange(people, made.capability) is not None


def test_a_running_session_knows_that_its_member_is_suspended(people: Database) -> None:
    made = make(people)
    session_id = exchange(people, made.capability)
    people.run(lambda session: organisations.suspend(session, TESTS, "eriec"))

    found = resume(people, session_id)
    assert found is not None
    assert found.suspended


def test_the_digits_of_this_link_fit_however_they_are_spaced_and_no_others(people: Database) -> None:
    made, who = come_in(people)
    other = make(people, "mentee-0002")
    wrong = f"{(int(made.code) + 1) % 1_000_000:06}"

    assert fits(people, who, made.code)
    assert fits(people, who, f" {made.code[:3]} {made.code[3:]} ")
    assert [fits(people, who, one) for one in (wrong, "", made.code[:5], "\ud800", "é")] == [False] * 5
    assert made.code == other.code or not fits(people, who, other.code)


def test_ten_wrong_codes_close_the_page_and_nine_do_not(people: Database) -> None:
    made = make(people)
    session_id = exchange(people, made.capability)
    who = resume(people, session_id)
    assert who is not None

    for _ in range(MOST_MISSES - 1):
        assert not fits(people, who, "wrong")
    assert resume(people, session_id) == who
    assert not fits(people, who, "wrong")
    assert resume(people, session_id) is None
    assert trail(people).count(("mentee_link.code", "eriec", "refused")) == MOST_MISSES


def test_wrong_codes_typed_at_once_are_all_counted(people: Database) -> None:
    _, who = come_in(people)
    start = Barrier(AT_ONCE)

    def guess(_: int) -> bool:
        start.wait()
        return fits(people, who, "wrong")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert list(pool.map(guess, range(AT_ONCE))) == [False] * AT_ONCE
    with people.reading() as session:
        assert session.scalars(select(MenteeLink.misses)).all() == [AT_ONCE]


def test_who_leaves_is_out_and_the_link_stays_dead(people: Database) -> None:
    made = make(people)
    session_id = exchange(people, made.capability) or ""
    for _ in range(2):
        people.run(lambda session: mentee_links.leave(session, session_id))

    assert resume(people, session_id) is None
    assert exchange(people, made.capability) is None
    assert [one for one in trail(people) if "leave" in one[0]] == [("mentee_link.leave", "eriec", "done")]


def test_a_withdrawal_by_the_agency_ends_link_and_session(people: Database) -> None:
    made, later = make(people), make(people, "mentee-0002")
    session_id = exchange(people, made.capability)
    for pseudonym in (PSEUDONYM, "mentee-0002"):
        people.run(lambda session, one=pseudonym: withdrawals.withdraw(session, coordinator("eriec"), one))

    assert resume(people, session_id) is None
    assert exchange(people, later.capability) is None


def test_a_coordinator_sees_how_the_link_of_an_own_mentee_stands(people: Database) -> None:
    def stands(organisation: str = "eriec") -> tuple[bool, bool] | None:
        with people.reading() as session:
            found = mentee_links.state(session, coordinator(organisation), PSEUDONYM)
        return (found.opened_at is not None, found.open) if found else None

    seen: list[object] = [stands()]
    made = make(people)
    seen.append(stands())
    session_id = exchange(people, made.capability) or ""
    seen.append(stands())
    people.run(lambda session: mentee_links.leave(session, session_id))
    seen += [stands(), stands("criec")]
    grow_old(people)

    assert [*seen, stands()] == [None, (False, True), (True, True), (True, False), None, None]


@pytest.mark.parametrize(("days", "left"), [(13, 1), (15, 0)])
def test_links_that_ran_out_are_deleted(people: Database, days: int, left: int) -> None:
    make(people)
    later = utcnow() + timedelta(days=days)

    assert people.run(lambda session: mentee_links.delete_expired(session, later)) == 1 - left
    with people.reading() as session:
        assert len(session.scalars(select(MenteeLink)).all()) == left
