"""The referral's state machine: which fact may be asserted by whom, from where, leading where (product.md)."""

from typing import Final, Literal, NamedTuple

Side = Literal["sender", "receiver"]


class Move(NamedTuple):
    """One observable fact: who may assert it, in which states, and the state it leads to."""

    side: Side
    sources: tuple[str, ...]
    target: str
    needs: Literal["reason", "outcome"] | None = None


BEFORE_SERVICE: Final = ("sent", "received", "accepted", "waitlisted", "scheduled")

MOVES: Final[dict[str, Move]] = {
    "received": Move("receiver", ("sent",), "received"),
    "accepted": Move("receiver", ("sent", "received", "waitlisted"), "accepted"),
    "waitlisted": Move("receiver", ("sent", "received", "accepted"), "waitlisted"),
    "scheduled": Move("receiver", ("accepted", "no_show"), "scheduled"),
    "attended": Move("receiver", ("scheduled",), "attended"),
    "no_show": Move("receiver", ("scheduled",), "no_show"),
    "in_service": Move("receiver", ("attended",), "in_service"),
    "completed": Move("receiver", ("attended", "in_service"), "completed", "outcome"),
    "declined": Move("receiver", ("sent", "received", "waitlisted"), "declined", "reason"),
    "discontinued": Move(
        "receiver", ("accepted", "scheduled", "attended", "no_show", "in_service"), "discontinued", "reason"
    ),
    "unreachable": Move("receiver", ("accepted", "waitlisted", "scheduled", "no_show"), "unreachable"),
    "withdrawn": Move("sender", BEFORE_SERVICE, "withdrawn"),
    "reopened": Move("sender", ("declined", "discontinued", "unreachable", "expired"), "sent"),
}

# States in which a referral holds a seat of an intake.
SEATED: Final = frozenset({"accepted", "scheduled", "attended", "no_show", "in_service", "completed"})

# Silence becomes an alert: days until someone should have spoken (2 and 10 working days, as calendar days).
SILENCE_DAYS: Final = {"sent": 3, "received": 14, "accepted": 14, "waitlisted": 30, "scheduled": 14, "no_show": 7}


def allowed(state: str, sides: frozenset[Side]) -> tuple[str, ...]:
    """Return the facts these sides may assert in a state, in the order of the table."""
    return tuple(event for event, move in MOVES.items() if state in move.sources and move.side in sides)
