"""What would help next, found while a round's snapshot is at hand: which organisations complete each other, which mentor
would open most, and how many mentees have somebody standing by. Nothing that concerns fewer than five people is kept.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from graph.eligibility import Eligibility
from graph.gains import complements, most_placed, unlocked
from graph.people import IntArray, Mentee, Mentor, Pool
from graph.rounds import RoundProblem
from graph.stand_ins import StandIns
from hub.services.arrivals import Cell, cell_of
from hub.services.matches import SHOWN_DIGITS
from hub.services.snapshots import Snapshot
from hub.services.stand_ins import StandInTotals, totals

SMALLEST: Final = 5
MOST_KINDS: Final = 10
SEATS: Final = 5
"""Seats of the mentor imagined: one seat could not show more than one person placed."""
NETWORK: Final = "the network"


@dataclass(frozen=True, slots=True)
class Together:
    """Two organisations that place so many more mentees together than each alone."""

    first: str
    second: str
    more: int


@dataclass(frozen=True, slots=True)
class MissingMentor:
    """A kind of mentor: how many unplaced mentees it would suit, and how many more five seats of it would place."""

    noc: str
    region: str
    suits: int
    places: int


@dataclass(frozen=True, slots=True)
class Insights:
    """What a round found beside its pairs."""

    together: tuple[Together, ...]
    missing: tuple[MissingMentor, ...]
    stand_ins: StandInTotals | None = None


def find(snapshot: Snapshot, problem: RoundProblem, mentor_of: IntArray, stand_ins: StandIns) -> Insights:
    """Return what would help next.

    Cost: a matching for each pair of organisations that share a pair of people, and one for each kind of mentor.
    """
    names = snapshot.organisations
    together = (Together(names[one.first], names[one.second], one.more) for one in complements(problem))
    return Insights(
        tuple(one for one in together if one.more >= SMALLEST),
        _missing_mentors(snapshot, problem, mentor_of),
        totals(stand_ins),
    )


def _missing_mentors(snapshot: Snapshot, problem: RoundProblem, mentor_of: IntArray) -> tuple[MissingMentor, ...]:
    """Imagine one mentor for each of the largest groups of unplaced mentees, and count."""
    left = np.flatnonzero(mentor_of < 0)
    cells: dict[Cell, list[Mentee]] = {}
    for row in left.tolist():
        person = snapshot.pool.mentees[row]
        cells.setdefault(_cell(person), []).append(person)
    largest = sorted((one for one in cells if len(cells[one]) >= SMALLEST), key=lambda one: (-len(cells[one]), one))
    imagined = [_imagined(cell, cells[cell]) for cell in largest[:MOST_KINDS]]
    if not imagined:
        return ()
    rules, placed = _rules(snapshot, imagined), most_placed(problem)
    found = []
    for row, mentor in enumerate(rules.pool.mentors):
        suited = left[rules.refusals(left, np.full(left.size, row)) == 0]
        if suited.size >= SMALLEST:
            places = unlocked(problem, suited, SEATS, placed)
            found.append(
                MissingMentor(mentor.noc[:SHOWN_DIGITS], mentor.region.partition("-")[0], int(suited.size), places)
            )
    return tuple(sorted(found, key=lambda one: (-one.places, -one.suits, one.noc, one.region)))


def _cell(person: Mentee) -> Cell:
    return cell_of(person.target_noc or person.noc, person.region)


def _imagined(cell: Cell, people: list[Mentee]) -> Mentor:
    """Return the mentor most of a group would want: their commonest occupation and region, both official languages, online."""
    aims = Counter(sorted(person.target_noc or person.noc for person in people))
    regions = Counter(sorted(person.region for person in people))
    return Mentor(
        id="/".join(cell),
        organisation=NETWORK,
        noc=aims.most_common(1)[0][0],
        region=regions.most_common(1)[0][0],
        years_band="11-20",
        languages=frozenset({"en", "fr"}),
        formats=frozenset({"one_to_one"}),
        modes=frozenset({"online", "in_person"}),
        purposes=frozenset({"share", "match_across_regions"}),
        seats=SEATS,
    )


def _rules(snapshot: Snapshot, imagined: list[Mentor]) -> Eligibility:
    """Return the round's rules over the imagined mentors, shared with everyone."""
    index, circumstances = snapshot.index, snapshot.rules.circumstances
    shared = frozenset((NETWORK, name) for name in snapshot.organisations)
    pool = Pool.build(imagined, snapshot.pool.mentees, index.knowledge)
    return Eligibility.build(
        pool, replace(circumstances, agreements=circumstances.agreements | shared), index.knowledge
    )
