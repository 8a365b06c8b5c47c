"""The picture: every member has a place, small counts of others are not shown, and no cell is a person."""

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Profile, Proposal, utcnow
from hub.services import matching, partnerships, profiles, proposals
from hub.services import network as service
from hub.services.actors import hub_itself
from hub.services.network import FlowView, GapView, NetworkView
from hub.services.statistics import Telling
from hub.settings import load_settings
from tests.hub.people import MEMBERS, coordinator, mentee, mentor, share, system, today
from tests.hub.services.matches import agree, ask, recommended

SETTINGS = load_settings({}, secret="s" * 40)
ERIEC = coordinator("eriec")


def placed(database: Database, mentee_side: str, mentor_side: str, count: int, state: str = "proposed") -> None:
    sides = "accepted" if state == "agreed" else "waiting"
    rows = [
        Proposal(
            mentee_organisation_id=mentee_side,
            mentor_organisation_id=mentor_side,
            state=state,
            mentee_side=sides,
            mentor_side=sides,
            points=50,
            parts={},
            reasons={},
            expires_at=utcnow(),
        )
        for _ in range(count)
    ]
    database.run(lambda session: session.add_all(rows))


def picture(database: Database, who: str = "bvlc") -> NetworkView:
    with database.reading() as session:
        return service.picture(session, coordinator(who), SETTINGS)


def telling() -> Telling:
    return Telling.of(SETTINGS, today())


def wait(database: Database, count: int, **changes: object) -> None:
    for number in range(count):
        share(database, "eriec", f"mentee-{number:04d}", mentee(**changes))


def test_every_member_has_a_place_on_the_page_and_knows_its_own(members: Database):
    nodes = picture(members, "arec").nodes

    assert [(node.id, node.kind) for node in nodes] == sorted(MEMBERS)
    assert [node.id for node in nodes if node.mine] == ["arec"]
    assert all(0 <= place <= 1000 for node in nodes for place in (node.x, node.y))
    assert len({(node.x, node.y) for node in nodes}) == len(nodes)


def test_the_picture_is_the_same_whenever_and_by_whomever_it_is_drawn(members: Database):
    placed(members, "eriec", "arec", 7)

    places = [[(node.id, node.x, node.y) for node in picture(members, who).nodes] for who in ("arec", "arec", "criec")]

    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("count", [1, 4, 5, 7, 9])
def test_flows_of_others_are_told_from_five_on_in_fives_and_one_s_own_are_counted(members: Database, count: int):
    placed(members, "eriec", "arec", count)
    told = telling().told(count, "flow", "arec", "eriec")

    assert [one.count for one in picture(members, "bvlc").flows] == ([told] if told else [])
    assert picture(members, "eriec").flows == picture(members, "arec").flows == (FlowView("arec", "eriec", count),)


def test_the_ledger_tells_what_passed_between_another_and_oneself_and_of_the_rest_in_fives(members: Database):
    placed(members, "eriec", "arec", 3, "agreed")
    placed(members, "criec", "arec", 7, "agreed")
    of_arec = {who: {one.id: one.given for one in picture(members, who).ledger}.get("arec") for who, _ in MEMBERS}
    told = telling()

    assert of_arec == {
        "arec": 10,
        "eriec": told.with_own(3, 7, "given", "arec"),
        "criec": 7,
        "bvlc": told.told(10, "given", "arec"),
    }
    assert of_arec["eriec"] in (8, 13)


def test_the_ledger_keeps_what_was_completed_also_after_a_withdrawal_and_what_ended_early_until_then(network: Database):
    agree(network, ask(network))
    hours = matching.hours_of_a_pair()

    def ledger(who: str) -> tuple[int | None, int | None]:
        """The hours that AREC gave and ERIEC received."""
        found = {one.id: one for one in picture(network, who).ledger}
        return found["arec"].hours_given, found["eriec"].hours_received

    def running() -> str:
        with network.reading() as session:
            return next(one.id for one in partnerships.listed(session, ERIEC) if one.ended_at is None)

    assert ledger("eriec") == ledger("arec") == (hours, hours)
    first = running()
    network.run(lambda session: partnerships.complete(session, ERIEC, first))
    assert ledger("eriec") == (hours, hours)

    network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))
    assert ledger("eriec") == ledger("arec") == (hours, hours)

    share(network, "eriec", "mentee-0002", mentee())
    handle = recommended(network, pseudonym="mentee-0002").recommendations[0].handle
    made = network.run(lambda session: proposals.propose(session, ERIEC, "mentee-0002", handle, 14))
    agree(network, made.id)
    second = running()
    network.run(lambda session: partnerships.end_early(session, ERIEC, second, "work_found"))
    assert ledger("eriec") == (2 * hours, 2 * hours)

    network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0002"))
    assert ledger("eriec") == (hours, hours)


def test_only_what_is_asked_or_agreed_across_members_flows(members: Database):
    placed(members, "eriec", "arec", 5, "agreed")
    placed(members, "eriec", "eriec", 9)
    for state in ("drafted", "declined", "withdrawn", "expired", "superseded"):
        placed(members, "criec", "arec", 9, state)

    assert picture(members).flows == (FlowView("arec", "eriec", 5),)


@pytest.mark.parametrize(("waiting", "seen"), [(4, ()), (5, (GapView("213", "AB", 5, None),))])
def test_a_gap_of_fewer_than_five_is_nobodys_to_see(members: Database, waiting: int, seen: tuple[GapView, ...]):
    wait(members, waiting, noc="21301", region="AB-835")

    assert picture(members).gaps == picture(members, "eriec").gaps == seen


def test_a_gap_is_where_more_wait_than_there_are_seats_by_the_occupation_aimed_at(members: Database):
    wait(members, 12, noc="21301", target_noc="31301")
    for number in range(6):
        share(members, "arec", f"mentor-000{number}", mentor(noc="31301", seats=1, region="AB-825"))
    share(members, "arec", "mentor-0009", mentor(noc="21301", seats=20))
    told = telling()

    assert picture(members, "eriec").gaps == (GapView("313", "AB", 12, told.told(6, "mentor", "313", "AB")),)
    assert picture(members, "arec").gaps == (GapView("313", "AB", told.told(12, "mentee", "313", "AB") or 0, 6),)


def test_the_seats_of_one_mentor_are_not_counted_out(members: Database):
    wait(members, 12, noc="21301")
    share(members, "arec", "mentor-0001", mentor(noc="21301", seats=10))

    assert picture(members, "eriec").gaps == (GapView("213", "AB", 12, None),)


def test_one_s_own_people_do_not_move_what_is_told_of_others(members: Database):
    """Else a member could add its own until the number jumps, and so count the others out."""
    wait(members, 8, noc="21301")
    of_others = []
    for number in range(6):
        share(members, "criec", f"own-{number:05d}", mentee(noc="21301"))
        (gap,) = picture(members, "criec").gaps
        of_others.append(gap.waiting - number - 1)

    assert of_others == [telling().told(8, "mentee", "213", "AB")] * 6


def test_who_has_a_mentor_does_not_wait(members: Database):
    wait(members, 6)
    with members.reading() as session:
        first = session.scalars(select(Profile.id).limit(2)).all()
    members.run(lambda session: session.execute(update(Profile).where(Profile.id.in_(first)).values(taken=1)))

    assert picture(members).gaps == ()


def test_an_operator_sees_the_picture_as_a_stranger_does(members: Database):
    placed(members, "eriec", "arec", 4)

    with members.reading() as session:
        seen = service.picture(session, hub_itself("tests"), SETTINGS)
    assert not any(node.mine for node in seen.nodes)
    assert seen.flows == ()
