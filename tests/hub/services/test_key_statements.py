"""Key statements: the hub relays a chain that continues, and none that does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.key_chains import issue_statement
from federation.keys import OrganisationKeys, generate_keys
from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, utcnow
from hub.services import key_statements
from hub.services.actors import hub_itself
from tests.hub.people import system
from tests.hub.services.refusals import refused

KEYS = generate_keys("eriec")


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
