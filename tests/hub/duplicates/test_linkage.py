"""Tokens come in from their owner only, are compared where that is agreed, and die with the consent."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import (
    Agreement,
    AuditEntry,
    ConsentReceipt,
    LinkageTokens,
    Organisation,
    OutboxMessage,
    PossibleDuplicate,
    utcnow,
)
from hub.services import linkage, profiles
from hub.services.actors import hub_itself
from hub.settings import load_settings
from hub.worker import do_what_is_due
from tests.federation.linkage import newcomers
from tests.hub.duplicates.agencies import AMINA, OMAR, know, look, seen_by, send, wire_tokens
from tests.hub.people import mentee, share, system, today

SETTINGS = load_settings({}, secret="s" * 40)


def held(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(LinkageTokens)) or 0


def end_consents(database: Database) -> None:
    yesterday = today() - timedelta(days=1)
    database.run(lambda session: session.execute(update(ConsentReceipt).values(until=yesterday)))


def refused(database: Database, organisation: str, pseudonym: str) -> str:
    with pytest.raises(Problem) as problem:
        send(database, organisation, pseudonym, AMINA)
    return problem.value.kind


class TestSending:
    def test_replaces_what_was_sent_before_and_nothing_erases(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        send(network, "eriec", "eriec-amina", OMAR)

        with network.reading() as session:
            kept = session.scalars(select(LinkageTokens.tokens)).one()
        assert [tuple(token) for token in kept] == [tuple(token.values()) for token in wire_tokens(OMAR)]

        send(network, "eriec", "eriec-amina", {})
        assert held(network) == 0

    @pytest.mark.parametrize("pseudonym", ["criec-amina", "nobody-here"])
    def test_for_what_is_not_ones_own_is_not_found_and_changes_nothing(self, network: Database, pseudonym: str):
        know(network, "criec", "criec-amina", OMAR)
        before = whole(network)

        assert refused(network, "eriec", pseudonym) == "not-found"
        assert whole(network) == before

    def test_under_a_consent_that_is_over_is_refused(self, network: Database):
        share(network, "eriec", "eriec-amina", mentee())
        end_consents(network)

        assert refused(network, "eriec", "eriec-amina") == "consent-missing"
        assert held(network) == 0

    def test_leaves_a_trace_without_values(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)

        with network.reading() as session:
            last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert last is not None
        assert (last.operation, last.subject.partition(":")[0]) == ("linkage.send", "profile")


def whole(database: Database) -> Any:
    with database.reading() as session:
        return session.execute(select(LinkageTokens.profile_id, LinkageTokens.tokens, LinkageTokens.sent_at)).all()


class TestTokensDie:
    def test_with_a_withdrawal(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)

        network.run(lambda session: profiles.withdraw(session, system("eriec"), "eriec-amina"))

        assert held(network) == 0

    def test_with_the_consent_and_so_does_a_pair_nobody_spoke_about(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        know(network, "criec", "criec-amina", AMINA)
        look(network)
        end_consents(network)

        assert network.run(lambda session: linkage.delete_expired(session, utcnow())) == 2
        assert (held(network), seen_by(network, "eriec")) == (0, [])

    def test_when_they_are_erased_and_their_pairs_at_once(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        know(network, "criec", "criec-amina", AMINA)
        look(network)

        send(network, "eriec", "eriec-amina", {})

        assert (held(network), seen_by(network, "criec")) == (1, [])


class TestComparing:
    @pytest.fixture
    def both(self, network: Database) -> Database:
        know(network, "eriec", "eriec-amina", AMINA)
        know(network, "criec", "criec-amina", AMINA)
        return network

    def test_finds_a_pair_once(self, both: Database):
        assert (look(both), look(both)) == (1, 0)
        assert len(seen_by(both, "eriec")) == 1

    def test_finds_nobody_under_another_key(self, both: Database):
        send(both, "criec", "criec-amina", AMINA, b"another key another key another!")

        assert look(both) == 0

    def test_finds_somebody_who_is_both_mentor_and_mentee_as_both(self, both: Database):
        know(both, "criec", "criec-amina-m", AMINA, "mentor")

        assert look(both) == 3
        assert {view.organisation_id for view in seen_by(both, "criec")} == {"criec", "eriec"}

    def test_tells_organisations_without_an_agreement_nothing_of_each_other(self, both: Database):
        yesterday = today() - timedelta(days=1)
        both.run(
            lambda session: session.execute(
                update(Agreement)
                .where(Agreement.sharing_id.in_(("eriec", "criec")), Agreement.receiving_id.in_(("eriec", "criec")))
                .values(starts_on=yesterday, ends_on=yesterday)
            )
        )

        assert look(both) == 0
        assert seen_by(both, "eriec") == []

    def test_passes_over_a_suspended_organisation_and_keeps_what_was_found(self, both: Database):
        look(both)
        know(both, "arec", "arec-amina0", AMINA)
        both.run(
            lambda session: session.execute(
                update(Organisation).where(Organisation.id == "criec").values(suspended_at=utcnow())
            )
        )

        assert look(both) == 1
        assert {view.organisation_id for view in seen_by(both, "eriec")} == {"criec", "arec"}

    def test_notes_many_pairs_in_several_transactions_and_each_once(
        self, network: Database, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(linkage, "AT_ONCE", 2)
        for number, person in enumerate(newcomers.people(5, seed=7)):
            for organisation in ("eriec", "criec"):
                know(network, organisation, f"{organisation}-p{number}", newcomers.first(person))

        assert (look(network), look(network)) == (5, 0)
        assert len(seen_by(network, "eriec")) == 5


class TestOnEitherDatabase:
    @pytest.fixture
    def both(self, any_network: Database) -> Database:
        know(any_network, "eriec", "eriec-amina", AMINA)
        know(any_network, "criec", "criec-amina", AMINA)
        return any_network

    def test_somebody_who_left_meanwhile_is_no_pair(self, both: Database):
        with both.reading() as session:
            found = linkage.compare(session, utcnow())
        both.run(lambda session: profiles.withdraw(session, system("criec"), "criec-amina"))

        assert len(found.likely) == 1
        assert both.run(lambda session: linkage.keep(session, hub_itself("tests"), found)).new == 0
        with both.reading() as session:
            assert session.scalars(select(PossibleDuplicate)).all() == []

    def test_of_two_comparisons_at_once_each_pair_is_told_once(self, both: Database):
        with both.reading() as session:
            found = linkage.compare(session, utcnow())

        raised = [both.run(lambda session: linkage.keep(session, hub_itself("tests"), found)).new for _ in range(2)]

        assert raised == [1, 0]
        with both.reading() as session:
            kind = OutboxMessage.type == "duplicate.possible"
            assert session.scalar(select(func.count()).select_from(OutboxMessage).where(kind)) == 2


class TestTheWorker:
    def test_compares_when_tokens_came_and_not_again(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        know(network, "criec", "criec-amina", AMINA)

        done = [do_what_is_due(network, SETTINGS, utcnow())["possible duplicates found"] for _ in range(2)]

        assert done == [1, 0]
        with network.reading() as session:
            assert not linkage.is_due(session, utcnow())
            assert linkage.is_due(session, utcnow() + linkage.EVERY)

    def test_compares_again_what_came_while_it_compared(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        with network.reading() as session:
            found = linkage.compare(session, utcnow())
        know(network, "criec", "criec-amina", AMINA)
        network.run(lambda session: linkage.keep(session, hub_itself("tests"), found))

        assert do_what_is_due(network, SETTINGS, utcnow())["possible duplicates found"] == 1

    def test_deletes_tokens_of_ended_consents(self, network: Database):
        know(network, "eriec", "eriec-amina", AMINA)
        end_consents(network)

        assert do_what_is_due(network, SETTINGS, utcnow())["linkage tokens deleted"] == 1
        assert held(network) == 0


def test_a_token_holds_nothing_of_the_person(network: Database):
    know(network, "eriec", "eriec-amina", AMINA)

    kept = json.dumps([list(row) for row in whole(network)], default=str).casefold()

    assert not [word for value in AMINA.values() for word in value.casefold().split() if len(word) > 4 and word in kept]
