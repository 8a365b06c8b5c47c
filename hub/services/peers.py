"""Peer pairs and circles the network could form today: mentees who help each other, neither too alike nor too different.

A suggestion, decided by people: nothing is stored of it but who was shown to whom. Of other organisations' people an
organisation sees what a proposal would show, within its weekly budget.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from federation.disclosure_cards import COARSEST
from graph.circles import Apart, Circle, CirclePolicy, CircleProblem, CircleResult, solve_circles
from graph.groups_texts import why_not_in_a_circle, why_not_in_a_pair
from graph.peers import PeerPolicy, PeerResult, peer_pairs
from graph.peers_likeness import Peers
from graph.peers_problem import PeerProblem
from graph.peers_reasons import NO_BOUND, pair_sentences
from graph.people import Mentee
from graph.reasons import LOCALES
from graph.rules import Mask
from graph.scoring import band
from hub.models import Organisation
from hub.reach import Reach, widened
from hub.services import cards, epochs, gathering_handles, matching, snapshots, standing_looks, suggestions
from hub.services.actors import Actor
from hub.services.grounds import Ground
from hub.services.groups import LeftOutView, MemberView
from hub.services.matches import SHOWN_DIGITS
from hub.services.matching import Texts
from hub.services.proposal_views import Card
from hub.services.suggestions import Waiting
from hub.settings import Settings

__all__ = ["CircleView", "CirclesView", "PairView", "PairsView", "PartnerView", "SolvedCircles", "SolvedPairs"]
__all__ += ["show_circles", "show_pairs", "solve_in_circles", "solve_in_pairs"]
PROGRAM: Final = "peer"
CODED_PARTS: Final = ("profession", "experience")
"""Parts whose sentence would tell codes that a card may hide."""


@dataclass(frozen=True, slots=True)
class SolvedPairs:
    """Who was compared, how many were not, the pairs found, and whether all pairs were looked at or each one's best."""

    peers: Peers
    waiting_beyond: int
    problem: PeerProblem
    result: PeerResult
    whole: bool


@dataclass(frozen=True, slots=True)
class SolvedCircles:
    """Who was compared, how many were not, the pairs they were made of, and the circles found."""

    peers: Peers
    waiting_beyond: int
    problem: PeerProblem
    result: CircleResult


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A peer as the other organisation may see them; ``pseudonym`` only where the peer is the viewer's own."""

    organisation_id: str
    organisation_name: str
    card: Card
    band: str
    pseudonym: str | None


@dataclass(frozen=True, slots=True)
class PairView:
    """One of the actor's own mentees and the partner suggested; no partner: this week's budget is spent.

    ``handle`` names the pair to whoever proposes it; none for one that is offered instead of a circle, or not shown.
    """

    pseudonym: str
    points: int
    partner: PartnerView | None
    reasons: Texts
    handle: str | None


@dataclass(frozen=True, slots=True)
class PairsView:
    """Pairs with own people in them, own people in none, how many of one's own are paired, and who waits.

    ``whole``: no other choice of pairs serves more people better; else of the best partners of each one only.
    """

    pairs: tuple[PairView, ...]
    alone: tuple[LeftOutView, ...]
    paired: int
    waiting: Waiting
    whole: bool


@dataclass(frozen=True, slots=True)
class CircleView:
    """A circle: what all share, its size, own members with their fit, the others as the budget lets them be shown.

    ``facilitator``: the own member suggested to facilitate; None: it is somebody else's. ``handle`` names the circle to
    whoever proposes it; none while somebody in it is not shown.
    """

    size: int
    languages: tuple[str, ...]
    slots: tuple[str, ...]
    mine: tuple[MemberView, ...]
    facilitator: str | None
    others: tuple[PartnerView, ...]
    withheld: int
    handle: str | None


@dataclass(frozen=True, slots=True)
class ApartView:
    """One of the actor's own mentees in no circle: why, and the pair offered instead, if there is one."""

    pseudonym: str
    because: Texts
    pair: PairView | None


@dataclass(frozen=True, slots=True)
class CirclesView:
    """Circles with own people, own people in none, how many of one's own have a place, who waits, and what bound is known."""

    circles: tuple[CircleView, ...]
    apart: tuple[ApartView, ...]
    placed: int
    waiting: Waiting
    bound: Texts


def solve_in_pairs(session: Session, today: date) -> SolvedPairs:
    """Read who waits for a peer and pair them up; nothing is written.

    Cost: where anything changed since this process was last asked one read of the pool, O(people²) to compare, then what
    graph.peers says; else one read of what it rests on.
    """
    return standing_looks.standing(session, "pair", today, _look_for_pairs)


def _look_for_pairs(session: Session, ground: Ground) -> SolvedPairs:
    numbers = matching.peer_policy()
    peers, beyond = snapshots.take_peers(session, ground, numbers.most_people)
    whole = len(peers.people) <= numbers.compared_whole
    problem = peers.problem(None if whole else numbers.partners)
    return SolvedPairs(peers, beyond, problem, peer_pairs(problem, PeerPolicy(floor=numbers.floor)), whole)


def solve_in_circles(session: Session, today: date) -> SolvedCircles:
    """Read who waits for a peer and seat them in circles; nothing is written.

    Who facilitates is somebody whose commitment is confirmed. Cost: as pairs, then what graph.circles says.
    """
    return standing_looks.standing(session, "circle", today, _look_for_circles)


def _look_for_circles(session: Session, ground: Ground) -> SolvedCircles:
    numbers, (least, most) = matching.peer_policy(), matching.circle_sizes()
    peers, beyond = snapshots.take_peers(session, ground, numbers.most_people)
    people = range(len(peers.people))
    asked = CircleProblem(
        problem := peers.problem(),
        np.array([one.readiness.commitment == "confirmed" for one in peers.people], dtype=np.bool_),
        _table([peers.languages.holding(code) for code in peers.languages.codes], len(people)),
        _table([peers.slots.holding(code) for code in peers.slots.codes], len(people)),
    )
    policy = CirclePolicy(least, most, numbers.floor, numbers.outlier_gap)
    return SolvedCircles(peers, beyond, problem, solve_circles(asked, policy))


def _table(columns: list[Mask], people: int) -> Mask:
    return np.stack(columns, axis=1) if columns else np.zeros((people, 0), dtype=np.bool_)


def show_pairs(session: Session, actor: Actor, solved: SolvedPairs, settings: Settings) -> PairsView:
    """Return the pairs as one organisation may see them, and note who is shown to it."""
    # Cards of others' people: within the budget, and what is written is the actor's own.
    with widened(session, Reach.NETWORK):
        return _pairs(session, actor, solved, settings)


def _pairs(session: Session, actor: Actor, solved: SolvedPairs, settings: Settings) -> PairsView:
    seen = _Sight(session, actor, solved.peers, solved.problem, settings)
    partner_of = solved.result.partner_of.tolist()
    own = [(row, partner_of[row]) for row in seen.own_rows if partner_of[row] >= 0]
    seen.ask([partner for _, partner in own])
    alone = dict(solved.result.alone)
    return PairsView(
        pairs=tuple(seen.pair(row, partner) for row, partner in own),
        alone=tuple(
            LeftOutView(seen.pseudonym(row), _told(why_not_in_a_pair(alone[row])))
            for row in seen.own_rows
            if row in alone
        ),
        paired=len(own),
        waiting=suggestions.waiting(session, actor, PROGRAM, settings),
        whole=solved.whole,
    )


def show_circles(session: Session, actor: Actor, solved: SolvedCircles, settings: Settings) -> CirclesView:
    """Return the circles as one organisation may see them, and note who is shown to it."""
    # Cards of others' people: within the budget, and what is written is the actor's own.
    with widened(session, Reach.NETWORK):
        return _circles(session, actor, solved, settings)


def _circles(session: Session, actor: Actor, solved: SolvedCircles, settings: Settings) -> CirclesView:
    seen = _Sight(session, actor, solved.peers, solved.problem, settings)
    circles = [one for one in solved.result.circles if set(seen.own_rows) & set(one.members)]
    left = {one.person: one for one in solved.result.apart}
    apart = [left[row] for row in seen.own_rows if row in left]
    seen.ask([row for circle in circles for row in circle.members] + [one.partner for one in apart if one.partner >= 0])
    return CirclesView(
        circles=tuple(seen.circle(one) for one in circles),
        apart=tuple(seen.apart(one) for one in apart),
        placed=sum(len(set(seen.own_rows) & set(one.members)) for one in circles),
        waiting=suggestions.waiting(session, actor, PROGRAM, settings),
        bound={locale: (NO_BOUND[locale],) for locale in LOCALES},
    )


def _told(sentence: dict[str, str]) -> Texts:
    return {locale: (sentence[locale],) for locale in LOCALES}


class _Sight:
    """What one organisation may see of compared people: its own by pseudonym, the others as cards within the budget."""

    def __init__(self, session: Session, actor: Actor, peers: Peers, problem: PeerProblem, settings: Settings) -> None:
        self.session, self.actor, self.peers, self.problem, self.settings = session, actor, peers, problem, settings
        self.pseudonyms = suggestions.own_pseudonyms(session, actor)
        own = [row for row, person in enumerate(peers.people) if person.id in self.pseudonyms]
        self.own_rows = sorted(own, key=self.pseudonym)
        self.open: set[str] = set()
        epochs.publish_first(session, settings)
        self.codes = cards.beside_names(session, "mentee")

    def ask(self, rows: list[int]) -> None:
        """Ask the budget for everyone who would be shown, once; what is shown is in the log."""
        people = [self.peers.people[row] for row in rows if row not in self.own_rows]
        self.open = suggestions.admitted(self.session, self.actor, people, "peer.list", self.settings, "mentee")

    def pseudonym(self, row: int) -> str:
        """Return the actor's own name for an own person."""
        return self.pseudonyms[self.peers.people[row].id]

    def pair(self, row: int, other: int) -> PairView:
        """Return an own person's pair; without the partner where the budget is spent."""
        points = self.problem.fit(row, other)
        partner = self._partner(other, points, self.peers.people[row].languages)
        untold = () if other in self.own_rows else CODED_PARTS
        said = {
            locale: pair_sentences(self.peers, row, other, locale, matching.name_of, digits=SHOWN_DIGITS, untold=untold)
            for locale in LOCALES
        }
        empty: Texts = dict.fromkeys(LOCALES, ())
        handle = self._handle("pair", (row, other)) if partner else None
        return PairView(self.pseudonym(row), points, partner, matching.in_both(said) if partner else empty, handle)

    def circle(self, found: Circle) -> CircleView:
        """Return a circle with own members by pseudonym and the others as cards, as far as the budget goes."""
        people = [self.peers.people[row] for row in found.members]
        languages = frozenset.intersection(*(person.languages for person in people))
        fits = dict(zip(found.members, found.fits, strict=True))
        mine = [row for row in self.own_rows if row in found.members]
        theirs = [row for row in found.members if row not in self.own_rows]
        others = [card for row in theirs if (card := self._partner(row, fits[row], languages))]
        slots = frozenset.intersection(*(person.slots for person in people))
        return CircleView(
            size=len(people),
            languages=tuple(sorted(languages)),
            slots=tuple(sorted(slots)),
            mine=tuple(MemberView(self.pseudonym(row), fits[row]) for row in mine),
            facilitator=self.pseudonym(found.facilitator) if found.facilitator in self.own_rows else None,
            others=tuple(others),
            withheld=len(theirs) - len(others),
            handle=self._handle("circle", found.members, languages | slots) if len(others) == len(theirs) else None,
        )

    def apart(self, one: Apart) -> ApartView:
        """Return why an own person sits in no circle, and the pair offered."""
        pair = replace(self.pair(one.person, one.partner), handle=None) if one.partner >= 0 else None
        return ApartView(self.pseudonym(one.person), _told(why_not_in_a_circle(one)), pair)

    def _handle(self, kind: str, rows: Iterable[int], common: Iterable[str] = ()) -> str:
        people = (self.peers.people[row].id for row in rows)
        return gathering_handles.handle_of(self.actor, kind, people, common)

    def _partner(self, row: int, points: int, languages: frozenset[str]) -> PartnerView | None:
        person, own = self.peers.people[row], row in self.own_rows
        if not own and person.id not in self.open:
            return None
        scoring = matching.scoring()
        return PartnerView(
            organisation_id=person.organisation,
            organisation_name=self.session.get_one(Organisation, person.organisation).name,
            card=self._card(person, languages, own=own),
            band=band(points, scoring.strong, scoring.good),
            pseudonym=self.pseudonym(row) if own else None,
        )

    def _card(self, person: Mentee, languages: frozenset[str], *, own: bool) -> Card:
        """Return what may stand beside the organisation's name: of others no code that fewer than k of its people share."""
        shared = tuple(sorted(person.languages & languages))
        if own:
            return Card(person.noc[:SHOWN_DIGITS], person.region, person.years_band, shared)
        codes = self.codes.get(person.id, COARSEST)
        return Card(codes.noc, codes.region, codes.years_band, shared)
