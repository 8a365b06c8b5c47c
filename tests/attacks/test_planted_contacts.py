"""Two hundred planted contacts go the whole way through two connectors and a hub, and are found nowhere on it."""

import csv
import json
import logging
import random
import sqlite3
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from federation.command_line import build
from federation.connector import accepted, exchange
from federation.connector.mapping import read_mapping
from federation.connector.people import read_people
from federation.problems import Problem
from hub import logs
from hub.database import Database
from tests.attacks.lying_hub import Member
from tests.attacks.planted import Search, base64_inside, forms_of, planted_contacts, texts_of
from tests.hub.people import today

MENTEES, MENTORS = 160, 40
INTRODUCED = 24
CONTACTS = planted_contacts(MENTEES + MENTORS)
COLUMNS = ("name", "email", "phone")
MAPPING = """
kind = "{kind}"
key = ["email"]
[contact]
name = ["name"]
email = ["email"]
phone = ["phone"]
[constants]
noc = "2130"
years_band = "11-20"
region = "AB-835"
languages = ["en"]
formats = ["one_to_one"]
modes = ["online"]
{more}
[consent]
purposes = ["share", "match_across_regions", "referral"]
notice_version = "{notice}"
days = 300
given_on = {today}
"""
MORE = {
    "mentor": 'seats = 20\nstrengths = ["networking"]',
    "mentee": 'needs = ["networking"]\nreadiness = {clb = {language = "en", listening = 8, speaking = 8, reading = 8, '
    'writing = 8}, documents = "complete", commitment = "confirmed"}',
}


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(CONTACTS)


@pytest.fixture
def hub_log(hub_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the hub write everything it can say to a file in place of standard error."""
    path = tmp_path / "hub.log"
    with path.open("w", encoding="utf-8") as file:
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", file)
            logs.configure(as_json=True, level=logging.DEBUG)
        yield path
        structlog.reset_defaults()


class Tap(httpx.BaseTransport):
    """Keep every byte that passes between a member and the hub."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.said: list[bytes] = []
        self.heard: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.said.append(str(request.url).encode() + str(request.headers.raw).encode() + request.read())
        answer = self._inner.handle_request(request)
        self.heard.append(str(answer.headers.raw).encode() + answer.read())
        return answer


def test_the_search_finds_each_planted_text_in_every_encoding_at_every_place(search: Search):
    noise = random.Random(1)
    for contact in CONTACTS[::20]:
        for planted in texts_of(contact):
            for encoding, form in forms_of(planted):
                hay = noise.randbytes(noise.randrange(40)) + form + noise.randbytes(noise.randrange(20))
                assert f"{encoding} of {planted}" in search.found_in(hay)
    assert search.size > 200 * 15 * 10


@pytest.mark.parametrize("shift", range(3))
def test_base64_is_found_whatever_stands_before_it(search: Search, shift: int):
    name = CONTACTS[0]["name"]
    for before in (b"x" * shift, b"x" * (shift + 3)):
        hay = b64encode(before + name.encode() + b"and more")
        assert base64_inside(name.encode(), shift) in hay
        assert search.found_in(hay)


def test_none_of_two_hundred_contacts_is_found_at_the_hub_on_the_way_or_in_a_store_file(
    search: Search,
    hub_app: Flask,
    hub_log: Path,
    sqlite_database: Database,
    join_hub: Callable[[str], Member],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level("DEBUG")
    # What the agency's own HTTP library writes in the agency's own process is not the hub's log.
    caplog.set_level("WARNING", "httpx")
    eriec, criec = join_hub("eriec"), join_hub("criec")
    taps = [tapped(member, hub_app) for member in (eriec, criec)]
    dry_run = push_sheet(eriec, "mentee", CONTACTS[:MENTEES], tmp_path)
    dry_run += push_sheet(criec, "mentor", CONTACTS[MENTEES:], tmp_path)
    introduced = introduce(eriec, criec)
    read_everything(eriec), read_everything(criec)
    places = {f"waiting: {name}": hay for name, hay in held_by(sqlite_database, tmp_path).items()}

    opened = criec.open().done
    assert opened == introduced
    assert len(opened) == INTRODUCED
    assert eriec.seal().failed == ()
    spoken = b"\n".join(piece for tap in taps for piece in tap.said + tap.heard)
    refusals = refused_with_contacts(eriec)

    places |= held_by(sqlite_database, tmp_path)
    places |= {"wire": spoken, "refusals": refusals, "dry run": dry_run.encode()}
    places |= {"log": hub_log.read_bytes() + caplog.text.encode()}
    assert {
        "table profile",
        "table outbox_message",
        "table audit_entry",
        "backup",
        "store eriec",
        "log",
    } <= places.keys()
    read = ("wire", "refusals", "dry run", "log", "backup")
    assert [name for name in read if len(places[name]) < 10_000] == []
    assert {name: found for name, hay in places.items() if (found := search.found_in(hay))} == {}


def tapped(member: Member, app: Flask) -> Tap:
    tap = Tap(httpx.WSGITransport(app=app))
    member.client._http = httpx.Client(transport=tap)
    return tap


def push_sheet(member: Member, kind: str, contacts: list[dict[str, str]], folder: Path) -> str:
    """Write a spreadsheet, look what would leave, and push it; return what the dry run printed."""
    sheet, mapping = folder / f"{kind}.csv", folder / f"{kind}.toml"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(contacts)
    mapping.write_text(MAPPING.format(kind=kind, more=MORE[kind], notice="ab" * 32, today=today()), encoding="utf-8")
    ended = CliRunner().invoke(build(), ["connector", "dry-run", str(sheet), "--mapping", str(mapping)])
    people, faults = read_people(sheet, read_mapping(mapping), today())
    assert (ended.exit_code, faults, len(people)) == (0, [], len(contacts)), ended.output
    for person in people:
        member.store.remember(person)
    assert exchange.push(member.store, member.client).taken == len(contacts)
    sheet.unlink()
    return ended.output


def introduce(eriec: Member, criec: Member) -> dict[str, dict[str, str]]:
    """Propose, accept on both sides and seal; return the contacts by proposal."""
    eriec.reads_to(criec), criec.reads_to(eriec)
    mentees = [profile["pseudonym"] for profile in eriec.client.profiles()][:INTRODUCED]
    for pseudonym in mentees:
        proposal = eriec.propose(pseudonym)
        assert (eriec.accept(proposal), criec.accept(proposal)) == ("proposed", "agreed")
    assert eriec.seal().failed == ()
    return {
        one.proposal: eriec.store.person(one.pseudonym)["contact"] for one in accepted.everything(eriec.store).values()
    }


def read_everything(member: Member) -> None:
    """Read what the hub tells of it: events, audit, introductions, who was shown."""
    assert list(member.client.all_events())
    for path in ("/audit", "/audit/shown", "/introductions", "/proposals", "/profiles"):
        member.client._call("GET", path, params={})


def refused_with_contacts(member: Member) -> bytes:
    """Send contacts where they do not belong, as a careless system might; return everything the hub said."""
    profile = member.client.profile(next(iter(member.client.profiles()))["pseudonym"])
    kept = {name: value for name, value in profile.items() if name not in {"pseudonym", "version", "updated_at"}}
    share, said = member.client.share_profile, []
    for place, contact in enumerate(CONTACTS):
        name, email, phone = (contact[column] for column in COLUMNS)
        wrong: dict[str, Any] = ({"email": email}, {name: 1}, {"noc": phone}, {"goals": [name]})[place % 4]
        said.append(refusal(share, "refused-0001", kept | wrong))
    for contact in CONTACTS[:20]:
        said.append(refusal(member.client.profile, contact["email"]))
        said.append(refusal(member.client.propose, "refused-0001", contact["name"]))
        line = [("refused-0002", kept | {"name": contact["name"], "noc": contact["email"]})]
        said.append(json.dumps(list(member.client.share_profiles(line))))
    with pytest.raises(Problem):
        member.client.search_pool(noc=CONTACTS[0]["email"], region=CONTACTS[0]["name"])
    return "\n".join(said).encode()


def refusal(call: Callable[..., object], *words: object) -> str:
    with pytest.raises(Problem) as refused:
        call(*words)
    return json.dumps(refused.value.document(), ensure_ascii=False)


def held_by(database: Database, folder: Path) -> dict[str, bytes]:
    """Every place where something is kept: each table, the files of hub and connectors with their logs, a backup."""
    places = dict(tables_of(database))
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in {".toml", ".csv"}:
            places[f"store {path.parent.name} {path.name}"] = path.read_bytes()
    for name in ("eriec", "criec"):
        places[f"store {name}"] = (folder / name / "store.sqlite3").read_bytes()
    places["backup"] = backup_of(folder)
    return places


def tables_of(database: Database) -> Iterator[tuple[str, bytes]]:
    with database.reading() as session:
        names = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        for name in names:
            rows = session.execute(text(f'SELECT * FROM "{name}"')).all()
            values = (value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
            yield f"table {name}", b"\n".join(values)


def backup_of(folder: Path) -> bytes:
    source = next(folder.glob("hub-*.sqlite3"))
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(folder / "backup.sqlite3")) as copy:
        live.backup(copy)
    return (folder / "backup.sqlite3").read_bytes()
