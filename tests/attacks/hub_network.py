"""The networks that are attacked, in a hub: as rows, past the doors, so that hundreds of people take no time."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Final

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from hub.database import Database
from hub.models import ConsentReceipt, Profile
from hub.services import epochs, organisations, pool
from hub.services.pool import CellCard, PoolCriteria
from tests.attacks.networks import Network
from tests.hub.people import TESTS, coordinator, today

K: Final = 5
VIEWER: Final = "viewer"
Card = tuple[str, str, str, str]
numbers = count()


def found(database: Database, network: Network, *more: str) -> None:
    """Add the organisations of a network, a viewer without people, and agreements among all of them."""
    names = sorted({*network.owners, VIEWER, *more})

    def unit(session: Session) -> None:
        for name in names:
            organisations.add(session, TESTS, name, name, "agency", "AB-835")
        for sharing in names:
            for receiving in names:
                if sharing != receiving:
                    organisations.agree(session, TESTS, sharing, receiving, today())

    database.run(unit)


def join(session: Session, records: Sequence[dict[str, Any]], owners: Sequence[str]) -> list[str]:
    """Share people as mentors; return their ids, in the same order."""
    lists = ("slots", "interests", "working_styles", "goals", "strengths", "needs")
    empty: dict[str, Any] = {name: [] for name in lists}
    common = {"kind": "mentor", "formats": ["one_to_one"], "modes": ["online"], "readiness": {}, "seats": 1}
    rows = [
        {
            **empty,
            **common,
            "id": f"person-{next(numbers):08}",
            "pseudonym": f"pseudonym-{number:08}",
            "organisation_id": owner,
            "noc": record["noc"],
            "region": record["region"],
            "years_band": record["years_band"],
            "languages": record["languages"],
            "confirmed_on": today(),
        }
        for number, (record, owner) in enumerate(zip(records, owners, strict=True), start=next(numbers) * 100_000)
    ]
    consent = {"purposes": ["share", "match_across_regions"], "notice_version": "ab" * 32, "given_on": today()}
    until = today() + timedelta(days=300)
    if rows:
        session.execute(insert(Profile), rows)
        session.execute(insert(ConsentReceipt), [consent | {"profile_id": row["id"], "until": until} for row in rows])
    return [row["id"] for row in rows]


def leave(session: Session, people: Iterable[str]) -> None:
    """Erase people, as a withdrawal does."""
    session.execute(delete(Profile).where(Profile.id.in_(list(people))))


def publish(session: Session, k: int = K, *, stricter: bool = False) -> None:
    epochs.publish(session, TESTS, k, stricter=stricter)


def cards(session: Session, organisation: str = VIEWER, **criteria: Any) -> set[Card]:
    """What a member sees, without handles: those are drawn anew each epoch."""
    answer = pool.search(session, coordinator(organisation), PoolCriteria(**criteria), K)
    return {codes(cell) for cell in answer.cells}


def codes(cell: CellCard) -> Card:
    return cell.noc, cell.region, cell.years_band, cell.size
