"""What this side said yes to of groups, pairs and circles, and how far each introduction in them came."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from federation.connector.accepted import current_person, swapped
from federation.connector.store import Store
from federation.gathering_introductions import Introduced
from federation.gathering_yes import ROLES, Question, commit, introduced_by, meets, read_question
from federation.introductions import hash_consent
from federation.problems import Problem

PREFIX: Final = "gathered "
CARRIED: Final = "carried "
CONTACT: Final = "contact gathered "
"""Under this name, the gathering, the organisation that gave it and the place stands a contact."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of our people as we said yes: where in the gathering, who, as what, and the hash of the consent."""

    place: str
    pseudonym: str
    role: str
    consent: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """One yes of ours. ``salts`` by role open our commitments; ``said_at`` is in seconds since 1970."""

    question: Question
    places: tuple[Place, ...]
    salts: Mapping[str, str]
    said_at: int
    acceptance: str | None = None

    def commitments(self) -> dict[str, str]:
        """Return what our yes says of our people, by role."""
        return {role: commit(self.salts[role], self._consents(role)) for role in ROLES}

    def introduced(self, organisation: str) -> tuple[Place, ...]:
        """Return those of our people whom we introduce: the group's mentor where it is ours, else members."""
        role = introduced_by(self.question, organisation)
        return tuple(one for one in self.places if one.role == role)

    def _consents(self, role: str) -> list[tuple[str, str]]:
        return [(one.place, one.consent) for one in self.places if one.role == role]


@dataclass(frozen=True, slots=True)
class Carried:
    """How far one introduction came; ``way`` is "sent" or "received".

    ``step`` is "said", then "sealed" and "sent", or "opened", then "done". ``envelope`` is what we sent, or the digest of what
    we opened. ``moved_at`` is in seconds since 1970.
    """

    gathering: str
    organisation: str
    way: str
    step: str
    moved_at: int
    envelope: str | None = None

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"{self.gathering} {self.organisation}"


def of_question(store: Store, gathering_id: str, shown: Mapping[str, Any], now: datetime) -> Gathered:
    """Return our yes to a gathering as the hub shows it: the one kept if we said it before, else a new one, not signed yet.

    Raises
    ------
    Problem
        ``invalid-signature``: the hub shows another gathering than asked for, or other organisations or people than when we
        said yes. ``no-longer-available``: not as many people of ours as it asks for, or a consent is over. ``bad-request``: it
        cannot be read. ``not-found``: nobody of ours.
    """
    question, own = read_question(shown), store.keys.organisation
    people = _people(shown.get("mine"))
    told = question.organisations.get(own)
    if question.gathering != gathering_id or own not in question.organisations:
        raise swapped("another group, pair or circle than the one asked for")
    if told not in {None, len(people)}:
        raise Problem(
            "no-longer-available",
            f"It asks for {told} of your people, and the hub shows {len(people)} in it: if one left, no yes to it can be "
            "signed any more. Ring the others.",
        )
    kept = everything(store).get(gathering_id)
    if kept is not None:
        if kept.question != question or {(one.place, one.pseudonym, one.role) for one in kept.places} != people:
            raise swapped("other organisations or people of it than when we said yes")
        return kept
    if not people:
        raise Problem("not-found", "None of your people is in it.")
    places = tuple(
        Place(place, pseudonym, role, hash_consent(current_person(store, pseudonym, now)["profile"]["consent"]))
        for place, pseudonym, role in sorted(people)
    )
    return Gathered(question, places, {role: secrets.token_hex(32) for role in ROLES}, int(now.timestamp()))


def agreeing(store: Store, shown: Mapping[str, Any]) -> Gathered:
    """Return our yes to the gathering of an introduction the hub shows, if it says what we said.

    Raises
    ------
    Problem
        ``invalid-signature``: we said no signed yes, or not with this organisation, or not for these people.
    """
    said = everything(store).get(str(shown["gathering"]))
    if said is None or said.acceptance is None:
        raise Problem(
            "invalid-signature",
            "This side said no signed yes to it, so nothing is sealed or opened. If your coordinator said yes on a page, "
            f"sign it: passerelle connector accept {shown['gathering']}",
        )
    own = store.keys.organisation
    if other_side(shown) not in meets(said.question, own):
        raise swapped("another organisation than we said yes to")
    here = {(one.place, one.pseudonym, one.role) for one in said.introduced(own)}
    if shown["mine"] == "sender" and not here <= _people(shown.get("people")):
        raise swapped("other people of ours than we said yes for")
    return said


def other_side(shown: Mapping[str, Any]) -> str:
    """Return the organisation at the other end of an introduction."""
    return str(shown["recipient" if shown["mine"] == "sender" else "sender"])


def people_as_agreed(store: Store, said: Gathered, now: datetime) -> list[Introduced]:
    """Return those of our people whom we introduce, with their contacts, under the consents the yes was bound to.

    Raises
    ------
    Problem
        ``no-longer-available``: a consent is over, or is another one than we said yes under.
    """
    found = []
    for one in said.introduced(store.keys.organisation):
        person = current_person(store, one.pseudonym, now)
        if hash_consent(person["profile"]["consent"]) != one.consent:
            raise Problem("no-longer-available", "A person's consent changed since this side said yes: propose anew.")
        found.append(Introduced(one.place, one.consent, person["contact"]))
    return found


def everything(store: Store) -> dict[str, Gathered]:
    """Return every yes we said, by gathering."""
    return {gathering: _read(kept) for gathering, kept in store.kept_under(PREFIX).items()}


def keep(store: Store, said: Gathered) -> None:
    """Keep one yes as it stands now."""
    store.keep(PREFIX + said.question.gathering, asdict(said))


def carried(store: Store, said: Gathered, organisation: str, way: str) -> Carried:
    """Return how far the introduction to or from an organisation came."""
    fresh = Carried(said.question.gathering, organisation, way, "said", said.said_at)
    kept = store.kept(_name(fresh))
    return Carried(**kept) if kept else fresh


def as_kept(one: Carried) -> dict[str, Any]:
    """Return the progress of one introduction as the store keeps it, to keep it together with something else."""
    return {_name(one): asdict(one)}


def contacts(store: Store) -> dict[str, dict[str, str]]:
    """Return every contact that came, by gathering, organisation and place, one space between each."""
    return store.kept_under(CONTACT)


def _name(one: Carried) -> str:
    return f"{CARRIED}{one.name} {one.way}"


def _read(kept: Mapping[str, Any]) -> Gathered:
    places = tuple(Place(**one) for one in kept["places"])
    return Gathered(Question(**kept["question"]), places, kept["salts"], kept["said_at"], kept["acceptance"])


def _people(shown: Any) -> set[tuple[str, str, str]]:
    """Return (place, pseudonym, role) of people as the hub shows them.

    Raises
    ------
    Problem
        ``bad-request``: they cannot be read.
    """
    names = ("place", "pseudonym", "role")
    if not isinstance(shown, list) or not all(isinstance(one, dict) for one in shown):
        raise Problem("bad-request", "The hub's list of your people cannot be read: phone the operator.")
    return {(str(one.get(names[0])), str(one.get(names[1])), str(one.get(names[2]))) for one in shown}
