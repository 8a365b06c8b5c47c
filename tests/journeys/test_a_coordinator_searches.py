"""Journey 2: a coordinator searches the shared pool, on a page and through the API: cells, never rows."""

import re

from tests.journeys.conftest import Hub

SIZES = {"5-9", "10-19", "20+"}


def test_a_search_shows_groups_of_five_or_more_and_never_a_person(hub: Hub):
    page = hub.browser("eriec").read("/pool?noc=2&region=AB")

    assert any(size in page for size in SIZES)
    assert not any(person.pseudonym in page for person in hub.people)


def test_the_page_and_the_api_show_the_same_groups(hub: Hub):
    cells = hub.agency("eriec").client.search_pool(noc="2")["cells"]

    page = hub.browser("criec").read("/pool?noc=2")

    assert any(cell["noc"] != "*" for cell in cells if cell["noc"] != "*")
    assert {cell["size"] for cell in cells} <= SIZES
    assert all(cell["noc_title"]["en"] in page for cell in cells if cell["noc"] != "*")


def test_a_french_speaker_searches_in_french(hub: Hub):
    cells = hub.agency("eriec").client.search_pool(noc="2")["cells"]

    page = hub.browser("criec", "fr").read("/pool?noc=2")

    assert re.search(r'<html[^>]* lang="fr"', page)
    assert all(_escaped(cell["noc_title"]["fr"]) in page for cell in cells if cell["noc"] != "*")


def test_an_unknown_code_is_refused_with_a_page_that_helps(hub: Hub):
    answer = hub.browser("eriec").http.get("/pool?noc=abc")

    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_nobody_searches_without_signing_in(hub: Hub):
    browser = hub.browser("eriec")
    browser.http.cookies.clear()

    answer = browser.http.get("/pool?noc=2")

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")


def _escaped(text: str) -> str:
    return text.replace("'", "&#39;")
