"""A signed yes to a gathering: to one group, pair or circle, with the organisations that were asked, for one's own people.

The question is the same for all, so that every yes can be held against one's own. Of its people an organisation says only a
commitment: the others can check later that what they were given is of just these people, and learn nothing before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import rfc8785
from joserfc.jwk import OKPKey

from federation.envelopes import ACCEPTANCE_DAYS, is_current
from federation.key_chains import KeyView
from federation.keys import OrganisationKeys, sign, verify
from federation.problems import Problem

VERSION: Final = 1
KIND: Final = "passerelle-gathering-acceptance"
ROLES: Final = ("mentor", "member")
MOST_PEOPLE: Final = 6
"""Members of a circle, and of a group beside its mentor: so that there are at most 30 envelopes."""
NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Question:
    """What every organisation in a gathering says yes to.

    ``organisations`` names all with people in it; in a pair and a circle with how many, in a group without, since a mentee's
    organisation is not told how many another has. ``mentor`` is the organisation of a group's mentor. ``size`` counts members,
    a group's mentor not among them.
    """

    gathering: str
    kind: str
    organisations: Mapping[str, int | None]
    mentor: str | None
    size: int

    def as_said(self) -> dict[str, Any]:
        """Return the question as a yes signs it."""
        return {
            "version": VERSION,
            "gathering": self.gathering,
            "kind": self.kind,
            "organisations": dict(self.organisations),
            "mentor": self.mentor,
            "size": self.size,
        }


def read_question(shown: Mapping[str, Any]) -> Question:
    """Return the question of a gathering as a hub shows it.

    Raises
    ------
    Problem
        ``bad-request``: it is no group, pair or circle that organisations can agree on.
    """
    parts = {name: shown.get(name) for name in ("gathering", "kind", "organisations", "mentor", "size")}
    if not _is_sound(**parts):
        raise Problem("bad-request", "The hub's question cannot be read: phone the operator.")
    return Question(**parts)  # type: ignore[arg-type]


def _is_sound(gathering: Any, kind: Any, organisations: Any, mentor: Any, size: Any) -> bool:
    """Whether these are the parts of a question: names, numbers that fit each other, a mentor in a group and nowhere else."""
    if not (isinstance(organisations, dict) and type(size) is int and 1 < size <= MOST_PEOPLE):
        return False
    named = all(isinstance(name, str) and NAME.fullmatch(name) for name in (gathering, *organisations))
    counts = list(organisations.values())
    if not named or len(organisations) < 2:
        return False
    if kind == "group":
        return mentor in organisations and counts == [None] * len(counts) and len(counts) <= size + 1
    told = all(type(count) is int and count > 0 for count in counts) and sum(counts) == size
    return told and mentor is None and (kind == "circle" or (kind, size) == ("pair", 2))


def introduced_by(question: Question, organisation: str) -> str:
    """Return whose contacts an organisation gives: its mentor's where it has the group's mentor, else its members'."""
    return "mentor" if organisation == question.mentor else "member"


def meets(question: Question, organisation: str) -> tuple[str, ...]:
    """Return whom an organisation gives contacts to, and gets contacts from, in order of their ids.

    In a pair and a circle all the others. In a group the mentor's organisation and each other one; mentees' organisations give
    each other nothing.
    """
    others = sorted(set(question.organisations) - {organisation})
    if question.kind != "group" or organisation == question.mentor:
        return tuple(others)
    return (str(question.mentor),)


def exchanges(question: Question) -> Iterator[tuple[str, str]]:
    """Yield (sender, recipient) of every introduction of a gathering: at most 30."""
    for sender in sorted(question.organisations):
        yield from ((sender, recipient) for recipient in meets(question, sender))


def commit(salt: str, people: Sequence[tuple[str, str]]) -> str:
    """Return the commitment to some people, each by place and hash of the consent, in any order; nobody guesses it by counting.

    ``salt`` is 64 random hexadecimal digits that only the organisation knows, until it gives the contacts.
    """
    return sha256(
        rfc8785.dumps({"salt": salt, "people": sorted([place, consent] for place, consent in people)})
    ).hexdigest()


def sign_yes(keys: OrganisationKeys, question: Question, people: Mapping[str, str], head: str, now: datetime) -> str:
    """Return an organisation's signed yes to a question for its own people.

    ``people`` holds a commitment (:func:`commit`) for each role; ``head`` is the hash of the signer's newest key statement, as
    in a yes to a proposal.
    """
    payload = question.as_said() | {
        "iss": keys.organisation,
        "people": {role: people[role] for role in ROLES},
        "keys": head,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=ACCEPTANCE_DAYS)).timestamp()),
    }
    return sign(keys.identity, KIND, payload)


def verify_yes(text: str, view: KeyView, question: Question, now: datetime) -> dict[str, str]:
    """Return the commitments, by role, of an organisation that said yes to this very question; we may rely on it.

    Raises
    ------
    Problem
        ``invalid-signature``: as :func:`read_yes`, or too old. ``key-chain-broken``: they signed it with a key statement that
        the chain shown to us does not hold.
    """
    committed = read_yes(text, view.identity, view.organisation, question)
    said = verify(text, view.identity, KIND)
    if not is_current(said, now):
        raise Problem("invalid-signature", f"The yes of {view.organisation} has expired: propose again.")
    if said.get("keys") not in view.hashes:
        raise Problem(
            "key-chain-broken",
            f"{view.organisation} signed with newer keys than the hub shows of it. Stop, and phone both.",
        )
    return committed


def read_yes(text: str, identity: OKPKey, organisation: str, question: Question) -> dict[str, str]:
    """Return the commitments, by role, that an organisation signed with its yes to this very question, whenever that was.

    Raises
    ------
    Problem
        ``invalid-signature``: not theirs, or a yes to another question: another gathering, one organisation or person more or
        less.
    """
    said = verify(text, identity, KIND)
    if said | question.as_said() | {"iss": organisation} != said:
        raise Problem(
            "invalid-signature",
            f"{organisation} said yes to another group, pair or circle, or to another list of organisations: stop.",
        )
    people = said.get("people")
    if not isinstance(people, dict) or not all(HASH.fullmatch(str(people.get(role))) for role in ROLES):
        raise Problem("invalid-signature", f"The yes of {organisation} does not say for whom: stop.")
    return {role: str(people[role]) for role in ROLES}
