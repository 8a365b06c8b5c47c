"""Relay organisations' key statements. The hub checks that a chain continues; trust is the members' own, by pinning."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.key_chains import verify_chain
from federation.problems import Problem
from hub.models import KeyStatement, utcnow
from hub.services import audit
from hub.services.actors import Actor


def publish(session: Session, actor: Actor, statement: str) -> int:
    """Append the next statement of the actor's own chain; return its number.

    Raises
    ------
    Problem
        ``key-chain-broken`` or ``invalid-signature`` when it does not continue the chain of this organisation.
    """
    earlier = chain(session, actor.organisation)
    verify_chain([*earlier, statement], utcnow(), actor.organisation)
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
    return number


def chain(session: Session, organisation_id: str) -> list[str]:
    """Return an organisation's statements, oldest first; empty for one that published none."""
    own = KeyStatement.organisation_id == organisation_id
    return list(session.scalars(select(KeyStatement.statement).where(own).order_by(KeyStatement.seq)))
