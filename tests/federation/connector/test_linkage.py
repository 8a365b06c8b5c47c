"""Keyed tokens: the fields they are made of stay at the agency, and the hub that compares them can read nobody."""

import base64
import codecs
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from federation.client import HubClient
from federation.connector import exchange, linkage
from federation.connector.mapping import read_mapping
from federation.connector.people import Person, read_people
from federation.connector.store import Store
from federation.documents import MAX_LINKAGE_TOKENS, LinkageDocument, read
from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, LinkageTokens, utcnow
from hub.worker import find_duplicates
from tests.hub.people import mentee, mentor, today

HUB = "http://127.0.0.1:8000"
KEY = linkage.make_key()
PLANTED = {
    "given_names": ["Zulaykha"],
    "family_names": ["Qaderyfar"],
    "birth_date": "1988-05-17",
    "phones": ["7805550143"],
    "emails": ["zulaykha.q@example.org"],
    "street": "10423 Saskatchewandrive",
    "locality": "Whitecourtville",
    "postal_code": "T6E 2A1",
}
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
    """An agency with the key and one person."""
    store, client = join("eriec")
    linkage.keep_key(store, KEY)
    store.remember(Person(2, "z", {"name": "Zulaykha Qaderyfar"}, mentee(), PLANTED))
    assert exchange.push(store, client).taken == 1
    return store, client


@pytest.fixture
def criec(join: Callable[[str], Side]) -> Side:
    """Another that knows her too, as a mentor, and writes her otherwise."""
    store, client = join("criec")
    linkage.keep_key(store, KEY)
    hers = PLANTED | {"given_names": ["Zulaikha"], "street": "", "phones": ["+1 (780) 555-0143"]}
    store.remember(Person(2, "z", {}, mentor(), hers))
    assert exchange.push(store, client).taken == 1
    return store, client


def forms(text: str) -> set[bytes]:
    """A text in the forms it could slip through."""
    plain = {text, text.casefold(), text.upper(), text[::-1], codecs.encode(text, "rot13")}
    coded = {one.encode() for one in plain} | {one.encode("utf-16-le") for one in plain}
    return coded | {base64.b64encode(one) for one in coded} | {one.hex().encode() for one in coded}


def hub_files(database: Database) -> bytes:
    """Every byte the hub has on disk: the database and what was not yet folded into it."""
    path = Path(str(database.engine.url.database))
    return b"".join(found.read_bytes() for found in path.parent.glob(path.name + "*"))


def tokens_held(database: Database) -> list[list[list[object]]]:
    with database.reading() as session:
        return list(session.scalars(select(LinkageTokens.tokens)))


def test_the_hub_finds_the_pair_and_no_byte_of_it_holds_a_name(eriec: Side, criec: Side, hub_people: Database):
    assert [linkage.link(*side).taken for side in (eriec, criec)] == [1, 1]
    assert find_duplicates(hub_people, utcnow()) == 1

    files = hub_files(hub_people)

    assert len(files) > 100_000
    words = [word for value in PLANTED.values() for word in ([value] if isinstance(value, str) else value)]
    # Seven letters or more: five digits turn up by chance among hexadecimal digests.
    parts = {part for word in words for part in (word, *word.replace("@", " ").split()) if len(part) > 6}
    assert {"Qaderyfar", "7805550143", "1988-05-17", "Saskatchewandrive", "T6E 2A1"} <= parts
    assert not [part for part in parts for form in forms(part) if form in files]
    assert not [
        form for form in (KEY.encode(), linkage.read_key(KEY), linkage.read_key(KEY).hex().encode()) if form in files
    ]


def test_both_agencies_hear_of_it_and_decide(eriec: Side, criec: Side, hub_people: Database):
    for side in (eriec, criec):
        linkage.link(*side)
    find_duplicates(hub_people, utcnow())

    ours, theirs = (side[1].duplicates() for side in (eriec, criec))

    assert [pair["my_pseudonyms"] for pair in ours] == [[profile["pseudonym"] for profile in eriec[1].profiles()]]
    assert eriec[1].confirm_duplicate(ours[0]["id"])["state"] == "possible"
    assert criec[1].reject_duplicate(theirs[0]["id"])["state"] == "disputed"


def test_tokens_go_once_and_again_only_when_something_changed(eriec: Side, hub_people: Database):
    store, client = eriec
    assert [linkage.link(store, client).taken for _ in range(2)] == [1, 0]

    store.remember(Person(2, "z", {}, mentee(), PLANTED | {"locality": "Calgary"}))
    assert [linkage.link(store, client).taken for _ in range(2)] == [1, 0]

    linkage.keep_key(store, linkage.make_key(), replace=True)
    assert [linkage.link(store, client).taken for _ in range(2)] == [1, 0]
    assert len(tokens_held(hub_people)) == 1


def test_fields_that_went_away_are_erased_at_the_hub(eriec: Side, hub_people: Database):
    store, client = eriec
    linkage.link(store, client)

    store.remember(Person(2, "z", {}, mentee()))

    assert [linkage.link(store, client).taken for _ in range(2)] == [1, 0]
    assert tokens_held(hub_people) == []


def test_a_withdrawal_deletes_the_tokens_from_every_byte(eriec: Side, hub_people: Database):
    store, client = eriec
    linkage.link(store, client)
    digest = str(tokens_held(hub_people)[0][0][1])
    assert digest.encode() in hub_files(hub_people)

    client.withdraw(next(iter(client.profiles()))["pseudonym"])

    assert tokens_held(hub_people) == []
    with hub_people.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert digest.encode() not in hub_files(hub_people)


def test_without_a_key_or_before_the_profile_is_there_nothing_goes(join: Callable[[str], Side], hub_people: Database):
    store, client = join("arec")
    store.remember(Person(2, "z", {}, mentee(), PLANTED))
    linkage.keep_key(store, KEY)
    assert linkage.link(store, client).taken == 0

    exchange.push(store, client)
    keyless, theirs = join("bvlc")
    keyless.remember(Person(2, "z", {}, mentee(), PLANTED))
    exchange.push(keyless, theirs)

    assert linkage.link(keyless, theirs).taken == 0
    assert tokens_held(hub_people) == []


def test_a_refusal_is_told_and_stops_no_other(eriec: Side):
    store, client = eriec
    client.withdraw(next(iter(client.profiles()))["pseudonym"])
    store.remember(Person(3, "other", {}, mentee(), PLANTED))
    exchange.push(store, client)

    report = linkage.link(store, client)

    assert (report.taken, len(report.refused)) == (1, 1)
    assert "Qaderyfar" not in str(report.refused)


def test_the_audit_log_names_no_value(eriec: Side, hub_people: Database):
    linkage.link(*eriec)

    with hub_people.reading() as session:
        said = [(entry.operation, entry.subject) for entry in session.scalars(select(AuditEntry))]
    assert [subject.partition(":")[0] for operation, subject in said if operation == "linkage.send"] == ["profile"]


def test_a_very_long_name_gives_no_more_tokens_than_the_hub_takes():
    long = {"given_names": [("abcdefghij" * 12), ("klmnopqrst" * 12)], "family_names": [("uvwxyzabcd" * 12)]}

    wire = linkage.wire_tokens(PLANTED | long, linkage.read_key(KEY))

    assert len(wire) == MAX_LINKAGE_TOKENS
    assert read(LinkageDocument(), {"tokens": wire})["tokens"] == wire


class TestTheKey:
    def test_is_unreadable_in_the_folder(self, tmp_path: Path):
        store = Store.create(tmp_path / "agency")
        linkage.keep_key(store, KEY)
        key = linkage.read_key(KEY)

        held = b"".join(path.read_bytes() for path in store.folder.iterdir())

        assert linkage.key_of(Store(store.folder)) == key
        assert not [form for form in (key, KEY.encode(), base64.b64encode(key), key.hex().encode()) if form in held]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "correct horse battery staple",
            base64.urlsafe_b64encode(b"x" * 31).decode(),
            "ü" * 60,
            "A" * 9_000,
            "*" * 44,
        ],
    )
    def test_that_is_none_is_refused_and_not_repeated(self, tmp_path: Path, text: str):
        store = Store.create(tmp_path / "agency")

        with pytest.raises(Problem) as refused:
            linkage.keep_key(store, text)

        assert refused.value.kind == "invalid-fields"
        assert not text or text not in refused.value.detail
        assert linkage.key_of(store) is None

    def test_is_read_however_it_was_pasted(self):
        key = base64.urlsafe_b64encode(os.urandom(33)).decode()

        assert linkage.read_key(f" {key[:20]}\n{key[20:]} ") == base64.urlsafe_b64decode(key)

    def test_is_not_replaced_by_accident(self, tmp_path: Path):
        store = Store.create(tmp_path / "agency")
        check = linkage.keep_key(store, KEY)

        with pytest.raises(Problem, match="--replace"):
            linkage.keep_key(store, linkage.make_key())

        assert linkage.keep_key(store, KEY) == check
        assert linkage.keep_key(store, linkage.make_key(), replace=True) != check


class TestTheMapping:
    SAID = """
kind = "mentee"
key = ["file"]
[contact]
name = ["first", "last"]
[linkage]
given_names = ["first"]
family_names = ["last", "maiden"]
birth_date = ["born"]
locality = ["city"]
phones = ["phone"]
[constants]
noc = "2130"
years_band = "3-5"
languages = ["en"]
formats = ["one_to_one"]
modes = ["online"]
[consent]
purposes = ["share"]
notice_version = "0000000000000000000000000000000000000000000000000000000000000000"
days = 30
given_on = 2026-03-01
[columns.city]
field = "city"
"""
    HEADER = "file,first,last,maiden,born,city,phone\n"
    ROW = "7,Zulaykha,Qaderyfar,Noorzai,1988-05-17,Edmonton,780 555 0143\n"

    def people(self, folder: Path, rows: str, said: str = SAID) -> tuple[list[Person], list[str]]:
        (folder / "mapping.toml").write_text(said)
        (folder / "people.csv").write_text(self.HEADER + rows)
        mapping = read_mapping(folder / "mapping.toml")
        people, errors = read_people(folder / "people.csv", mapping, today() + timedelta(0))
        return people, [f"{error.line} {error.column}: {error.reason}" for error in errors]

    def test_takes_the_fields_aside_and_sends_of_the_city_its_region_only(self, tmp_path: Path):
        (person,), errors = self.people(tmp_path, self.ROW)

        assert errors == []
        assert person.linkage == {
            "given_names": ["Zulaykha"],
            "family_names": ["Qaderyfar", "Noorzai"],
            "birth_date": "1988-05-17",
            "locality": "Edmonton",
            "phones": ["780 555 0143"],
        }
        assert person.profile["region"] == "AB-835"
        assert not [word for word in ("Zulaykha", "Noorzai", "1988", "Edmonton", "0143") if word in str(person.profile)]

    def test_leaves_empty_cells_out(self, tmp_path: Path):
        (person,), _ = self.people(tmp_path, "7,Zulaykha,Qaderyfar,,,Edmonton,\n")

        assert person.linkage.keys() == {"given_names", "family_names", "locality"}

    @pytest.mark.parametrize("born", ["17/05/1988", "19880517", "1988-02-30", "Noorzai"])
    def test_names_the_row_whose_birth_date_is_none_without_the_value(self, tmp_path: Path, born: str):
        people, errors = self.people(tmp_path, self.ROW.replace("1988-05-17", born))

        assert (people, errors) == ([], ["2 born: not a date such as 1988-05-17"])

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('phones = ["phone"]', 'sin = ["phone"]', "sin"),
            ('phones = ["phone"]', 'phones = "phone"', "linkage.phones"),
            ('birth_date = ["born"]', 'birth_date = ["born", "maiden"]', "birth_date"),
            ('field = "city"', 'field = "noc"', "private"),
        ],
    )
    def test_that_cannot_work_or_would_send_a_field_is_refused(self, tmp_path: Path, old: str, new: str, said: str):
        assert old in self.SAID

        with pytest.raises(Problem, match=said):
            self.people(tmp_path, self.ROW, self.SAID.replace(old, new))


def test_a_store_of_an_earlier_version_goes_on(tmp_path: Path):
    store = Store.create(tmp_path / "agency")
    pseudonym = store.remember(Person(2, "z", {}, mentee(), PLANTED))
    store.mark_pushed(pseudonym, mentee())
    with sqlite3.connect(store.folder / "store.sqlite3") as connection:
        connection.execute("DROP TABLE linked")
    connection.close()

    assert list(Store(store.folder).linkable()) == [(pseudonym, PLANTED, None)]
