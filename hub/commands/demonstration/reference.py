"""Load the reference network: members, agreements, programs, people and sign-ins; all synthetic, and labelled so."""

import secrets
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from federation.documents import ProfileDocument, read
from federation.hsds import HsdsImport, read_services
from hub.database import Database
from hub.services import coordinators, organisations, profiles, programs, synthetic
from hub.services.actors import Actor, hub_itself
from hub.services.synthetic import SyntheticOrganisation, SyntheticPerson
from hub.settings import CONFIG

OPERATOR: Final = hub_itself("demonstration")
FIELDS: Final = ("id", "name", "kind", "region", "mentors", "mentees", "ready")
CHUNK: Final = 50


@dataclass(frozen=True, slots=True)
class ReferenceNetwork:
    """What config/demo/network.toml says."""

    seed: int
    mentors: int
    mentees: int
    members: tuple[SyntheticOrganisation, ...]
    not_sharing: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SignInCard:
    """A sign-in to print once; an operator's is of no organisation."""

    username: str
    password: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """An account to add, with the language its holder reads."""

    username: str
    role: str
    organisation: str | None
    locale: str


def read_network() -> ReferenceNetwork:
    """Read the reference network."""
    read_file: dict[str, Any] = tomllib.loads((CONFIG / "demo" / "network.toml").read_text(encoding="utf-8"))
    members = tuple(
        SyntheticOrganisation(**{name: row[name] for name in FIELDS}, occupations=tuple(row.get("occupations", ())))
        for row in read_file["organisation"]
    )
    silent = frozenset((row["sharing"], row["receiving"]) for row in read_file.get("not_sharing", ()))
    return ReferenceNetwork(read_file["seed"], read_file["mentors"], read_file["mentees"], members, silent)


def draw_people(network: ReferenceNetwork, today: date) -> list[SyntheticPerson]:
    """Return everyone of the reference network."""
    mentors = synthetic.people(network.members, "mentor", network.mentors, network.seed, today)
    mentees = synthetic.people(network.members, "mentee", network.mentees, network.seed, today)
    return [*mentors, *mentees]


def load_members(database: Database, network: ReferenceNetwork, today: date) -> None:
    """Add members, their agreements and the providers' programs, in one transaction."""

    def unit(session: Session) -> None:
        for member in network.members:
            organisations.add(session, OPERATOR, member.id, member.name, member.kind, member.region)
        for sharing in network.members:
            for receiving in network.members:
                if sharing is not receiving and (sharing.id, receiving.id) not in network.not_sharing:
                    organisations.agree(session, OPERATOR, sharing.id, receiving.id, today)
        _load_programs(session, network)

    database.run(unit)


def _load_programs(session: Session, network: ReferenceNetwork) -> None:
    """Import the synthetic HSDS catalogue; each program belongs to the member that its provider's name names."""
    imported = read_services(CONFIG / "demo" / "programs.json")
    if imported.errors:
        raise ValueError(f"config/demo/programs.json: {imported.errors[0]}")
    for member in network.members:
        own = tuple(program for program in imported.programs if program.provider == member.name)
        programs.import_hsds(session, OPERATOR, HsdsImport(own, ()), member.id)


def share_directly(database: Database, people: Sequence[SyntheticPerson], advance: Callable[[int], None]) -> None:
    """Share people as their organisations would, past the HTTP door but through the same documents and services."""
    for start in range(0, len(people), CHUNK):
        chunk = people[start : start + CHUNK]
        database.run(partial(_share, people=chunk))
        advance(len(chunk))


def _share(session: Session, people: Sequence[SyntheticPerson]) -> None:
    for person in people:
        owner = Actor("demonstration", "system", person.organisation)
        profiles.share(session, owner, person.pseudonym, read(ProfileDocument(), person.profile))


def add_sign_ins(database: Database, who: Sequence[NewSignIn]) -> list[SignInCard]:
    """Add the accounts and return their first passwords."""
    cards = [SignInCard(one.username, secrets.token_urlsafe(12), one.organisation) for one in who]

    def unit(session: Session) -> None:
        for card, one in zip(cards, who, strict=True):
            coordinators.add(session, OPERATOR, one.organisation, one.username, card.password, one.role, one.locale)

    database.run(unit)
    return cards
