"""Find the suggestion that a handle names, by looking for suggestions once more: nobody proposes people of their own choice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from federation.disclosure_cards import COARSEST
from federation.disclosure_lattice import ANY, Codes
from graph.circles import Circle
from graph.groups import Group
from graph.peers_reasons import pair_sentences
from graph.people import Person
from graph.reasons import LOCALES
from hub.services import cards, gathering_handles, groups, matching, peers
from hub.services.actors import Actor
from hub.services.groups import SolvedGroups
from hub.services.matches import SHOWN_DIGITS
from hub.services.peers import CODED_PARTS, SolvedCircles, SolvedPairs

PROFESSION_DIGITS: Final = 3
"""Digits by which a group is of one profession."""


@dataclass(frozen=True, slots=True)
class Place:
    """One person in a suggestion; ``card`` is what other organisations are shown, nothing for members of a group.

    A group's mentor has no ``points`` of their own (0): each member fits, by its own.
    """

    person: str
    organisation: str
    role: str
    points: int
    card: dict[str, str]
    facilitates: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A group, pair or circle with everything that is kept of it when it is proposed."""

    kind: str
    places: tuple[Place, ...]
    languages: tuple[str, ...]
    slots: tuple[str, ...]
    noc: str | None
    reasons: dict[str, Any]

    @property
    def organisations(self) -> list[str]:
        """Return whose people are in it, in one order."""
        return sorted({one.organisation for one in self.places})


def look(session: Session, kind: str, today: date) -> None:
    """Look for suggestions of a kind and keep them, so that `find` in a transaction that writes need only compare.

    Cost: one look where the one kept does not stand any more. It takes no lock: on SQLite nobody waits for it.
    """
    SOLVED[kind](session, today)


def find(session: Session, actor: Actor, kind: str, handle: str, today: date) -> Suggestion | None:
    """Return the suggestion behind a handle as it stands today; None where there is no such suggestion any more.

    Cost: one look for groups, pairs or circles where the one kept does not stand any more.
    """
    return LOOKS[kind](session, actor, handle, today)


def _pair(session: Session, actor: Actor, handle: str, today: date) -> Suggestion | None:
    solved = peers.solve_in_pairs(session, today)
    for row, other in enumerate(solved.result.partner_of.tolist()):
        people = [solved.peers.people[one].id for one in (row, other)]
        if row < other and gathering_handles.names(handle, actor, "pair", people):
            return _of_pair(session, solved, row, other)
    return None


def _of_pair(session: Session, solved: SolvedPairs, row: int, other: int) -> Suggestion:
    pair = [solved.peers.people[one] for one in (row, other)]
    untold = () if pair[0].organisation == pair[1].organisation else CODED_PARTS
    points = solved.problem.fit(row, other)
    said: dict[str, Any] = {
        locale: pair_sentences(solved.peers, row, other, locale, matching.name_of, digits=SHOWN_DIGITS, untold=untold)
        for locale in LOCALES
    }
    codes = cards.beside_names(session, "mentee")
    return Suggestion(
        kind="pair",
        places=tuple(Place(one.id, one.organisation, "member", points, _card(codes, one)) for one in pair),
        languages=tuple(sorted(pair[0].languages & pair[1].languages)),
        slots=tuple(sorted(pair[0].slots & pair[1].slots)),
        noc=None,
        reasons=said,
    )


def _circle(session: Session, actor: Actor, handle: str, today: date) -> Suggestion | None:
    solved = peers.solve_in_circles(session, today)
    for found in solved.result.circles:
        people = [solved.peers.people[row] for row in found.members]
        languages = frozenset.intersection(*(one.languages for one in people))
        slots = frozenset.intersection(*(one.slots for one in people))
        if gathering_handles.names(handle, actor, "circle", (one.id for one in people), languages | slots):
            return _of_circle(session, solved, found, languages, slots)
    return None


def _of_circle(
    session: Session, solved: SolvedCircles, found: Circle, languages: frozenset[str], slots: frozenset[str]
) -> Suggestion:
    codes = cards.beside_names(session, "mentee")
    seated = [(row, solved.peers.people[row], fit) for row, fit in zip(found.members, found.fits, strict=True)]
    return Suggestion(
        kind="circle",
        places=tuple(
            Place(one.id, one.organisation, "member", fit, _card(codes, one), row == found.facilitator)
            for row, one, fit in seated
        ),
        languages=tuple(sorted(languages)),
        slots=tuple(sorted(slots)),
        noc=None,
        reasons={},
    )


def _group(session: Session, actor: Actor, handle: str, today: date) -> Suggestion | None:
    solved = groups.solve_in_groups(session, today)
    for found in solved.result.groups:
        if gathering_handles.names(handle, actor, "group", *groups.handled(solved.snapshot.pool, found)):
            return _of_group(session, solved, found)
    return None


def _of_group(session: Session, solved: SolvedGroups, found: Group) -> Suggestion:
    pool = solved.snapshot.pool
    mentor, codes = pool.mentors[found.mentor], cards.beside_names(session, "mentor")
    profession = mentor.noc[:PROFESSION_DIGITS]
    # As the page of groups: the group's profession, and a region that k of the organisation's mentors share.
    card = {"noc": profession, "region": _card(codes, mentor)["region"], "years_band": ANY}
    members = zip(found.members, found.fits, strict=True)
    people = [(pool.mentees[row], fit) for row, fit in members]
    return Suggestion(
        kind="group",
        places=(
            Place(mentor.id, mentor.organisation, "mentor", 0, card),
            *(Place(one.id, one.organisation, "member", fit, {}) for one, fit in people),
        ),
        languages=(pool.mentor.languages.codes[found.language],),
        slots=(pool.mentor.slots.codes[found.slot],),
        noc=profession,
        reasons={},
    )


def _card(codes: Mapping[str, Codes], person: Person) -> dict[str, str]:
    """Return what may stand beside the organisation's name: no code that fewer than k of its people share (decision 0030)."""
    return dict(codes.get(person.id, COARSEST)._asdict())


SOLVED: Final[Mapping[str, Callable[[Session, date], object]]] = {
    "group": groups.solve_in_groups,
    "pair": peers.solve_in_pairs,
    "circle": peers.solve_in_circles,
}
"""Kind: what looks, or finds what is kept."""
LOOKS: Final[Mapping[str, Callable[[Session, Actor, str, date], Suggestion | None]]] = {
    "group": _group,
    "pair": _pair,
    "circle": _circle,
}
"""Kind: how its suggestions are looked for."""
