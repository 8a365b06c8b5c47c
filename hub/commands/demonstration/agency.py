"""One organisation's own system in the demonstration: it keeps names and keys to itself and speaks to the hub over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from federation import introductions
from federation.client import HubClient
from federation.keys import KeyView, OrganisationKeys, Pins, generate_keys, issue_statement, verify_chain
from hub.services.synthetic import SyntheticPerson


@dataclass
class Agency:
    """An agency's side: keys, pins, the contacts it never shares, and its client."""

    organisation: str
    keys: OrganisationKeys
    client: HubClient
    people: dict[str, SyntheticPerson] = field(default_factory=dict)
    pins: Pins = field(default_factory=Pins)

    @classmethod
    def register(cls, organisation: str, base_url: str, enrolment_token: str) -> "Agency":
        """Make keys, register the client key with the operator's token, and publish the first key statement."""
        keys = generate_keys(organisation)
        client = HubClient.register(base_url, enrolment_token, keys.client)
        agency = cls(organisation, keys, client)
        client.publish_keys(issue_statement(keys, [], datetime.now(UTC)))
        return agency

    def push(self, people: Sequence[SyntheticPerson]) -> list[dict[str, Any]]:
        """Share its own people's de-identified profiles; return one result each."""
        own = [person for person in people if person.organisation == self.organisation]
        self.people |= {person.pseudonym: person for person in own}
        return list(self.client.share_profiles((person.pseudonym, person.profile) for person in own))

    def accept(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """Say yes, signed and bound to the consent the person gave."""
        consent = self._consent(proposal["my_pseudonym"])
        signed = introductions.sign_acceptance(self.keys, proposal["id"], consent, datetime.now(UTC))
        return self.client.accept(proposal["id"], signed)

    def seal(self, proposal: str) -> str:
        """Seal the person's contact for the other side, after verifying its signed yes; return the envelope."""
        due = self._introduction(proposal)
        recipient = self.view(due["recipient"])
        now = datetime.now(UTC)
        envelope = introductions.seal(
            self.people[due["my_pseudonym"]].contact,
            self.keys,
            recipient,
            proposal,
            due["acceptances"][recipient.organisation],
            self._consent(due["my_pseudonym"]),
            now,
        )
        self.client.put_envelope(proposal, envelope)
        return envelope

    def open(self, proposal: str) -> dict[str, str]:
        """Open the envelope meant for us and acknowledge it; the hub then deletes it."""
        delivered = self._introduction(proposal)
        now = datetime.now(UTC)
        envelope = self.client.envelope(proposal)
        own_yes = delivered["acceptances"][self.organisation]
        contact = introductions.open_introduction(
            envelope, self.keys, self.view(delivered["sender"]), proposal, own_yes, now
        )
        self.client.acknowledge(proposal, introductions.sign_receipt(self.keys, proposal, envelope, now))
        return contact

    def view(self, organisation: str) -> KeyView:
        """Return another organisation's keys, verified along its chain and against the pin."""
        view = verify_chain(self.client.keys(organisation), datetime.now(UTC), organisation)
        self.pins.check(view)
        return view

    def _introduction(self, proposal: str) -> dict[str, Any]:
        return next(one for one in self.client.introductions() if one["proposal"] == proposal)

    def _consent(self, pseudonym: str) -> str:
        return introductions.hash_consent(self.people[pseudonym].profile["consent"])
