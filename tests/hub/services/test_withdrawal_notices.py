"""Everybody who saw a person who withdrew is told once, without a name, and says once that what they held is gone."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hub.database import Database
from hub.models import AuditEntry, Client, Exposure, OutboxMessage, Profile, Program, WithdrawalNotice, new_id, utcnow
from hub.services import audit_views, outbox, proposals, referrals, withdrawal_notices, withdrawals
from hub.services.withdrawal_notices import NoticeView
from tests.hub.gathered import agreed, share_group
from tests.hub.people import coordinator, mentee, mentor, share, system
from tests.hub.services.matches import agree, ask, recommended
from tests.hub.services.refusals import refused


def withdraw(database: Database, organisation: str, pseudonym: str) -> None:
    database.run(lambda session: withdrawals.withdraw(session, coordinator(organisation), pseudonym))


def notices(database: Database, organisation: str) -> list[NoticeView]:
    with database.reading() as session:
        return withdrawal_notices.listed(session, coordinator(organisation))


def told(database: Database) -> dict[str, tuple[str, ...]]:
    """Who was told, and of which proposals."""
    with database.reading() as session:
        rows = session.execute(select(WithdrawalNotice.told_id, WithdrawalNotice.proposals)).all()
    assert len({organisation for organisation, _ in rows}) == len(rows)
    return {organisation: tuple(found) for organisation, found in rows}


def events(database: Database, organisation: str) -> list[OutboxMessage]:
    with database.reading() as session:
        found = outbox.feed(session, system(organisation), 0, 100)
        return [one for one in found if one.type == "profile.withdrawn"]


def confirm(database: Database, organisation: str, notice: str) -> NoticeView:
    return database.run(lambda session: withdrawal_notices.acknowledge(session, coordinator(organisation), notice))


@pytest.fixture
def withdrawn(network: Database) -> Database:
    """A mentee of ERIEC withdrew after AREC was asked for a mentor."""
    ask(network)
    withdraw(network, "eriec", "mentee-0001")
    return network


class TestWhoIsTold:
    def test_nobody_of_a_person_whom_nobody_saw(self, network: Database):
        share(network, "eriec", "mentee-0001", mentee())

        withdraw(network, "eriec", "mentee-0001")

        assert told(network) == {}
        assert [events(network, one) for one in ("eriec", "criec", "arec")] == [[], [], []]

    def test_who_was_shown_a_mentor_in_a_list_and_of_no_proposal(self, network: Database):
        share(network, "arec", "mentor-0001", mentor())
        share(network, "eriec", "mentee-0001", mentee())
        recommended(network)

        withdraw(network, "arec", "mentor-0001")

        assert told(network) == {"eriec": ()}
        assert [one.data for one in events(network, "eriec")] == [{"proposals": [], "places": []}]

    def test_an_own_list_of_a_mentee_tells_nobody_else(self, network: Database):
        share(network, "arec", "mentor-0001", mentor())
        share(network, "eriec", "mentee-0001", mentee())
        recommended(network)

        withdraw(network, "eriec", "mentee-0001")

        assert told(network) == {}

    def test_who_was_shown_a_peer(self, network: Database):
        share(network, "eriec", "mentee-0001", mentee())

        def show(session):
            found = session.scalars(select(Profile.id)).one()
            session.add(Exposure(viewer_id="criec", owner_id="eriec", mentor_id=found, shown_at=utcnow()))

        network.run(show)
        withdraw(network, "eriec", "mentee-0001")

        assert told(network) == {"criec": ()}

    @pytest.mark.parametrize(
        ("organisation", "pseudonym", "other"), [("eriec", "mentee-0001", "arec"), ("arec", "mentor-0001", "eriec")]
    )
    def test_the_other_party_of_a_proposal_and_which_it_was(
        self, network: Database, organisation: str, pseudonym: str, other: str
    ):
        proposal = ask(network)

        withdraw(network, organisation, pseudonym)

        assert told(network) == {other: (proposal,)}
        (event,) = events(network, other)
        assert event.data == {"proposals": [proposal], "places": []}
        assert event.subject == f"withdrawal:{notices(network, other)[0].id}"

    @pytest.mark.parametrize("ended", ["agreed", "declined"])
    def test_the_other_party_too_when_it_is_long_over(self, network: Database, ended: str):
        proposal = ask(network)
        if ended == "agreed":
            agree(network, proposal)
        else:
            network.run(lambda session: proposals.decline(session, coordinator("arec"), proposal, "no_capacity"))

        withdraw(network, "eriec", "mentee-0001")

        assert told(network) == {"arec": (proposal,)}

    def test_who_got_a_referral(self, network: Database):
        names = {"en": "Course", "fr": "Cours"}
        program = Program(id="course", organisation_id="bvlc", provider="BVLC", names=names, description=names,
                          requires={"all": []}, gives={"all": []}, languages=["en"], source="test")  # fmt: skip
        network.run(lambda session: session.add(program))
        share(network, "eriec", "mentee-0001", mentee())
        network.run(lambda session: referrals.send(session, coordinator("eriec"), "mentee-0001", "course", None))

        withdraw(network, "eriec", "mentee-0001")

        assert told(network) == {"bvlc": ()}

    def test_who_was_invited_to_gather_with_them(self, network: Database):
        share_group(network)
        agreed(network, "group", "criec", "arec")

        withdraw(network, "eriec", "eriec-0000")

        assert told(network) == {"arec": (), "criec": ()}

    def test_each_once_whatever_they_saw_and_the_owner_never(self, network: Database):
        ask(network)
        recommended(network)

        withdraw(network, "arec", "mentor-0001")

        assert [one.type for one in events(network, "eriec")] == ["profile.withdrawn"]
        assert events(network, "arec") == []

    def test_nobody_when_the_withdrawal_does_not_happen(self, network: Database):
        ask(network)
        log = network.withdrawal_log
        assert log is not None
        log.path.mkdir()

        with refused(network, "busy"):
            withdraw(network, "eriec", "mentee-0001")


def test_nothing_of_the_person_nor_of_whose_they_were_is_in_a_notice(network: Database):
    ask(network)
    with network.reading() as session:
        (person,) = session.scalars(select(Profile.id).where(Profile.kind == "mentor"))

    withdraw(network, "arec", "mentor-0001")

    with network.reading() as session:
        trace = withdrawals.trace_of(session, "arec", "mentor-0001")
        rows = [dict(row) for row in session.execute(text("SELECT * FROM withdrawal_notice")).mappings()]
    held = json.dumps(rows, default=str)
    said = repr(notices(network, "eriec")) + repr([(one.subject, one.data) for one in events(network, "eriec")])
    assert not [one for one in (person, "mentor-0001", trace, "2130", "AB-835") if one in held + said]
    assert "arec" not in said


class TestConfirming:
    def test_is_noted_with_moment_and_role_and_told_to_the_owner(self, withdrawn: Database):
        (to_arec,) = notices(withdrawn, "arec")
        (of_eriec,) = notices(withdrawn, "eriec")
        assert (to_arec.mine, of_eriec.mine, of_eriec.told) == ("told", "owner", "arec")
        assert (of_eriec.proposals, of_eriec.acknowledged_at) == ((), None)
        assert to_arec.due_at - to_arec.withdrawn_at == timedelta(hours=24)

        confirm(withdrawn, "arec", to_arec.id)

        (of_eriec,) = notices(withdrawn, "eriec")
        assert of_eriec.acknowledged_at is not None
        assert of_eriec.acknowledged_by == "coordinator"
        with withdrawn.reading() as session:
            (reached,) = withdrawal_notices.reached(session, coordinator("eriec"))
            assert (reached.told, reached.confirmed) == (1, 1)
            entries = audit_views.listed(session, coordinator("eriec"), 50)
        assert ("withdrawal.confirm", "arec") in {(one.operation, one.organisation) for one in entries}

    def test_again_changes_nothing(self, withdrawn: Database):
        (to_arec,) = notices(withdrawn, "arec")
        first = confirm(withdrawn, "arec", to_arec.id)

        assert confirm(withdrawn, "arec", to_arec.id) == first
        assert len(confirmations(withdrawn)) == 1

    def test_by_two_at_once_counts_once(self, withdrawn: Database):
        (to_arec,) = notices(withdrawn, "arec")

        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(lambda _: confirm(withdrawn, "arec", to_arec.id), range(8)))

        assert len(set(said)) == 1
        assert len(confirmations(withdrawn)) == 1

    @pytest.mark.parametrize("organisation", ["eriec", "criec"])
    def test_by_the_owner_or_a_third_is_refused_as_if_there_were_none(self, withdrawn: Database, organisation: str):
        (to_arec,) = notices(withdrawn, "arec")

        with refused(withdrawn, "not-found"):
            confirm(withdrawn, organisation, to_arec.id)
        assert notices(withdrawn, "criec") == []

    def test_what_is_open_comes_first_and_ones_own_last(self, network: Database):
        proposal = agree(network, ask(network))
        share(network, "arec", "mentor-0002", mentor())
        share(network, "eriec", "mentee-0002", mentee())
        recommended(network, pseudonym="mentee-0002")
        withdraw(network, "eriec", "mentee-0001")
        withdraw(network, "arec", "mentor-0001")
        withdraw(network, "arec", "mentor-0002")
        latest, earlier, own = notices(network, "eriec")
        assert (latest.proposals, earlier.proposals, own.mine) == ((), (proposal,), "owner")

        confirm(network, "eriec", latest.id)

        assert [one.id for one in notices(network, "eriec")] == [earlier.id, latest.id, own.id]


def confirmations(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.number).where(AuditEntry.operation == "withdrawal.confirm")))


@pytest.mark.parametrize(
    "fault",
    [
        "acknowledged_at = CURRENT_TIMESTAMP",
        "acknowledged_by = 'coordinator'",
        "acknowledged_by = 'amina', acknowledged_at = CURRENT_TIMESTAMP",
        "owner_id = told_id",
    ],
)
def test_the_database_holds_who_may_confirm_and_how(withdrawn: Database, owned: Database, fault: str):
    with pytest.raises(IntegrityError):
        owned.run(lambda session: session.execute(text(f"UPDATE withdrawal_notice SET {fault}")))


def test_a_person_is_asked_for_what_no_system_will_confirm(members: Database):
    ask(members)
    withdraw(members, "eriec", "mentee-0001")
    now, arec = utcnow(), coordinator("arec")

    def waiting(hours: int) -> int:
        with members.reading() as session:
            return len(withdrawal_notices.waiting(session, arec, now + timedelta(hours=hours)))

    assert waiting(0) == 1
    client = Client(id=new_id(), organisation_id="arec", jwks={"keys": []}, scope="events:read")
    members.run(lambda session: session.add(client))
    assert (waiting(1), waiting(25)) == (0, 1)

    confirm(members, "arec", notices(members, "arec")[0].id)
    assert waiting(25) == 0


def test_an_operator_counts_what_is_late_by_organisation(withdrawn: Database):
    def late(hours: int) -> list[tuple[str, int]]:
        with withdrawn.reading() as session:
            found = withdrawal_notices.overdue(session, utcnow() + timedelta(hours=hours))
        return [(one.organisation_name, one.notices) for one in found]

    assert (late(23), late(25)) == ([], [("AREC", 1)])

    confirm(withdrawn, "arec", notices(withdrawn, "arec")[0].id)
    assert late(25) == []


def test_notices_go_with_the_traces_after_ninety_days(withdrawn: Database):
    def delete(days: int) -> int:
        return withdrawn.run(lambda session: withdrawal_notices.delete_old(session, utcnow() + timedelta(days=days)))

    assert [delete(89), delete(91), delete(91)] == [0, 1, 0]
    assert notices(withdrawn, "arec") == []
