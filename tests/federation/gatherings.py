"""Three organisations' keys and the questions they may say yes to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from federation.gathering_yes import Question, commit, sign_yes
from federation.introductions import hash_consent
from federation.key_chains import KeyView, issue_statement, verify_chain
from federation.keys import OrganisationKeys, generate_keys

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = {name: generate_keys(name) for name in ("eriec", "criec", "arec")}
CONSENT = hash_consent({"purposes": ["share"], "notice_version": "0" * 64})
SALT = "5a" * 32
PAIR: dict[str, Any] = {
    "gathering": "g1",
    "kind": "pair",
    "organisations": {"criec": 1, "eriec": 1},
    "mentor": None,
    "size": 2,
}
CIRCLE: dict[str, Any] = PAIR | {"kind": "circle", "organisations": {"arec": 1, "criec": 1, "eriec": 2}, "size": 4}
GROUP: dict[str, Any] = PAIR | {
    "kind": "group",
    "organisations": {"arec": None, "criec": None, "eriec": None},
    "mentor": "arec",
    "size": 5,
}


def question(shown: Mapping[str, Any] = PAIR, **changes: Any) -> Question:
    return Question(**(dict(shown) | changes))


def view_of(keys: OrganisationKeys) -> KeyView:
    return verify_chain([issue_statement(keys, [], NOW)], NOW, keys.organisation)


def committed(organisation: str, role: str = "member", *, more: int = 0) -> dict[str, str]:
    """Commitments to one person in that role, and to nobody in the other."""
    people = [(f"place-{organisation}-{number}", CONSENT) for number in range(1 + more)]
    return {one: commit(SALT, people if one == role else []) for one in ("mentor", "member")}


def yes_of(
    organisation: str,
    asked: Question,
    *,
    keys: OrganisationKeys | None = None,
    head: str | None = None,
    now: datetime = NOW,
    role: str = "member",
) -> str:
    signer = keys or KEYS[organisation]
    return sign_yes(signer, asked, committed(organisation, role), head or view_of(signer).head, now)
