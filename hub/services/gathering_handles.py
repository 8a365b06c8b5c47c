"""The handle of a suggested group, pair or circle: it names one suggestion to one organisation, for a day or two."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from hub.models import utcnow
from hub.services.actors import Actor

STANDS: Final = timedelta(days=1)
"""How long after its day a handle is still known: who looked late in the evening may propose after midnight."""


def handle_of(
    actor: Actor, kind: str, people: Iterable[str], common: Iterable[str] = (), day: date | None = None
) -> str:
    """Return the handle of some people (profile ids) with what they have in common, for one viewer on a day (today).

    Whoever does not know all the ids, which the hub tells nobody but each person's owner, can neither make one nor compare
    two: another viewer's differs, and so does tomorrow's. 64 hexadecimal digits.
    """
    known = (kind, actor.organisation, (day or utcnow().date()).isoformat(), *sorted(common), *sorted(people))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()


def names(handle: str, actor: Actor, kind: str, people: Iterable[str], common: Iterable[str] = ()) -> bool:
    """Whether a handle names this suggestion to this viewer, as shown today or the day before."""
    held, shared, today = list(people), list(common), utcnow().date()
    return any(handle == handle_of(actor, kind, held, shared, day) for day in (today, today - STANDS))
