"""What a suggestion shows of a mentor until a proposal stands: never more than k mentors have in common.

Of the viewer's own mentors everything a proposal would show; of others' either their organisation and the codes that the newest
epoch published for its groups (federation/disclosure_cards.py), or the codes of their class without the organisation; and
points and reasons that tell no more than those codes do.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.disclosure_cards import COARSEST
from federation.disclosure_lattice import ANY, Codes
from graph.people import YEARS_BANDS, IntArray, Mentee, Mentor, Pool
from graph.scoring import PARTS, Fit, fits, score_pairs
from hub.models import PoolClass, PoolMember, Profile
from hub.reach import Reach, widened
from hub.services import epochs, matches
from hub.services.matches import SHOWN_DIGITS
from hub.services.matching import Texts
from hub.services.snapshots import Snapshot

CODED: Final = ("occupation", "place", "experience")
"""Parts that come from codes a card may hide."""
COLUMNS: Final = [PARTS.index(part) for part in CODED]
NAMED_DIGITS: Final = 2
"""Fewest digits of an occupation beside an organisation's name: one digit of NOC 2021 says too little to choose by."""
UNNAMED: Final = ""
Group = tuple[str, Codes]
"""An organisation (``UNNAMED``: not told; of the viewer's own, the mentor herself) and the codes a card shows."""


@dataclass(frozen=True, slots=True)
class Card:
    """One mentor as a suggestion shows her; ``points`` of 100 and ``parts`` are what her group offers this mentee."""

    named: bool
    codes: Codes
    points: int
    parts: dict[str, Any]
    reasons: Texts


class Cards:
    """The cards of all mentors of a snapshot with one mentee, for one organisation that looks at them."""

    def __init__(self, session: Session, snapshot: Snapshot, viewer: str) -> None:
        """Read what the newest epoch shows, and weigh the mentee with everyone. O(mentors)."""
        self.snapshot, self.viewer = snapshot, viewer
        self.groups = _groups(session, snapshot.pool.mentors, viewer)
        numbers = {group: number for number, group in enumerate(dict.fromkeys(self.groups))}
        self.group_of = np.array([numbers[group] for group in self.groups], dtype=np.int64)
        rows, index = np.arange(len(self.groups)), snapshot.index
        _, self.held = score_pairs(index.pool, np.zeros_like(rows), rows, index.weights, index.knowledge)
        self.means = self._means(len(numbers))

    def points(self) -> IntArray:
        """Return what the cards of all mentors say in points: the same whichever of a group's codes are whose."""
        codes = self.means[self.group_of].sum(axis=1)
        total: IntArray = np.clip(codes + np.delete(self.held, COLUMNS, axis=1).sum(axis=1), 1, 100)
        return total

    def card(self, row: int) -> Card:
        """Return one mentor's card."""
        (whose, codes), mentor = self.groups[row], self.snapshot.pool.mentors[row]
        found = self._fit(mentor, codes)
        means = dict(zip(CODED, self.means[self.group_of[row]].tolist(), strict=True))
        parts = tuple(replace(part, points=means.get(part.name, part.points)) for part in found.parts)
        told = tuple(part for part in parts if _may_be_told(part.name, codes))
        total = min(100, max(1, sum(part.points for part in parts)))
        reasons = matches.reasons_of(Fit(total, told))
        return Card(whose != UNNAMED, codes, total, matches.parts_of(Fit(total, parts)), reasons)

    def _means(self, groups: int) -> IntArray:
        """Return the mean points of each group (groups × coded parts), in whole points."""
        sums = np.zeros((groups, len(COLUMNS)), dtype=np.int64)
        np.add.at(sums, self.group_of, self.held[:, COLUMNS])
        means: IntArray = sums // np.maximum(np.bincount(self.group_of, minlength=groups), 1)[:, np.newaxis]
        return means

    def _fit(self, mentor: Mentor, codes: Codes) -> Fit:
        """Return the fit with a mentor who has the codes of the card; what it hides is filled in, and never told."""
        mentee: Mentee = self.snapshot.pool.mentees[0]
        aim = mentee.target_noc or mentee.noc
        ours = replace(mentee, noc=aim[:SHOWN_DIGITS], target_noc=None)
        theirs = replace(
            mentor,
            noc=ours.noc if codes.noc == ANY else codes.noc,
            region=ours.region if codes.region == ANY else codes.region,
            years_band=codes.years_band if codes.years_band in YEARS_BANDS else ours.years_band,
        )
        index, first = self.snapshot.index, np.array([0])
        return fits(Pool.build([theirs], [ours], index.knowledge), first, first, index.weights, index.knowledge)[0]


def beside_names(session: Session, kind: str) -> dict[str, Codes]:
    """Return, by id, the codes that may stand beside a person's organisation: those of k people of it or more still there."""
    epoch = epochs.latest(session)
    shown = _published(session)
    with widened(session, Reach.NETWORK):
        owners = session.execute(select(Profile.id, Profile.organisation_id).where(Profile.kind == kind)).all()
    groups = {row.id: (row.organisation_id, shown[row.id][0]) for row in owners if row.id in shown}
    return {one: codes for one, (_, codes) in _large(groups, epoch.k if epoch else len(groups) + 1).items()}


def _groups(session: Session, mentors: Sequence[Mentor], viewer: str) -> list[Group]:
    """Return who each mentor hides among: herself alone where she is the viewer's own, else k others or more.

    First those of her organisation who share an occupation with her, then those of her class who have none of these, then
    everyone else. Of the last two the organisation is not told: with the codes of a class, or without any, it would name fewer.
    """
    epoch = epochs.latest(session)
    fewest = epoch.k if epoch else len(mentors) + 1
    shown = _published(session)
    others = [one for one in mentors if one.organisation != viewer]
    found = {one.id: (one.organisation, shown[one.id][0]) for one in others if one.id in shown}
    found = _large(found, fewest, lambda group: len(group[1].noc.strip(ANY)) >= NAMED_DIGITS)
    rest = {one.id: (UNNAMED, shown[one.id][1]) for one in others if one.id in shown and one.id not in found}
    found |= _large(rest, fewest)
    return [
        (one.id, Codes(one.noc[:SHOWN_DIGITS], one.region, one.years_band))
        if one.organisation == viewer
        else found.get(one.id, (UNNAMED, COARSEST))
        for one in mentors
    ]


def _published(session: Session) -> dict[str, tuple[Codes, Codes]]:
    """Return what the newest epoch shows of each mentor beside her organisation's name, and of her class without it."""
    # Columns, not rows of the model: of a large pool making an object each takes longer than everything else here.
    card = (PoolMember.card_noc, PoolMember.card_region, PoolMember.card_years)
    shown = select(PoolMember.profile_id, *card, PoolClass.noc, PoolClass.region, PoolClass.years_band)
    rows = session.execute(shown.join(PoolClass, PoolClass.id == PoolMember.class_id))
    return {
        profile: (Codes(noc or ANY, region or ANY, years or ANY), Codes(*of))
        for profile, noc, region, years, *of in rows
    }


def _large(
    groups: Mapping[str, Group], fewest: int, told: Callable[[Group], bool] = lambda group: True
) -> dict[str, Group]:
    """Return those whose group is told and still holds enough: until the next epoch people leave."""
    sizes = Counter(groups.values())
    return {one: group for one, group in groups.items() if told(group) and sizes[group] >= fewest}


def _may_be_told(part: str, codes: Codes) -> bool:
    shown = {
        "occupation": codes.noc != ANY,
        "place": codes.region != ANY,
        "experience": codes.years_band in YEARS_BANDS,
    }
    return shown.get(part, True)
