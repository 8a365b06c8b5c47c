"""Mentors, mentees and the pool as columns: frozen values, pseudonyms only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from graph.bits import Bits, Counts, IntArray, bits_for
from graph.knowledge import Knowledge

__all__ = ["OFFICIAL_LANGUAGES", "SKILLS", "YEARS_BANDS", "Bits", "Clb", "Columns", "Counts", "IntArray"]
__all__ += ["Mentee", "Mentor", "Person", "Pool", "Readiness", "Skill", "bits_for"]
Skill = Literal["listening", "speaking", "reading", "writing"]
SKILLS: Final[tuple[Skill, ...]] = ("listening", "speaking", "reading", "writing")
YEARS_BANDS: Final = ("0-2", "3-5", "6-10", "11-20", "21+")
OFFICIAL_LANGUAGES: Final = ("en", "fr")
NOBODY: Final = frozenset[str]()
P = TypeVar("P", "Mentor", "Mentee")


@dataclass(frozen=True, slots=True)
class Clb:
    """Language benchmark per skill, 1 to 12, in English (CLB) or French (NCLC)."""

    language: str
    listening: int
    speaking: int
    reading: int
    writing: int

    def level(self, skill: Skill) -> int:
        """Return one skill's level."""
        return int(getattr(self, skill))


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known of a mentee's readiness; each program has its own policy."""

    clb: Clb | None = None
    certification: str = "not_needed"
    documents: str = "complete"
    commitment: str = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What mentors and mentees have in common. ``id`` is a pseudonym; sets hold codes of the vocabularies.

    ``origin`` counts only with the purpose ``origin`` among ``purposes``. ``stale``: not confirmed within the limit.
    """

    id: str
    organisation: str
    noc: str
    region: str
    years_band: str
    languages: frozenset[str]
    formats: frozenset[str] = frozenset({"one_to_one"})
    modes: frozenset[str] = frozenset({"online"})
    slots: frozenset[str] = NOBODY
    interests: frozenset[str] = NOBODY
    working_styles: frozenset[str] = NOBODY
    goals: frozenset[str] = NOBODY
    origin: str | None = None
    purposes: frozenset[str] = frozenset({"share", "match_across_regions"})
    seats: int = 1
    taken: int = 0
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentor(Person):
    """A volunteer adviser. ``donated`` mentors serve the network, not their own organisation first."""

    strengths: frozenset[str] = NOBODY
    donated: bool = False
    resting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentee(Person):
    """A person with a goal. ``target_noc`` is the occupation aimed at; without it the held one counts."""

    target_noc: str | None = None
    needs: frozenset[str] = NOBODY
    readiness: Readiness = field(default_factory=Readiness)
    rounds_waited: int = 0


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


@dataclass(frozen=True)
class Pool:
    """Mentors and mentees of one snapshot, as values and as columns, with the organisations they belong to by number."""

    mentors: Sequence[Mentor]
    mentees: tuple[Mentee, ...]
    organisations: tuple[str, ...]
    countries: tuple[str, ...]
    mentor: Columns
    mentee: Columns
    mentor_ids: NDArray[np.str_]

    @classmethod
    def build(cls, mentors: Iterable[Mentor], mentees: Iterable[Mentee], knowledge: Knowledge) -> "Pool":
        """Put people into columns, each side in order of its ids, so that the same people give the same pool.

        Raises
        ------
        ValueError
            An occupation or region the knowledge does not hold, a years band that does not exist, or an id given twice.
        """
        left, right = _in_order(mentors), _in_order(mentees)
        organisations = tuple(sorted({person.organisation for person in (*left, *right)}))
        countries = tuple(sorted({person.origin for person in (*left, *right) if person.origin}))
        ours, theirs = _columns(left, right, organisations, countries, knowledge)
        ids = np.array([person.id for person in left], dtype=np.str_)
        return cls(left, right, organisations, countries, ours, theirs, ids)

    def with_columns(self, ids: NDArray[np.str_], mentor: Columns, knowledge: Knowledge) -> "Pool":
        """Return a pool of the same mentees with other mentors, given as columns: a million without a million objects.

        Codes, organisations and countries mean what they mean in this pool; :meth:`Columns.rows` of it is a start. Single
        mentors are decoded when asked for: seats are the free ones, and only what is consented to is known of origin.

        Raises
        ------
        ValueError
            Ids that are not in order, or given twice, or not as many as there are rows.
        """
        if ids.size != mentor.noc.size:
            raise ValueError(f"{ids.size} ids for {mentor.noc.size} rows")
        wrong = np.flatnonzero(ids[1:] <= ids[:-1])
        if wrong.size:
            raise ValueError(f"{ids[wrong[0] + 1]} is in the pool twice or out of order")
        decoded = MentorRows(ids, mentor, self.organisations, self.countries, knowledge)
        return replace(self, mentors=decoded, mentor=mentor, mentor_ids=ids)


@dataclass(frozen=True)
class MentorRows(Sequence[Mentor]):
    """Mentors kept as columns, each made a value when asked for."""

    ids: NDArray[np.str_]
    columns: Columns
    organisations: tuple[str, ...]
    countries: tuple[str, ...]
    knowledge: Knowledge

    def __len__(self) -> int:
        """Return how many mentors there are."""
        return int(self.ids.size)

    @overload
    def __getitem__(self, row: int) -> Mentor: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Mentor, ...]: ...
    def __getitem__(self, row: int | slice) -> Mentor | tuple[Mentor, ...]:
        """Return one mentor, or those of a slice."""
        if isinstance(row, slice):
            return tuple(self[number] for number in range(*row.indices(len(self))))
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        return self._decoded(row)

    def _decoded(self, row: int) -> Mentor:
        kept = self.columns
        consents = {"share": kept.sharing, "match_across_regions": kept.across_regions, "origin": kept.origin >= 0}
        sets = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals")
        return Mentor(
            id=str(self.ids[row]),
            organisation=self.organisations[kept.organisation[row]],
            noc=list(self.knowledge.noc_rows)[kept.noc[row]],
            region=list(self.knowledge.place_rows)[kept.region[row]],
            years_band=YEARS_BANDS[kept.years[row]],
            origin=self.countries[kept.origin[row]] if kept.origin[row] >= 0 else None,
            purposes=frozenset(purpose for purpose, given in consents.items() if given[row]),
            seats=int(kept.free_seats[row]),
            strengths=kept.topics.decoded(row),
            stale=bool(kept.stale[row]),
            resting=bool(kept.resting[row]),
            donated=bool(kept.donated[row]),
            **{name: getattr(kept, name).decoded(row) for name in sets},
        )


def _in_order(people: Iterable[P]) -> tuple[P, ...]:
    ordered = tuple(sorted(people, key=lambda person: person.id))
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise ValueError(f"{after.id} is in the pool twice")
    return ordered


def _columns(
    mentors: tuple[Mentor, ...],
    mentees: tuple[Mentee, ...],
    organisations: tuple[str, ...],
    countries: tuple[str, ...],
    knowledge: Knowledge,
) -> tuple[Columns, Columns]:
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
