"""A passkey in a real browser, with a virtual device: set up, signed in with, confirmed with, within the content policy."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from pyotp import TOTP
from sqlalchemy import select

from hub.commands.demonstration.server import RunningServer
from hub.commands.opening import settings_with_secret
from hub.database import Database
from hub.models import Passkey
from tests.hub.pages.test_browser import LEVELS, NARROW, WIDE, browser, free_port, violations
from tests.hub.pages.world import PASSWORD, World

__all__ = ["browser"]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def reached_by_name(
    furnished: tuple[Path, World], served: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Database]]:
    """The hub as an operator runs it, at localhost: passkeys need a name."""
    folder = tmp_path_factory.mktemp("named")
    shutil.copy(furnished[0], folder / "passerelle.sqlite3")
    port = free_port()
    settings = settings_with_secret(instance_folder=str(folder), issuer=f"http://localhost:{port}", port=port)
    database = Database(settings.database)
    with RunningServer(settings):
        yield settings.issuer, database
    database.close()


@contextmanager
def with_device(browser: Browser, address: str, said: list[str]) -> Iterator[tuple[Page, str]]:
    """A tab with a virtual authenticator, and its id."""
    context = browser.new_context(base_url=address, locale="en-CA")
    tab = context.new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tools = context.new_cdp_session(tab)
    tools.send("WebAuthn.enable")
    device = tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    try:
        yield tab, device
    finally:
        context.close()


def test_a_passkey_is_set_up_signs_in_and_confirms(browser: Browser, reached_by_name: tuple[str, Database]) -> None:
    address, database = reached_by_name
    said: list[str] = []
    with with_device(browser, address, said) as (tab, _):
        tab.goto("/sign-in?next=/account")
        tab.fill("#username", "amina")
        tab.fill("#password", PASSWORD)
        tab.press("#password", "Enter")
        tab.wait_for_url("**/account")
        tab.click("text=Set up a passkey")
        tab.wait_for_selector("h1:has-text('Recovery codes')")
        assert tab.locator("main code").count() == 10

        tab.click("text=Sign out")
        tab.wait_for_url("**/sign-in")
        tab.click("text=Sign in with a passkey")
        tab.wait_for_url(f"{address}/")

        tab.goto("/account/confirm?next=/proposals")
        tab.click("text=Confirm with a passkey")
        tab.wait_for_url("**/proposals")
    with database.reading() as session:
        counts = session.scalars(select(Passkey.sign_count).where(Passkey.used_at.is_not(None))).all()
    assert len(counts) == 1
    assert said == []


def test_a_device_without_a_passkey_says_what_to_do(browser: Browser, reached_by_name: tuple[str, Database]) -> None:
    said: list[str] = []
    with with_device(browser, reached_by_name[0], said) as (tab, _):
        tab.goto("/sign-in")
        tab.click("text=Sign in with a passkey")
        tab.wait_for_selector("[role=alert]")

        assert tab.locator("[role=alert]").inner_text().startswith("The passkey was not used.")
        assert tab.url.endswith("/sign-in")


def test_the_pages_of_an_account_break_no_rule_of_wcag(browser: Browser, reached_by_name: tuple[str, Database]) -> None:
    found, said = [], list[str]()
    with with_device(browser, reached_by_name[0], said) as (tab, _):

        def look() -> None:
            for size in (WIDE, NARROW):
                tab.set_viewport_size(size)
                tab.evaluate(Axe().axe_script)
                found.extend((tab.url, *one) for one in violations(tab, LEVELS))
                assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"], tab.url

        tab.goto("/sign-in?next=/account")
        look()
        tab.fill("#username", "bo")
        tab.fill("#password", PASSWORD)
        tab.press("#password", "Enter")
        tab.wait_for_url("**/account")
        tab.click("text=Set up an app")
        tab.wait_for_url("**/account/app")
        look()
        tab.fill("#code", TOTP(tab.locator("main code").inner_text().replace(" ", "")).now())
        tab.press("#code", "Enter")
        tab.wait_for_selector("h1:has-text('Recovery codes')")
        look()
        tab.goto("/account")
        tab.click("text=Set up a passkey")
        tab.wait_for_selector("[role=status]")
        for address in ("/account", "/account/confirm"):
            tab.goto(address)
            look()
        tab.click("text=Sign out >> nth=0")
        tab.wait_for_url("**/sign-in")
        tab.fill("#username", "bo")
        tab.fill("#password", PASSWORD)
        tab.press("#password", "Enter")
        tab.wait_for_url("**/sign-in/code")
        look()

    assert (found, said) == ([], [])
