"""One's own account: password, authenticator app, passkeys, recovery codes, running sessions."""

from collections.abc import Callable
from urllib.parse import quote

import segno
from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import confirming, sessions
from hub.access.confirming import fresh, is_fresh
from hub.access.context import database, settings
from hub.access.identity import current_person
from hub.access.policy import Operation, requires
from hub.access.sessions import Entry
from hub.pages.ceremonies import passkeys_possible, question
from hub.pages.frame import pages, safe_next
from hub.pages.sentences import TRY_CODE, TRY_PASSKEY
from hub.services import own_sessions, passkeys, provider_identities, second_factors
from hub.services.passkeys import Options
from hub.services.second_factors import NewApp

HOME = "/account"


@pages.get("/account")
@requires(Operation.ACCOUNT_KEEP)
def show_account() -> str:
    """Show what the account has, and what can be changed while the person is sure to be the one."""
    return _account()


def _account(error: str | None = None) -> str:
    person, here = current_person(), sessions.session_id() or ""
    with database().reading() as session:
        factors = second_factors.factors(session, person.actor)
        binding = provider_identities.binding(session, person.actor)
        running = own_sessions.running(session, person.actor, here)
    return render_template(
        "account/account.html",
        factors=factors,
        binding=binding,
        running=running,
        fresh=is_fresh(),
        required=settings().second_factor == "required",
        passkeys=passkeys_possible(),
        error=error,
    )


@pages.get("/account/confirm")
@requires(Operation.ACCOUNT_KEEP)
def ask_again() -> str:
    """Ask who it is, before what endangers the account or others."""
    return _confirm(safe_next(request.args.get("next")))


def _confirm(target: str, *, failed: bool = False) -> str:
    person = current_person()
    with database().reading() as session:
        bound = provider_identities.binding(session, person.actor).bound_at is not None
    return render_template(
        "account/confirm.html",
        next=target,
        failed=failed,
        passkeys=passkeys_possible(),
        # Like a password alone, it confirms only where nothing more is asked for.
        provider=bound and not person.second_factor,
    )


@pages.post("/account/confirm")
@requires(Operation.ACCOUNT_KEEP)
def confirm() -> Response | tuple[str, int]:
    """Renew the session for the right password and code."""
    return _renewed(lambda: confirming.with_password(request.form.get("password", ""), request.form.get("code", "")))


@pages.post("/account/confirm/passkey")
@requires(Operation.ACCOUNT_KEEP)
def confirm_with_passkey() -> Response | tuple[str, int]:
    """Ask the passkey, then renew the session for its answer."""
    answer = request.form.get("answer")
    if not answer:
        target = safe_next(request.form.get("next"))
        return question(confirming.ask_passkey, f"{confirming.CONFIRM}?next={quote(target)}")
    return _renewed(lambda: confirming.with_passkey(answer))


def _renewed(prove: Callable[[], Entry]) -> Response | tuple[str, int]:
    target = safe_next(request.form.get("next"))
    try:
        entry = prove()
    except Problem as problem:
        if problem.kind != "not-signed-in":
            raise
        return _confirm(target, failed=True), 401
    response = redirect(target, 303)
    sessions.start_session(response, entry)
    return response


@pages.post("/account/password")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def change_password() -> Response | tuple[str, int]:
    """Put another password in force; the account's other sessions end."""
    password, actor, here = request.form.get("password", ""), current_person().actor, sessions.session_id() or ""
    try:
        own_sessions.check_password(password, request.form.get("again", ""))
    except Problem as problem:
        return _account(_(problem.detail)), 422
    hashed = own_sessions.hash_password(password)
    database().run(lambda session: own_sessions.change_password(session, actor, hashed, here))
    flash(_("Your password is changed. Everywhere else you are signed out."))
    return redirect(HOME, 303)


@pages.post("/account/app")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def begin_app() -> Response:
    """Make a secret for an authenticator app."""
    actor = current_person().actor
    database().run(lambda session: second_factors.begin_app(session, actor, settings()))
    return redirect("/account/app", 303)


@pages.get("/account/app")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def show_app() -> Response | str:
    """Show the secret that waits for its first code."""
    return _app() or redirect(HOME, 303)


def _app(*, failed: bool = False) -> str | None:
    with database().reading() as session:
        new = second_factors.pending_app(session, current_person().actor, settings())
    if new is None:
        return None
    return render_template("account/app.html", secret=spaced(new), picture=picture(new), failed=failed)


def picture(new: NewApp) -> Markup:
    """Draw an app's secret for a camera."""
    # Our own text only goes in: the picture is drawn from it.
    return Markup(segno.make(new.uri, error="m").svg_inline(scale=5))  # noqa: S704


def spaced(new: NewApp) -> str:
    """Write an app's secret for people who type it."""
    return " ".join(new.secret[at : at + 4] for at in range(0, len(new.secret), 4))


@pages.post("/account/app/confirm")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def confirm_app() -> Response | str | tuple[str, int]:
    """Put the app in force by its first code."""
    actor, code = current_person().actor, request.form.get("code", "")
    try:
        codes = database().run(lambda session: second_factors.confirm_app(session, actor, settings(), code))
    except Problem as problem:
        again = _app(failed=True) if problem.detail == TRY_CODE else None
        return (again, 422) if again else redirect(HOME, 303)
    flash(_("The authenticator app is set up. From now on signing in asks for its code."))
    return _codes(codes)


@pages.post("/account/app/remove")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def remove_app() -> Response:
    """Forget the app."""
    actor = current_person().actor
    database().run(lambda session: second_factors.remove_app(session, actor))
    flash(_("The authenticator app is removed."))
    return redirect(HOME, 303)


@pages.post("/account/passkeys")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def add_passkey() -> Response | str | tuple[str, int]:
    """Ask the device for a new passkey, then keep it."""
    answer = request.form.get("answer")
    if not answer:
        return question(_new_passkey, HOME)
    actor, step = current_person().actor, sessions.take_step("passkey_add")
    try:
        codes = database().run(lambda session: passkeys.add(session, actor, step, answer, settings()))
    except Problem as problem:
        return _account(_(TRY_PASSKEY)), problem.status
    flash(_("The passkey is set up. It signs you in without a password."))
    return _codes(codes)


def _new_passkey() -> tuple[Entry, Options]:
    actor = current_person().actor
    step, options = database().run(lambda session: passkeys.ask_for_new(session, actor, settings()))
    return Entry(step, complete=False), options


@pages.post("/account/passkeys/<passkey_id>/remove")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def remove_passkey(passkey_id: str) -> Response:
    """Forget one passkey."""
    actor = current_person().actor
    database().run(lambda session: passkeys.remove(session, actor, passkey_id))
    flash(_("The passkey is removed."))
    return redirect(HOME, 303)


@pages.post("/account/codes")
@requires(Operation.ACCOUNT_KEEP)
@fresh(HOME)
def renew_codes() -> Response | str:
    """Make ten new recovery codes; earlier ones end."""
    actor = current_person().actor
    return _codes(database().run(lambda session: second_factors.new_codes(session, actor)))


def _codes(codes: tuple[str, ...]) -> Response | str:
    """Show recovery codes, this once; they stand nowhere else."""
    return render_template("account/codes.html", codes=codes) if codes else redirect(HOME, 303)


@pages.post("/account/sessions/end")
@requires(Operation.ACCOUNT_KEEP)
def sign_out_everywhere() -> Response:
    """End every session of the account, this one too."""
    actor = current_person().actor
    database().run(lambda session: own_sessions.end_all(session, actor))
    flash(_("You are signed out everywhere."))
    response = redirect("/sign-in", 303)
    sessions.end_session(response)
    return response
