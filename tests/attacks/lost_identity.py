"""criec lost its identity key and comes back with a fresh folder; arec and the operator may vouch for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OKPKey

from federation.connector import exchange, keyring, lost_key
from federation.connector.replacing import pin_operator
from federation.connector.store import Store
from federation.operator_keys import announce, read_announcement
from federation.problems import Problem
from federation.replacements import countersign_as_operator, replacement_number
from hub.models import utcnow
from tests.attacks.lying_hub import HUB, LyingHub, Member
from tests.attacks.two_agencies import Agencies

OPERATOR = OKPKey.generate_key("Ed25519")
ANNOUNCEMENT = announce(OPERATOR, "Newcomers of Alberta", ["bvlc"], utcnow())
THREE_DAYS = timedelta(hours=72, seconds=2)
Join = Callable[[str], Member]


@dataclass
class Lost:
    """eriec and criec compared their number and agreed on Amina; then criec lost its folder. ``fresh`` is criec's new one."""

    agencies: Agencies
    arec: Member
    fresh: Member

    @property
    def eriec(self) -> Member:
        return self.agencies.eriec

    def vouched(self, *, instead: bool = False) -> str:
        """A replacement as it should be: asked for by criec, vouched for by arec and the operator."""
        text = lost_key.start(self.fresh.store, self.fresh.client, utcnow(), instead=instead)
        text = vouch(self.arec, text)
        return countersign_as_operator(OPERATOR, text, utcnow())

    def publish(self) -> str:
        text = self.vouched()
        lost_key.publish(self.fresh.store, self.fresh.client, text)
        return text

    def eriec_sees(self, later: timedelta = timedelta()) -> None:
        """eriec looks at criec's keys, as every poll does."""
        lost_key.watch(self.eriec.store, self.eriec.client, utcnow() + later)

    def phone(self, later: timedelta = THREE_DAYS) -> None:
        """criec, with its fresh folder, reads the number to eriec, who types it in."""
        hears(self.eriec, self.fresh, later)


def vouch(member: Member, text: str) -> str:
    return lost_key.vouch(member.store, member.client, text, replacement_number(text), utcnow())


def hears(listener: Member, reader: Member, later: timedelta) -> None:
    heard = keyring.safety_number_with(reader.store, reader.client, listener.name, utcnow())
    keyring.confirm_safety_number(listener.store, listener.client, reader.name, heard, utcnow() + later)


def start_over(member: Member, app_hub: LyingHub, token: str, folder: Path) -> Member:
    """Register a fresh folder of a member whose keys are gone: its chain at the hub is another's by all that folder knows."""
    store = Store.create(folder)
    with pytest.raises(Problem, match="lost-key start"):
        exchange.register(store, member.name, HUB, token, utcnow(), httpx.Client(transport=app_hub))
    pin_operator(store, ANNOUNCEMENT, read_announcement(ANNOUNCEMENT).number)
    return Member(member.name, store, exchange.connect(store, httpx.Client(transport=app_hub)), app_hub)


def told_by(member: Member, now: datetime | None = None) -> str:
    return " ".join(lost_key.watch(member.store, member.client, now or utcnow()))
