"""What an operator watches: every member and its state, drafts that wait, who met a guard, the chain; and no people."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from federation.problems import Problem
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import AuditEntry, AuditHead, utcnow
from hub.services import audit, clients, organisations, overview, rounds
from hub.services.actors import Actor
from hub.services.overview import ChainState, Overview
from hub.settings import load_settings
from hub.worker import hand_out_due
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, system, today

OLGA = Actor("olga", "operator")
SETTINGS = load_settings({}, secret="s" * 40)


def watch(database: Database, days: int = 0) -> Overview:
    with database.reading() as session:
        return overview.show(session, OLGA, utcnow() + timedelta(days=days))


def draft(database: Database) -> str:
    with database.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id


def test_every_member_is_there_with_its_state(network: Database):
    token = network.run(lambda session: clients.issue_enrolment(session, TESTS, "arec", "pool:search", 1))
    keys = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
    network.run(lambda session: clients.enrol(session, token, keys))
    network.run(lambda session: organisations.suspend(session, TESTS, "criec"))

    states = {one.id: one.state for one in watch(network).members}

    assert states == {"arec": "connected", "bvlc": "unregistered", "criec": "suspended", "eriec": "unregistered"}


def test_a_draft_waits_until_it_is_published_or_another_takes_its_place(network: Database):
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    draft(network)
    second = draft(network)

    (waiting,) = watch(network).drafts
    assert (waiting.id, waiting.mentees, waiting.placed, waiting.placed_across) == (second, 1, 1, 1)

    network.run(lambda session: rounds.publish(session, TESTS, second))
    assert watch(network).drafts == ()


def test_who_met_a_guard_is_counted_for_a_month_most_often_first(network: Database):
    def meet(organisation: str, outcome: str = "budget-spent") -> None:
        actor = coordinator(organisation)
        network.run(lambda session: audit.record(session, actor, "recommendation.read", "recommendation:-", outcome))

    for organisation in ("arec", "eriec", "eriec"):
        meet(organisation)
    meet("criec", "not-found")

    met = watch(network).met
    assert [one.times for one in met] == [2, 1]
    assert met[0].last_at >= met[1].last_at
    assert watch(network, 31).met == ()


def test_the_chain_is_told_as_the_worker_last_found_it(network: Database, owned: Database):
    before = watch(network).chain
    assert (before.handed, before.handed_at, before.broken_number) == (None, None, None)

    hand_out_due(network, SETTINGS, utcnow())
    after = watch(network).chain
    assert (after.number, after.handed) == (before.number, f"{before.number}:{head_hash(network)}")

    owned.run(lambda session: session.execute(update(AuditEntry).values(outcome="refused")))
    hand_out_due(network, SETTINGS, utcnow() + timedelta(days=1))
    assert watch(network).chain.broken_number == after.number


def head_hash(database: Database) -> str:
    with database.reading() as session:
        return audit.head(session).entry_hash


def test_a_hub_without_a_log_is_an_answer(network: Database, owned: Database):
    owned.run(lambda session: session.execute(delete(AuditHead)))

    assert watch(network).chain == ChainState(0, None, None, None)


def test_nobody_is_named_in_it(network: Database):
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    draft(network)

    assert "mentor-0001" not in repr(watch(network))
    assert "mentee-0001" not in repr(watch(network))


@pytest.mark.parametrize("who", [coordinator("eriec"), system("eriec"), Actor("a", "auditor", "eriec")])
def test_it_is_not_for_members(network: Database, who: Actor):
    with pytest.raises(Problem, match="operator"), network.reading() as session:
        overview.show(session, who, utcnow())
