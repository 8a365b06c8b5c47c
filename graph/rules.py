"""The hard rules by name, what a round says of itself, and a refusal as it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from graph.readiness import Missing, ReadinessPolicy

Mask = NDArray[np.bool_]
PairSet = frozenset[tuple[str, str]]
"""(mentee id, mentor id) pairs; or (sharing, receiving) organisations for agreements."""


class Rule(StrEnum):
    """Why two people may not meet, in the order in which reasons are given."""

    SELF = "self"
    NO_SEAT = "no_seat"
    RESTING = "resting"
    NO_COMMON_LANGUAGE = "no_common_language"
    FORMAT = "format"
    NOT_READY = "not_ready"
    REPORTING_LINE = "reporting_line"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    COMPETITOR = "competitor"
    DECLINED = "declined"
    NO_AGREEMENT = "no_agreement"
    NO_CONSENT = "no_consent"
    STALE = "stale"
    LOCAL_WINDOW = "local_window"
    DIRECTION = "direction"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Circumstances:
    """Everything about a round that is not about one person: program, agreements, and pairs set apart.

    ``agreements`` holds (sharing, receiving) organisations; one's own mentors need none. ``pairs_apart`` holds pairs per
    rule for ``self``, ``reporting_line``, ``conflict_of_interest``, ``competitor``, ``declined`` and ``forbidden``.
    """

    format: str = "one_to_one"
    working_level: int = 5
    """CLB in listening and speaking below which English or French does not count as a working language."""
    policy: ReadinessPolicy = field(default_factory=ReadinessPolicy)
    agreements: PairSet = frozenset()
    pairs_apart: Mapping[Rule, PairSet] = field(default_factory=dict)


class Situation(StrEnum):
    """Why there is nobody before any pair is asked about."""

    NO_MENTOR = "no_mentor"
    ALREADY_PLACED = "already_placed"


@dataclass(frozen=True)
class Refusal:
    """One rule that keeps a pair apart, or a situation, with its numbers, so that it can be said aloud."""

    rule: Rule | Situation
    missing: tuple[Missing, ...] = ()
