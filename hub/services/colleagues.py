"""An organisation's accounts, kept by its administrators: invited, confirmed by digits told by voice, given a role, ended.

Operators reach the accounts of administrators alone: everybody else is the organisation's own to know.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Coordinator, Invitation, Organisation, Passkey, ProviderErrand, SignIn, SignInStep, utcnow
from hub.reach import Reach, widened
from hub.services import audit, invitations, own_sessions
from hub.services.actors import Actor
from hub.services.coordinators import LOCALES, USERNAME, has_factor
from hub.settings import Settings

ADMIN: Final = "organisation_admin"
ROLES: Final = ("coordinator", ADMIN, "auditor")
"""What an administrator may give to a colleague, the least first. An operator gives the administrator's role alone."""


@dataclass(frozen=True, slots=True)
class ColleagueView:
    """One account. ``state``: invited, joined (taken up, not confirmed), in_use, lapsed (its invitation ran out), ended.

    ``way`` is how an invitation was taken up whose digits were not heard yet: of a joined account, or of one in use that is to
    be bound to the organisation's provider. ``until`` is that invitation's last moment.
    """

    id: str
    organisation_name: str
    username: str
    role: str
    state: str
    second_factor: bool
    passkeys: int
    signed_in_on: date | None
    way: str | None
    until: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """What is shown once: the link's secret, for whom, and its last moment."""

    secret: str
    username: str
    ends_at: datetime


def roles_given(actor: Actor) -> tuple[str, ...]:
    """Return the roles the actor may give."""
    return (ADMIN,) if actor.role == "operator" else ROLES


def listed(session: Session, actor: Actor) -> list[ColleagueView]:
    """Return the accounts the actor keeps, by organisation and user name; those whose access was ended come last."""
    return _views(session, actor, true())


def show(session: Session, actor: Actor, colleague_id: str) -> ColleagueView:
    """Return one account the actor keeps.

    Raises
    ------
    Problem
        ``not-found``.
    """
    found = _views(session, actor, Coordinator.id == colleague_id)
    if not found:
        raise _absent()
    return found[0]


def _views(session: Session, actor: Actor, wanted: ColumnElement[bool]) -> list[ColleagueView]:
    passkeys = select(func.count()).where(Passkey.coordinator_id == Coordinator.id).scalar_subquery()
    query = (
        select(Coordinator, Organisation.name, Invitation, has_factor().label("factor"), passkeys.label("passkeys"))
        .join(Organisation, Organisation.id == Coordinator.organisation_id)
        .outerjoin(Invitation, (Invitation.coordinator_id == Coordinator.id) & (Invitation.ends_at > utcnow()))
        .where(_kept_by(actor), wanted)
        .order_by(Coordinator.disabled_at.is_not(None), Organisation.name, Coordinator.username)
    )
    with _reaching(session, actor):
        rows = session.execute(query).all()
    return [_view(one, name, invitation, factor, count, actor) for one, name, invitation, factor, count in rows]


def _view(
    one: Coordinator, organisation: str, invitation: Invitation | None, factor: object, passkeys: int, actor: Actor
) -> ColleagueView:
    return ColleagueView(
        id=one.id,
        organisation_name=organisation,
        username=one.username,
        role=one.role,
        state=_state(one, invitation),
        second_factor=bool(factor),
        passkeys=passkeys,
        signed_in_on=one.signed_in_on,
        way=invitation.way if invitation else None,
        until=invitation.ends_at if invitation else None,
        mine=one.id == actor.name,
    )


def _state(one: Coordinator, invitation: Invitation | None) -> str:
    if one.disabled_at is not None:
        return "ended"
    if one.confirmed_at is not None:
        return "in_use"
    if invitation is None:
        return "lapsed"
    return "joined" if invitation.taken_at is not None else "invited"


def invite(
    session: Session, actor: Actor, organisation_id: str | None, name: str, role: str, locale: str
) -> NewInvitation:
    """Add an account that opens nothing yet; return the link to hand over.

    Its user name is the name given and the organisation's: what one organisation chooses never meets what another did, so
    a name that is taken tells nothing about others. ``organisation_id`` counts for operators; the rest act for their own.

    Raises
    ------
    Problem
        ``invalid-fields``, ``not-found`` (organisation), ``conflict`` when the organisation has an account of this name.
    """
    organisation = organisation_id if actor.role == "operator" else actor.organisation
    if organisation is None or session.get(Organisation, organisation) is None:
        raise Problem("not-found", "Choose an organisation from the list.")
    username = f"{name.strip().casefold().removesuffix(f'.{organisation}')}.{organisation}"
    if not USERNAME.fullmatch(username):
        raise Problem("invalid-fields", "Choose a user name of 1 to 39 small letters, digits, full stops and hyphens.")
    if role not in roles_given(actor) or locale not in LOCALES:
        raise Problem("invalid-fields", "Choose a role and a language from the lists.")
    _take_turns(session, actor, organisation)
    account = Coordinator(organisation_id=organisation, username=username, role=role, locale=locale)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise Problem("conflict", "Choose another user name: this one is taken.") from error
    return _link(session, actor, account)


def invite_again(session: Session, actor: Actor, colleague_id: str) -> NewInvitation:
    """Take every way in from a colleague's account and return a new link: the phone is lost, or the first link went astray.

    Whose access was ended is let in again so.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` for one's own account.
    """
    account = _held(session, actor, colleague_id)
    if account.id == actor.name:
        raise Problem("illegal-move", "Ask another administrator: nobody invites themselves.")
    with _reaching(session, actor):
        own_sessions.take_everything(session, account.id)
    session.execute(update(Coordinator).where(Coordinator.id == account.id).values(disabled_at=None))
    return _link(session, actor, account)


def _link(session: Session, actor: Actor, account: Coordinator) -> NewInvitation:
    with _reaching(session, actor):
        secret, ends_at = invitations.make(session, account, "join")
    audit.record(session, actor, "coordinator.invite", f"coordinator:{account.id}")
    return NewInvitation(secret, account.username, ends_at)


def confirm(session: Session, actor: Actor, colleague_id: str, digits: str, settings: Settings) -> None:
    """Put in force what a colleague set up by an invitation, for the digits they told.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` where nobody waits for it, ``invalid-fields`` for other digits.
    """
    account = _held(session, actor, colleague_id)
    with _reaching(session, actor):
        right = invitations.hear(session, account.id, digits, settings)
    if right is None:
        raise Problem("illegal-move", "Nobody waits to be confirmed here (any more): invite again.")
    if not right:
        raise Problem("invalid-fields", "These are not the digits: ask for them once more, by voice.")
    audit.record(session, actor, "coordinator.confirm", f"coordinator:{account.id}")


def change_role(session: Session, actor: Actor, colleague_id: str, role: str) -> None:
    """Give a colleague another role; their sessions end, so that the role is held by who signs in anew.

    Raises
    ------
    Problem
        ``not-found``; ``invalid-fields`` for a role that is not the actor's to give; ``illegal-move`` when the access was
        ended, or the last administrator would be none any more.
    """
    account = _held(session, actor, colleague_id)
    if role not in roles_given(actor):
        raise Problem("invalid-fields", "Choose a role and a language from the lists.")
    if account.disabled_at is not None:
        raise Problem("illegal-move", "This access was ended: invite again first.")
    if role != ADMIN:
        _leave_an_administrator(session, actor, account)
    session.execute(update(Coordinator).where(Coordinator.id == account.id).values(role=role))
    for door in (SignIn, SignInStep, ProviderErrand):
        session.execute(delete(door).where(door.coordinator_id == account.id))
    audit.record(session, actor, "coordinator.change", f"coordinator:{account.id}")


def end(session: Session, actor: Actor, colleague_id: str) -> None:
    """End somebody's access here and now: sessions, factors, bindings and invitations go with it. The name stays taken.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` when it was ended before, or for the last administrator.
    """
    account = _held(session, actor, colleague_id)
    if account.disabled_at is not None:
        raise Problem("illegal-move", "This access was ended before.")
    _leave_an_administrator(session, actor, account)
    with _reaching(session, actor):
        own_sessions.take_everything(session, account.id)
    session.execute(update(Coordinator).where(Coordinator.id == account.id).values(disabled_at=utcnow()))
    audit.record(session, actor, "coordinator.end", f"coordinator:{account.id}")


def named(session: Session, actor: Actor, organisation_id: str, username: str) -> str:
    """Return the id of an organisation's account, for the command line.

    Raises
    ------
    Problem
        ``not-found``.
    """
    own = (Coordinator.organisation_id == organisation_id, Coordinator.username == username)
    found = session.scalar(select(Coordinator.id).where(*own, _kept_by(actor)))
    if found is None:
        raise Problem("not-found", "Check the organisation and the user name: there is no such account.")
    return found


def _kept_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an account is the actor's to keep."""
    if actor.role == "hub":
        return Coordinator.organisation_id.is_not(None)
    if actor.role == "operator":
        return Coordinator.role == ADMIN
    return Coordinator.organisation_id == actor.organisation


def _reaching(session: Session, actor: Actor) -> AbstractContextManager[None]:
    """Let an operator, who belongs to no organisation, reach the invitations of its administrators."""
    return widened(session, Reach.HUB) if actor.role == "operator" else nullcontext()


def _held(session: Session, actor: Actor, colleague_id: str) -> Coordinator:
    """Return an account the actor keeps, while nobody else changes accounts of that organisation."""
    wanted = select(Coordinator).where(Coordinator.id == colleague_id, _kept_by(actor))
    found = session.scalar(wanted)
    if found is None or found.organisation_id is None:
        raise _absent()
    _take_turns(session, actor, found.organisation_id)
    held = session.scalar(wanted.execution_options(populate_existing=True))
    if held is None:
        raise _absent()
    return held


def _take_turns(session: Session, actor: Actor, organisation_id: str) -> None:
    """Wait for whoever changes accounts of this organisation; refuse who is no administrator any more after that."""
    locked = select(Organisation.id).where(Organisation.id == organisation_id)
    session.execute(locked.with_for_update(key_share=True))
    if actor.role == ADMIN and actor.name not in _administrators(session, organisation_id):
        raise Problem("not-allowed", "Your role does not include this: ask your organisation's administrator.")


def _leave_an_administrator(session: Session, actor: Actor, account: Coordinator) -> None:
    """Refuse the last administrator to stop being one; an operator may end whoever it is, and invite another."""
    if actor.role == ADMIN and not _administrators(session, account.organisation_id) - {account.id}:
        raise Problem("illegal-move", "You are the last administrator: make a colleague one first.")


def _administrators(session: Session, organisation_id: str | None) -> set[str]:
    own = (Coordinator.organisation_id == organisation_id, Coordinator.role == ADMIN)
    in_use = (Coordinator.confirmed_at.is_not(None), Coordinator.disabled_at.is_(None))
    return set(session.scalars(select(Coordinator.id).where(*own, *in_use)))


def _absent() -> Problem:
    return Problem(
        "not-found", "Check the address; what belongs to other organisations looks the same as what does not exist."
    )
