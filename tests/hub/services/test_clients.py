import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry
from hub.services import client_keys, clients
from tests.hub.doors import TESTS, empty_database, hub_database

__all__ = ["empty_database", "hub_database"]


def test_a_system_is_permitted_for_an_organisation_that_exists(hub_database: Database) -> None:
    with pytest.raises(Problem, match="not-found"):
        hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "nowhere", "pool:search", 1))


def test_permitting_enrolling_and_revoking_are_audited_with_ids_only(hub_database: Database) -> None:
    key = dict(ECKey.generate_key("P-256").as_dict(private=False))
    token = hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1))
    client = hub_database.run(lambda session: clients.enrol(session, token, {"keys": [key]}))
    hub_database.run(lambda session: clients.revoke(session, TESTS, client.client_id))

    with hub_database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [entry.operation for entry in entries] == ["client.permit", "client.enrol", "client.revoke"]
    assert entries[1].subject == f"client:{client.client_id}"


def test_a_client_is_revoked_once(hub_database: Database) -> None:
    key = dict(ECKey.generate_key("P-256").as_dict(private=False))
    token = hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1))
    client = hub_database.run(lambda session: clients.enrol(session, token, {"keys": [key]}))
    hub_database.run(lambda session: clients.revoke(session, TESTS, client.client_id))

    for identifier in (client.client_id, "unknown"):
        with pytest.raises(Problem, match="not-found"):
            hub_database.run(lambda session, one=identifier: clients.revoke(session, TESTS, one))


@pytest.mark.parametrize(
    ("key", "algorithms"),
    [
        (ECKey.generate_key("P-256"), ("ES256",)),
        (OKPKey.generate_key("Ed25519"), ("EdDSA", "Ed25519")),
        (RSAKey.generate_key(2048), ("PS256",)),
        (ECKey.generate_key("P-521"), ()),
    ],
    ids=["P-256", "Ed25519", "RSA", "P-521"],
)
def test_each_kind_of_key_signs_with_its_own_algorithms_only(
    key: ECKey | OKPKey | RSAKey, algorithms: tuple[str, ...]
) -> None:
    assert client_keys.algorithms_for(dict(key.as_dict(private=False))) == algorithms


def test_a_key_without_a_name_is_named_by_its_thumbprint() -> None:
    key = ECKey.generate_key("P-256")

    read = client_keys.read_jwks({"keys": [dict(key.as_dict(private=False))]})

    assert read["keys"][0]["kid"] == key.thumbprint()
