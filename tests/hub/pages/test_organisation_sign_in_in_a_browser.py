"""To one's organisation and back in a real browser: without scripts, by keyboard, on a phone, within the content policy."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pyotp import TOTP
from sqlalchemy.orm import Session

from hub.commands.demonstration.server import RunningServer
from hub.commands.opening import settings_with_secret
from hub.database import Database
from hub.services import colleagues, coordinators, identity_providers, provider_identities
from hub.services.actors import Actor
from hub.settings import Settings
from tests.hub.identity_provider import IdentityProvider
from tests.hub.pages.test_browser import LEVELS, NARROW, browser, free_port, violations
from tests.hub.pages.world import PASSWORD, World
from tests.hub.people import TESTS

__all__ = ["browser"]
Place = tuple[str, Database, IdentityProvider, Settings]


@pytest.fixture(scope="module")
def place(furnished: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The hub as an operator runs it, and a provider on another port: another origin to the browser."""
    folder = tmp_path_factory.mktemp("provided")
    shutil.copy(furnished[0], folder / "passerelle.sqlite3")
    port = free_port()
    settings = settings_with_secret(instance_folder=str(folder), issuer=f"http://localhost:{port}", port=port)
    database = Database(settings.database)
    with IdentityProvider().running() as provider, RunningServer(settings):
        parts = ("eriec", provider.issuer, provider.client_id, provider.secret, settings)
        database.run(lambda session: identity_providers.put(session, TESTS, *parts))
        yield settings.issuer, database, provider, settings
    database.close()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def tab(browser: Browser, place: Place, request: pytest.FixtureRequest) -> Iterator[tuple[Page, list[str]]]:
    """A phone, and what its browser complained of."""
    context = browser.new_context(
        base_url=place[0],
        locale="en-CA",
        viewport=NARROW,
        java_script_enabled=request.param,  # type: ignore[arg-type]
    )
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    try:
        yield page, said
    finally:
        context.close()


def test_an_invitation_binds_and_the_door_opens_by_keyboard(tab: tuple[Page, list[str]], place: Place) -> None:
    page, said = tab
    address, database, provider, settings = place
    provider.subject = f"somebody-{id(tab)}"
    database.run(lambda session: provider_identities.unbind(session, TESTS, account(database)))
    invite = timedelta(hours=1)
    secret = database.run(lambda session: provider_identities.invite(session, TESTS, "eriec", "amina", invite))

    page.goto(f"/sign-in/invitation/{secret}")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/sign-in/joined")
    digits = page.locator("main code").inner_text()
    database.run(lambda session: colleagues.confirm(session, TESTS, account(database), digits, settings))
    page.get_by_role("link", name="Then sign in").click()
    page.wait_for_url("**/sign-in")

    page.get_by_text("Sign in with your organisation").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("eriec")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")

    assert page.get_by_role("button", name="Sign out").is_visible()
    assert said == []


def test_an_invitation_is_taken_up_with_a_password_and_an_app_by_keyboard(
    tab: tuple[Page, list[str]], place: Place, request: pytest.FixtureRequest
) -> None:
    page, said = tab
    _, database, _, settings = place
    olga, name = Actor("olga", "operator"), f"newcomer-{id(tab)}"
    made = database.run(lambda session: colleagues.invite(session, olga, "eriec", name, "organisation_admin", "en"))

    page.goto(f"/sign-in/invitation/{made.secret}")
    page.get_by_role("button", name="Go on").press("Enter")
    page.wait_for_selector("#code")
    broken, wide = [], 0
    if request.node.callspec.params["tab"]:
        page.evaluate(Axe().axe_script)
        broken = violations(page, LEVELS)
        wide = page.evaluate("document.documentElement.scrollWidth")
    app = TOTP(page.locator("main p > code").last.inner_text().replace(" ", ""))
    page.locator("#password").focus()
    for typed in (PASSWORD, PASSWORD, app.now()):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/joined")
    digits = page.locator("main code").inner_text()

    def unit(session: Session) -> None:
        colleague = colleagues.named(session, TESTS, "eriec", made.username)
        colleagues.confirm(session, TESTS, colleague, digits, settings)

    database.run(unit)
    assert (broken, wide <= NARROW["width"]) == ([], True)
    assert said == []


def account(database: Database) -> str:
    with database.reading() as session:
        found = coordinators.find_account(session, "amina")
    assert found is not None
    return found.coordinator_id


@pytest.mark.parametrize("path", ["/sign-in?organisation=eriec", "/sign-in/invitation/" + "A" * 43])
def test_what_is_shown_can_be_reached_by_everybody(browser: Browser, place: Place, path: str) -> None:
    context = browser.new_context(base_url=place[0], locale="en-CA", viewport=NARROW)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(path)
        page.evaluate(Axe().axe_script)
        assert violations(page, LEVELS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    finally:
        context.close()
