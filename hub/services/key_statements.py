"""Relay organisations' key statements. The hub checks that a chain continues; trust is the members' own, by pinning.

Countersignatures of a replacement are carried, not judged: the hub holds no key of the operator, and is believed by nobody.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.key_chains import JOINED, OBJECTION, REPLACEMENT, Reign, read_chain, verify_chain
from federation.keys import claimed
from federation.pins import WAIT
from federation.problems import Problem
from hub.models import KeyStatement, Organisation, utcnow
from hub.services import audit, outbox
from hub.services.actors import Actor

EVENTS: Final = {REPLACEMENT: "key.replacement", OBJECTION: "key.objection"}


def publish(session: Session, actor: Actor, statement: str) -> int:
    """Append the next statement of the actor's own chain; return its number. All hear of a replacement, and of an objection.

    Raises
    ------
    Problem
        ``key-chain-broken`` or ``invalid-signature`` when it does not continue the chain of this organisation;
        ``illegal-move`` when it would end a replacement that stands for 72 hours: others may have confirmed it.
    """
    earlier = chain(session, actor.organisation)
    verify_chain([*earlier, statement], utcnow(), actor.organisation)
    _refuse_late(session, actor.organisation, earlier, statement)
    number = len(earlier) + 1
    try:
        with session.begin_nested():
            session.add(KeyStatement(organisation_id=actor.organisation, seq=number, statement=statement))
            session.flush()
    except IntegrityError as error:
        raise Problem(
            "key-chain-broken", "Another statement was published first: fetch the chain and continue it."
        ) from error
    audit.record(session, actor, "key.publish", f"organisation:{actor.organisation}")
    _tell(session, actor.organisation, statement)
    return number


def chain(session: Session, organisation_id: str) -> list[str]:
    """Return an organisation's statements, oldest first; empty for one that published none."""
    own = KeyStatement.organisation_id == organisation_id
    return list(session.scalars(select(KeyStatement.statement).where(own).order_by(KeyStatement.seq)))


def _refuse_late(session: Session, organisation_id: str, earlier: Sequence[str], statement: str) -> None:
    if not earlier:
        return
    kept = {_name(reign) for reign in read_chain([*earlier, statement], organisation_id).reigns}
    ended = [reign for reign in read_chain(earlier, organisation_id).reigns if _name(reign) not in kept]
    theirs = (KeyStatement.organisation_id == organisation_id, KeyStatement.recorded_at < utcnow() - WAIT)
    standing = set(session.scalars(select(KeyStatement.statement).where(*theirs)))
    if any(reign.replacement in standing for reign in ended):
        raise Problem("illegal-move", "The replacement stands for 72 hours already: phone the operator and the others.")


def _name(reign: Reign) -> str:
    return reign.identity.thumbprint()


def _tell(session: Session, organisation_id: str, statement: str) -> None:
    event = EVENTS.get(claimed(statement.partition(JOINED)[0])[0])
    if event:
        everyone = session.scalars(select(Organisation.id)).all()
        outbox.owe(session, everyone, event, f"organisation:{organisation_id}", {})
