"""Organisations, people and actors that tests of services share: small, valid, and easy to change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from federation.documents import ProfileDocument, read
from hub.database import Database
from hub.models import Profile, Recommendation, utcnow
from hub.reach import Acting, Reach, act_as, widened
from hub.services import organisations, profiles
from hub.services.actors import Actor, hub_itself

TESTS = hub_itself("tests")
MEMBERS = (("eriec", "agency"), ("criec", "agency"), ("arec", "pin"), ("bvlc", "provider"))


def today() -> date:
    return utcnow().date()


def system(organisation: str) -> Actor:
    return Actor(f"{organisation}-system", "system", organisation)


def coordinator(organisation: str) -> Actor:
    return Actor(f"{organisation}-coordinator", "coordinator", organisation)


@contextmanager
def acting(organisation: str) -> Iterator[None]:
    """Reach as far as a request of this member does: what row-level security goes by."""
    act_as(Acting(Reach.OWN, organisation))
    try:
        yield
    finally:
        act_as(None)


def consent(**changes: Any) -> dict[str, Any]:
    base = {
        "purposes": ["share", "match_across_regions", "referral"],
        "notice_version": "ab" * 32,
        "given_on": (today() - timedelta(days=10)).isoformat(),
        "until": (today() + timedelta(days=300)).isoformat(),
    }
    return base | changes


def mentor(**changes: Any) -> dict[str, Any]:
    base = {
        "kind": "mentor",
        "noc": "2130",
        "years_band": "11-20",
        "region": "AB-835",
        "languages": ["en"],
        "formats": ["one_to_one"],
        "modes": ["online"],
        "seats": 1,
        "strengths": ["networking"],
        "consent": consent(),
        "confirmed_on": today().isoformat(),
    }
    return base | changes


def mentee(**changes: Any) -> dict[str, Any]:
    clb = {"language": "en", "listening": 8, "speaking": 8, "reading": 8, "writing": 8}
    base = {
        "kind": "mentee",
        "noc": "2130",
        "years_band": "6-10",
        "region": "AB-835",
        "languages": ["en"],
        "formats": ["one_to_one"],
        "modes": ["online"],
        "needs": ["networking"],
        "readiness": {"clb": clb, "documents": "complete", "commitment": "confirmed"},
        "consent": consent(),
        "confirmed_on": today().isoformat(),
    }
    return base | changes


def add_members(session: Session) -> None:
    """Add four members that all share with each other."""
    for identifier, kind in MEMBERS:
        organisations.add(session, TESTS, identifier, identifier.upper(), kind, "AB-835")
    for sharing, _ in MEMBERS:
        for receiving, _ in MEMBERS:
            if sharing != receiving:
                organisations.agree(session, TESTS, sharing, receiving, today())


def share(database: Database, organisation: str, pseudonym: str, profile: dict[str, Any]) -> profiles.Receipt:
    """Share one person as an organisation's system would, past the HTTP door."""
    document = read(ProfileDocument(), profile)
    return database.run(lambda session: profiles.share(session, system(organisation), pseudonym, document))


def owner_behind(database: Database, handle: str) -> str:
    """The organisation whose mentor a handle stands for; a card does not always tell it."""
    with database.reading() as session, widened(session, Reach.HUB):
        kept = session.get_one(Recommendation, handle)
        return session.get_one(Profile, kept.mentor_id).organisation_id
