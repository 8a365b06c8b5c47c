"""What this side said yes to, as it was then. A hub that says something else later is found out by it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from federation.connector.store import Store
from federation.introductions import hash_consent
from federation.problems import Problem

PREFIX: Final = "accepted "


@dataclass(frozen=True, slots=True)
class Accepted:
    """One yes of ours and how far its introduction came.

    ``side`` is "sender" (our mentee), "recipient" (our mentor) or "both" (nothing to introduce). ``step`` is "said", then
    "sealed" and "sent", or "opened", then "done". ``envelope`` is the sender's envelope, the recipient's digest of it.
    ``said_at`` and ``moved_at`` are seconds since 1970.
    """

    proposal: str
    counterpart: str
    side: str
    pseudonym: str
    consent: str
    said_at: int
    moved_at: int
    acceptance: str | None = None
    step: str = "said"
    envelope: str | None = None


def of_proposal(store: Store, proposal_id: str, shown: Mapping[str, Any], now: datetime) -> Accepted:
    """Return our yes to a proposal as the hub shows it: the one kept if we said it before, else a new one, not signed yet.

    Raises
    ------
    Problem
        ``invalid-signature``: the hub shows another proposal than asked for, or other parties than when we said yes.
        ``no-longer-available``: our person's consent is over. ``not-found``: no person of ours.
    """
    side = {"mentee": "sender", "mentor": "recipient", "both": "both"}.get(str(shown.get("mine")), "")
    counterpart = shown.get("mentor_organisation" if side == "sender" else "mentee_organisation")
    pseudonym = str(shown.get("my_pseudonym"))
    if shown.get("id") != proposal_id or not side or not isinstance(counterpart, str):
        raise swapped("another proposal than the one asked for")
    said_at = int(now.timestamp())
    person = current_person(store, pseudonym, now)
    fresh = Accepted(
        proposal_id, counterpart, side, pseudonym, hash_consent(person["profile"]["consent"]), said_at, said_at
    )
    kept = everything(store).get(proposal_id)
    if kept is None:
        return fresh
    if (kept.counterpart, kept.side, kept.pseudonym) != (counterpart, side, pseudonym):
        raise swapped("other parties of this proposal than when we said yes")
    return kept


def agreeing(store: Store, shown: Mapping[str, Any]) -> Accepted:
    """Return our yes to an introduction the hub shows, if it says what we said.

    Raises
    ------
    Problem
        ``invalid-signature``: we said no signed yes, or to something else.
    """
    said = everything(store).get(str(shown["proposal"]))
    if said is None or said.acceptance is None:
        raise Problem(
            "invalid-signature",
            "This side said no signed yes to it, so nothing is sealed or opened. If your coordinator said yes on a page, "
            f"sign it: passerelle connector accept {shown['proposal']}",
        )
    own, other = ("sender", "recipient") if said.side == "sender" else ("recipient", "sender")
    if (shown["mine"], shown[other], shown.get("my_pseudonym")) != (own, said.counterpart, said.pseudonym):
        raise swapped("another person or organisation than we said yes to")
    return said


def person_as_agreed(store: Store, said: Accepted, now: datetime) -> dict[str, Any]:
    """Return the person we said yes for, under the consent the yes was bound to.

    Raises
    ------
    Problem
        ``no-longer-available``: the consent is over, or is another one than we said yes under.
    """
    person = current_person(store, said.pseudonym, now)
    if hash_consent(person["profile"]["consent"]) != said.consent:
        raise Problem(
            "no-longer-available", "The person's consent changed since this side said yes: withdraw, and ask again."
        )
    return person


def current_person(store: Store, pseudonym: str, now: datetime) -> dict[str, Any]:
    """Return a person of ours whose consent to share holds today, by what this folder knows.

    Raises
    ------
    Problem
        ``not-found``, ``no-longer-available``.
    """
    person = store.person(pseudonym)
    consent = person["profile"]["consent"]
    if "share" not in consent["purposes"] or date.fromisoformat(consent["until"]) < now.astimezone(UTC).date():
        raise Problem("no-longer-available", "The person's consent to share is over: ask the person first.")
    return person


def everything(store: Store) -> dict[str, Accepted]:
    """Return every yes we said, by proposal."""
    return {proposal: Accepted(**kept) for proposal, kept in store.kept_under(PREFIX).items()}


def keep(store: Store, said: Accepted) -> None:
    """Keep one yes as it stands now."""
    store.keep_all(as_kept(said))


def as_kept(said: Accepted) -> dict[str, Any]:
    """Return one yes as the store keeps it, to keep it together with something else."""
    return {PREFIX + said.proposal: asdict(said)}


def swapped(what: str) -> Problem:
    """Return the refusal of what the hub shows otherwise than this side said yes to it."""
    return Problem("invalid-signature", f"The hub shows {what}. Stop, and phone the operator and the other side.")
