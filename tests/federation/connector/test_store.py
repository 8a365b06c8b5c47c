"""What an agency keeps is unreadable without its key file, and nobody else on the machine may read either."""

import hashlib
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from federation.connector.people import Person
from federation.connector.store import Store
from federation.keys import generate_keys
from federation.problems import Problem

AMINA = Person(2, "amina@example.org", {"name": "Amina Yusufi", "email": "amina@example.org"}, {"noc": "2130"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "agency")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_key_and_file_are_the_owner_s_alone(store: Store):
    store.remember(AMINA)

    assert mode(store.folder) == 0o700
    assert {path.name: mode(path) for path in store.folder.iterdir()} == {
        "store.key": 0o600,
        "store.sqlite3": 0o600,
    }


def test_no_file_holds_a_name_a_contact_or_a_private_key_in_the_clear(store: Store):
    keys = generate_keys("eriec")
    store.remember(AMINA)
    store.keep("keys", {"organisation": "eriec", "jwks": keys.private_jwks()})
    store.keep("introduction p1", {"name": "Omar Haddad"})

    held = b"".join(path.read_bytes() for path in store.folder.iterdir())

    secrets = [key["d"] for key in keys.private_jwks().values()]
    assert not [text for text in ("Amina", "Yusufi", "amina@example.org", "Haddad", *secrets) if text.encode() in held]


def test_no_file_holds_a_digest_of_a_person_s_key_that_a_list_of_addresses_would_find(store: Store):
    store.remember(AMINA)

    held = b"".join(path.read_bytes() for path in store.folder.iterdir())

    assert hashlib.sha256(AMINA.key.encode()).hexdigest().encode() not in held


def test_several_values_are_kept_together_and_found_by_how_their_names_begin(store: Store):
    store.keep_all({"accepted p1": 1, "accepted p2": 2, "acceptedly": 3})

    assert store.kept_under("accepted ") == {"p1": 1, "p2": 2}


def test_what_is_kept_comes_back_when_the_store_is_opened_again(store: Store):
    pseudonym = store.remember(AMINA)
    keys = generate_keys("eriec")
    store.keep("keys", {"organisation": "eriec", "jwks": keys.private_jwks()})

    again = Store(store.folder)

    assert again.person(pseudonym) == {"contact": AMINA.contact, "profile": AMINA.profile}
    assert again.keys.private_jwks() == keys.private_jwks()
    assert again.kept("nothing") is None


def test_a_person_keeps_one_pseudonym_that_says_nothing_of_them(store: Store, tmp_path: Path):
    first = store.remember(AMINA)

    assert store.remember(Person(9, AMINA.key, {}, {"noc": "2131"})) == first
    assert Store.create(tmp_path / "other").remember(AMINA) != first


def test_only_what_changed_waits_to_be_pushed(store: Store):
    pseudonym = store.remember(AMINA)
    assert list(store.waiting()) == [(pseudonym, AMINA.profile)]

    store.mark_pushed(pseudonym, AMINA.profile)
    assert list(store.waiting()) == []

    changed = Person(2, AMINA.key, AMINA.contact, {"noc": "2131"})
    store.remember(changed)
    assert list(store.waiting()) == [(pseudonym, changed.profile)]


def test_a_store_is_never_made_over_another(store: Store):
    key = (store.folder / "store.key").read_bytes()

    with pytest.raises(Problem, match="holds a store already"):
        Store.create(store.folder)

    assert (store.folder / "store.key").read_bytes() == key


def test_another_key_opens_nothing(store: Store, tmp_path: Path):
    pseudonym = store.remember(AMINA)
    other = Store.create(tmp_path / "other")
    (store.folder / "store.key").write_bytes((other.folder / "store.key").read_bytes())

    with pytest.raises(Problem, match="does not fit"):
        Store(store.folder).person(pseudonym)


def test_a_changed_byte_is_noticed(store: Store):
    store.keep("hub", {"base_url": "https://hub.example.org"})
    with closing(sqlite3.connect(store.folder / "store.sqlite3")) as connection:
        sealed = connection.execute("SELECT sealed FROM kept").fetchone()[0]
        connection.execute("UPDATE kept SET sealed = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]),))
        connection.commit()

    with pytest.raises(Problem, match="does not fit"):
        store.kept("hub")


def test_a_folder_that_is_no_store_and_a_person_nobody_knows_are_refused(store: Store, tmp_path: Path):
    with pytest.raises(Problem, match="init first"):
        Store(tmp_path)
    with pytest.raises(Problem) as refused:
        store.person("nobody-here")

    assert refused.value.kind == "not-found"
