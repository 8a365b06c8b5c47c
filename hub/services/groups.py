"""Small groups the network could form today: a mentor and five or six mentees who share language, free time and profession.

A suggestion, decided by people: nobody is asked, and nothing is stored of it but whose mentor was shown to whom. Of other
organisations' members only their number is told, of their mentors what a card would, within the viewer's weekly budgets.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from federation.disclosure_cards import COARSEST
from federation.disclosure_lattice import ANY
from graph.bits import Bits
from graph.groups import Group, GroupProblem, GroupResult, group_sizes, solve_groups
from graph.groups_reasons import LeftOut
from graph.groups_texts import why_not_in_a_group
from graph.people import Mentor, Person, Pool
from graph.reasons import LOCALES
from hub.models import Organisation
from hub.reach import Reach, widened
from hub.services import cards, epochs, gathering_handles, matching, snapshots, standing_looks, suggestions
from hub.services.actors import Actor
from hub.services.grounds import Ground
from hub.services.matching import Texts
from hub.services.snapshots import Snapshot
from hub.services.suggestions import Waiting
from hub.settings import Settings

__all__ = ["GroupView", "GroupsView", "LeftOutView", "MemberView", "SolvedGroups", "group_sizes"]
__all__ += ["show_groups", "solve_in_groups"]
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

    ``my_mentor`` is the mentor's pseudonym where the mentor is the actor's own. Where this week's budget of people shown is
    spent nothing is told of another's mentor: ``None``, and ``*`` for codes. ``handle`` names the group to its proposer; none
    where nothing is told.
    """

    organisation_name: str | None
    noc: str
    region: str
    language: str | None
    slot: str | None
    size: int
    mine: tuple[MemberView, ...]
    my_mentor: str | None
    handle: str | None


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """One of the actor's own mentees who wants a group and is in none, and why."""

    pseudonym: str
    because: Texts


@dataclass(frozen=True, slots=True)
class GroupsView:
    """What the actor sees: groups with own people in them, own mentees in none, how many of them have a place, and who waits.

    ``gap_permille`` is how far the whole choice may be from the best there is, in thousandths; 0: proven best.
    """

    groups: tuple[GroupView, ...]
    left_out: tuple[LeftOutView, ...]
    formed: int
    placed: int
    waiting: Waiting
    gap_permille: int


@dataclass(frozen=True, slots=True)
class SolvedGroups:
    """The pool the groups were looked for in, and the groups found."""

    snapshot: Snapshot
    result: GroupResult


def solve_in_groups(session: Session, today: date) -> SolvedGroups:
    """Read the pool and look for the best groups of the whole network; nothing is written.

    Cost: where anything changed since this process was last asked one read of the pool, then what graph.groups says; else
    one read of what it rests on.
    """
    return standing_looks.standing(session, PROGRAM, today, _look_for_groups)


def _look_for_groups(session: Session, ground: Ground) -> SolvedGroups:
    snapshot = snapshots.take_for_groups(session, ground)
    return SolvedGroups(snapshot, solve_groups(_problem(snapshot)))


def show_groups(session: Session, actor: Actor, solved: SolvedGroups, settings: Settings) -> GroupsView:
    """Return the groups as one organisation may see them, and note whose mentors are shown to it."""
    # Others' mentors: within the budget, and what is written is the actor's own.
    with widened(session, Reach.NETWORK):
        return _groups(session, actor, solved, settings)


def _groups(session: Session, actor: Actor, solved: SolvedGroups, settings: Settings) -> GroupsView:
    snapshot, result = solved.snapshot, solved.result
    seen = _Sight(session, actor, snapshot, settings)
    groups = [one for one in result.groups if seen.concerns(one)]
    seen.ask([snapshot.pool.mentors[one.mentor] for one in groups])
    shown = tuple(seen.group(one) for one in groups)
    return GroupsView(
        groups=shown,
        left_out=tuple(
            LeftOutView(seen.pseudonyms[person.id], _in_both(one))
            for one in result.left_out
            if seen.own(person := snapshot.pool.mentees[one.mentee]) and PROGRAM in person.formats
        ),
        formed=len(shown),
        placed=sum(len(one.mine) for one in shown),
        waiting=suggestions.waiting(session, actor, PROGRAM, settings),
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
    """What one organisation may see of a snapshot's people: its own by pseudonym, others' mentors within the budget."""

    def __init__(self, session: Session, actor: Actor, snapshot: Snapshot, settings: Settings) -> None:
        self.session, self.actor, self.pool, self.settings = session, actor, snapshot.pool, settings
        self.pseudonyms = suggestions.own_pseudonyms(session, actor)
        self.open: set[str] = set()
        epochs.publish_first(session, settings)
        self.codes = cards.beside_names(session, "mentor")

    def own(self, person: Person) -> bool:
        """Whether a person is the actor's own, and still here."""
        return person.id in self.pseudonyms

    def concerns(self, found: Group) -> bool:
        """Whether there are own people in a group."""
        mentor, members = self.pool.mentors[found.mentor], (self.pool.mentees[row] for row in found.members)
        return self.own(mentor) or any(self.own(one) for one in members)

    def ask(self, mentors: list[Mentor]) -> None:
        """Ask the budget for every mentor who would be shown, once. Own mentors compete with others': their changes count."""
        others = [one for one in mentors if one.organisation != self.actor.organisation]
        kinds = ("mentee", "mentor")
        self.open = suggestions.admitted(self.session, self.actor, others, "group.list", self.settings, *kinds)

    def group(self, found: Group) -> GroupView:
        """Return a group with the actor's own members by pseudonym and the others as a number."""
        mentor = self.pool.mentors[found.mentor]
        members = zip(found.members, found.fits, strict=True)
        mine = [(self.pool.mentees[row], points) for row, points in members if self.own(self.pool.mentees[row])]
        told = self.own(mentor) or mentor.id in self.open
        return GroupView(
            organisation_name=self.session.get_one(Organisation, mentor.organisation).name if told else None,
            noc=mentor.noc[:3] if told else ANY,
            region=self._region(mentor) if told else ANY,
            language=self.pool.mentor.languages.codes[found.language] if told else None,
            slot=self.pool.mentor.slots.codes[found.slot] if told else None,
            size=len(found.members),
            mine=tuple(MemberView(self.pseudonyms[person.id], points) for person, points in mine),
            my_mentor=self.pseudonyms.get(mentor.id),
            handle=gathering_handles.handle_of(self.actor, PROGRAM, *handled(self.pool, found)) if told else None,
        )

    def _region(self, mentor: Mentor) -> str:
        """Return a region: beside another organisation's name only one that k of its mentors share (decision 0030)."""
        return mentor.region if self.own(mentor) else self.codes.get(mentor.id, COARSEST).region


def handled(pool: Pool, found: Group) -> tuple[list[str], list[str]]:
    """Return what a group's handle is made of: its people's ids, the mentor first, and what they have in common."""
    mentor, mentees = pool.mentors[found.mentor], (pool.mentees[row] for row in found.members)
    common = [pool.mentor.languages.codes[found.language], pool.mentor.slots.codes[found.slot]]
    return [one.id for one in (mentor, *mentees)], common
