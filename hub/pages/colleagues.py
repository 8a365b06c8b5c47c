"""Colleagues' accounts: who may sign in for the organisation, invited, confirmed, given a role, and ended."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.problems import Problem
from hub.access import sessions
from hub.access.confirming import fresh, is_fresh
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, allows, requires
from hub.pages.frame import pages
from hub.services import colleagues, organisations
from hub.services.colleagues import NewInvitation

HOME = "/colleagues"
ONE = "/colleagues/<colleague_id>"
# What a form can be corrected after; the rest is a page of its own.
CORRECTED = frozenset({"invalid-fields", "conflict"})


@pages.get(HOME)
@requires(Operation.COORDINATOR_READ)
def list_colleagues() -> str:
    """List the accounts the reader keeps, with a form to invite somebody while they are sure to be the one."""
    return _colleagues()


def _colleagues(error: str | None = None) -> str:
    actor = current_actor()
    with database().reading() as session:
        found = colleagues.listed(session, actor)
        members = organisations.everyone(session) if actor.role == "operator" else []
    return render_template(
        "colleagues/list.html",
        colleagues=found,
        members=members,
        roles=colleagues.roles_given(actor),
        fresh=is_fresh(),
        error=error,
    )


@pages.post(HOME)
@requires(Operation.COORDINATOR_INVITE)
@fresh(HOME)
def invite_colleague() -> str | tuple[str, int]:
    """Make an account that opens nothing yet, and show the link to it once."""
    actor, sent = current_actor(), request.form
    wanted = [sent.get(name, "") for name in ("organisation", "username", "role", "locale")]
    try:
        made = database().run(lambda session: colleagues.invite(session, actor, *wanted))
    except Problem as problem:
        if problem.kind not in CORRECTED:
            raise
        return _colleagues(_(problem.detail)), problem.status
    return _link(made, HOME)


def _link(made: NewInvitation, back: str) -> str:
    """Show a link, this once; another language would ask for this address again, and lose it."""
    link = f"{settings().issuer}/sign-in/invitation/{made.secret}"
    return render_template("colleagues/link.html", made=made, link=link, back=back, here=back)


@pages.get(ONE)
@requires(Operation.COORDINATOR_READ)
def show_colleague(colleague_id: str) -> str:
    """Show one account, and what can be done about it while the reader is sure to be the one."""
    return _colleague(colleague_id)


def _colleague(colleague_id: str, error: str | None = None) -> str:
    actor = current_actor()
    with database().reading() as session:
        found = colleagues.show(session, actor, colleague_id)
    may_change = allows(Operation.COORDINATOR_CHANGE, actor)
    return render_template(
        "colleagues/show.html",
        one=found,
        roles=colleagues.roles_given(actor) if may_change else (),
        fresh=is_fresh(),
        error=error,
    )


@pages.post(f"{ONE}/confirm")
@requires(Operation.COORDINATOR_CONFIRM)
@fresh(HOME)
def confirm_colleague(colleague_id: str) -> Response | tuple[str, int]:
    """Open the account for the digits its holder told."""
    actor, digits, given = current_actor(), request.form.get("digits", ""), settings()
    try:
        database().run(lambda session: colleagues.confirm(session, actor, colleague_id, digits, given))
    except Problem as problem:
        if problem.kind != "invalid-fields":
            raise
        return _colleague(colleague_id, _(problem.detail)), problem.status
    flash(_("Confirmed. Your colleague can sign in now."))
    return redirect(f"{HOME}/{colleague_id}", 303)


@pages.post(f"{ONE}/invitation")
@requires(Operation.COORDINATOR_INVITE)
@fresh(HOME)
def invite_colleague_again(colleague_id: str) -> str:
    """Take every way in from the account, and show a new link to it once."""
    actor = current_actor()
    made = database().run(lambda session: colleagues.invite_again(session, actor, colleague_id))
    return _link(made, f"{HOME}/{colleague_id}")


@pages.post(f"{ONE}/role")
@requires(Operation.COORDINATOR_CHANGE)
@fresh(HOME)
def change_role(colleague_id: str) -> Response:
    """Give the account another role; its sessions end."""
    actor, role = current_actor(), request.form.get("role", "")
    database().run(lambda session: colleagues.change_role(session, actor, colleague_id, role))
    flash(_("The role is changed. It holds from the next sign-in."))
    return _back(colleague_id, f"{HOME}/{colleague_id}")


@pages.post(f"{ONE}/end")
@requires(Operation.COORDINATOR_END)
@fresh(HOME)
def end_access(colleague_id: str) -> Response:
    """End the account's access here and now."""
    actor = current_actor()
    database().run(lambda session: colleagues.end(session, actor, colleague_id))
    flash(_("The access is ended: this account opens nothing any more, and is signed out everywhere."))
    return _back(colleague_id, HOME)


def _back(colleague_id: str, address: str) -> Response:
    """Lead on; who did it to themselves is signed out."""
    if colleague_id != current_actor().name:
        return redirect(address, 303)
    response = redirect("/sign-in", 303)
    sessions.end_session(response)
    return response
