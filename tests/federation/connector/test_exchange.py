"""Two agencies' connectors and a real hub between them: introductions pass sealed, and a hub that cheats is caught."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from federation.client import HubClient, HubUnreachable
from federation.connector import exchange, keyring
from federation.connector.people import Person
from federation.connector.store import Store
from federation.key_chains import issue_statement
from federation.keys import RETIRED_DAYS, generate_keys
from federation.problems import Problem
from hub.database import Database
from hub.models import utcnow
from hub.services import proposals
from tests.hub.people import coordinator, mentee, mentor

HUB = "http://127.0.0.1:8000"
AMINA = {"name": "Amina Yusufi", "email": "amina@example.org", "phone": "780 555 0100"}
OMAR = {"name": "Omar Haddad", "email": "omar@example.org"}
Side = tuple[Store, HubClient]


@pytest.fixture
def join(wire: httpx.Client, enrol: Callable[[str], str], tmp_path: Path) -> Callable[[str], Side]:
    """Let an organisation make a folder and register."""

    def register(organisation: str) -> Side:
        store = Store.create(tmp_path / organisation)
        return store, exchange.register(store, organisation, HUB, enrol(organisation), utcnow(), wire)

    return register


@pytest.fixture
def eriec(join: Callable[[str], Side]) -> Side:
    """The mentee's side."""
    store, client = join("eriec")
    store.remember(Person(2, "amina", AMINA, mentee()))
    assert exchange.push(store, client).taken == 1
    return store, client


@pytest.fixture
def criec(join: Callable[[str], Side]) -> Side:
    """The mentor's side."""
    store, client = join("criec")
    store.remember(Person(2, "omar", OMAR, mentor()))
    assert exchange.push(store, client).taken == 1
    return store, client


def compare(one: Side, other: Side) -> None:
    """Two people read the safety number to each other by phone."""
    for reader, typist in ((one, other), (other, one)):
        heard = keyring.safety_number_with(*reader, typist[0].keys.organisation, utcnow())
        keyring.confirm_safety_number(*typist, reader[0].keys.organisation, heard, utcnow())


@pytest.fixture
def agreed(eriec: Side, criec: Side) -> str:
    """A proposal both sides said a signed yes to."""
    store, client = eriec
    amina = next(iter(client.profiles()))["pseudonym"]
    handle = client.recommendations(amina)["recommendations"][0]["handle"]
    proposal = str(client.propose(amina, handle)["id"])
    compare(eriec, criec)
    exchange.accept(store, client, proposal, utcnow())
    assert exchange.accept(*criec, proposal, utcnow())["state"] == "agreed"
    return proposal


def test_how_precise_programs_need_occupations_is_asked_each_time_and_remembered_while_the_hub_is_away(
    eriec: Side, wire: httpx.Client
):
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    store, _ = eriec
    with httpx.Client(transport=httpx.MockTransport(away)) as nobody:
        before = exchange.precision(store, nobody)
        asked = exchange.precision(store, wire)
        later = exchange.precision(store, nobody)

    assert (before.of(["one_to_one"]), asked.of(["one_to_one"]), later) == (4, 5, asked)


def everything_the_hub_holds(database: Database) -> str:
    with database.reading() as session:
        tables = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return str([session.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])


def test_a_contact_passes_from_one_agency_to_the_other_and_the_hub_never_holds_it(
    eriec: Side, criec: Side, agreed: str, hub_people: Database
):
    assert list(exchange.seal_due(*eriec, utcnow()).done) == [agreed]
    while_it_waits = everything_the_hub_holds(hub_people)

    assert exchange.open_delivered(*criec, utcnow()).done == {agreed: AMINA}

    held = while_it_waits + everything_the_hub_holds(hub_people)
    assert not [value for value in (*AMINA.values(), *OMAR.values()) if value in held]
    assert criec[0].contacts() == {agreed: AMINA}
    assert eriec[1].introductions()[0]["state"] == "acknowledged"


def test_a_yes_said_on_a_page_is_signed_by_the_connector_and_then_the_contact_passes(
    eriec: Side, criec: Side, hub_people: Database
):
    client = eriec[1]
    amina = next(iter(client.profiles()))["pseudonym"]
    asked = client.propose(amina, client.recommendations(amina)["recommendations"][0]["handle"])["id"]
    compare(eriec, criec)
    hub_people.run(lambda session: proposals.accept(session, coordinator("eriec"), asked))
    hub_people.run(lambda session: proposals.accept(session, coordinator("criec"), asked))

    stopped = exchange.seal_due(*eriec, utcnow())
    assert f"passerelle connector accept {asked}" in stopped.failed[0][1]
    exchange.accept(*eriec, asked, utcnow())
    assert "criec has not signed its yes" in exchange.seal_due(*eriec, utcnow()).failed[0][1]
    exchange.accept(*criec, asked, utcnow())

    assert list(exchange.seal_due(*eriec, utcnow()).done) == [asked]
    assert exchange.open_delivered(*criec, utcnow()).done == {asked: AMINA}


def test_sealing_and_opening_again_does_nothing_more(eriec: Side, criec: Side, agreed: str):
    exchange.seal_due(*eriec, utcnow())
    exchange.open_delivered(*criec, utcnow())

    assert exchange.seal_due(*eriec, utcnow()).done == {}
    assert exchange.open_delivered(*criec, utcnow()).done == {}


def test_a_hub_that_swaps_the_recipient_s_keys_after_first_contact_gets_nothing(
    eriec: Side, agreed: str, monkeypatch: pytest.MonkeyPatch
):
    store, client = eriec
    keyring.view_of(store, client, "criec", utcnow())
    swapped = issue_statement(generate_keys("criec"), [], utcnow())
    monkeypatch.setattr(client, "keys", lambda organisation: [swapped])

    report = exchange.seal_due(store, client, utcnow())

    assert report.done == {}
    assert "safety number" in report.failed[0][1]
    assert client.introductions()[0]["state"] == "due"


def test_a_hub_that_forgets_a_statement_is_caught_even_after_a_restart(eriec: Side, criec: Side):
    store, client = eriec
    first = client.keys("criec")
    criec[1].publish_keys(issue_statement(criec[0].keys, first, utcnow() + timedelta(seconds=1)))
    keyring.view_of(store, client, "criec", utcnow())

    again = Store(store.folder)
    client.keys = lambda organisation: first  # type: ignore[method-assign]

    with pytest.raises(Problem, match="older or another chain"):
        keyring.view_of(again, client, "criec", utcnow())


def test_an_envelope_that_cannot_be_trusted_is_not_acknowledged(
    eriec: Side, criec: Side, agreed: str, monkeypatch: pytest.MonkeyPatch
):
    exchange.seal_due(*eriec, utcnow())
    monkeypatch.setattr(criec[1], "envelope", lambda proposal: "e30.AAAA.AAAA.AAAAAAAA.AAAA")

    report = exchange.open_delivered(*criec, utcnow())

    assert report.done == {}
    assert "Nothing was shown" in report.failed[0][1]
    assert criec[1].introductions()[0]["state"] == "sealed"
    assert criec[0].kept(f"introduction {agreed}") is None


def test_a_refused_person_is_reported_and_waits_to_be_sent_again(eriec: Side):
    store, client = eriec
    wrong = store.remember(Person(3, "zahra", {}, mentee(noc="nurse")))
    right = store.remember(Person(4, "yusuf", {}, mentee()))

    report = exchange.push(store, client)

    assert (report.taken, [pseudonym for pseudonym, _ in report.refused]) == (1, [wrong])
    assert [pseudonym for pseudonym, _ in store.waiting()] == [wrong]
    assert client.profile(right)["kind"] == "mentee"


def test_registering_again_keeps_the_identity_others_pinned(
    eriec: Side, wire: httpx.Client, enrol: Callable[[str], str]
):
    store, client = eriec
    before = store.keys.identity.thumbprint()

    exchange.register(store, "eriec", HUB, enrol("eriec"), utcnow() + timedelta(seconds=1), wire)

    assert store.keys.identity.thumbprint() == before
    assert len(client.keys("eriec")) == 2


def test_a_contact_sealed_before_a_rotation_opens_after_it_and_the_next_uses_the_new_key(
    eriec: Side, criec: Side, agreed: str
):
    before = criec[0].keys
    exchange.seal_due(*eriec, utcnow())

    view = keyring.rotate(*criec, utcnow())

    assert exchange.open_delivered(*criec, utcnow()).done == {agreed: AMINA}
    assert exchange.seal_due(*eriec, utcnow()).failed == ()
    assert (view.seq, view.identity.thumbprint()) == (2, before.identity.thumbprint())
    assert view.encryption.thumbprint() == criec[0].keys.encryption.thumbprint() != before.encryption.thumbprint()
    assert keyring.trusted_view_of(*eriec, "criec", utcnow()) == view


def test_ninety_days_after_a_rotation_the_old_key_opens_nothing_and_the_next_rotation_drops_it(criec: Side):
    keyring.rotate(*criec, utcnow())
    later = utcnow() + timedelta(days=RETIRED_DAYS, seconds=1)

    assert len(Store(criec[0].folder).keys.opening(utcnow())) == 2
    assert len(criec[0].keys.opening(later)) == 1
    assert len(criec[0].keys.rotated(later).retired) == 1


def test_a_rotation_that_the_hub_did_not_hear_of_is_published_the_next_time(
    eriec: Side, monkeypatch: pytest.MonkeyPatch
):
    store, client = eriec

    def away(statement: str) -> None:
        raise HubUnreachable("away")

    with monkeypatch.context() as cut:
        cut.setattr(client, "publish_keys", away)
        with pytest.raises(HubUnreachable):
            keyring.rotate(store, client, utcnow())
    assert len(client.keys("eriec")) == 1

    assert len(keyring.own_chain(store, client)) == 2
    assert client.keys("eriec") == store.kept("statements")


def test_a_new_identity_in_place_of_a_lost_one_is_not_published_over_the_old_chain(
    eriec: Side, enrol: Callable[[str], str], wire: httpx.Client, tmp_path: Path
):
    afresh = Store.create(tmp_path / "restored from nothing")

    with pytest.raises(Problem, match="its identity key is a new one"):
        exchange.register(afresh, "eriec", HUB, enrol("eriec"), utcnow(), wire)

    assert eriec[1].keys("eriec") == eriec[0].kept("statements")


def test_an_acknowledgement_that_was_lost_goes_again_and_the_contact_is_shown_again(
    eriec: Side, criec: Side, agreed: str, monkeypatch: pytest.MonkeyPatch
):
    exchange.seal_due(*eriec, utcnow())

    def away(proposal: str, receipt: str) -> None:
        raise HubUnreachable("away")

    with monkeypatch.context() as cut:
        cut.setattr(criec[1], "acknowledge", away)
        with pytest.raises(HubUnreachable):
            exchange.open_delivered(*criec, utcnow())

    assert exchange.open_delivered(*criec, utcnow()) == exchange.ExchangeReport({agreed: AMINA}, ())
    assert eriec[1].introductions()[0]["state"] == "acknowledged"


def test_an_envelope_whose_answer_was_lost_is_never_sealed_twice(
    eriec: Side, agreed: str, monkeypatch: pytest.MonkeyPatch
):
    store, client = eriec
    tried: list[str] = []

    def away(proposal: str, envelope: str) -> None:
        tried.append(envelope)
        raise HubUnreachable("away")

    with monkeypatch.context() as cut:
        cut.setattr(client, "put_envelope", away)
        for _ in range(2):
            with pytest.raises(HubUnreachable):
                exchange.seal_due(store, client, utcnow())

    assert len(tried) == 2
    assert len(set(tried)) == 1
    assert list(exchange.seal_due(store, client, utcnow()).done) == [agreed]


def test_a_yes_said_again_is_the_same_yes(eriec: Side, criec: Side, agreed: str):
    store, client = eriec
    said = store.kept(f"accepted {agreed}")

    with pytest.raises(Problem) as refused:
        exchange.accept(store, client, agreed, utcnow() + timedelta(days=1))

    assert refused.value.kind == "illegal-move"
    assert store.kept(f"accepted {agreed}") == said


def test_a_folder_of_one_organisation_is_not_registered_as_another(eriec: Side, enrol: Callable[[str], str]):
    with pytest.raises(Problem, match="belongs to eriec"):
        exchange.register(eriec[0], "criec", HUB, enrol("criec"), utcnow())


def test_a_folder_that_is_not_registered_says_how(tmp_path: Path):
    with pytest.raises(Problem, match="connector register"):
        exchange.connect(Store.create(tmp_path / "agency"))
