"""Share a person, de-identified; show an organisation its own."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from hub.models import ConsentReceipt, Profile, new_id, utcnow
from hub.reach import Reach, widened
from hub.services import arrivals, audit, matching, waits, withdrawals
from hub.services.actors import Actor
from hub.services.waits import Waits

LISTS = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals", "strengths", "needs")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the owner gets for a profile that was taken in; ``reference`` names it where the pseudonym must not stay."""

    pseudonym: str
    kind: str
    state: str
    version: int
    updated_at: datetime
    reference: str

    @property
    def status(self) -> int:
        """HTTP status: 201 for a new person, 200 for a replaced one."""
        return 201 if self.state == "shared" else 200


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile as its owner sees it."""

    pseudonym: str
    kind: str
    noc: str
    target_noc: str | None
    years_band: str
    region: str
    origin: str | None
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    modes: tuple[str, ...]
    slots: tuple[str, ...]
    interests: tuple[str, ...]
    working_styles: tuple[str, ...]
    goals: tuple[str, ...]
    strengths: tuple[str, ...]
    needs: tuple[str, ...]
    readiness: dict[str, Any]
    donated: bool
    resting_until: date | None
    seats: int
    taken: int
    rounds_waited: int
    waiting_since: date | None
    confirmed_on: date
    consent: dict[str, Any]
    version: int
    updated_at: datetime


def share(
    session: Session, actor: Actor, pseudonym: str, document: dict[str, Any], expected_version: int | None = None
) -> Receipt:
    """Put one person in the shared pool, or replace what the owner said before.

    Raises
    ------
    Problem
        ``consent-missing`` without a current consent to share, ``withdrawn`` within the days after a withdrawal,
        ``conflict`` for a change of kind or fewer seats than are taken, ``stale-version`` when the record changed since.
    """
    _require_consent(document["consent"])
    withdrawals.refuse_withdrawn(session, actor, pseudonym)
    earlier = _own(session, actor, pseudonym)
    values = _columns(document) | _held(document)
    if earlier is None:
        profile = _insert(session, actor, pseudonym, values, expected_version)
    else:
        profile = _replace(session, earlier, values, expected_version)
    _keep_consent(session, profile.id, document["consent"])
    state = "shared" if earlier is None else "replaced"
    audit.record(session, actor, f"profile.{state}", f"profile:{profile.id}")
    if earlier is None and profile.kind == "mentee":
        arrivals.count_one(session, profile.target_noc or profile.noc, profile.region, utcnow().date())
    return Receipt(pseudonym, profile.kind, state, profile.version, profile.updated_at, profile.id)


def reference_of(session: Session, actor: Actor, pseudonym: str) -> str | None:
    """Return the reference of one of the actor's own people, or nothing: what a log may say instead of a pseudonym."""
    own = (Profile.organisation_id == actor.organisation_id, Profile.pseudonym == pseudonym)
    # A refusal is noted before the guard lets anybody in; the query itself holds to what is the actor's own.
    with widened(session, Reach.NETWORK):
        return session.scalar(select(Profile.id).where(*own))


def show(session: Session, actor: Actor, pseudonym: str) -> ProfileView:
    """Return one of the actor's own profiles.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    profile = _own(session, actor, pseudonym)
    if profile is None:
        raise Problem("not-found", "Share this person first, or check the pseudonym.")
    waited = waits.read(session, matching.GENERAL, [profile.id])
    return _view(profile, session.get_one(ConsentReceipt, profile.id), waited)


def own(
    session: Session,
    actor: Actor,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 50,
    *,
    beginning: str = "",
    matched: bool | None = None,
) -> list[ProfileView]:
    """Return the actor's own profiles in order of pseudonym, those after ``after``, at most ``limit``.

    ``beginning`` keeps the pseudonyms that begin so, letter for letter; ``matched`` those with, or without, a seat taken.
    """
    query = (
        select(Profile, ConsentReceipt)
        .join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
        .where(Profile.organisation_id == actor.organisation)
    )
    if kind is not None:
        query = query.where(Profile.kind == kind)
    if after is not None:
        query = query.where(Profile.pseudonym > after)
    if beginning:
        # Not LIKE: SQLite's takes capitals for small letters, and two pseudonyms may differ in nothing else.
        query = query.where(func.substr(Profile.pseudonym, 1, len(beginning)) == beginning)
    if matched is not None:
        query = query.where(Profile.taken > 0 if matched else Profile.taken == 0)
    rows = session.execute(query.order_by(Profile.pseudonym).limit(limit)).all()
    waited = waits.read(session, matching.GENERAL, [profile.id for profile, _ in rows])
    return [_view(profile, consent, waited) for profile, consent in rows]


def withdraw(session: Session, actor: Actor, pseudonym: str) -> None:
    """Withdraw one of the actor's own people: see :func:`hub.services.withdrawals.withdraw`."""
    withdrawals.withdraw(session, actor, pseudonym)


def _require_consent(consent: dict[str, Any]) -> None:
    today = utcnow().date()
    if "share" not in consent["purposes"]:
        where = FieldError("/consent/purposes", "The purpose 'share' is not among them.")
        raise Problem(
            "consent-missing", "Ask the person for consent to share, then send the profile again.", errors=[where]
        )
    if not consent["given_on"] <= today <= consent["until"]:
        where = FieldError("/consent/until", "The consent is not current today.")
        raise Problem("consent-missing", "Renew the person's consent, then send the profile again.", errors=[where])


def _own(session: Session, actor: Actor, pseudonym: str) -> Profile | None:
    own_one = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym)
    return session.scalars(select(Profile).where(*own_one)).one_or_none()


def _columns(document: dict[str, Any]) -> dict[str, Any]:
    readiness = document.get("readiness") or {}
    clb = readiness.get("clb")
    if clb and clb.get("assessed_on"):
        readiness = readiness | {"clb": clb | {"assessed_on": clb["assessed_on"].isoformat()}}
    names = ("kind", "noc", "years_band", "region", "origin", "confirmed_on")
    return (
        {name: document[name] for name in names}
        | {name: sorted(document.get(name) or []) for name in LISTS}
        | {
            "target_noc": document.get("target_noc"),
            "readiness": readiness,
            "donated": document.get("donated", False),
            "resting_until": document.get("resting_until"),
            "seats": document.get("seats", 1),
            "waiting_since": document.get("waiting_since"),
        }
    )


def _held(document: dict[str, Any]) -> dict[str, Any]:
    """Return the occupations without digits that none of the person's programs needs: what is not held cannot be lost."""
    digits = matching.held_digits(document.get("formats") or ())
    said = {name: document.get(name) for name in ("noc", "target_noc")}
    return {name: code and code[:digits] for name, code in said.items()}


def _insert(
    session: Session, actor: Actor, pseudonym: str, values: dict[str, Any], expected_version: int | None
) -> Profile:
    if expected_version is not None:
        raise Problem("stale-version", "There is no such version: this person is not shared now.")
    profile = Profile(id=new_id(), organisation_id=actor.organisation, pseudonym=pseudonym, **values)
    try:
        with session.begin_nested():
            session.add(profile)
            session.flush()
    except IntegrityError as error:
        raise Problem("conflict", "Another request shared this person at the same moment: send it again.") from error
    return profile


def _replace(session: Session, earlier: Profile, values: dict[str, Any], expected_version: int | None) -> Profile:
    if values["kind"] != earlier.kind:
        raise Problem("conflict", f"This pseudonym is a {earlier.kind}: use another pseudonym for the other role.")
    conditions = [Profile.id == earlier.id, Profile.taken <= values["seats"]]
    if expected_version is not None:
        conditions.append(Profile.version == expected_version)
    changed = session.scalars(
        update(Profile)
        .where(*conditions)
        .values(**values, version=Profile.version + 1, updated_at=utcnow())
        .returning(Profile.id)
    ).one_or_none()
    session.refresh(earlier)
    if changed is None:
        if expected_version is not None and earlier.version != expected_version:
            raise Problem(
                "stale-version",
                "Read the profile again and apply your change to it.",
                extra={"version": earlier.version},
            )
        raise Problem("conflict", f"{earlier.taken} seats are taken: seats cannot be fewer. End a partnership first.")
    return earlier


def _keep_consent(session: Session, profile_id: str, consent: dict[str, Any]) -> None:
    receipt = session.get(ConsentReceipt, profile_id) or ConsentReceipt(profile_id=profile_id)
    receipt.purposes = sorted(consent["purposes"])
    receipt.notice_version = consent["notice_version"]
    receipt.given_on, receipt.until = consent["given_on"], consent["until"]
    session.add(receipt)
    session.flush()


def _view(profile: Profile, consent: ConsentReceipt, waited: Waits) -> ProfileView:
    plain = (
        "pseudonym",
        "kind",
        "noc",
        "target_noc",
        "years_band",
        "region",
        "origin",
        "readiness",
        "donated",
        "seats",
    )
    more = ("resting_until", "taken", "waiting_since", "confirmed_on", "version", "updated_at")
    values: dict[str, Any] = {name: getattr(profile, name) for name in (*plain, *more)}
    values |= {name: tuple(getattr(profile, name)) for name in LISTS}
    receipt = {name: getattr(consent, name) for name in ("purposes", "notice_version", "given_on", "until")}
    rounds = 0 if profile.kind == "mentor" or waited.for_nothing(profile) else waited.of(profile)
    return ProfileView(**values, rounds_waited=rounds, consent=receipt)
