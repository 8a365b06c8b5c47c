"""One side of a pool as columns: an entry, or a row of words, per person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.bits import Bits, IntArray, bits_for
from graph.knowledge import Knowledge
from graph.people.persons import OFFICIAL_LANGUAGES, YEARS_BANDS, Mentee, Mentor, Person


@dataclass(frozen=True)
class Columns:
    """One side of the pool: an entry (or a row of words) per person."""

    noc: IntArray
    region: IntArray
    years: IntArray
    organisation: IntArray
    free_seats: IntArray
    origin: IntArray
    """Country as a number of its own, -1 where not stated or not consented."""
    sharing: NDArray[np.bool_]
    across_regions: NDArray[np.bool_]
    stale: NDArray[np.bool_]
    resting: NDArray[np.bool_]
    """Mentors only, like ``donated``."""
    donated: NDArray[np.bool_]
    languages: Bits
    heritage: Bits
    """Languages without the official ones: a sign of community, read only with consent."""
    kin: Bits
    """Languages close to a person's own, without their own."""
    formats: Bits
    modes: Bits
    slots: Bits
    interests: Bits
    working_styles: Bits
    goals: Bits
    topics: Bits
    """Mentors: strengths; mentees: needs."""

    def rows(self, rows: IntArray) -> "Columns":
        """Return the columns of some people, in the order asked for."""
        asked: dict[str, Any] = {
            name: column.rows(rows) if isinstance(column, Bits) else column[rows] for name, column in vars(self).items()
        }
        return Columns(**asked)


def both_sides(
    mentors: tuple[Mentor, ...],
    mentees: tuple[Mentee, ...],
    organisations: tuple[str, ...],
    countries: tuple[str, ...],
    knowledge: Knowledge,
) -> tuple[Columns, Columns]:
    """Return the mentors' columns and the mentees', which share the meaning of every code. O(people · codes of each).

    Raises
    ------
    ValueError
        An occupation or region the knowledge does not hold, or a years band that does not exist.
    """
    sides: tuple[Sequence[Person], Sequence[Person]] = (mentors, mentees)
    names = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals")
    bits = {name: bits_for(*([getattr(person, name) for person in side] for side in sides)) for name in names}
    bits["topics"] = bits_for([mentor.strengths for mentor in mentors], [mentee.needs for mentee in mentees])
    numbers = {code: number for number, code in enumerate(countries)}
    wanted = ([mentor.noc for mentor in mentors], [mentee.target_noc or mentee.noc for mentee in mentees])
    home = {code: number for number, code in enumerate(organisations)}
    both = [
        Columns(
            noc=_ints(knowledge.noc_row(code) for code in wanted[number]),
            region=_ints(knowledge.place_row(person.region) for person in side),
            years=_ints(_years(person) for person in side),
            organisation=_ints(home[person.organisation] for person in side),
            free_seats=_ints(person.seats - person.taken for person in side),
            origin=_ints(_origin(person, numbers) for person in side),
            sharing=_flags("share" in person.purposes for person in side),
            across_regions=_flags("match_across_regions" in person.purposes for person in side),
            stale=_flags(person.stale for person in side),
            resting=_flags(isinstance(person, Mentor) and person.resting for person in side),
            donated=_flags(isinstance(person, Mentor) and person.donated for person in side),
            heritage=_heritage(bits["languages"][number]),
            kin=_kin(bits["languages"][number], knowledge),
            **{name: pair[number] for name, pair in bits.items()},
        )
        for number, side in enumerate(sides)
    ]
    return both[0], both[1]


def _ints(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)


def _flags(values: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(values, dtype=np.bool_)


def _years(person: Person) -> int:
    if person.years_band not in YEARS_BANDS:
        raise ValueError(f"{person.id}: years band {person.years_band!r} is not one of {', '.join(YEARS_BANDS)}")
    return YEARS_BANDS.index(person.years_band)


def _heritage(languages: Bits) -> Bits:
    for code in OFFICIAL_LANGUAGES:
        languages = languages.without(code)
    return languages


def _kin(languages: Bits, knowledge: Knowledge) -> Bits:
    """Return for each person the languages close to theirs, without their own."""
    number = {code: bit for bit, code in enumerate(languages.codes)}
    words = np.zeros_like(languages.words)
    for code in languages.codes:
        speaks = languages.holding(code)
        for other in knowledge.kin_languages(code):
            if other in number:
                word, bit = divmod(number[other], 64)
                words[speaks, word] |= np.uint64(1) << np.uint64(bit)
    return Bits(languages.codes, words & ~languages.words)


def _origin(person: Person, numbers: dict[str, int]) -> int:
    return numbers[person.origin] if person.origin and "origin" in person.purposes else -1
