"""Mentors and mentees as frozen values: pseudonyms and codes only."""

from dataclasses import dataclass, field
from typing import Final, Literal

Skill = Literal["listening", "speaking", "reading", "writing"]
SKILLS: Final[tuple[Skill, ...]] = ("listening", "speaking", "reading", "writing")
YEARS_BANDS: Final = ("0-2", "3-5", "6-10", "11-20", "21+")
OFFICIAL_LANGUAGES: Final = ("en", "fr")
NOBODY: Final = frozenset[str]()


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
    local_days: int = 0
    """Days left in which her organisation looks near first: only its own mentors, or mentors of her province. 0: none."""
