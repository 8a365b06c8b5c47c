"""Two agencies on the way to one introduction, and what must not happen when the hub between them cheats."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from federation.introductions import sign_acceptance
from federation.key_chains import statement_hash
from federation.keys import OrganisationKeys, generate_keys
from hub.models import utcnow
from tests.attacks.lying_hub import Member, showing

AMINA = {"name": "Amina Yusufi", "email": "amina@example.org", "phone": "780 555 0100"}
BAHAR = {"name": "Bahar Karimi", "email": "bahar@example.org", "phone": "780 555 0101"}
OMAR = {"name": "Omar Haddad", "email": "omar@example.org"}
LIST = "GET /api/v1/introductions"
HUB_KEYS = generate_keys("criec")
"""Keys that the hub made itself and passes off as criec's."""


@dataclass
class Agencies:
    """eriec wants criec's mentor for Amina; the proposal is open, and nobody said yes yet. Bahar is another of its mentees."""

    eriec: Member
    criec: Member
    amina: str
    bahar: str
    proposal: str

    def agree(self, proposal: str = "") -> None:
        for member in (self.eriec, self.criec):
            member.accept(proposal or self.proposal)

    def agree_on_another(self) -> str:
        """Say yes to Amina's proposal and to one for Bahar; return that one."""
        other = self.eriec.propose(self.bahar)
        self.agree(), self.agree(other)
        return other

    def compare(self) -> None:
        self.eriec.reads_to(self.criec)
        self.criec.reads_to(self.eriec)


def assert_nothing_sent(agencies: Agencies, said: str, proposal: str = "", days_later: int = 0) -> None:
    """Let eriec seal: nothing leaves, and the reason is told."""
    before = list(agencies.eriec.hub.sent)
    report = agencies.eriec.seal(days_later)
    assert agencies.eriec.hub.sent == before
    assert report.done == {}
    assert said in dict(report.failed)[proposal or agencies.proposal]


def assert_nothing_shown(agencies: Agencies, said: str, days_later: int = 0) -> None:
    report = agencies.criec.open(days_later)
    assert report.done == {}
    assert said in dict(report.failed)[agencies.proposal]


def keys_of(name: str, statements: list[str]) -> tuple[str, Callable[[Any], Any]]:
    return f"GET /api/v1/organisations/{name}/keys", lambda _: {"statements": statements}


def accepted_by(keys: OrganisationKeys, agencies: Agencies, chain: list[str], **changes: str) -> str:
    """A yes that names everything right, by whoever holds these keys."""
    parts = {"counterpart": "eriec", "proposal": agencies.proposal, "consent_hash": "0" * 64} | changes
    return sign_acceptance(keys, head=statement_hash(chain[-1]), now=utcnow(), **parts)


def forge_acceptance(agencies: Agencies, yes: str) -> None:
    agencies.eriec.hub.lie(LIST, showing(state="due", acceptances={"criec": yes}))


def base64(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
