"""``passerelle backup replay``: a restored hub stays closed until the withdrawal log was replayed, and the log is whole."""

import hashlib
import json
import shutil
import sqlite3
from datetime import timedelta

import pytest

from hub.app import create_app
from hub.database import Database
from hub.models import utcnow
from hub.services import withdrawals
from hub.settings import load_settings
from tests.hub.commands.hubs import Hub, mode, sqlite_only
from tests.hub.people import coordinator, mentee, share


class TestClosed:
    """A database put back by hand, past the command."""

    @pytest.fixture
    def put_back(self, hub: Hub) -> Hub:
        shutil.copy(hub.backup(), hub.backups / "kept")
        hub.withdraw("mentee-0001")
        shutil.copy(hub.backups / "kept", hub.terminal.folder / "passerelle.sqlite3")
        return hub

    @sqlite_only
    @pytest.mark.parametrize("words", [("serve",), ("worker", "--once")])
    def test_no_door_opens_until_the_log_was_replayed(self, put_back: Hub, words: tuple[str, ...]):
        told = put_back.terminal.refused(*words)

        assert "it holds 0 of 1 withdrawals" in told
        assert "passerelle backup replay" in told
        assert put_back.people() == {"mentee-0001", "mentee-0002", "mentor-0001"}

        put_back.terminal.done("backup", "replay")

        assert put_back.people() == {"mentee-0002", "mentor-0001"}
        put_back.terminal.done("worker", "--once")

    @sqlite_only
    def test_a_load_balancer_hears_that_it_is_not_ready_and_not_why(self, put_back: Hub):
        settings = load_settings({}, secret="s" * 40, instance_folder=str(put_back.terminal.folder))
        database = put_back.open()
        http = create_app(settings, database).test_client()

        before = http.get("/readyz")
        put_back.terminal.done("backup", "replay")

        assert (before.status_code, "replayed" in before.text) == (503, True)
        assert str(put_back.terminal.folder) not in before.text
        assert http.get("/readyz").status_code == 200
        database.close()

    @sqlite_only
    def test_replaying_again_changes_nothing(self, put_back: Hub):
        put_back.terminal.done("backup", "replay")
        rows = put_back.terminal.rows()

        assert "Withdrawals replayed: 0" in put_back.terminal.done("backup", "replay")
        assert put_back.terminal.rows() == rows


class TestTheLog:
    @sqlite_only
    def test_it_holds_no_field_of_a_person(self, hub: Hub):
        planted = "a-telling-pseudonym"
        hub.run(lambda database: share(database, "eriec", planted, mentee(languages=["fil"])))
        hub.withdraw(planted)

        held = hub.log.read_text(encoding="utf-8")
        known = sqlite3.connect(hub.terminal.folder / "passerelle.sqlite3")
        ids = [row[0] for row in known.execute("SELECT subject FROM audit_entry WHERE subject LIKE 'profile:%'")]
        known.close()
        for word in (planted, "telling", "fil", "mentee", "AB-835", *(one.split(":")[1] for one in ids)):
            assert word not in held
        plain = hashlib.sha256(f"eriec\0{planted}".encode()).hexdigest()
        assert plain not in held
        assert set(hub.lines()[0]) == {"number", "at", "organisation", "trace", "key", "state", "seal"}
        assert (mode(hub.log), mode(hub.log.with_name("withdrawals.key"))) == (0o600, 0o600)

    @sqlite_only
    def test_a_torn_last_line_is_tolerated_and_said(self, hub: Hub):
        path = hub.backup()
        hub.withdraw("mentee-0001")
        whole = hub.log.read_bytes()
        hub.log.write_bytes(whole + whole[: len(whole) // 2])

        told = hub.restore(path)

        assert "people erased again: 1" in told
        assert "could not be read: 1" in told
        hub.withdraw("mentee-0002")
        assert "could not be read: 1" in hub.restore(path)
        assert hub.people() == {"mentor-0001"}

    @sqlite_only
    def test_an_edited_line_is_refused(self, hub: Hub):
        path = hub.backup()
        hub.withdraw("mentee-0001")
        hub.withdraw("mentee-0002")
        first, second = hub.log.read_text(encoding="utf-8").splitlines()
        trace = json.loads(first)["trace"]
        hub.log.write_text(f"{first.replace(trace, trace[::-1])}\n{second}\n", encoding="utf-8")

        refusal = hub.terminal.type("backup", "restore", str(path), "--replace")

        assert refusal.exit_code == 1
        assert "the line of withdrawal 1 is missing or was edited" in " ".join(refusal.output.split())
        assert "holds 0 of 2 withdrawals" in hub.terminal.refused("worker", "--once")

    @sqlite_only
    def test_a_lost_log_keeps_the_hub_closed_until_the_operator_says_so(self, hub: Hub):
        hub.withdraw("mentee-0001")
        hub.log.unlink()

        assert "the file was lost" in hub.terminal.refused("worker", "--once")
        assert "this database holds 1" in hub.terminal.refused("backup", "replay")
        hub.terminal.done("backup", "replay", "--log-lost")
        hub.terminal.done("worker", "--once")
        hub.withdraw("mentee-0002")
        assert [(line["number"], line["state"]) for line in hub.lines()] == [(1, "before"), (2, "withdrawn")]

    @sqlite_only
    def test_a_lost_key_keeps_the_hub_closed(self, hub: Hub):
        hub.withdraw("mentee-0001")
        hub.log.with_name("withdrawals.key").unlink()

        assert "do not belong together" in hub.terminal.refused("worker", "--once")
        assert "do not belong together" in hub.terminal.refused("backup", "replay", "--log-lost")

    @sqlite_only
    def test_a_backup_older_than_the_log_reaches_is_not_opened(self, hub: Hub):
        path = hub.backup()
        hub.withdraw("mentee-0001")
        database = hub.open()
        assert database.withdrawal_log.forget(utcnow() + timedelta(seconds=1)) == 1
        database.close()
        hub.terminal.done("worker", "--once")

        refusal = hub.terminal.type("backup", "restore", str(path), "--replace")

        assert refusal.exit_code == 1
        assert "older than the log reaches" in " ".join(refusal.output.split())
        assert "stays closed" in hub.terminal.refused("worker", "--once")

    def test_a_withdrawal_that_did_not_come_through_leaves_the_hub_open(self, hub: Hub):
        def unit(database: Database) -> None:
            with database.transaction() as session:
                withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            hub.run(unit)

        assert [line["state"] for line in hub.lines()] == ["withdrawn", "undone"]
        assert "mentee-0001" in hub.people()
        hub.terminal.done("worker", "--once")
        assert "Withdrawals replayed: 1" in hub.terminal.done("backup", "replay")
