"""Small groups the network could form today: a mentor and five or six mentees who share language, free time and profession.

A suggestion, decided by people: nothing is stored, nobody is asked. Of other organisations' members only their number is told.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from federation.disclosure_cards import COARSEST
from graph.bits import Bits
from graph.groups import Group, GroupPolicy, GroupProblem, group_sizes, solve_groups
from graph.groups_reasons import LeftOut
from graph.groups_texts import why_not_in_a_group
from graph.people import Person
from graph.reasons import LOCALES
from hub.models import Organisation, Profile
from hub.services import cards, matching, snapshots
from hub.services.actors import Actor
from hub.services.matching import Texts
from hub.services.snapshots import Snapshot

__all__ = ["GroupView", "GroupsView", "LeftOutView", "MemberView", "group_sizes", "suggest"]
PROGRAM: Final = "group"
CANDIDATES: Final = 40
"""Mentors looked at for each mentee; more than that and the best groups do not change (docs/benchmarks/groups.md)."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """One of the actor's own mentees in a group, and the fit with its mentor."""

    pseudonym: str
    points: int


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group: whose mentor by coarse codes, what its members share, the actor's own members, and how many there are.

    ``my_mentor`` is the mentor's pseudonym where the mentor is the actor's own.
    """

    organisation_name: str
    noc: str
    region: str
    language: str
    slot: str
    size: int
    mine: tuple[MemberView, ...]
    my_mentor: str | None


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """One of the actor's own mentees who wants a group and is in none, and why."""

    pseudonym: str
    because: Texts


@dataclass(frozen=True, slots=True)
class GroupsView:
    """What the actor sees: groups with own people in them, own mentees in none, and the network's totals.

    ``gap_permille`` is how far the whole choice may be from the best there is, in thousandths; 0: proven best.
    """

    groups: tuple[GroupView, ...]
    left_out: tuple[LeftOutView, ...]
    formed: int
    placed: int
    gap_permille: int


def suggest(session: Session, actor: Actor, today: date, policy: GroupPolicy | None = None) -> GroupsView:
    """Return the groups that the whole network could form, as one organisation may see them.

    Cost: one read of the pool, then what graph.groups says.
    """
    snapshot = snapshots.take(session, today, PROGRAM)
    result = solve_groups(_problem(snapshot), policy or GroupPolicy())
    seen = _Sight(session, actor, snapshot)
    groups = [seen.group(one) for one in result.groups]
    return GroupsView(
        groups=tuple(one for one in groups if one.mine or one.my_mentor),
        left_out=tuple(
            LeftOutView(seen.pseudonym(person), _in_both(one))
            for one in result.left_out
            if seen.own(person := snapshot.pool.mentees[one.mentee]) and PROGRAM in person.formats
        ),
        formed=len(result.groups),
        placed=result.placed,
        gap_permille=result.gap_permille,
    )


def _in_both(one: LeftOut) -> Texts:
    told = why_not_in_a_group(one)
    return matching.in_both({locale: (told[locale],) for locale in LOCALES})


def _problem(snapshot: Snapshot) -> GroupProblem:
    """Return the question: the best eligible pairs, what people share, and their profession by minor group."""
    pool, pairs = snapshot.pool, snapshot.index.round_pairs(CANDIDATES, CANDIDATES)
    aims = [_profession(one.target_noc or one.noc) for one in pool.mentees]
    held = [_profession(one.noc) for one in pool.mentors]
    return GroupProblem(
        pairs.mentee,
        pairs.mentor,
        pairs.points,
        _table(pool.mentee.languages),
        _table(pool.mentor.languages),
        _table(pool.mentee.slots),
        _table(pool.mentor.slots),
        np.array(aims, dtype=np.int64),
        np.array(held, dtype=np.int64),
    )


def _profession(noc: str) -> int:
    """Number a minor group; shorter codes keep apart from it."""
    return int("1" + noc[:3])


def _table(codes: Bits) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    people = len(codes.words)
    columns = [codes.holding(code) for code in codes.codes]
    return np.stack(columns, axis=1) if columns else np.zeros((people, 0), dtype=np.bool_)


class _Sight:
    """What one organisation may see of a snapshot's people."""

    def __init__(self, session: Session, actor: Actor, snapshot: Snapshot) -> None:
        self.session, self.actor, self.pool = session, actor, snapshot.pool
        self.codes = cards.beside_names(session, "mentor")

    def own(self, person: Person) -> bool:
        """Whether a person is the actor's own."""
        return person.organisation == self.actor.organisation

    def pseudonym(self, person: Person) -> str:
        """Return the actor's own name for an own person."""
        return self.session.get_one(Profile, person.id).pseudonym

    def group(self, found: Group) -> GroupView:
        """Return a group with the actor's own members by pseudonym and the others as a number."""
        mentor = self.pool.mentors[found.mentor]
        members = zip(found.members, found.fits, strict=True)
        mine = [(self.pool.mentees[row], points) for row, points in members if self.own(self.pool.mentees[row])]
        return GroupView(
            organisation_name=self.session.get_one(Organisation, mentor.organisation).name,
            noc=mentor.noc[:3],
            # Beside another organisation's name only a region that k of its mentors share (decision 0030).
            region=mentor.region if self.own(mentor) else self.codes.get(mentor.id, COARSEST).region,
            language=self.pool.mentor.languages.codes[found.language],
            slot=self.pool.mentor.slots.codes[found.slot],
            size=len(found.members),
            mine=tuple(MemberView(self.pseudonym(person), points) for person, points in mine),
            my_mentor=self.pseudonym(mentor) if self.own(mentor) else None,
        )
