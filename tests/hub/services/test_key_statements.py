"""Key statements: the hub relays a chain that continues, and none that does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.key_chains import issue_statement
from federation.keys import OrganisationKeys, generate_keys
from federation.problems import Problem
from federation.replacements import issue_objection, issue_replacement
from hub.database import Database
from hub.models import AuditEntry, KeyStatement, utcnow
from hub.services import key_statements, outbox
from hub.services.actors import hub_itself
from tests.hub.people import system
from tests.hub.services.refusals import refused

KEYS, NEW = generate_keys("eriec"), generate_keys("eriec")


def publish(database: Database, statement: str, who: str = "eriec") -> int:
    return database.run(lambda session: key_statements.publish(session, system(who), statement))


def chain(database: Database, who: str = "eriec") -> list[str]:
    with database.reading() as session:
        return key_statements.chain(session, who)


def following(database: Database, keys: OrganisationKeys = KEYS) -> str:
    return issue_statement(keys, chain(database, keys.organisation), utcnow())


def test_statements_are_numbered_and_read_oldest_first(members: Database):
    statements = [following(members)]
    assert publish(members, statements[0]) == 1
    statements.append(following(members))
    assert publish(members, statements[1]) == 2

    assert chain(members) == statements
    assert chain(members, "arec") == []
    with members.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (last.operation, last.subject) == ("key.publish", "organisation:eriec")


def test_another_organisations_statement_is_refused(members: Database):
    with refused(members, "key-chain-broken"):
        publish(members, following(members), "arec")


def test_a_new_identity_cannot_take_a_chain_over(members: Database):
    publish(members, following(members))
    impostor = generate_keys("eriec")
    forged = issue_statement(impostor, chain(members), utcnow())

    with pytest.raises(Problem) as problem:
        publish(members, forged)
    assert problem.value.kind in {"key-chain-broken", "invalid-signature"}
    assert len(chain(members)) == 1


def test_the_same_statement_cannot_stand_twice(members: Database):
    first = following(members)
    publish(members, first)

    with refused(members, "key-chain-broken"):
        publish(members, first)


@pytest.mark.parametrize("statement", ["", "a.b.c", "not a statement at all", "é" * 30])
def test_what_is_no_statement_is_refused(members: Database, statement: str):
    with pytest.raises(Problem) as problem:
        publish(members, statement)
    assert problem.value.kind in {"key-chain-broken", "invalid-signature"}
    assert chain(members) == []


def test_a_statement_of_another_time_is_refused(members: Database):
    old = issue_statement(KEYS, [], utcnow() - timedelta(days=9999))

    with refused(members, "key-chain-broken"):
        publish(members, old)


def test_of_two_statements_at_the_same_moment_one_is_kept(network: Database):
    both = [issue_statement(KEYS, [], utcnow()), issue_statement(KEYS, [], utcnow() + timedelta(seconds=1))]

    def attempt(statement: str) -> str:
        try:
            return str(publish(network, statement))
        except Problem as problem:
            return problem.kind

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(attempt, both))

    assert answers == ["1", "key-chain-broken"]
    assert len(chain(network)) == 1


def test_who_belongs_to_no_organisation_has_no_keys(members: Database):
    with refused(members, "not-allowed"):
        members.run(lambda session: key_statements.publish(session, hub_itself("tests"), "x"))


def replaced(database: Database) -> str:
    """eriec's chain, and a replacement of its identity at the end."""
    publish(database, following(database))
    text = issue_replacement(NEW, chain(database), utcnow())
    publish(database, text)
    return text


def events(database: Database, who: str) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(event.type, event.subject) for event in outbox.feed(session, system(who), 0, 50)]


def age(database: Database, hours: int) -> None:
    """Let all statements have been recorded so long ago."""
    values = {"recorded_at": utcnow() - timedelta(hours=hours)}
    database.run(lambda session: session.execute(update(KeyStatement).values(values)))


def test_a_replacement_and_an_objection_are_relayed_as_they_are_and_everybody_hears(members: Database):
    text = f"{issue_replacement(NEW, [first := following(members)], utcnow())}~carried.and~not.judged"
    publish(members, first)
    publish(members, text)
    objection = issue_objection(KEYS, chain(members), utcnow())
    publish(members, objection)

    assert chain(members) == [first, text, objection]
    for who in ("eriec", "criec", "arec"):
        assert events(members, who) == [(kind, "organisation:eriec") for kind in ("key.replacement", "key.objection")]


def test_an_ordinary_statement_is_told_to_nobody(members: Database):
    publish(members, following(members))

    assert events(members, "criec") == []


def test_the_old_identity_ends_a_replacement_within_72_hours_and_not_later(members: Database):
    replaced(members)
    age(members, 73)
    objection = issue_objection(KEYS, chain(members), utcnow())

    with refused(members, "illegal-move"):
        publish(members, objection)
    age(members, 71)
    assert publish(members, objection) == 3


def test_another_replacement_does_not_push_one_aside_that_stands_for_72_hours(members: Database):
    replaced(members)
    age(members, 73)
    another = issue_replacement(generate_keys("eriec"), chain(members), utcnow(), instead=True)

    with refused(members, "illegal-move"):
        publish(members, another)
    again = issue_replacement(NEW, chain(members), utcnow())
    assert publish(members, again) == 3


def test_a_cancelled_replacement_is_not_taken_again(members: Database):
    text = replaced(members)
    publish(members, issue_objection(KEYS, chain(members), utcnow()))

    with refused(members, "key-chain-broken"):
        publish(members, text)
