"""Agencies with people in one group, pair or circle, real connectors, and a hub between them that can lie to each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from federation.connector import gathered, gathering_exchange
from federation.connector.exchange import ExchangeReport
from federation.connector.gathered import Gathered
from federation.gathering_yes import Question, sign_yes
from federation.key_chains import statement_hash
from federation.keys import OrganisationKeys
from hub.database import Database
from hub.models import utcnow
from tests.attacks.lying_hub import Lie, Member
from tests.hub.gathered import GROUP, handles, peer, propose
from tests.hub.people import mentee, mentor

LIST = "GET /api/v1/gathering-introductions"


@dataclass
class Gatherers:
    """The organisations of one gathering that was proposed, and nobody signed yet; ``names`` are their people's."""

    members: dict[str, Member]
    gathering: str
    names: dict[str, list[str]]

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    def accept(self, *names: str) -> None:
        for name in names or self.members:
            member = self[name]
            gathering_exchange.accept(member.store, member.client, self.gathering, utcnow())

    def seal(self, name: str, days_later: int = 0) -> ExchangeReport:
        member = self[name]
        return gathering_exchange.seal_due(member.store, member.client, utcnow() + timedelta(days=days_later))

    def open(self, name: str, days_later: int = 0) -> ExchangeReport:
        member = self[name]
        return gathering_exchange.open_delivered(member.store, member.client, utcnow() + timedelta(days=days_later))

    def compare(self) -> None:
        """Let everybody read the safety number to everybody."""
        for one in self.members.values():
            for other in self.members.values():
                if one is not other:
                    one.reads_to(other)

    def said(self, name: str) -> Gathered:
        return gathered.everything(self[name].store)[self.gathering]

    def state(self, sender: str, recipient: str) -> str:
        shown = self[sender].client.gathering_introductions()
        return next(str(one["state"]) for one in shown if (one["sender"], one["recipient"]) == (sender, recipient))

    def heard(self, name: str) -> dict[str, list[str]]:
        """Whose contacts an organisation holds, by who gave them."""
        found: dict[str, list[str]] = {}
        for label, one in gathered.contacts(self[name].store).items():
            found.setdefault(label.split(" ")[1], []).append(one["name"])
        return {giver: sorted(names) for giver, names in found.items()}


def gather(
    database: Database, members: dict[str, Member], kind: str, people: dict[str, list[dict[str, Any]]]
) -> Gatherers:
    """Share everybody, by a contact of their own, and let the first organisation propose what is suggested."""
    names: dict[str, list[str]] = {}
    for organisation, profiles in people.items():
        names[organisation] = [f"{organisation.title()} {letter}" for letter in "ABCDEF"[: len(profiles)]]
        for name, profile in zip(names[organisation], profiles, strict=True):
            members[organisation].share({"name": name, "email": f"{name.replace(' ', '.')}@example.org"}, profile)
    first = next(iter(people))
    return Gatherers(members, propose(database, first, kind, handles(database, first, kind)[0]).id, names)


PAIR: dict[str, list[dict[str, Any]]] = {"eriec": [peer(0)], "criec": [peer(1)]}
CIRCLE: dict[str, list[dict[str, Any]]] = {
    "eriec": [peer(0), peer(1)],
    "criec": [peer(0), peer(1)],
    "arec": [peer(0)],
}
GROUPED: dict[str, list[dict[str, Any]]] = {
    "eriec": [mentee(**GROUP) for _ in range(3)],
    "criec": [mentee(**GROUP) for _ in range(3)],
    "arec": [mentor(**GROUP)],
}


def each(**changes: Any) -> Lie:
    """A list of introductions, each with these fields."""
    return lambda page: page | {"items": [one | changes for one in page["items"]]}


def assert_nothing_sent(agencies: Gatherers, said: str, name: str = "eriec", days_later: int = 0) -> None:
    """Let one seal: nothing leaves, and the reason is told."""
    before = list(agencies[name].hub.sent)
    report = agencies.seal(name, days_later)
    assert agencies[name].hub.sent == before
    assert report.done == {}
    assert any(said in reason for _, reason in report.failed), report.failed


def assert_nothing_shown(agencies: Gatherers, said: str, name: str = "criec", days_later: int = 0) -> None:
    held = agencies.heard(name)
    report = agencies.open(name, days_later)
    assert report.done == {}
    assert agencies.heard(name) == held
    assert any(said in reason for _, reason in report.failed), report.failed


def yes_by(keys: OrganisationKeys, agencies: Gatherers, name: str = "eriec", **changes: Any) -> str:
    """A yes that names everything as one member saw it, but for these changes, by whoever holds these keys."""
    said = agencies.said(name)
    parts = said.question.as_said() | changes
    del parts["version"]
    head = agencies["criec"].client.keys(keys.organisation)
    return sign_yes(keys, Question(**parts), said.commitments(), statement_hash(head[-1]), utcnow())


def forge(agencies: Gatherers, yes: str, of: str = "criec", to: str = "eriec") -> None:
    """Show one member another yes of an organisation than it gave."""
    agencies[to].hub.lie(
        LIST,
        lambda page: page | {"items": [one | {"acceptances": one["acceptances"] | {of: yes}} for one in page["items"]]},
    )
