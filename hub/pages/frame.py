"""What every page stands on: one blueprint, the language, protection of forms, the frame around the content."""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Final
from urllib.parse import urlsplit

import js_lib_bootstrap5
from flask import Blueprint, Flask, Response, redirect, request, send_from_directory
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from werkzeug.wrappers import Response as AnyResponse

from federation.problems import Problem
from hub.access.identity import person_if_any
from hub.access.mentee_links import is_mentee_request
from hub.access.policy import public
from hub.pages.menu import menu_of
from hub.pages.sentences import NOWHERE, SEND_AGAIN
from hub.pages.writing import FILTERS, locale

LANGUAGES: Final = ("en", "fr")
YEAR_SECONDS: Final = 31_536_000
BOOTSTRAP: Final = Path(js_lib_bootstrap5.__file__).parent / "static" / "js-lib-bootstrap5" / "css"
HERE: Final = Path(__file__).parent
# A way out opens whatever the form is like: one that stood open for an hour has a token too old. Nobody elsewhere can end a
# session by it: the browser does not send that cookie along (SameSite=Lax).
WITHOUT_TOKEN: Final = frozenset({"pages.leave"})

pages = Blueprint("pages", __name__)
csrf = CSRFProtect()


def install(app: Flask, views: Iterable[ModuleType]) -> None:
    """Put the blueprint, language and form protection on the application; ``views`` have added themselves by import."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(HERE / "translations")
    # The API takes no cookies and needs no form token: only pages check one (see protect_forms).
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    Babel(app, locale_selector=select_locale)
    csrf.init_app(app)
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(frame_values)
    app.register_blueprint(pages)


@pages.before_request
def refuse_what_cannot_be_kept() -> None:
    """Refuse NUL, which not every database keeps: an address with it is nowhere, a form with it is garbled."""
    if "\0" in request.path:
        raise Problem("not-found", NOWHERE)
    if any("\0" in value for _, value in request.values.items(multi=True)):
        raise Problem("bad-request", SEND_AGAIN)


@pages.before_request
def protect_forms() -> None:
    """Refuse a form that was not sent from one of our own pages."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or request.endpoint in WITHOUT_TOKEN:
        return
    try:
        if is_mentee_request():
            # The token alone: these pages tell browsers to send no referrer, which protect() asks for under TLS.
            validate_csrf(request.form.get("csrf_token"))
        else:
            csrf.protect()
    except (CSRFError, ValueError) as error:
        raise Problem("bad-request", SEND_AGAIN) from error


def select_locale() -> str:
    """Return the language as Canada writes it: its dates and its dollars."""
    return f"{select_language()}_CA"


def select_language() -> str:
    """Return the language: chosen by link, else the account's, else what the browser prefers, else English."""
    chosen = request.cookies.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    person = person_if_any()
    if person is not None:
        return person.locale
    return wished_language() or "en"


def wished_language() -> str | None:
    """Return the first of our languages that the browser wishes, whatever country it adds: fr-CA is French."""
    wishes = [code.lower().partition("-")[0] for code, quality in request.accept_languages if quality > 0]
    return next((code for code in wishes if code in LANGUAGES), None)


def frame_values() -> dict[str, object]:
    """Give every template the language, the person signed in and where they may go."""
    here, person = request.full_path.rstrip("?"), person_if_any()
    return {"lang": locale(), "person": person, "menu": menu_of(person), "here": here, "page": request.path}


def safe_next(target: str | None) -> str:
    """Return where to go next, on this site only."""
    parts = urlsplit(target or "")
    if not target or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target


@pages.get("/language/<any(en, fr):code>")
@public("a language is no secret, and signing in comes after choosing it")
def choose_language(code: str) -> AnyResponse:
    """Remember the language and go back."""
    response = redirect(safe_next(request.args.get("next")), 303)
    response.set_cookie("lang", code, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
    return response


@pages.get("/static/bootstrap/<path:filename>")
@public("files of the style library, the same for everyone")
def bootstrap(filename: str) -> Response:
    """Serve the installed style library: nothing comes from another host."""
    return send_from_directory(BOOTSTRAP, filename, max_age=86_400)


@pages.get("/static/<path:filename>")
@public("our own style sheet, the same for everyone")
def static_file(filename: str) -> Response:
    """Serve our own static files."""
    return send_from_directory(HERE / "static", filename, max_age=3_600)
