"""What pages with a passkey share: the question for the script, and a word for browsers without one."""

from collections.abc import Callable

from flask import flash, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.access import sessions
from hub.access.context import settings
from hub.access.sessions import Entry
from hub.services import passkeys
from hub.services.passkeys import Options


def passkeys_possible() -> bool:
    """Whether to offer passkeys at all: a hub that is reached by a number cannot have them."""
    return passkeys.possible(settings())


def question(ask: Callable[[], tuple[Entry, Options]], back: str) -> Response:
    """Answer a passkey form that was sent without an answer: the question for the script, or back with a sentence."""
    if request.accept_mimetypes.best != "application/json":
        flash(_("A passkey needs JavaScript. Without it, sign in with your password and a code."))
        return redirect(back, 303)
    entry, options = ask()
    response = jsonify(options)
    sessions.start_session(response, entry)
    return response
