"""A small furnished network for the pages: members, people, a published round, proposals and a referral in each state."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pyotp import TOTP
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.database import Database
from hub.models import Alert, Intake, Invitation, Partnership, Profile, Program, Proposal, WithdrawalNotice, utcnow
from hub.services import (
    colleagues,
    coordinators,
    duplicates,
    identity_providers,
    invitations,
    mentee_links,
    organisations,
    passkeys,
    proposals,
    provider_identities,
    recommendations,
    referrals,
    round_wishes,
    second_factors,
    sign_in_steps,
)
from hub.services.clients import hashed
from hub.services.proposals import ProposalView
from hub.services.provider_identities import Identity
from hub.settings import load_settings
from tests.hub.authenticator import Authenticator
from tests.hub.duplicates.agencies import AMINA, OMAR, look, send
from tests.hub.gathered import move, propose
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today
from tests.hub.rounds import run_round

PASSWORD: Final = "correct horse battery"
LONG_NAME: Final = "Edmonton Region Immigrant Employment Council (ERIEC)"
MEMBERS: Final = (
    ("eriec", LONG_NAME, "agency"),
    ("criec", "Calgary Region Immigrant Employment Council (CRIEC)", "agency"),
    ("arec", "AREC", "pin"),
    ("bvlc", "Bow Valley Language Centre (synthetic)", "provider"),
)
# User name, organisation, role, language of the account.
ACCOUNTS: Final = (
    ("amina", "eriec", "coordinator", "en"),
    ("karim", "eriec", "coordinator", "en"),
    ("claire", "criec", "coordinator", "fr"),
    ("hodan", "arec", "coordinator", "en"),
    ("bo", "bvlc", "coordinator", "en"),
    ("aude", "eriec", "auditor", "en"),
    ("iman", "eriec", "organisation_admin", "en"),
    ("olga", None, "operator", "en"),
)
PSEUDONYM: Final = "m-7f3a9c21d4e8b6050a1f2c3d4e5f60718293a4b5c6d7e8f901234567890a"
# Nobody's: the page tells nothing about whether there is one.
INVITATION: Final = "/sign-in/invitation/" + "A" * 43
LOW: Final = {"language": "en", "listening": 4, "speaking": 4, "reading": 4, "writing": 4}
NEEDS: Final = ("networking", "leadership")


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The own page of the mentee whom the open proposal asks: her session and digits; and an unused link of somebody else."""

    pseudonym: str
    session: str
    code: str
    unused: str

    def addresses(self) -> tuple[str, ...]:
        return ("/m", "/m/stop", f"/m/{self.unused}", "/m/cut-short")


@dataclass(frozen=True, slots=True)
class World:
    """Where things stand, by address part. All of it is ERIEC's, at least on one side."""

    fresh: str
    unready: str
    alone: str
    open: str
    answered: str
    agreed: str
    declined: str
    referral: str
    round: str
    own: "OwnPage"
    colleagues: dict[str, str]
    """ERIEC's administrator iman, and by how it stands one account that she invited: invited, joined, lapsed, ended."""
    gatherings: dict[str, str]
    """By how ERIEC stands to them: ``asked``, ``proposed``, ``declined``, ``agreed``."""
    partnerships: dict[str, str]
    """ERIEC's by how they stand: ``running``, ``completed``, ``ended_early``; in the last two the mentor is its own."""

    def addresses(self) -> dict[str, list[dict[str, str]]]:
        """For each page with an argument, everything worth opening; for some without, a search worth making."""
        return {
            "pages.search_pool": [{}, {"q": "engineer"}, {"q": "xyzzy"}, {"noc": "2130", "region": "AB-835"}],
            "pages.show_groups": [{}, {"look": "1"}],
            "pages.show_peers": [{}, {"look": "pairs"}, {"look": "circles"}],
            "pages.show_mentee": [
                *({"pseudonym": one} for one in (self.fresh, self.unready, self.alone)),
                *({"pseudonym": self.fresh, "format": one} for one in ("reverse", "flash")),
            ],
            "pages.show_proposal": [
                {"proposal_id": one} for one in (self.open, self.answered, self.agreed, self.declined)
            ],
            "pages.show_partnership": [{"partnership_id": one} for one in self.partnerships.values()],
            "pages.show_gathering": [{"gathering_id": one} for one in self.gatherings.values()],
            "pages.show_referral": [{"referral_id": self.referral}],
            "pages.show_round": [{"round_id": self.round}],
            "pages.show_hub_round": [{"round_id": self.round}],
            "pages.watch_round": [{"round_id": self.round}],
            "pages.show_repair": [{"round_id": self.round}],
            "pages.show_colleague": [{"colleague_id": one} for one in self.colleagues.values()],
            "pages.ask_again": [{}, {"next": "/account"}],
            "pages.show_invitation": [{"secret": INVITATION.rpartition("/")[2]}],
        }


def furnish(database: Database) -> World:
    """Fill an empty migrated database; about half a second."""
    database.run(_members)
    for number in range(6):
        share(database, "arec", f"arec-mentor-{number}", mentor(seats=3, interests=["music"]))
        share(database, "eriec", f"eriec-mentee-{number}", mentee())
        share(database, "criec", f"criec-mentee-{number}", mentee())
    share(database, "eriec", "eriec-mentor-0", mentor(region="AB-825"))
    found = _round(database)
    asked = _asked(database)
    _say(database, asked[1], "arec", proposals.accept)
    for organisation in ("arec", "eriec"):
        _say(database, asked[2], organisation, proposals.accept)
    _say(database, asked[3], "arec", lambda session, actor, one: proposals.decline(session, actor, one, "no_capacity"))
    people = _latecomers(database)
    _peers(database)
    database.run(_alert)
    gathered = _gather(database)
    _wish(database, people[0])
    _suspect(database)
    _protect(database, "karim")
    _bind(database, "karim", "aude")
    sent = database.run(lambda session: referrals.send(session, coordinator("eriec"), "eriec-mentee-0", "course"))
    database.run(lambda session: _notices(session, asked[3].id))
    own = _own_page(database, asked[0].my_pseudonyms["mentee"], people[2])
    colleagues = _colleagues(database)
    pairs = database.run(lambda session: _partnerships(session, asked[2].id))
    return World(*people, *(one.id for one in asked[:4]), sent.id, found, own, colleagues, gathered, pairs)


def _partnerships(session: Session, running: str) -> dict[str, str]:
    """The one that runs, and two of some months ago: a mentor of ERIEC and two mentees of CRIEC."""
    now, people = utcnow(), {one.pseudonym: one for one in session.scalars(select(Profile))}
    found = {"running": session.scalars(select(Partnership.id).where(Partnership.proposal_id == running)).one()}
    for number, (state, reason) in enumerate((("completed", None), ("ended_early", "work_found"))):
        mentee, mentor = people[f"criec-mentee-{number + 3}"], people["eriec-mentor-0"]
        agreed = Proposal(
            mentee_id=mentee.id,
            mentor_id=mentor.id,
            mentee_organisation_id="criec",
            mentor_organisation_id="eriec",
            state="agreed",
            mentee_side="accepted",
            mentor_side="accepted",
            points=80,
            parts={},
            reasons={"en": [], "fr": []},
            created_at=now - timedelta(days=130),
            expires_at=now - timedelta(days=116),
        )
        session.add(agreed)
        session.flush()
        over = Partnership(
            proposal_id=agreed.id,
            state=state,
            end_reason=reason,
            created_at=now - timedelta(days=128),
            ended_at=now - timedelta(days=8),
        )
        session.add(over)
        session.flush()
        found[state] = over.id
    return found


def _notices(session: Session, proposal: str) -> None:
    """ERIEC was told of two withdrawals, and others of one of its own."""
    for owner, told, proposals_of_both in (
        ("arec", "eriec", [proposal]),
        ("criec", "eriec", []),
        ("eriec", "criec", []),
    ):
        session.add(WithdrawalNotice(owner_id=owner, told_id=told, proposals=proposals_of_both))


def _own_page(database: Database, pseudonym: str, other: str) -> OwnPage:
    actor, settings = coordinator("eriec"), load_settings({}, secret="s" * 40)
    hers, unused = (
        database.run(lambda session, one=one: mentee_links.make(session, actor, one, settings))
        for one in (pseudonym, other)
    )
    opened = database.run(lambda session: mentee_links.exchange(session, hers.capability))
    assert opened is not None
    return OwnPage(pseudonym, opened[0], hers.code, unused.capability)


def _members(session: Session) -> None:
    for identifier, name, kind in MEMBERS:
        organisations.add(session, TESTS, identifier, name, kind, "AB-835")
    for sharing, _, _ in MEMBERS:
        for receiving, _, _ in MEMBERS:
            if sharing != receiving:
                organisations.agree(session, TESTS, sharing, receiving, today())
    for username, organisation, role, locale in ACCOUNTS:
        coordinators.add(session, TESTS, organisation, username, PASSWORD, role, locale)
    session.add(_course())
    session.flush()
    starts = today() + timedelta(days=20)
    session.add(Intake(id="autumn", program_id="course", starts_on=starts, weeks=12, seats=2, cost_cents=12_500))


def _course() -> Program:
    return Program(
        id="course",
        organisation_id="bvlc",
        provider="Bow Valley Language Centre (synthetic)",
        names={"en": "English at work, CLB 8 (evening, online)", "fr": "Anglais au travail, NCLC 8 (soir, en ligne)"},
        description={"en": "", "fr": ""},
        stream="language_training",
        requires={"all": []},
        gives=_items(8),
        languages=["en"],
        last_true_on=today(),
        source="test",
    )


def _items(level: int) -> Any:
    return {"all": [{"kind": "clb", "code": skill, "level": level} for skill in LOW if skill != "language"]}


def _round(database: Database) -> str:
    return run_round(database, publish=True).id


def _asked(database: Database) -> list[ProposalView]:
    """ERIEC's mentees with mentors of AREC, in an order that stays."""
    with database.reading() as session:
        found = proposals.inbox(session, coordinator("eriec"))
    across = [one for one in found if one.mentor_organisation_id == "arec"]
    return sorted(across, key=lambda one: one.my_pseudonyms["mentee"])


def _say(database: Database, proposal: ProposalView, organisation: str, word: Callable[..., object]) -> None:
    database.run(lambda session: word(session, coordinator(organisation), proposal.id))


def _alert(session: Session) -> None:
    """CRIEC's lists kept returning a mentor of ERIEC."""
    now = utcnow()
    session.add(Alert(kind="one_mentor", viewer_id="criec", owner_id="eriec", raised_on=now.date(), raised_at=now))


def _wish(database: Database, pseudonym: str) -> None:
    """ERIEC wants the second best mentor for one mentee for certain."""
    actor, settings = coordinator("eriec"), load_settings({}, secret="s" * 40)
    shown = database.run(
        lambda session: recommendations.for_mentee(session, actor, pseudonym, settings)
    ).recommendations
    database.run(lambda session: round_wishes.wish(session, actor, pseudonym, shown[1].handle, "pin"))


def _suspect(database: Database) -> None:
    """Two mentees of ERIEC may be mentees of CRIEC: about one nobody spoke yet, about the other ERIEC did."""
    for number, record in enumerate((AMINA, OMAR)):
        for organisation in ("eriec", "criec"):
            send(database, organisation, f"{organisation}-mentee-{number}", record)
    look(database)
    with database.reading() as session:
        found = duplicates.listed(session, coordinator("eriec"))
    (decided,) = (one.id for one in found if one.my_pseudonyms == ("eriec-mentee-1",))
    database.run(lambda session: duplicates.confirm(session, coordinator("eriec"), decided))


def _protect(database: Database, username: str) -> None:
    """An account with everything: an app, another one to be confirmed, a passkey, ten recovery codes."""
    settings, device = load_settings({}, secret="s" * 40, issuer="http://localhost:8000"), Authenticator()
    with database.transaction() as session:
        account = coordinators.find_account(session, username)
        assert account is not None
        actor = account.actor
        second_factors.begin_app(session, actor, settings)
        new = second_factors.pending_app(session, actor, settings)
        assert new is not None
        second_factors.confirm_app(session, actor, settings, TOTP(new.secret).now())
        second_factors.begin_app(session, actor, settings)
        step, options = passkeys.ask_for_new(session, actor, settings)
        taken = sign_in_steps.take(session, step, "passkey_add")
        passkeys.add(session, actor, taken, device.create(options), settings)


def _colleagues(database: Database) -> dict[str, str]:
    """Accounts that ERIEC's administrator invited, as they can stand."""
    with database.transaction() as session:
        account = coordinators.find_account(session, "iman")
        assert account is not None
        iman, found = account.actor, {"iman": account.coordinator_id}
        for state in ("invited", "joined", "lapsed", "ended"):
            made = colleagues.invite(session, iman, None, f"intake-{state}", "coordinator", "en")
            found[state] = colleagues.named(session, iman, "eriec", made.username)
            if state == "joined":
                invitations.take_up(session, hashed(made.secret), "app")
        session.execute(delete(Invitation).where(Invitation.coordinator_id == found["lapsed"]))
        colleagues.end(session, iman, found["ended"])
    return found


def _peers(database: Database) -> None:
    """Eight of two members who wait for peers and suit each other, one who suits nobody, and people for two groups."""
    for number in range(4):
        for organisation, years in (("eriec", "3-5"), ("criec", "6-10")):
            person = mentee(formats=["peer"], years_band=years, needs=["resume"], slots=["tue_evening"])
            share(database, organisation, f"{organisation}-peer-{number}", person)
    share(database, "eriec", "eriec-peer-alone", mentee(formats=["peer"], languages=["vi"], slots=["sun_morning"]))
    wanted: dict[str, Any] = {"formats": ["group"], "slots": ["sat_morning"], "noc": "3130"}
    # Whose needs a mentor meets is in that mentor's group: both have people of both members, however ids are drawn.
    for number in range(5):
        for organisation, needs in (("eriec", NEEDS[number % 2]), ("criec", NEEDS[(number + 1) % 2])):
            share(database, organisation, f"{organisation}-group-{number}", mentee(**wanted, needs=[needs]))
    for number, needs in enumerate(NEEDS):
        share(database, "arec", f"arec-group-mentor-{number}", mentor(**wanted, strengths=[needs]))


def _gather(database: Database) -> dict[str, str]:
    """One pair each that ERIEC is asked about, that it proposed, and that was declined; and a group everybody agreed to."""
    asked, made = propose(database, "criec", "pair").id, propose(database, "eriec", "pair").id
    declined = propose(database, "eriec", "pair").id
    move(database, "criec", "decline", declined, "schedule")
    group = propose(database, "eriec", "group")
    for party in group.parties:
        if party.word == "waiting":
            move(database, party.organisation_id, "accept", group.id)
    return {"asked": asked, "proposed": made, "declined": declined, "agreed": group.id}


def _bind(database: Database, *usernames: str) -> None:
    """ERIEC has a sign-in of its own, and two of its people use it."""
    settings, issuer = load_settings({}, secret="s" * 40), "https://sign-in.example"

    def unit(session: Session) -> None:
        identity_providers.put(session, TESTS, "eriec", issuer, "passerelle", "a client's secret", settings)
        session.flush()
        for username in usernames:
            account = coordinators.find_account(session, username)
            assert account is not None
            identity = Identity("eriec", issuer, username)
            provider_identities.bind(session, account.coordinator_id, identity, settings)

    database.run(unit)


def _latecomers(database: Database) -> tuple[str, str, str]:
    """Three who came after the round: one to match, one who needs language first, one whom nobody fits."""
    readiness = {"clb": LOW, "documents": "complete", "commitment": "confirmed"}
    people = {
        PSEUDONYM: mentee(needs=["networking", "interview"]),
        "eriec-unready": mentee(readiness=readiness),
        "eriec-alone": mentee(languages=["vi"], modes=["in_person"]),
    }
    for pseudonym, profile in people.items():
        share(database, "eriec", pseudonym, profile)
    fresh, unready, alone = people
    return fresh, unready, alone
