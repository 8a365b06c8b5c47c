"""Signing in with one's organisation: to its identity provider with a question only this browser can answer for, and back.

The provider's word takes the place of the password and of nothing else: who has a second factor here is asked for it, and a
session opened by the provider alone is not fresh.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import confirming, joining, provider_exchange, sessions
from hub.access.context import database, provider_documents, settings
from hub.access.identity import person_if_any
from hub.access.provider_exchange import InvalidAnswer
from hub.access.sessions import Entry
from hub.services import coordinators, identity_providers, provider_errands, provider_identities, sign_in_steps
from hub.services.clients import hashed
from hub.services.identity_providers import Provider
from hub.services.organisations import IDENTIFIER
from hub.services.provider_errands import Errand, marks
from hub.services.provider_identities import Identity

COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class NoProvider(Exception):
    """There is no organisation of this name whose provider one could go to; why, is not told."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is to go, and the cookie it comes back with."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a way there and back led to: the errand, and a session or step where one was opened or renewed."""

    errand: str
    target: str
    entry: Entry | None


def cookie_name() -> str:
    """Return the name of the cookie that knows an errand, for minutes."""
    return f"{sessions.cookie_name()}-provider"


def begin(errand: Errand) -> Departure:
    """Return the way to an organisation's provider.

    Raises
    ------
    NoProvider
        No such organisation, none in good standing, or it has no provider.
    ProviderUnreachable
        The provider does not answer.
    """
    provider = _provider(errand.organisation_id)
    if provider is None:
        raise NoProvider
    document = provider_documents().document(provider, settings())
    cookie = database().run(lambda session: provider_errands.begin(session, errand))
    return Departure(provider_exchange.question(provider, document, cookie, fresh=errand.errand == "confirm"), cookie)


def is_possible(organisation_id: str) -> bool:
    """Whether an organisation has a provider that one could go to."""
    return _provider(organisation_id) is not None


def _provider(organisation_id: str) -> Provider | None:
    if not IDENTIFIER.fullmatch(organisation_id):
        return None
    with database().reading() as session:
        return identity_providers.of(session, organisation_id, settings())


def invited_to(secret: str) -> Errand:
    """Return the errand of an invitation, which stays good until somebody is bound by it.

    Raises
    ------
    Problem
        ``not-found`` as :func:`hub.access.joining.invited` says.
    """
    return Errand("invitation", joining.invited(secret).organisation_id, invitation_hash=hashed(secret))


def finish(organisation_id: str) -> Arrival:
    """Take the browser's errand up where the provider sent it back, and do what it went for.

    Raises
    ------
    Problem
        ``not-signed-in`` in the words of a wrong password, whatever was wrong; ``conflict`` where somebody cannot be bound.
    NotSignedIn, ProviderUnreachable
        As the provider said, or did not.
    """
    cookie = request.cookies.get(cookie_name(), "")
    errand = _errand(cookie, organisation_id)
    provider = _provider(organisation_id) if errand else None
    if errand is None or provider is None:
        raise _refusal()
    document = provider_documents().document(provider, settings())
    proved_since = errand.began_at if errand.errand == "confirm" else None
    try:
        code = provider_exchange.code(document, request.args)
        identity = provider_exchange.identity(provider, document, cookie, code, proved_since)
    except InvalidAnswer:
        sessions.refuse(None)
    return _done(errand, identity)


def _errand(cookie: str, organisation_id: str) -> Errand | None:
    """Return what this browser went for, used up. An answer to another question leaves it as it is."""
    state = provider_exchange.one(request.args, "state") or ""
    if not COOKIE.fullmatch(cookie) or not hmac.compare_digest(
        state.encode("utf-8", "replace"), marks(cookie).state.encode()
    ):
        return None
    return database().run(lambda session: provider_errands.take(session, cookie, organisation_id))


def _done(errand: Errand, identity: Identity) -> Arrival:
    if errand.errand == "bind":
        _bind(errand, identity)
        return Arrival("bind", errand.target, None)
    if errand.errand == "confirm":
        return Arrival("confirm", errand.target, _confirmed(errand, identity))
    if errand.errand == "invitation":
        invitation = errand.invitation_hash or ""
        taken = joining.took(lambda session: provider_identities.accept(session, invitation, identity, settings()))
        return Arrival("invitation", errand.target, taken)
    return Arrival(errand.errand, errand.target, _enter(identity))


def _bind(errand: Errand, identity: Identity) -> None:
    person = person_if_any()
    if person is None or person.suspended or person.actor.name != errand.coordinator_id:
        raise _refusal()
    owner = person.actor.name
    database().run(lambda session: provider_identities.bind(session, owner, identity, settings()))


def _confirmed(errand: Errand, identity: Identity) -> Entry:
    """Renew the session of the person who went, when it is they who came back, and has no second factor to be asked for."""
    person = person_if_any()
    owner = database().run(lambda session: provider_identities.owner(session, identity, settings()))
    right = person is not None and owner == person.actor.name == errand.coordinator_id and not person.suspended
    if not right or person is None or person.second_factor:
        sessions.refuse(None)
    return confirming.renewed()


def _enter(identity: Identity) -> Entry:
    """Open a session, or ask for the code where the account has a second factor: in one transaction with the look for it."""
    earlier, given = sessions.session_id(), settings()

    def unit(session: Session) -> Entry | None:
        owner = provider_identities.owner(session, identity, given)
        account = coordinators.account_of(session, owner) if owner else None
        if account is None or not account.usable:
            return None
        if account.second_factor:
            step, _ = sign_in_steps.begin(session, "code", account.coordinator_id)
            return Entry(step, complete=False)
        opened = coordinators.open_session(session, account, given, replaces=earlier, proved=False)
        return Entry(opened, complete=True)

    return database().run(unit) or sessions.refuse(None)


def _refusal() -> Problem:
    return Problem("not-signed-in", "Check the user name, the password and the code, then try again.")


def keep(response: Response, departure: Departure) -> None:
    """Give the browser the cookie of its errand. It comes along when the provider sends the browser back (Lax)."""
    life: timedelta = provider_errands.LIFE
    response.set_cookie(
        cookie_name(),
        departure.cookie,
        int(life.total_seconds()),
        path="/",
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def forget(response: Response) -> None:
    """Take the cookie back."""
    if cookie_name() in request.cookies:
        secure = settings().secure_cookies
        response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
