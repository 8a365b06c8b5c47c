"""Who is asking? A token and a proof of its key on the API, a session cookie on pages, never the other way round.

The API takes no cookies, so no page elsewhere can make a browser act there; pages take no tokens, so a leaked token opens
no screen.
"""

import re
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from flask import abort, g, redirect, request

from federation.problems import Problem
from hub.access import dpop
from hub.access.assertions import SPOKEN
from hub.access.context import database, settings
from hub.access.mentee_links import current_mentee, is_mentee_request
from hub.access.sessions import session_id
from hub.models import utcnow
from hub.services import coordinators, tokens
from hub.services.actors import Actor
from hub.services.coordinators import SignedIn
from hub.services.tokens import TokenHolder

API_PREFIX: Final = "/api/"
SENT: Final = re.compile(r"DPoP ([A-Za-z0-9_-]{20,200})", re.IGNORECASE)
# A session is noted as used at most this often, so that reading pages does not mean writing to the database.
TOUCH_EVERY: Final = timedelta(minutes=1)


def is_api_request() -> bool:
    """Whether the address is the API's."""
    return request.path.startswith(API_PREFIX)


def current_actor() -> Actor:
    """Return who acts in this request.

    Raises
    ------
    Problem
        ``not-signed-in`` or ``organisation-suspended``. A page asked for without a session leads to /sign-in instead.
    """
    if is_api_request():
        return current_holder().actor
    if is_mentee_request():
        return current_mentee().actor
    return current_person().actor


def current_holder() -> TokenHolder:
    """Return the holder of the request's access token: API only. The proof is used up at the first call in a request.

    Raises
    ------
    Problem
        ``not-signed-in`` without a valid token and a fresh proof of its key, ``organisation-suspended``, ``busy``.
    """
    if "token_holder" not in g:
        g.token_holder = _read_token()
    holder: TokenHolder | None = g.token_holder
    if holder is None:
        raise Problem("not-signed-in", g.token_cure)
    if holder.suspended:
        raise _suspended()
    return holder


def _read_token() -> TokenHolder | None:
    """Return who sent this request, or leave what was wrong for the answer (RFC 9449, 7.1)."""
    sent = request.headers.get("Authorization")
    if not sent:
        return _unproved(None, "Get an access token at /oauth/token and send it as Authorization: DPoP, with a proof.")
    found = SENT.fullmatch(sent)
    if found is None:
        return _unproved(
            "invalid_token", "Send the access token as Authorization: DPoP, with a proof in the DPoP header."
        )
    try:
        return _holder(found.group(1))
    except dpop.InvalidProof as error:
        return _unproved(
            "invalid_dpop_proof", f"Send a fresh proof of your own key in the DPoP header: {error.reason}."
        )


def _holder(token: str) -> TokenHolder | None:
    # The proof comes first: who stole a token and has not its key hears nothing about whether it is still good.
    proof = dpop.read(request, token)
    with database().reading() as session:
        holder = tokens.holder(session, token, utcnow())
    if holder is None or holder.thumbprint != proof.thumbprint:
        return _unproved(
            "invalid_token", "Get a fresh access token at /oauth/token, with the key you sign proofs with."
        )
    dpop.spend(proof)
    return holder


def _unproved(error: str | None, cure: str) -> TokenHolder | None:
    g.token_cure = cure
    said = f'error="{error}", error_description="{cure}", ' if error else ""
    g.challenge = f'{said}algs="{" ".join(SPOKEN)}"'
    return None


def current_person() -> SignedIn:
    """Return the person signed in on this page, with organisation name and locale.

    Raises
    ------
    Problem
        ``not-signed-in`` when something was sent without a session, ``organisation-suspended``.
    """
    person = person_if_any()
    if person is None:
        if request.method in {"GET", "HEAD"}:
            abort(redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'))}", 303))
        raise Problem("not-signed-in", "Sign in, then do it again: nothing was changed.")
    if person.suspended:
        raise _suspended()
    return person


def demand_second_factor() -> None:
    """Lead a person without a second factor to set one up first, where the network requires one; nothing is changed."""
    if settings().second_factor == "required" and not current_person().second_factor:
        abort(redirect("/account", 303))


def person_if_any() -> SignedIn | None:
    """Return the person signed in, or nothing: for pages that anyone may open, and for the frame around every page."""
    if "signed_in" not in g:
        # A mentee's own pages know nobody else, whoever is signed in on the same phone.
        g.signed_in = None if is_api_request() or is_mentee_request() else _read_session()
    person: SignedIn | None = g.signed_in
    return person


def _read_session() -> SignedIn | None:
    identifier = session_id()
    if identifier is None:
        return None
    with database().reading() as session:
        person = coordinators.resume(session, identifier, settings())
    now = utcnow()
    if person is not None and now - person.seen_at > TOUCH_EVERY:
        database().run(lambda session: coordinators.touch(session, identifier, now))
    return person


def _suspended() -> Problem:
    return Problem("organisation-suspended", "Ask the network operator: your organisation's access is suspended.")
