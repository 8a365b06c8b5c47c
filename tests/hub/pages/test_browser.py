"""A real browser at the real server: reach, width, keyboard, no scripts, and nothing that the content policy forbids."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from hub.access.context import EXTENSION
from hub.commands.demonstration.server import RunningServer
from hub.commands.opening import settings_with_secret
from hub.database import Database
from hub.models import Proposal
from hub.services import mentee_links
from hub.settings import load_settings
from tests.hub.pages.conftest import FOR_AUDITORS, FOR_OPERATORS, addresses_of, session_of
from tests.hub.pages.world import PASSWORD, World
from tests.hub.people import coordinator

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
LEVELS: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# What depends on the width; the rest was looked at on the same page a moment before.
LAID_OUT: Final = {"runOnly": ["color-contrast", "scrollable-region-focusable", "target-size", "link-in-text-block"]}
NARROW: Final = {"width": 360, "height": 740}
WIDE: Final = {"width": 1280, "height": 900}
MOST_STOPS: Final = 60
NOWHERE: Final = "/nowhere"


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub, where it is, what is in it, and someone's session."""

    address: str
    database: Database
    world: World
    pages: tuple[str, ...]
    session: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium or Chrome on this machine: install one to look at the pages as people do")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def running(served: Flask, furnished: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub as an operator runs it, over a copy of the furnished database."""
    folder, world = tmp_path_factory.mktemp("running"), furnished[1]
    shutil.copy(furnished[0], folder / "passerelle.sqlite3")
    address = f"http://127.0.0.1:{(port := free_port())}"
    settings = settings_with_secret(instance_folder=str(folder), issuer=address, port=port)
    database = Database(settings.database)
    served.extensions[EXTENSION]["database"] = database
    own = (*addresses_of(served, world), *world.own.addresses()[:3], NOWHERE)
    with RunningServer(settings):
        yield Hub(address, database, world, own, session_of(served, "iman"))
    database.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def looking(browser: Browser, hub: Hub, language: str = "en", **options: Any) -> Iterator[Page]:
    """One tab of someone signed in."""
    context: BrowserContext = browser.new_context(base_url=hub.address, **options)
    # Two people on one phone: each has pages of their own.
    values = {"passerelle": hub.session, "lang": language, "passerelle-m": hub.world.own.session}
    context.add_cookies([{"name": name, "value": value, "url": hub.address} for name, value in values.items()])
    try:
        yield context.new_page()
    finally:
        context.close()


def test_no_page_breaks_a_rule_of_wcag_a_or_aa_on_a_phone_or_a_desk(browser: Browser, running: Hub) -> None:
    found = []
    with looking(browser, running, viewport=WIDE) as tab:
        for address in running.pages:
            tab.set_viewport_size(WIDE)
            tab.goto(address)
            tab.evaluate(Axe().axe_script)
            found += [(address, "wide", *one) for one in violations(tab, LEVELS)]
            tab.set_viewport_size(NARROW)
            found += [(address, "narrow", *one) for one in violations(tab, LAID_OUT)]

    assert found == []


def violations(tab: Page, options: dict[str, Any]) -> list[tuple[str, str]]:
    """Each rule broken, with the start of the element that breaks it."""
    answer = tab.evaluate("options => axe.run(options)", options)
    return [(one["id"], node["html"][:90]) for one in answer["violations"] for node in one["nodes"]]


def test_the_rules_are_really_looked_at(browser: Browser, running: Hub) -> None:
    with looking(browser, running, viewport=NARROW) as tab:
        tab.goto("/sign-in")
        tab.evaluate("document.querySelector('label').remove(); document.documentElement.lang = ''")
        tab.evaluate("document.querySelector('h1').style.color = '#eee'")
        tab.evaluate(Axe().axe_script)

        assert {rule for rule, _ in violations(tab, LEVELS)} == {"label", "html-has-lang", "color-contrast"}
        assert {rule for rule, _ in violations(tab, LAID_OUT)} == {"color-contrast"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_is_wider_than_a_small_phone(browser: Browser, running: Hub, language: str) -> None:
    wider = []
    with looking(browser, running, language, viewport=NARROW) as tab:
        for address in running.pages:
            tab.goto(address)
            width = tab.evaluate("document.documentElement.scrollWidth")
            wider += [(address, width)] if width > NARROW["width"] else []

    assert wider == []


def test_nothing_is_forbidden_missing_or_from_elsewhere(browser: Browser, running: Hub) -> None:
    said: list[str] = []
    asked: set[str] = set()
    with looking(browser, running) as tab:
        tab.on("console", lambda message: said.append(f"{tab.url}: {message.text}"))
        tab.on("pageerror", lambda error: said.append(f"{tab.url}: {error}"))
        tab.on("response", lambda answer: said.append(answer.url) if answer.status >= 400 else None)
        tab.on("request", lambda request: asked.add(request.url))
        # The audit log and an operator's pages are not a coordinator's: her refusal there is meant.
        for address in {one for one in running.pages if not one.startswith(FOR_OPERATORS)} - {NOWHERE, *FOR_AUDITORS}:
            answer = tab.goto(address)
            assert answer is not None
            assert "unsafe" not in answer.headers["content-security-policy"]

    assert said == []
    assert any(url.endswith("/static/passerelle.css") for url in asked)
    assert {url for url in asked if not url.startswith(running.address)} == set()


def test_the_policy_of_the_pages_stops_a_script_that_somebody_smuggled_in(browser: Browser, running: Hub) -> None:
    said: list[str] = []
    with looking(browser, running) as tab:
        tab.goto("/about")
        tab.on("console", lambda message: said.append(message.text))
        tab.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.in = 1'}))")

        assert tab.evaluate("window.in") is None
    assert any("Content Security Policy" in one for one in said)


def test_a_proposal_is_found_and_accepted_with_the_keyboard_alone_and_without_scripts(
    browser: Browser, running: Hub
) -> None:
    context = browser.new_context(base_url=running.address, java_script_enabled=False, locale="en-CA", viewport=WIDE)
    tab = context.new_page()
    tab.goto("/")

    go_to(tab, lambda here: here.get_attribute("name") == "username")
    tab.keyboard.type("hodan")
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{running.address}/")
    assert tab.locator("h1").inner_text() == "What waits on you"
    go_to(tab, lambda here: (here.get_attribute("href") or "").endswith(running.world.open))
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/proposals/*")
    go_to(tab, lambda here: here.inner_text() == "Accept")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("[role=status]")
    assert tab.locator("[role=status]").inner_text().startswith("Accepted for your side.")
    context.close()
    with running.database.reading() as session:
        assert session.get_one(Proposal, running.world.open).mentor_side == "accepted"


def go_to(tab: Page, is_it: Callable[[Locator], bool]) -> None:
    """Press Tab until it is reached; each stop on the way must be seen."""
    for _ in range(MOST_STOPS):
        tab.keyboard.press("Tab")
        here = tab.locator(":focus")
        assert here.evaluate("one => getComputedStyle(one).outlineStyle") != "none", here.inner_text()
        if is_it(here):
            return
    raise AssertionError(f"not reached on {tab.url}")


def test_the_skip_link_is_the_first_stop_and_leads_past_the_menu(browser: Browser, running: Hub) -> None:
    with looking(browser, running) as tab:
        tab.goto("/proposals")
        tab.keyboard.press("Tab")
        assert tab.locator(":focus").inner_text() == "Skip to the content"
        assert tab.locator(":focus").bounding_box()["x"] >= 0  # type: ignore[index]
        tab.keyboard.press("Enter")
        tab.keyboard.press("Tab")

        assert tab.locator("main").evaluate("main => main.contains(document.activeElement)")


def test_the_way_out_leads_to_the_weather_and_the_way_back_shows_a_closed_page(browser: Browser, running: Hub) -> None:
    made = running.database.run(
        lambda session: mentee_links.make(
            session, coordinator("eriec"), running.world.fresh, load_settings({}, secret="s" * 40)
        )
    )
    context = browser.new_context(base_url=running.address, java_script_enabled=False, locale="en-CA", viewport=NARROW)
    context.route(
        "https://weather.gc.ca/**", lambda route: route.fulfill(body="<h1>Sunny</h1>", content_type="text/html")
    )
    tab = context.new_page()
    tab.goto(f"/m/{made.capability}")
    tab.get_by_role("button", name="Open my page").click()
    tab.wait_for_url("**/m")
    assert tab.locator("h1").inner_text() == "Where things stand"

    tab.get_by_role("button", name="Leave this page now").click()
    tab.wait_for_url("https://weather.gc.ca/")
    shown = []
    for _ in range(2):
        tab.go_back()
        shown.append((tab.url.removeprefix(running.address), tab.locator("h1").inner_text()))

    # The page that was left, and the link; the answer to the way out itself is no longer in the history.
    assert shown == [("/m", "This page is closed"), (f"/m/{made.capability}", "This link is for you alone")]
    tab.get_by_role("button", name="Open my page").click()
    assert tab.locator("h1").inner_text() == "This page is closed"
    context.close()
