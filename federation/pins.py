"""What a member believes of others' keys: pins, kept in its own folder. No hub, and no chain, overwrites one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc.jwk import OKPKey

from federation.key_chains import KeyChain, KeyView, Reign, statement_hash
from federation.problems import Problem

WAIT: Final = timedelta(hours=72)
"""How long after we first saw a replacement ourselves it can be confirmed: the old identity's holder may object meanwhile."""
LATELY: Final = timedelta(days=30)
"""A member whose own identity was replaced so lately vouches for nobody."""


@dataclass(frozen=True)
class Sighting:
    """A replacement that waits: its hash, and when this folder first saw it, in seconds since 1970 by its own clock.

    ``newcomer`` when no identity of the organisation was pinned here before: then there is nothing that it replaces for us.
    """

    replacement: str
    at: int
    newcomer: bool

    @property
    def until(self) -> datetime:
        """When it can be confirmed, at the earliest."""
        return datetime.fromtimestamp(self.at, UTC) + WAIT


@dataclass
class Pins:
    """Per organisation, the identity seen first, the last statement seen, and the identity two people compared by phone.

    None is ever overwritten by another chain. ``seen`` are replacements that wait, ``moved`` when one was confirmed (seconds
    since 1970), ``operator`` the announcement of the operator's key whose number was heard.
    """

    identities: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    compared: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Sighting] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    operator: str | None = None

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> "Pins":
        """Read pins back from the store; an older store has fewer."""
        seen = {organisation: Sighting(**one) for organisation, one in kept.get("seen", {}).items()}
        return cls(**{**kept, "seen": seen})

    def as_kept(self) -> dict[str, Any]:
        """Return the pins as the store keeps them."""
        return asdict(self)

    def check(self, chain: KeyChain) -> Reign | None:
        """Refuse a chain that contradicts the pin; return the newest reign when it is not the one pinned, and has to wait.

        The first contact pins the chain's first identity, so that replacements in it wait too.

        Raises
        ------
        Problem
            ``invalid-signature``: the identity pinned is not in the chain, or somebody objected to it. ``key-chain-broken``:
            the statement seen last is gone, so the hub shows an older or another chain (to make us seal for a key that was
            given up, say).
        """
        name = chain.organisation
        identities = [reign.identity.thumbprint() for reign in chain.reigns]
        pinned = self.identities.get(name, identities[0])
        if pinned not in identities:
            raise Problem(
                "invalid-signature",
                f"The identity key of {name} changed. Stop, phone them, and compare the safety number.",
            )
        if self.heads.get(name, chain.head) not in chain.hashes:
            raise Problem(
                "key-chain-broken",
                f"The hub shows an older or another chain of {name} than before. Stop, and phone both.",
            )
        return None if pinned == identities[-1] else chain.reigns[-1]

    def follow(self, chain: KeyChain, waiting: Reign | None, now: datetime) -> None:
        """Note a chain that was checked, and a replacement in it whose countersignatures were."""
        name = chain.organisation
        known = self.seen.pop(name, None)
        if waiting is not None:
            replacement = statement_hash(str(waiting.replacement))
            newcomer = known.newcomer if known else self.is_new(name)
            fresh = Sighting(replacement, int(now.timestamp()), newcomer)
            self.seen[name] = known if known and known.replacement == replacement else fresh
        self.identities.setdefault(name, chain.reigns[0].identity.thumbprint())
        self.heads[name] = chain.head

    def is_new(self, organisation: str) -> bool:
        """Whether no identity of an organisation was pinned here before the one that waits, if any, was seen."""
        known = self.seen.get(organisation)
        return known.newcomer if known else organisation not in self.identities

    def confirm(self, organisation: str, identity: OKPKey, now: datetime) -> None:
        """Note that the safety number with this identity was heard; if it waits, the pin moves to it, now and only so.

        Raises
        ------
        Problem
            ``illegal-move``: it was first seen here less than 72 hours ago.
        """
        waiting = self.seen.get(organisation)
        if waiting is not None:
            if not waiting.at <= (now - WAIT).timestamp():
                raise Problem("illegal-move", f"{self.words(organisation)} Ask again then, and phone them again.")
            self.identities[organisation] = identity.thumbprint()
            if not waiting.newcomer:
                self.moved[organisation] = int(now.timestamp())
            del self.seen[organisation]
        self.compared[organisation] = identity.thumbprint()

    def words(self, organisation: str) -> str:
        """Return the sentence that every command says as long as a replacement waits."""
        until = self.seen[organisation].until
        return (
            f"{organisation} asks to replace its identity key. Phone them on a number you knew before: did they? Nothing is "
            f"sealed for them or opened from them until the new safety number was heard and confirmed (passerelle connector "
            f"safety-number {organisation} --heard), not before {until.astimezone():%Y-%m-%d %H:%M}."
        )

    def require_compared(self, view: KeyView) -> None:
        """Refuse an identity that only the hub vouches for: a hub that lies from the first day can invent a whole member.

        Raises
        ------
        Problem
            ``invalid-signature``: nobody compared the safety number yet.
        """
        if self.compared.get(view.organisation) != view.identity.thumbprint():
            raise Problem(
                "invalid-signature",
                f"Nobody compared the safety number with {view.organisation} yet: phone them, and type what they read to you "
                f"with passerelle connector safety-number {view.organisation} --heard.",
            )

    def trusted_to_vouch(self, chain: KeyChain, now: datetime) -> OKPKey:
        """Return the identity by which a member may countersign for another: compared, not waiting, not replaced lately.

        Raises
        ------
        Problem
            ``invalid-signature`` or ``key-chain-broken``, naming what is missing.
        """
        name, waiting = chain.organisation, self.check(chain)
        newest = chain.reigns[-1].identity
        if waiting is not None or now.timestamp() - self.moved.get(name, 0) < LATELY.total_seconds():
            raise Problem(
                "invalid-signature",
                f"The countersigner {name} replaced its own identity key in the last {LATELY.days} days, or asks to: "
                "another member has to countersign.",
            )
        if self.compared.get(name) != newest.thumbprint():
            raise Problem(
                "invalid-signature",
                f"The countersigner {name} may be invented: compare the safety number with them first, by phone.",
            )
        return newest
