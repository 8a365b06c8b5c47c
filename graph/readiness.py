"""What a program asks of a mentee first, and what one lacks, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graph.people import OFFICIAL_LANGUAGES, SKILLS, Mentee, Skill

SPOKEN: Final[tuple[Skill, ...]] = ("listening", "speaking")
"""Skills that decide whether an official language is a working language."""


@dataclass(frozen=True)
class ReadinessPolicy:
    """What a program asks of a mentee before one-to-one mentoring; nothing asked means everyone is ready."""

    minimum_clb: Mapping[Skill, int] = field(default_factory=dict)
    certification: frozenset[str] | None = None
    documents_complete: bool = False
    commitment_confirmed: bool = False


@dataclass(frozen=True)
class Missing:
    """One item short: a CLB skill with its levels, a field of readiness, a way to meet, or days still to pass (``needs``)."""

    item: str
    has: int | None = None
    needs: int | None = None


def missing_items(mentee: Mentee, policy: ReadinessPolicy) -> tuple[Missing, ...]:
    """Return what a mentee lacks under a policy; empty when ready. A skill never assessed counts as level 0."""
    readiness = mentee.readiness
    found = _missing_levels(mentee, policy.minimum_clb)
    if policy.certification is not None and readiness.certification not in policy.certification:
        found.append(Missing("certification"))
    if policy.documents_complete and readiness.documents != "complete":
        found.append(Missing("documents"))
    if policy.commitment_confirmed and readiness.commitment != "confirmed":
        found.append(Missing("commitment"))
    return tuple(found)


def missing_levels(mentee: Mentee, working_level: int) -> tuple[Missing, ...]:
    """Return what keeps an official language the mentee speaks from being a working language; empty when nothing does."""
    clb = mentee.readiness.clb
    if clb is None or clb.language not in OFFICIAL_LANGUAGES or clb.language not in mentee.languages:
        return ()
    return tuple(_missing_levels(mentee, dict.fromkeys(SPOKEN, working_level)))


def missing_days(mentee: Mentee) -> tuple[Missing, ...]:
    """Return how long a mentee's local-first window still lasts; empty when it is over."""
    if mentee.local_days <= 1:
        return (Missing("tomorrow"),) * mentee.local_days
    return (Missing("days", needs=mentee.local_days),)


def _missing_levels(mentee: Mentee, needed: Mapping[Skill, int]) -> list[Missing]:
    clb = mentee.readiness.clb
    has = {skill: clb.level(skill) if clb else 0 for skill in SKILLS}
    return [Missing(skill, has[skill], needed[skill]) for skill in SKILLS if has[skill] < needed.get(skill, 0)]


def below_working_level(mentee: Mentee, code: str, level: int) -> bool:
    """Say whether a mentee is assessed in an official language, and too low for it to be a working language."""
    clb = mentee.readiness.clb
    return clb is not None and clb.language == code and min(clb.level(skill) for skill in SPOKEN) < level
