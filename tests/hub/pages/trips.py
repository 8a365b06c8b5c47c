"""A browser's way to its organisation's provider and back, over real HTTP, at a hub with the providers of two members."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.access.context import EXTENSION
from hub.database import Database
from hub.models import (
    AuditEntry,
)
from hub.services import colleagues, identity_providers, provider_identities
from tests.hub.identity_provider import IdentityProvider
from tests.hub.pages.visitor import Element, Page, Visitor
from tests.hub.people import TESTS

Visit = Callable[[str], Visitor]
WRONG = "Check the user name, the password and the code, then try again."
DENIED = "Your organisation did not sign you in. Try again, or sign in another way."
SILENT = "Your organisation's sign-in does not answer now. Try again in a few minutes, or sign in another way."
UNKNOWN = (
    "No sign-in of an organisation is known under this short name. "
    "Check it with your administrator, or sign in another way."
)
DEAD = "This link no longer works, or is not whole: ask for a new one."
BOUND = "This account, or this sign-in, is bound already: unbind it first."
DAY = timedelta(days=1)


@dataclass
class House:
    """The hub, and the providers of two of its members."""

    app: Flask
    hub: Database
    eriec: IdentityProvider
    criec: IdentityProvider

    @property
    def settings(self) -> Any:
        return self.app.extensions[EXTENSION]["settings"]

    def put(self, organisation: str, provider: IdentityProvider, secret: str | None) -> dict[str, Any] | None:
        parts = (organisation, provider.issuer, provider.client_id, secret, self.settings)
        return self.hub.run(lambda session: identity_providers.put(session, TESTS, *parts))

    def invite(self, username: str, organisation: str = "eriec", life: timedelta = DAY) -> str:
        secret = self.hub.run(lambda session: provider_identities.invite(session, TESTS, organisation, username, life))
        return f"/sign-in/invitation/{secret}"

    def bind(self, username: str = "amina") -> None:
        """By invitation, in another browser; and the administrator hears the digits."""
        self.hear(come_back(leave(Visitor(self.app.test_client()), self.invite(username))), username)

    def hear(self, page: Page, username: str = "amina", organisation: str = "eriec") -> None:
        """Type the digits that a page shows."""

        def unit(session: Session) -> None:
            account = colleagues.named(session, TESTS, organisation, username)
            colleagues.confirm(session, TESTS, account, digits_of(page), self.settings)

        self.hub.run(unit)

    def let_go(self, username: str, organisation: str = "eriec") -> None:
        """What the operator does when a link went astray."""
        self.hub.run(lambda session: provider_identities.unbind_named(session, TESTS, organisation, username))

    def count(self, model: type[object]) -> int:
        with self.hub.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def refusals(self) -> int:
        with self.hub.reading() as session:
            wanted = (AuditEntry.operation == "session.open", AuditEntry.outcome == "refused")
            return session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0


@pytest.fixture
def house(app: Flask, hub: Database) -> Iterator[House]:
    parts = app.extensions[EXTENSION]
    parts.pop("provider_documents", None)
    with IdentityProvider().running() as eriec, IdentityProvider("another").running() as criec:
        found = House(app, hub, eriec, criec)
        found.put("eriec", eriec, eriec.secret)
        found.put("criec", criec, criec.secret)
        yield found
    parts.pop("provider_documents", None)


@dataclass
class Trip:
    """A browser that left for a provider: where it is to go, and what it came from."""

    visitor: Visitor
    page: Page

    @property
    def address(self) -> str:
        """Where the page leads to, by itself and by its link: the same."""
        address = self.page.headers["Refresh"].removeprefix("0; url=")
        assert address in self.page.links()
        return address


def digits_of(page: Page) -> str:
    """The digits that whoever took an invitation up is to tell."""
    assert page.heading == "One step is left", page.source
    return page.root.one("main").one("code").text


def form_of(page: Page, action: str) -> Element:
    return next(form for form in page.forms() if form.get("action") == action)


def leave(visitor: Visitor, invitation: str = "", organisation: str = "eriec", address: str = "/sign-in") -> Trip:
    """From the door, or from an invitation, to the page that leads elsewhere."""
    if invitation:
        return Trip(visitor, visitor.send(form_of(visitor.open(invitation), invitation)))
    form = form_of(visitor.open(address), "/sign-in/organisation")
    return Trip(visitor, visitor.send(form, organisation=organisation))


def answered(trip: Trip) -> str:
    """What the provider sends the browser back with: path and query."""
    # Plain HTTP: whom TLS would trust need not be read each time.
    answer = httpx.get(trip.address, verify=False)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
    return urlunsplit(("", "", parts.path, parts.query, ""))


def come_back(trip: Trip) -> Page:
    return trip.visitor.open(answered(trip))


def changed(address: str, **values: str | None) -> str:
    """An address with other parameters; None takes one away."""
    parts = urlsplit(address)
    sent = dict(parse_qsl(parts.query)) | values
    return f"{parts.path}?{urlencode({name: value for name, value in sent.items() if value is not None})}"


def signed_in(visitor: Visitor) -> bool:
    return visitor.open("/account").address == "/account"


def refused(house: House, visitor: Visitor, page: Page, said: str = WRONG) -> bool:
    """Whether somebody stands at the door again, with nothing in hand and no code in the address."""
    nothing = visitor.http.get_cookie("passerelle") is None and not signed_in(visitor)
    return nothing and (page.full_address, page.notices) == ("/sign-in", [said])


def cookie(visitor: Visitor) -> str:
    found = visitor.http.get_cookie("passerelle-provider")
    assert found is not None
    return found.value
