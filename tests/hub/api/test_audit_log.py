"""Each organisation reads the audit log about itself, with the head of the chain to keep."""

import hashlib
from typing import Any

import pytest
import rfc8785
from sqlalchemy import select

from federation.answers.network import AuditCheckAnswer, AuditPage
from hub.database import Database
from hub.models import AuditEntry
from hub.services import audit, organisations
from hub.services.audit import Head
from tests.hub.doors import TESTS, System

LOG = "/api/v1/audit"
HASHED = ("number", "actor", "organisation", "operation", "subject", "outcome")


@pytest.fixture
def busy(eriec: System, pin: System, mentee: dict[str, Any]) -> None:
    """Both share somebody; the other one also asks for what is not theirs."""
    eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)
    pin.call("PUT", "/api/v1/profiles/pin-mentee-1", json=mentee)
    pin.call("GET", "/api/v1/profiles/mentee-001")


def entries(system: System, path: str = LOG) -> list[dict[str, Any]]:
    return list(system.call("GET", path).get_json()["items"])


def test_an_organisation_reads_what_it_did_newest_first(eriec: System, busy: None) -> None:
    body = eriec.call("GET", LOG).get_json()

    assert AuditPage().validate(body) == {}
    assert [one["number"] for one in body["items"]] == sorted((one["number"] for one in body["items"]), reverse=True)
    (shared,) = [one for one in body["items"] if one["operation"] == "profile.shared"]
    assert (shared["organisation"], shared["actor"]) == ("eriec", eriec.client_id)
    assert (shared["person"], shared["outcome"], shared["mine"]) == ("mentee-001", "done", True)


def test_nobody_reads_what_others_did_to_what_is_theirs(eriec: System, pin: System, busy: None) -> None:
    text = eriec.call("GET", LOG).text

    assert "pin-mentee-1" not in text
    assert pin.client_id not in text
    assert "not-found" in pin.call("GET", LOG).text


def test_an_organisation_can_work_out_the_hash_of_each_entry_of_its_own(eriec: System, busy: None) -> None:
    for one in entries(eriec):
        if one["mine"]:
            written = {name: one[name] for name in HASHED} | {"at": one["at"], "previous": one["previous_hash"]}
            assert hashlib.sha256(rfc8785.dumps(written)).hexdigest() == one["entry_hash"]


def test_the_head_given_out_is_a_link_of_the_chain_from_then_on(
    eriec: System, busy: None, hub_database: Database
) -> None:
    given = eriec.call("GET", LOG).get_json()["head"]
    eriec.call("GET", "/api/v1/profiles/nobody-here")

    with hub_database.reading() as session:
        assert audit.holds(session, Head(given["number"], given["entry_hash"]))
        assert audit.head(session).number > given["number"]


def test_the_log_comes_in_pages_without_gap_or_double(eriec: System, hub_database: Database) -> None:
    eriec.token()
    for _ in range(120):
        hub_database.run(lambda session: organisations.suspend(session, TESTS, "eriec"))
        hub_database.run(lambda session: organisations.reinstate(session, TESTS, "eriec"))
    found: list[int] = []
    path: str | None = LOG
    while path is not None:
        body = eriec.call("GET", path).get_json()
        found += [one["number"] for one in body["items"]]
        path = f"{LOG}?after={body['next']}" if body["next"] else None

    with hub_database.reading() as session:
        every = session.scalars(select(AuditEntry.number).order_by(AuditEntry.number.desc())).all()
    assert len(found) > 240
    assert found == list(every)


def test_what_the_hub_did_to_an_organisation_is_told_without_saying_who(
    eriec: System, pin: System, hub_database: Database
) -> None:
    hub_database.run(lambda session: organisations.suspend(session, TESTS, "eriec"))
    hub_database.run(lambda session: organisations.reinstate(session, TESTS, "eriec"))

    told = [one for one in entries(eriec) if one["operation"] == "organisation.suspend"]

    assert [(one["organisation"], one["mine"], one["actor"]) for one in told] == [(None, False, None)]
    assert (told[0]["entry_hash"], told[0]["previous_hash"]) == (None, None)
    assert [one for one in entries(pin) if one["operation"] == "organisation.suspend"] == []


@pytest.mark.parametrize("cursor", ["5", "x.y", "WyIxIl0.abc"])
def test_a_cursor_not_made_here_is_refused(eriec: System, cursor: str) -> None:
    assert eriec.call("GET", f"{LOG}?after={cursor}").get_json()["type"].endswith("bad-cursor")


def test_the_log_needs_a_scope_of_its_own(eriec: System) -> None:
    assert eriec.call("GET", LOG, scope="events:read profiles:read").status_code == 403


class TestAHeadKept:
    def test_stands_while_the_log_grows_and_is_told_with_the_key_that_signs(self, eriec: System, busy: None) -> None:
        kept = eriec.call("GET", LOG).get_json()["head"]
        eriec.call("GET", "/api/v1/profiles/nobody-here")

        said = eriec.call("GET", f"{LOG}/head?head={kept['number']}:{kept['entry_hash']}").get_json()

        assert AuditCheckAnswer().validate(said) == {}
        assert said["stands"] is True
        assert said["number"] > kept["number"]
        assert (said["key"]["crv"], "d" in said["key"]) == ("Ed25519", False)
        assert eriec.call("GET", f"{LOG}/head").get_json() == said | {"stands": None}

    @pytest.mark.parametrize("number", [1, 900_000_000_000_000])
    def test_of_another_log_does_not_stand(self, eriec: System, busy: None, number: int) -> None:
        assert eriec.call("GET", f"{LOG}/head?head={number}:{'a' * 64}").get_json()["stands"] is False

    @pytest.mark.parametrize("head", ["4", "x:" + "a" * 64, "-1:" + "a" * 64, "4:" + "A" * 64, "4:abc", "1" * 16])
    def test_that_is_none_is_refused(self, eriec: System, head: str) -> None:
        assert eriec.call("GET", f"{LOG}/head?head={head}").status_code == 422
