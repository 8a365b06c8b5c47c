"""The steps a gathering's moves are made of: conditional updates, people held in one order, and who is told."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import ConsentReceipt, Gathering, GatheringMember, GatheringParty, Organisation, Profile, utcnow
from hub.reach import Reach, widened
from hub.services import audit, gathering_cancellations, gathering_introductions, moves, outbox
from hub.services.actors import Actor
from hub.services.gathering_sight import view
from hub.services.gathering_views import GatheringView, allowed_moves

MOVED: Final = "Someone moved this meanwhile: read it again."
LEFT: Final = "Your organisation left this: its people are in it no more, and nothing is left to decide."


def party(session: Session, actor: Actor, gathering_id: str) -> tuple[Gathering, str]:
    """Return a gathering and the acting organisation's word on it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    gathering = session.get(Gathering, gathering_id)
    party = session.get(GatheringParty, (gathering_id, actor.organisation)) if gathering else None
    if gathering is None or party is None:
        raise Problem("not-found", "Check the id in the list of groups, pairs and circles you were invited to.")
    return gathering, party.word


def movable(session: Session, actor: Actor, gathering_id: str, move: str) -> Gathering:
    """Return a gathering that the acting organisation may move so.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` with the state and what is allowed; ``no-longer-available`` for a question taken back.
    """
    gathering, word = party(session, actor, gathering_id)
    possible = allowed_moves(gathering, actor.organisation, word, organisations_in(session, gathering.id))
    if move not in possible:
        if word == "left":
            raise Problem("illegal-move", LEFT, extra={"state": "left", "allowed": []})
        if gathering.state == "withdrawn":
            raise Problem("no-longer-available", "Somebody in it is no longer available: look for another suggestion.")
        raise moves.illegal("This", gathering.state, possible, "You may", "Nothing is left to decide here.")
    return gathering


def organisations_in(session: Session, gathering_id: str) -> frozenset[str]:
    """Return the organisations with people in a gathering still."""
    here = (GatheringMember.gathering_id == gathering_id, GatheringMember.open)
    # Whose people they are is told to every party with their words.
    with widened(session, Reach.NETWORK):
        return frozenset(session.scalars(select(GatheringMember.organisation_id).where(*here)))


def members_of(gathering_id: str) -> Select[Any]:
    """Return the query of who is in a gathering still (profile ids)."""
    here = (GatheringMember.gathering_id == gathering_id, GatheringMember.open)
    return select(GatheringMember.profile_id).where(*here)


def hold(session: Session, gathering: Gathering) -> None:
    """Lock everybody in it, in one order, and refuse when somebody's consent is not current or their member is suspended.

    A withdrawal takes the same row first: it waits for this yes and ends what it made, or this yes finds nobody there.
    """
    people = select(Profile.id).join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
    current = (ConsentReceipt.until >= utcnow().date(), Organisation.suspended_at.is_(None))
    query = people.join(Organisation, Organisation.id == Profile.organisation_id).where(*current)
    # A yes of one organisation stands on the others' people too.
    with widened(session, Reach.HUB):
        asked = session.scalars(members_of(gathering.id)).all()
        here = query.where(Profile.id.in_(asked)).order_by(Profile.id).with_for_update(of=Profile)
        found = session.scalars(here).all()
    if len(found) < len(asked):
        raise Problem("no-longer-available", "Somebody in it is no longer available: look for another suggestion.")


def speak(session: Session, actor: Actor, gathering: Gathering, before: Iterable[str], word: str) -> None:
    """Write the actor's word; refused when the organisation said another one meanwhile."""
    own = (GatheringParty.gathering_id == gathering.id, GatheringParty.organisation_id == actor.organisation)
    spoken = update(GatheringParty).where(*own, GatheringParty.word.in_(before)).values(word=word)
    if session.scalars(spoken.returning(GatheringParty.word)).one_or_none() is None:
        raise Problem("conflict", MOVED)


def agree(session: Session, actor: Actor, gathering: Gathering) -> None:
    """Take the mentor's seat and move to agreed; raise, and so undo this yes too, when there is none."""
    if gathering.kind == "group":
        mentor = members_of(gathering.id).where(GatheringMember.role == "mentor").scalar_subquery()
        seat = update(Profile).where(Profile.id == mentor, Profile.taken < Profile.seats)
        taken = seat.values(taken=Profile.taken + 1).returning(Profile.id)
        # The mentor may be another organisation's, who said yes.
        with widened(session, Reach.HUB):
            if session.scalars(taken.execution_options(synchronize_session=False)).one_or_none() is None:
                raise Problem("no-seat", "The mentor's last seat is taken: look for another group.")
    move(session, gathering, "proposed", "agreed")
    gathering_introductions.begin(session, gathering)
    tell(session, actor, gathering, "agreed")


def move(session: Session, gathering: Gathering, source: str, target: str, **values: str) -> None:
    """Move a gathering on; refused when it stood elsewhere by now."""
    moves.step(session, gathering, Gathering.state == source, moved=MOVED, state=target, **values)


def tell(session: Session, actor: Actor, gathering: Gathering, event: str) -> None:
    """Note a move in the log, and owe it to every organisation."""
    audit.record(session, actor, f"gathering.{event}", f"gathering:{gathering.id}")
    tell_all(session, gathering.id, event, {"state": gathering.state, "kind": gathering.kind})


def over(session: Session, actor: Actor, gathering: Gathering, event: str) -> GatheringView:
    """Let go of everybody in what is over, tell all of it, and return the actor's view."""
    close(session, [gathering.id])
    tell(session, actor, gathering, event)
    return view(session, actor, gathering)


def close(session: Session, gathering_ids: Collection[str]) -> None:
    """Let everybody in some gatherings be asked to others of their kind again; what was not opened there is cancelled."""
    over = update(GatheringMember).where(GatheringMember.gathering_id.in_(gathering_ids))
    # Every organisation's people are free again, whoever ended it.
    with widened(session, Reach.HUB):
        session.execute(over.values(open=False).execution_options(synchronize_session=False))
    gathering_cancellations.cancel(session, gathering_ids)


def tell_all(session: Session, gathering_id: str, event: str, data: dict[str, Any]) -> None:
    """Owe an event to every organisation of a gathering but those that left it."""
    still = (GatheringParty.gathering_id == gathering_id, GatheringParty.word != "left")
    with widened(session, Reach.NETWORK):
        parties = session.scalars(select(GatheringParty.organisation_id).where(*still)).all()
    outbox.owe(session, parties, f"gathering.{event}", f"gathering:{gathering_id}", data)
