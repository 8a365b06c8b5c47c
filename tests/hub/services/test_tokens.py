from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey

from hub.database import Database
from hub.models import utcnow
from hub.services import clients, tokens
from hub.services.clients import ClientView
from tests.hub.doors import TESTS, empty_database, hub_database

__all__ = ["empty_database", "hub_database"]


@pytest.fixture
def client(hub_database: Database) -> ClientView:
    key = ECKey.generate_key("P-256").as_dict(private=False)
    token = hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1))
    return hub_database.run(lambda session: clients.enrol(session, token, {"keys": [dict(key)]}))


def issued(database: Database, client: ClientView, seconds: int = 300) -> str:
    return database.run(lambda session: tokens.issue(session, client.client_id, "pool:search", seconds))


def held(database: Database, token: str) -> tokens.TokenHolder | None:
    with database.reading() as session:
        return tokens.holder(session, token, utcnow())


def test_a_token_speaks_for_its_client_within_its_scope(hub_database: Database, client: ClientView) -> None:
    holder = held(hub_database, issued(hub_database, client))

    assert holder is not None
    assert (holder.actor.name, holder.actor.role, holder.actor.organisation) == (client.client_id, "system", "eriec")
    assert holder.scope == {"pool:search"}
    assert not holder.suspended


def test_a_token_ends_with_its_time(hub_database: Database, client: ClientView) -> None:
    assert held(hub_database, issued(hub_database, client, seconds=0)) is None


def test_a_token_is_ended_by_its_own_client_only_and_once(hub_database: Database, client: ClientView) -> None:
    token = issued(hub_database, client)

    assert not hub_database.run(lambda session: tokens.revoke(session, "another", token))
    assert held(hub_database, token) is not None
    assert hub_database.run(lambda session: tokens.revoke(session, client.client_id, token))
    assert not hub_database.run(lambda session: tokens.revoke(session, client.client_id, token))
    assert held(hub_database, token) is None


def test_every_token_of_a_revoked_client_ends(hub_database: Database, client: ClientView) -> None:
    token = issued(hub_database, client)

    hub_database.run(lambda session: clients.revoke(session, TESTS, client.client_id))

    assert held(hub_database, token) is None


def test_an_assertion_is_spent_once_by_many_at_the_same_time(hub_database: Database, client: ClientView) -> None:
    later = utcnow() + timedelta(minutes=5)

    def spend(jti: str) -> bool:
        return hub_database.run(lambda session: tokens.spend_assertion(session, client.client_id, jti, later))

    for attempt in range(5):
        with ThreadPoolExecutor(8) as pool:
            winners = sum(pool.map(spend, [f"jti-{attempt}"] * 8))
        assert winners == 1


def test_the_same_jti_of_two_clients_is_two_assertions(hub_database: Database, client: ClientView) -> None:
    later = utcnow() + timedelta(minutes=5)

    assert hub_database.run(lambda session: tokens.spend_assertion(session, client.client_id, "same-jti", later))
    assert hub_database.run(lambda session: tokens.spend_assertion(session, "another", "same-jti", later))


def test_what_ran_out_is_deleted_and_nothing_else(hub_database: Database, client: ClientView) -> None:
    kept = issued(hub_database, client)
    issued(hub_database, client, seconds=-10)
    past, later = utcnow() - timedelta(seconds=1), utcnow() + timedelta(minutes=5)
    hub_database.run(lambda session: tokens.spend_assertion(session, client.client_id, "old-jti-1", past))
    hub_database.run(lambda session: tokens.spend_assertion(session, client.client_id, "new-jti-1", later))

    assert hub_database.run(lambda session: tokens.delete_spent(session, utcnow())) == 2
    assert held(hub_database, kept) is not None
    assert not hub_database.run(lambda session: tokens.spend_assertion(session, client.client_id, "new-jti-1", later))
