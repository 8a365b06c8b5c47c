"""The hub holds five digits of an occupation and tells four: every answer and page of a world that holds five is searched."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from flask import Flask

from federation.vocabularies import load as load_vocabularies
from graph.rounds import RoundPolicy
from hub.access.context import EXTENSION
from hub.database import Database
from hub.services import coordinators, mentee_links, pool, profiles, proposals, recommendations, round_wishes, rounds
from hub.settings import load_settings
from tests.hub.doors import add_account, register_system
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.rounds import run_round

HELD: Final = {"eriec": ("21231",), "criec": ("21232",), "arec": ("21233", "21234"), "bvlc": ()}
"""Whole occupations by who holds people of them: all of one group of four digits, so that everyone fits everyone."""
NO_PAGES: Final = {"pages.static_file", "pages.bootstrap", "pages.choose_language"}
SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def world(hub_app: Flask, sqlite_database: Database) -> dict[str, str]:
    """People in every state of a match, and what addresses are made of."""
    database = sqlite_database
    for number in range(7):
        share(database, "eriec", f"eriec-mentee-{number}", mentee(noc="21231", formats=["one_to_one", "group"]))
        share(database, "criec", f"criec-mentee-{number}", mentee(noc="11100", target_noc="21232"))
        share(database, "arec", f"arec-mentor-{number}", mentor(noc=HELD["arec"][number % 2], seats=2))
    actor = coordinator("eriec")
    database.run(lambda session: pool.search(session, actor, pool.PoolCriteria(), 5))
    kept = run_round(database, publish=True)
    with database.reading() as session:
        asked = [one for one in proposals.inbox(session, actor) if one.mentor_organisation_id == "arec"]
    database.run(lambda session: proposals.accept(session, coordinator("arec"), asked[1].id))
    share(database, "eriec", "eriec-fresh", mentee(noc="21231"))
    found = database.run(lambda session: recommendations.for_mentee(session, actor, "eriec-fresh", SETTINGS))
    first, second = (one.handle for one in found.recommendations[:2])
    database.run(lambda session: round_wishes.wish(session, actor, "eriec-fresh", first, "pin"))
    database.run(lambda session: proposals.propose(session, actor, "eriec-fresh", second, 14))
    link = database.run(lambda session: mentee_links.make(session, actor, asked[0].my_pseudonyms["mentee"], SETTINGS))
    opened = database.run(lambda session: mentee_links.exchange(session, link.capability))
    assert opened is not None
    return {"pseudonym": "eriec-fresh", "proposal": asked[1].id, "round": kept.id, "mentee": opened[0]}


def addresses(app: Flask, world: dict[str, str]) -> Iterator[str]:
    """Every address that answers a GET, with what there is in the place of each argument; else with something there is not."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
            continue
        values = {name: world.get(name.removesuffix("_id"), "nothing-there") for name in rule.arguments}
        with app.test_request_context():
            yield app.url_map.bind("127.0.0.1").build(rule.endpoint, values)
    yield "/groups?look=1"
    yield "/pool?noc=2123"
    yield "/api/v1/pool?noc=21234"


def told(app: Flask, database: Database, organisation: str, world: dict[str, str]) -> dict[str, str]:
    """All that an organisation's system and a coordinator of it are answered."""
    add_account(database, f"{organisation}-person", organisation=organisation)
    people, system = app.test_client(), register_system(app.test_client(), database, organisation)
    with database.transaction() as session:
        account = coordinators.find_account(session, f"{organisation}-person")
        assert account is not None
        people.set_cookie(
            "passerelle", coordinators.open_session(session, account, app.extensions[EXTENSION]["settings"])
        )
    people.set_cookie("passerelle-m", world["mentee"] if organisation == "eriec" else "nobody", path="/m")
    found = {}
    for address in addresses(app, world):
        answer = system.call("GET", address) if address.startswith("/api/") else people.get(address)
        found[address] = answer.get_data(as_text=True)
        answer.close()
    body = {"mentee": "eriec-fresh", "handle": "x" * 43}
    found["refused"] = system.call("POST", "/api/v1/proposals", json=body).get_data(as_text=True)
    return found


@pytest.mark.parametrize("organisation", HELD)
def test_nobody_is_shown_a_fifth_digit_of_others_people_or_its_name_anywhere(
    hub_app: Flask, sqlite_database: Database, world: dict[str, str], organisation: str
):
    answers = told(hub_app, sqlite_database, organisation, world)

    vocabularies = load_vocabularies()
    codes = [code for owner, held in HELD.items() if owner != organisation for code in held]
    group = {locale: vocabularies.label("noc", "2123", locale) for locale in ("en", "fr")}
    titles = [(locale, vocabularies.label("noc", code, locale)) for code in codes for locale in group]
    names = [title for locale, title in titles if title not in group[locale]]
    sought = re.compile("|".join([rf"\b{code}\b" for code in codes] + [re.escape(name) for name in names]))
    assert len(answers) > 45
    assert {address: found for address, text in answers.items() if (found := sought.findall(text))} == {}


def test_what_is_looked_for_would_be_found_where_it_may_stand(
    hub_app: Flask, sqlite_database: Database, world: dict[str, str]
):
    answers = told(hub_app, sqlite_database, "eriec", world)

    whole = {address for address, text in answers.items() if re.search(r"\b21231\b", text)}
    named = {address for address, text in answers.items() if "Software engineers and designers" in text}
    four = {address for address, text in answers.items() if "Computer, software and Web designers" in text}
    assert whole == {"/api/v1/profiles", "/api/v1/profiles/eriec-fresh"}
    assert named == {"/mentees", "/mentees/eriec-fresh"}
    assert {"/mentees/eriec-fresh", f"/proposals/{world['proposal']}", "/m"} <= four


def test_points_and_parts_tell_no_more_than_four_digits_do(sqlite_database: Database, hub_app: Flask):
    """Whoever knows their own fifth digit would read the other's from points for the whole occupation."""
    share(sqlite_database, "eriec", "eriec-mentee", mentee(noc="21231"))
    for code in ("21231", "21234"):
        share(sqlite_database, "arec", f"mentor-{code}", mentor(noc=code))

    shown = sqlite_database.run(
        lambda session: recommendations.for_mentee(session, coordinator("eriec"), "eriec-mentee", SETTINGS)
    ).recommendations

    assert len(shown) == 2
    assert len({(one.points, str(one.parts), str(one.reasons), one.noc) for one in shown}) == 1


def test_whom_to_match_is_decided_by_all_five(sqlite_database: Database, hub_app: Flask):
    share(sqlite_database, "eriec", "eriec-mentee", mentee(noc="21231"))
    for number, code in enumerate(("21234", "21230", "21231", "21233", "21232")):
        share(sqlite_database, "arec", f"mentor-{number}", mentor(noc=code))

    with sqlite_database.reading() as session:
        (match,) = rounds.solve(session, RoundPolicy(), today()).matches

    assert match.mentor.noc == "21231"


def test_the_hub_keeps_no_digit_that_none_of_a_persons_programs_needs(sqlite_database: Database, hub_app: Flask):
    share(sqlite_database, "arec", "group-only", mentor(noc="21234", formats=["group"]))
    share(sqlite_database, "arec", "both-of-it", mentor(noc="21234", formats=["group", "one_to_one"]))

    with sqlite_database.reading() as session:
        held = {one.pseudonym: one.noc for one in profiles.own(session, coordinator("arec"))}

    assert held == {"group-only": "2123", "both-of-it": "21234"}
