"""What a transaction reaches when a service forgets whose it is; and that no transaction leaves its reach to the next."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError, NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.database import Database
from hub.models import IdempotentAnswer, OutboxMessage, Profile, Proposal
from hub.reach import A_DOOR, NOBODY, THE_HUB, Acting, Reach, act_as, acting_for, current, widened
from tests.hub.net.rows import plant

A = acting_for("a")
SETTINGS = text(
    "SELECT nullif(current_setting('passerelle.organisation', true), ''), nullif(current_setting('passerelle.reach', true), '')"
)


@pytest.fixture
def net(fresh_address, postgresql_role) -> Iterator[Database]:
    """A database with a row of every kind, opened for organisation ``a`` by the hub's role."""
    address = fresh_address("postgresql")
    owner = create_engine(address)
    with owner.begin() as connection:
        plant(connection)
    owner.dispose()
    database = Database(postgresql_role(address), acting=A)
    yield database
    database.close()


def people(session: Session) -> set[str]:
    return set(session.scalars(select(Profile.id)))


OWN = {"mentee-a", "mentor-a"}


class TestAForgetfulService:
    """Each of these names no organisation; none reads or changes another's."""

    def test_an_orm_select(self, net: Database):
        with net.reading() as session:
            assert people(session) == OWN
            assert session.get(Profile, "mentee-b") is None

    def test_a_select_of_the_table_and_plain_sql(self, net: Database):
        with net.reading() as session:
            assert set(session.scalars(select(Profile.__table__.c.id))) == OWN
            assert set(session.scalars(text("SELECT id FROM profile"))) == OWN
            assert session.scalar(text("SELECT count(*) FROM profile AS one JOIN profile AS other ON true")) == 4

    def test_a_join_over_a_proposal_shows_no_person_of_the_other_side(self, net: Database):
        pairs = select(Proposal.id, Profile.id).join(Profile, Profile.id.in_((Proposal.mentee_id, Proposal.mentor_id)))

        with net.reading() as session:
            found = {tuple(pair) for pair in session.execute(pairs)}
        assert found == {("ab", "mentee-a"), ("ac", "mentee-a"), ("ba", "mentor-a")}

    def test_a_bulk_update_and_a_bulk_delete(self, net: Database):
        changed = net.run(lambda session: session.execute(update(Profile).values(noc="0000")).rowcount)
        blind = net.run(lambda session: session.execute(text("UPDATE profile SET region = 'XX'")).rowcount)
        gone = net.run(lambda session: session.execute(delete(Profile)).rowcount)

        assert (changed, blind, gone) == (2, 2, 2)
        net.acting = THE_HUB
        with net.reading() as session:
            rest = session.execute(select(Profile.id, Profile.noc, Profile.region)).all()
        assert {tuple(row) for row in rest} == {
            (one, "2130", "AB-835") for one in ("mentee-b", "mentee-c", "mentor-b", "mentor-c")
        }

    def test_an_insert_in_anothers_name(self, net: Database):
        answer = IdempotentAnswer(organisation_id="b", key="k", request_digest="0", status=200, answer={})

        with pytest.raises(ProgrammingError, match="row-level security"):
            net.run(lambda session: session.add(answer))

    def test_a_message_in_anybodys_feed(self, net: Database):
        message = OutboxMessage(organisation_id="a", number=9, type="x", subject="x", data={})

        with pytest.raises(ProgrammingError, match="row-level security"):
            net.run(lambda session: session.add(message))

    def test_no_unique_key_tells_that_another_organisation_has_a_pseudonym(self, net: Database):
        changed = net.run(lambda session: session.execute(update(Profile).where(Profile.id == "mentee-a")
                          .values(pseudonym="mentee-b")).rowcount)  # fmt: skip

        assert changed == 1


class TestNothingIsLeft:
    """The pool has one connection here: the next transaction always gets the one before's."""

    @pytest.fixture
    def alone(self, net: Database) -> Database:
        one = create_engine(net.engine.url, pool_size=1, max_overflow=0)
        net.close()
        net.engine = one
        net._sessions.configure(bind=one)
        return net

    def left(self, alone: Database) -> tuple[object, ...]:
        with alone.engine.connect() as connection:
            found = tuple(connection.execute(SETTINGS).one())
            assert connection.scalar(text("SELECT count(*) FROM profile")) == 0
        return found

    def test_after_a_commit(self, alone: Database):
        alone.run(people)

        assert self.left(alone) == (None, None)

    def test_after_a_refusal_and_after_an_error(self, alone: Database):
        def refused(session: Session) -> None:
            with widened(session, Reach.HUB):
                raise Problem("not-found", "x")

        def broken(session: Session) -> None:
            with widened(session, Reach.HUB):
                session.execute(text("SELECT 1 / 0"))

        for unit, error in ((refused, Problem), (broken, DBAPIError)):
            with pytest.raises(error):
                alone.run(unit)
            assert self.left(alone) == (None, None)

    def test_from_one_organisation_to_the_next(self, alone: Database):
        seen = []
        for organisation in ("a", "b", None, "c"):
            alone.acting = acting_for(organisation)
            with alone.reading() as session:
                seen.append(people(session))

        assert seen == [OWN, {"mentee-b", "mentor-b"}, set(), {"mentee-c", "mentor-c"}]

    def test_a_second_transaction_of_one_session_is_declared_too(self, alone: Database):
        with alone.reading() as session:
            session.rollback()
            assert people(session) == OWN


@pytest.mark.parametrize("acting", [NOBODY, A_DOOR, Acting(Reach.NOBODY, ""), Acting(Reach.OWN, "")])
def test_who_is_not_said_sees_nobody(net: Database, acting: Acting):
    net.acting = acting

    with net.reading() as session:
        assert people(session) == set()


def test_a_request_acts_for_whom_its_door_let_in(net: Database):
    net.acting = THE_HUB
    try:
        act_as(A)
        assert current(THE_HUB) == A
        with net.reading() as session:
            assert people(session) == OWN
    finally:
        act_as(None)

    with net.reading() as session:
        assert len(people(session)) == 6


class TestWidened:
    def test_reads_everybodys_and_then_its_own_again(self, net: Database):
        with net.reading() as session:
            with widened(session, Reach.NETWORK):
                assert len(people(session)) == 6
                with widened(session, Reach.HUB):
                    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 2
                assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
            assert people(session) == OWN

    def test_changes_no_more_than_before_when_it_only_reads(self, net: Database):
        def change(session: Session) -> int:
            with widened(session, Reach.NETWORK):
                return session.execute(update(Profile).values(noc="0000")).rowcount

        assert net.run(change) == 2

    def test_is_put_back_after_a_refusal_that_is_caught(self, net: Database):
        with net.reading() as session:
            with pytest.raises(Problem), widened(session, Reach.HUB):
                raise Problem("not-found", "x")
            assert people(session) == OWN

    def test_is_put_back_after_a_row_that_is_not_there(self, net: Database):
        with net.reading() as session:
            with pytest.raises(NoResultFound), widened(session, Reach.HUB):
                session.get_one(Profile, "nobody")
            assert people(session) == OWN

    def test_is_put_back_with_the_savepoint_an_error_ends(self, net: Database):
        with net.reading() as session:
            with pytest.raises(DBAPIError), session.begin_nested(), widened(session, Reach.HUB):
                session.execute(text("SELECT 1 / 0"))
            assert people(session) == OWN
            with widened(session, Reach.NETWORK):
                assert len(people(session)) == 6

    def test_writes_what_waited_under_the_reach_it_was_meant_for(self, net: Database):
        def early(session: Session) -> None:
            session.add(OutboxMessage(organisation_id="b", number=9, type="x", subject="x", data={}))
            with widened(session, Reach.HUB):
                pass

        with pytest.raises(ProgrammingError, match="row-level security"):
            net.run(early)

    def test_writes_what_was_added_inside_before_it_ends(self, net: Database):
        def inside(session: Session) -> None:
            with widened(session, Reach.HUB):
                session.add(OutboxMessage(organisation_id="b", number=9, type="x", subject="x", data={}))

        net.run(inside)
        net.acting = acting_for("b")
        with net.reading() as session:
            assert set(session.scalars(select(OutboxMessage.number))) == {1, 9}

    def test_is_nothing_on_sqlite(self, sqlite_database: Database):
        with sqlite_database.reading() as session, widened(session, Reach.NETWORK):
            assert people(session) == set()
