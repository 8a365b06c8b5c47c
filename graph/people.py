"""Mentors, mentees and the pool as columns: frozen values, pseudonyms only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.knowledge import Knowledge

IntArray = NDArray[np.int64]
Words = NDArray[np.uint64]
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
class Bits:
    """One set of codes per person as bit words: ``codes`` gives each bit its meaning, ``words`` has one row a person."""

    codes: tuple[str, ...]
    words: Words

    def shared(self, rows: IntArray, other: "Bits", other_rows: IntArray) -> IntArray:
        """Return how many codes each pair has in common. Both sides must have been built together."""
        counts: IntArray = np.bitwise_count(self.words[rows] & other.words[other_rows]).sum(axis=1).astype(np.int64)
        return counts

    @cached_property
    def sizes(self) -> IntArray:
        """How many codes each person has, counted once."""
        counts: IntArray = np.bitwise_count(self.words).sum(axis=1).astype(np.int64)
        return counts

    def holding(self, code: str) -> NDArray[np.bool_]:
        """Return for each person whether the set holds a code; nobody's holds one that no set was built with."""
        if code not in self.codes:
            return np.zeros(len(self.words), dtype=np.bool_)
        word, bit = divmod(self.codes.index(code), 64)
        found: NDArray[np.bool_] = (self.words[:, word] >> np.uint64(bit)) & np.uint64(1) == 1
        return found

    def without(self, code: str, rows: NDArray[np.bool_] | None = None) -> "Bits":
        """Return the sets without one code: everybody's, or only those of the rows marked."""
        if code not in self.codes:
            return self
        word, bit = divmod(self.codes.index(code), 64)
        words = self.words.copy()
        words[slice(None) if rows is None else rows, word] &= ~(np.uint64(1) << np.uint64(bit))
        return Bits(self.codes, words)


def bits_for(*sides: Sequence[frozenset[str]]) -> tuple[Bits, ...]:
    """Write several sides' sets of codes as bit words with one common meaning. O(people · codes of each)."""
    codes = tuple(sorted({code for side in sides for codes in side for code in codes}))
    place = {code: number for number, code in enumerate(codes)}
    width = max(1, -(-len(codes) // 64))
    return tuple(Bits(codes, _words(side, place, width)) for side in sides)


def _words(side: Sequence[frozenset[str]], place: dict[str, int], width: int) -> Words:
    words = np.zeros((len(side), width), dtype=np.uint64)
    for row, codes in enumerate(side):
        for code in codes:
            number = place[code]
            words[row, number // 64] |= np.uint64(1) << np.uint64(number % 64)
    return words


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


@dataclass(frozen=True)
class Pool:
    """Mentors and mentees of one snapshot, as values and as columns, with the organisations they belong to by number."""

    mentors: tuple[Mentor, ...]
    mentees: tuple[Mentee, ...]
    organisations: tuple[str, ...]
    mentor: Columns
    mentee: Columns

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
        ours, theirs = _columns(left, right, organisations, knowledge)
        return cls(left, right, organisations, ours, theirs)


def _in_order(people: Iterable[P]) -> tuple[P, ...]:
    ordered = tuple(sorted(people, key=lambda person: person.id))
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise ValueError(f"{after.id} is in the pool twice")
    return ordered


def _columns(
    mentors: tuple[Mentor, ...], mentees: tuple[Mentee, ...], organisations: tuple[str, ...], knowledge: Knowledge
) -> tuple[Columns, Columns]:
    sides: tuple[Sequence[Person], Sequence[Person]] = (mentors, mentees)
    names = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals")
    bits = {name: bits_for(*([getattr(person, name) for person in side] for side in sides)) for name in names}
    bits["topics"] = bits_for([mentor.strengths for mentor in mentors], [mentee.needs for mentee in mentees])
    countries = sorted({person.origin for side in sides for person in side if person.origin})
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
