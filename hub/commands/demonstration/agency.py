"""One organisation's own system in the demonstration: the connector an agency would run, over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from federation.client import HubClient
from federation.connector import exchange, gathering_exchange, keyring
from federation.connector.exchange import ExchangeReport, PushReport
from federation.connector.people import Person
from federation.connector.store import Store
from federation.problems import Problem
from hub.services.synthetic import SyntheticPerson


@dataclass(frozen=True)
class Agency:
    """An agency's side: its encrypted store and its client."""

    organisation: str
    store: Store
    client: HubClient

    @classmethod
    def register(cls, organisation: str, base_url: str, enrolment_token: str, folder: Path) -> "Agency":
        """Make a store, register its client key with the operator's token, publish the first key statement."""
        store = Store.create(folder / organisation)
        client = exchange.register(store, organisation, base_url, enrolment_token, datetime.now(UTC))
        return cls(organisation, store, client)

    def push(self, people: Sequence[SyntheticPerson]) -> PushReport:
        """Keep its own people's contacts, and share their de-identified profiles."""
        own = [person for person in people if person.organisation == self.organisation]
        for line, person in enumerate(own, start=2):
            self.store.remember(Person(line, person.pseudonym, person.contact, person.profile))
        return exchange.push(self.store, self.client)

    def compare(self, other: "Agency") -> None:
        """Compare safety numbers, as two people do by phone: each types what the other reads."""
        now = datetime.now(UTC)
        for reader, typist in ((other, self), (self, other)):
            heard = keyring.safety_number_with(reader.store, reader.client, typist.organisation, now)
            keyring.confirm_safety_number(typist.store, typist.client, reader.organisation, heard, now)

    def accept(self, proposal: str) -> dict[str, Any]:
        """Say a signed yes."""
        return exchange.accept(self.store, self.client, proposal, datetime.now(UTC))

    def seal(self, proposal: str) -> None:
        """Seal what is due.

        Raises
        ------
        Problem
            The introduction of this proposal could not be sealed.
        """
        report = exchange.seal_due(self.store, self.client, datetime.now(UTC))
        if proposal not in report.done:
            raise Problem("envelope-not-due", f"The introduction was not sealed: {report.failed}")

    def open(self, proposal: str) -> dict[str, str]:
        """Open what was sealed for us; return the contact this proposal brought.

        Raises
        ------
        Problem
            It could not be opened.
        """
        report = exchange.open_delivered(self.store, self.client, datetime.now(UTC))
        if proposal not in report.done:
            raise Problem("envelope-not-due", f"The introduction was not opened: {report.failed}")
        return report.done[proposal]

    def accept_gathering(self, gathering: str) -> dict[str, Any]:
        """Say a signed yes to a group, pair or circle."""
        return gathering_exchange.accept(self.store, self.client, gathering, datetime.now(UTC))

    def seal_gathered(self) -> int:
        """Seal what is due in groups, pairs and circles; return how many people went to how many organisations.

        Raises
        ------
        Problem
            One could not be sealed.
        """
        return len(_all_done(gathering_exchange.seal_due(self.store, self.client, datetime.now(UTC))))

    def open_gathered(self) -> list[dict[str, str]]:
        """Open what was sealed for us in groups, pairs and circles; return the contacts.

        Raises
        ------
        Problem
            One could not be opened.
        """
        return list(_all_done(gathering_exchange.open_delivered(self.store, self.client, datetime.now(UTC))).values())

    def mentees_without_certification(self) -> Iterator[str]:
        """Yield own mentees, by pseudonym, whose certification is missing."""
        for profile in self.client.profiles():
            if profile["kind"] == "mentee" and profile["readiness"]["certification"] == "missing":
                yield profile["pseudonym"]


def _all_done(report: ExchangeReport) -> Mapping[str, dict[str, str]]:
    if report.failed:
        raise Problem("envelope-not-due", f"An introduction went wrong: {report.failed}")
    return report.done
