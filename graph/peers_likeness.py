"""Who could meet as peers, how alike each two are, and who competes: the mentees of a pool, seen from both sides.

Every rule of eligibility has to hold in both directions, since neither peer is the other's mentor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.bits import Bits, Counts, IntArray, bits_for
from graph.eligibility import Eligibility
from graph.knowledge import Knowledge
from graph.peers import DEFAULT_BAND, SimilarityBand, similarity_points
from graph.peers_problem import PeerProblem
from graph.people import Mentee, Mentor, Pool
from graph.rules import Circumstances, Mask
from graph.weights import check_weights

PARTS: Final = ("profession", "experience", "aims", "interests", "way_of_working")
NEUTRAL: Final = 50
"""The level of a part that one of two did not state."""
A_BAND_APART: Final = 25
"""Percent of likeness that each band of years takes away."""
VENTURE: Final = "entrepreneurship"
"""The topic of those who want a business of their own."""


@dataclass(frozen=True)
class LikenessWeights:
    """How much of a hundred each part says of how alike two peers are.

    Raises
    ------
    ValueError
        A part missing or unknown, a weight that is not a whole number from 0, or a sum other than 100.
    """

    percent: Mapping[str, int]

    def __post_init__(self) -> None:
        """Refuse weights that do not sum to 100."""
        check_weights(self.percent, PARTS)


@dataclass(frozen=True)
class Peers:
    """People numbered in order of their ids; tables are people × people and the same from both sides.

    ``allowed``: may the two meet. ``levels``: how alike in each part, 0 to 100. ``percent``: how alike altogether.
    """

    people: tuple[Mentee, ...]
    allowed: Mask
    levels: Mapping[str, Counts]
    percent: Counts
    languages: Bits
    slots: Bits

    @classmethod
    def build(
        cls, mentees: Sequence[Mentee], around: Circumstances, weights: LikenessWeights, knowledge: Knowledge
    ) -> "Peers":
        """Compare each two of some mentees under the rules of a program. O(people²) in time and memory.

        Raises
        ------
        ValueError
            What :meth:`Pool.build` refuses: an unknown occupation or region, an id given twice.
        """
        pool = Pool.build([_mirrored(one) for one in mentees], mentees, knowledge)
        rules = Eligibility.build(pool, around, knowledge)
        everyone = np.arange(len(pool.mentees))
        there = rules.grid(everyone, everyone)
        levels = _levels(pool, knowledge)
        total = sum((levels[part].astype(np.int64) * weights.percent[part] for part in PARTS), np.int64(50))
        percent = (np.asarray(total).reshape(everyone.size, everyone.size) // 100).astype(np.int16)
        return cls(pool.mentees, there & there.T, levels, percent, pool.mentee.languages, pool.mentee.slots)

    def problem(self, partners: int | None = None, band: SimilarityBand = DEFAULT_BAND) -> PeerProblem:
        """Return the question for pairs and circles; with ``partners``, of each person's pairs only that many best.

        A pair stands when either of the two has it among the best. O(people² log people).
        """
        points = np.where(self.allowed, similarity_points(self.percent.ravel(), band).reshape(self.percent.shape), 0)
        if partners is not None:
            points = np.where(_among_best(points, partners), points, 0)
        one, other = np.nonzero(np.triu(points, 1))
        return PeerProblem(len(self.people), one, other, points[one, other], competitors(self.people))


def _mirrored(one: Mentee) -> Mentor:
    """Return a mentee as the one who is met: peers are each other's."""
    names = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals", "purposes")
    return Mentor(
        id=one.id,
        organisation=one.organisation,
        noc=one.target_noc or one.noc,
        region=one.region,
        years_band=one.years_band,
        origin=one.origin,
        seats=one.seats,
        taken=one.taken,
        stale=one.stale,
        **{name: getattr(one, name) for name in names},
    )


def _levels(pool: Pool, knowledge: Knowledge) -> dict[str, Counts]:
    ours = pool.mentee
    kinship = knowledge.kinship_points[np.ix_(ours.noc, ours.noc)].astype(np.int16)
    gap = np.abs(ours.years[:, np.newaxis] - ours.years).astype(np.int16)
    (aims,) = bits_for([aims_of(one) for one in pool.mentees])
    return {
        "profession": (kinship + kinship.T) // np.int16(2),
        "experience": np.maximum(np.int16(100) - np.int16(A_BAND_APART) * gap, np.int16(0)),
        "aims": _shared_percent(aims),
        "interests": _shared_percent(ours.interests),
        "way_of_working": _shared_percent(ours.working_styles),
    }


def aims_of(one: Mentee) -> frozenset[str]:
    """Return what a person works on: needs and goals are topics of one vocabulary."""
    return one.needs | one.goals


def _shared_percent(stated: Bits) -> Counts:
    """Return twice the codes two share per hundred that both state together (Dice 1945); neutral where one states none."""
    everyone = np.arange(len(stated.words))
    shared = stated.shared(everyone[:, np.newaxis], stated, everyone)
    both = stated.sizes[:, np.newaxis] + stated.sizes
    unstated = (stated.sizes == 0)[:, np.newaxis] | (stated.sizes == 0)
    found: Counts = np.where(unstated, np.int16(NEUTRAL), np.int16(200) * shared // np.maximum(both, np.int16(1)))
    return found


def _among_best(points: IntArray, partners: int) -> NDArray[np.bool_]:
    """Mark each row's best entries and their mirror images; among equals whoever comes next after the row's own number.

    Were it the lower number first, everyone would be left with the same few partners, and most without a pair.
    """
    people = np.arange(len(points))
    after = (people[:, np.newaxis] + people + 1) % max(people.size, 1)
    order = np.argsort(-np.take_along_axis(points, after, axis=1), axis=1, kind="stable")[:, :partners]
    best = np.zeros(points.shape, dtype=np.bool_)
    np.put_along_axis(best, np.take_along_axis(after, order, axis=1), values=True, axis=1)
    found: NDArray[np.bool_] = best | best.T
    return found


def competitors(people: Sequence[Mentee]) -> IntArray:
    """Return each two who compete for the same business: both want one of their own, of one minor group, in one area.

    A province alone is no area: it does not say that they meet the same customers.

    Examples
    --------
    >>> one, other = (
    ...     Mentee(id=name, organisation="o", noc="6320", region="AB-835", years_band="0-2", languages=frozenset({"en"}),
    ...            goals=frozenset({"entrepreneurship"}))
    ...     for name in "ab"
    ... )
    >>> competitors([one, other]).tolist()
    [[0, 1]]
    """
    markets: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(people):
        if VENTURE in aims_of(one) and "-" in one.region:
            markets.setdefault(((one.target_noc or one.noc)[:3], one.region), []).append(number)
    rivals = [(one, other) for met in markets.values() for row, one in enumerate(met) for other in met[row + 1 :]]
    return np.array(rivals, dtype=np.int64).reshape(-1, 2)
