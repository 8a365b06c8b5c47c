"""``passerelle backup create`` and ``restore``: whole or refused, nothing overwritten, nobody revived."""

import hashlib
import shutil
import socket
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from hub import backups
from hub.database import Database
from hub.models import AuditEntry
from hub.services import audit, proposals
from hub.settings import load_settings
from tests.hub.commands.hubs import Hub, mode, sqlite_only
from tests.hub.people import coordinator, mentee, share
from tests.hub.services.matches import ask
from tests.hub.services.refusals import refused


def test_a_backup_is_one_file_and_its_sum_for_the_owner_alone(hub: Hub):
    path = hub.backup()

    sidecar = path.with_name(path.name + ".sha256")
    assert sorted(hub.backups.iterdir()) == sorted([path, sidecar])
    assert (mode(path), mode(sidecar), mode(hub.backups)) == (0o600, 0o600, 0o700)
    assert sidecar.read_text(encoding="utf-8") == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"


def test_a_second_backup_leaves_the_first_as_it_was(hub: Hub):
    first = hub.backup()
    content = first.read_bytes()

    second = hub.backup()

    assert second != first
    assert first.read_bytes() == content


def test_who_withdrew_after_the_backup_stays_withdrawn_and_a_stale_push_is_refused(hub: Hub):
    path = hub.backup()
    hub.withdraw("mentee-0001")

    told = hub.restore(path)

    assert "people erased again: 1" in told
    assert hub.people() == {"mentee-0002", "mentor-0001"}
    database = hub.open()
    with refused(database, "withdrawn"):
        share(database, "eriec", "mentee-0001", mentee())
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (entry.actor, entry.organisation_id, entry.operation, entry.outcome) == (
            "replay",
            "eriec",
            "profile.withdraw",
            "replayed",
        )
        assert audit.first_break(session) is None
    database.close()
    assert "db upgrade" not in hub.terminal.done("worker", "--once")


def test_the_earlier_database_is_kept_aside_whole(hub: Hub):
    path = hub.backup()
    hub.withdraw("mentee-0001")
    name = hub.restore(path).split("kept: ")[1].split(" Withdrawals")[0]

    url = make_url(hub.address).set(database=name)
    earlier = Hub(hub.terminal, url.render_as_string(hide_password=False), hub.backups)
    assert earlier.people() == {"mentee-0002", "mentor-0001"}


def test_an_open_question_about_somebody_withdrawn_ends_again(hub: Hub):
    hub.run(ask)
    path = hub.backup()
    hub.withdraw("mentor-0001", "arec")

    hub.restore(path)

    def states(database: Database) -> list[str]:
        with database.reading() as session:
            return [view.state for view in proposals.inbox(session, coordinator("eriec"))]

    assert hub.run(states) == ["withdrawn"]


def test_a_person_shared_and_withdrawn_after_the_backup_is_refused_too(hub: Hub):
    path = hub.backup()
    hub.run(lambda database: share(database, "eriec", "mentee-0003", mentee()))
    hub.withdraw("mentee-0003")

    assert "people erased again: 0" in hub.restore(path)

    database = hub.open()
    with refused(database, "withdrawn"):
        share(database, "eriec", "mentee-0003", mentee())
    database.close()


@sqlite_only
def test_withdrawals_that_race_with_a_backup_are_not_lost(hub: Hub):
    names = [f"racing-{number:04d}" for number in range(15)]
    for name in names:
        hub.run(lambda database, name=name: share(database, "eriec", name, mentee()))
    paths: list[Path] = []
    racing = threading.Thread(target=lambda: [hub.withdraw(name) for name in names])
    racing.start()
    while racing.is_alive():
        paths.append(hub.backup())
    racing.join()

    counts = []
    for path in (paths[0], paths[len(paths) // 2], paths[-1]):
        with sqlite3.connect(path) as copy:
            counts.append(copy.execute("SELECT max(number) FROM withdrawal_count").fetchone()[0] or 0)
        copy.close()
        hub.restore(path)
        assert hub.people() == {"mentee-0001", "mentee-0002", "mentor-0001"}
    assert counts[0] < 15


@sqlite_only
def test_a_backup_is_one_moment_although_people_write_meanwhile(hub: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hub.backups.sqlite.PAGES_AT_ONCE", 5)
    settings = load_settings({}, secret="s" * 40, instance_folder=str(hub.terminal.folder))
    steps: list[int] = []

    def meanwhile(done: int, _total: int) -> None:
        if len(steps) < 2:
            hub.withdraw(("mentee-0001", "mentee-0002")[len(steps)])
        steps.append(done)

    path = backups.create(settings, hub.backups, meanwhile)

    assert steps == sorted(steps)
    assert hub.people() == {"mentor-0001"}
    with sqlite3.connect(path) as copy:
        assert copy.execute("SELECT count(*) FROM profile").fetchone() == (3,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


class TestRefused:
    """What is not whole, not ours or in use is refused, and nothing changes."""

    @sqlite_only
    @pytest.mark.parametrize("harm", ["cut", "edited", "renamed", "without its sum", "sum edited"])
    def test_a_backup_that_is_not_as_it_was_made(self, hub: Hub, harm: str):
        path = hub.backup()
        sidecar = path.with_name(path.name + ".sha256")
        content = path.read_bytes()
        if harm == "cut":
            path.write_bytes(content[:-100])
        if harm == "edited":
            path.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
        if harm == "renamed":
            path = path.rename(path.with_name(f"other{path.suffix}"))
        if harm == "without its sum":
            sidecar.unlink()
        if harm == "sum edited":
            sidecar.write_text("0" * 64 + f"  {path.name}\n", encoding="utf-8")

        assert path.name in hub.terminal.refused("backup", "restore", str(path), "--replace")
        assert hub.people() == {"mentee-0001", "mentee-0002", "mentor-0001"}

    def test_an_existing_database_without_a_word(self, hub: Hub):
        assert "--replace" in hub.terminal.refused("backup", "restore", str(hub.backup()))

    @sqlite_only
    def test_a_damaged_file_with_the_right_sum(self, hub: Hub):
        path = hub.backup()
        path.write_bytes(b"no database at all" * 1000)
        sidecar = path.with_name(path.name + ".sha256")
        sidecar.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n", encoding="utf-8")

        assert "Nothing was changed" in hub.terminal.refused("backup", "restore", str(path), "--replace")

    def test_while_somebody_has_the_database_open(self, hub: Hub):
        path = hub.backup()
        database = hub.open()
        with database.reading() as session:
            session.execute(text("SELECT 1 FROM organisation"))
            told = hub.terminal.type("backup", "restore", str(path), "--replace")
        database.close()

        assert told.exit_code == 1
        assert "top the hub and its worker first" in " ".join(told.output.split())
        assert hub.people() == {"mentee-0001", "mentee-0002", "mentor-0001"}

    @sqlite_only
    def test_while_a_hub_answers(self, hub: Hub):
        path = hub.backup()
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            hub.terminal.environment["PASSERELLE_PORT"] = str(listening.getsockname()[1])

            assert "Something answers on" in hub.terminal.refused("backup", "restore", str(path), "--replace")

    @sqlite_only
    def test_a_backup_of_nothing_or_into_no_folder(self, hub: Hub, tmp_path: Path):
        (tmp_path / "file").touch()
        assert "Cannot write" in hub.terminal.refused("backup", "create", str(tmp_path / "file" / "inner"))
        (hub.terminal.folder / "passerelle.sqlite3").unlink()

        assert "no database" in hub.terminal.refused("backup", "create", str(hub.backups))
        assert list(hub.backups.iterdir()) == []

    def test_postgresql_without_its_programs(self, terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        terminal.environment = {"PASSERELLE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
        monkeypatch.setenv("PATH", str(tmp_path))

        told = terminal.refused("backup", "create", str(tmp_path / "backups"))

        assert "pg_dump is not on the PATH" in told
        assert "apt-get install postgresql-client" in told


@sqlite_only
def test_a_restore_into_an_empty_folder_needs_only_the_backup_and_the_two_files(hub: Hub, tmp_path: Path):
    path = hub.backup()
    hub.withdraw("mentee-0001")
    environment = hub.terminal.environment | {"PASSERELLE_SECRET": "t" * 40}
    other = replace(hub.terminal, folder=tmp_path / "elsewhere", environment=environment)
    other.folder.mkdir()
    for name in ("withdrawals.log", "withdrawals.key"):
        shutil.copy(hub.terminal.folder / name, other.folder / name)

    other.done("backup", "restore", str(path))

    moved = Hub(other, f"sqlite:///{other.folder}/passerelle.sqlite3", hub.backups)
    assert moved.people() == {"mentee-0002", "mentor-0001"}
    assert mode(other.folder / "passerelle.sqlite3") == 0o600
