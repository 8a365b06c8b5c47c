"""People who are suggested to each other as peers or as a group, and the moves of a gathering in few words."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import Gathering, GatheringMember, GatheringParty, OutboxMessage, Profile
from hub.services import gatherings, groups, peers
from hub.services.gatherings import GatheringView
from hub.settings import load_settings
from tests.hub.people import coordinator, mentee, mentor, share, today

SETTINGS = load_settings({}, secret="s" * 40)
DAYS = 14
WANTED = {"formats": ["one_to_one", "peer"], "slots": ["tue_evening"], "interests": ["music"]}
GROUP = {"formats": ["one_to_one", "group"], "slots": ["tue_evening"]}
# Called by name: tests of services wrap them.
SOLVED: dict[str, Callable[..., Any]] = {
    "group": lambda *args: groups.solve_in_groups(*args),
    "pair": lambda *args: peers.solve_in_pairs(*args),
    "circle": lambda *args: peers.solve_in_circles(*args),
}
SHOWN: dict[str, Callable[..., Any]] = {
    "group": lambda *args: groups.show_groups(*args),
    "pair": lambda *args: peers.show_pairs(*args),
    "circle": lambda *args: peers.show_circles(*args),
}
LEVELS: tuple[dict[str, Any], ...] = (
    {"needs": ["resume", "interview"], "years_band": "3-5"},
    {"needs": ["resume", "leadership"], "years_band": "6-10"},
)


def peer(level: int, **changes: Any) -> dict[str, Any]:
    return mentee(**WANTED | LEVELS[level] | changes)


def share_two(database: Database) -> None:
    """One who wants a peer at ERIEC and one at CRIEC, who suit each other."""
    share(database, "eriec", "eriec-0001", peer(0))
    share(database, "criec", "criec-0001", peer(1))


def share_six(database: Database) -> None:
    """Three each of ERIEC and CRIEC who make one circle."""
    for number in range(3):
        share(database, "eriec", f"eriec-000{number}", peer(0))
        share(database, "criec", f"criec-000{number}", peer(1))


def share_group(database: Database, **changes: Any) -> None:
    """Three mentees each of ERIEC and CRIEC, and one mentor of AREC who takes groups."""
    for number in range(3):
        share(database, "eriec", f"eriec-000{number}", mentee(**GROUP))
        share(database, "criec", f"criec-000{number}", mentee(**GROUP))
    share(database, "arec", "arec-mentor", mentor(**GROUP | changes))


def handles(database: Database, organisation: str, kind: str) -> list[str | None]:
    """What an organisation sees suggested, by handle."""
    actor = coordinator(organisation)
    with database.reading() as session:
        solved: Any = SOLVED[kind](session, today())
    shown: Any = database.run(lambda session: SHOWN[kind](session, actor, solved, SETTINGS))
    return [one.handle for one in getattr(shown, f"{kind}s")]


def propose(database: Database, organisation: str, kind: str, handle: str | None = None) -> GatheringView:
    """Propose what is suggested first, or what a handle names."""
    named = handle or handles(database, organisation, kind)[0]
    assert named is not None
    return database.run(lambda session: gatherings.propose(session, coordinator(organisation), kind, named, DAYS))


def move(database: Database, organisation: str, name: str, gathering: str, *rest: Any) -> GatheringView:
    """Accept, decline, withdraw, leave or end, for an organisation."""
    service: Callable[..., GatheringView] = getattr(gatherings, name)
    return database.run(lambda session: service(session, coordinator(organisation), gathering, *rest))


def agreed(database: Database, kind: str, *others: str) -> str:
    """Let ERIEC propose and the others say yes."""
    found = propose(database, "eriec", kind)
    for organisation in others:
        move(database, organisation, "accept", found.id)
    return found.id


def told(database: Database, organisation: str) -> list[str]:
    with database.reading() as session:
        found = select(OutboxMessage.type).where(OutboxMessage.organisation_id == organisation)
        return [one for one in session.scalars(found.order_by(OutboxMessage.number)) if one.startswith("gathering.")]


def taken(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Profile.taken).where(Profile.kind == "mentor")).one()


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Do all at the same moment; return a word for each: what a gathering came to, or the refusal."""
    start = Barrier(len(actions))

    def one(action: Callable[[], object]) -> str:
        start.wait()
        try:
            return str(getattr(action(), "state", "done"))
        except Problem as problem:
            return problem.kind

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(one, actions))


def is_whole(database: Database) -> bool:
    """Whether everything kept of gatherings agrees with itself, as no race may leave it otherwise."""
    with database.reading() as session:
        for one in session.scalars(select(Gathering)):
            parties = session.scalars(select(GatheringParty).where(GatheringParty.gathering_id == one.id)).all()
            words = [row.word for row in parties]
            places = session.scalars(select(GatheringMember).where(GatheringMember.gathering_id == one.id)).all()
            live = one.state in {"proposed", "agreed"}
            if one.state != "declined" and one.waiting != words.count("waiting"):
                return False
            left = {row.organisation_id for row in parties if row.word == "left"}
            if any(
                place.open != (live and place.profile_id is not None and place.organisation_id not in left)
                for place in places
            ):
                return False
    return True
