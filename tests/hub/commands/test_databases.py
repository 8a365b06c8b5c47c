"""``passerelle db``: a first start needs nothing, a second changes nothing, and a folder that is not ours is told."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table

from hub.database import Database
from hub.models import Base


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_upgrade_makes_the_folder_the_secret_and_the_tables(untouched):
    assert "up to date" in untouched.done("db", "upgrade")

    secret = untouched.folder / "secret.key"
    assert len(secret.read_text(encoding="ascii").strip()) >= 64
    assert (mode(secret), mode(untouched.folder)) == (0o600, 0o700)
    assert untouched.rows()["organisation"] == []


def test_a_second_upgrade_keeps_the_secret_and_the_rows(two_members):
    secret, rows = (two_members.folder / "secret.key").read_bytes(), two_members.rows()

    two_members.done("db", "upgrade")

    assert (two_members.folder / "secret.key").read_bytes() == secret
    assert two_members.rows() == rows


def test_a_secret_that_was_broken_off_halfway_is_written_anew(untouched):
    untouched.folder.mkdir()
    (untouched.folder / "secret.key").touch()

    untouched.done("db", "upgrade")

    assert len((untouched.folder / "secret.key").read_text(encoding="ascii")) > 60


def test_the_secret_lies_where_a_settings_file_says(untouched, tmp_path: Path):
    settings = tmp_path / "hub.toml"
    settings.write_text(f'instance_folder = "{tmp_path / "other"}"\nsecret_file = "other.key"\n', encoding="utf-8")
    untouched.environment = {"PASSERELLE_CONFIG": str(settings), "PASSERELLE_INSTANCE_FOLDER": str(tmp_path / "third")}

    untouched.done("db", "upgrade")

    assert sorted(path.name for path in (tmp_path / "third").iterdir()) == ["other.key", "passerelle.sqlite3"]


def test_a_folder_that_cannot_be_written_is_refused_with_a_way_out(untouched):
    untouched.folder.write_text("a file stands here", encoding="utf-8")

    told = untouched.refused("db", "upgrade")

    assert "Cannot write to" in told
    assert "PASSERELLE_INSTANCE_FOLDER" in told


def test_unsafe_settings_are_refused_by_name(untouched):
    untouched.environment = {"PASSERELLE_ISSUER": "http://hub.example.org"}

    assert "must be https" in untouched.refused("db", "upgrade")


def test_a_database_that_does_not_answer_is_told_in_a_sentence(untouched):
    untouched.environment = {"PASSERELLE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}

    assert "The database refused" in untouched.refused("db", "upgrade")


def test_check_finds_migrations_and_models_in_agreement_without_a_database_of_ours(untouched):
    assert "agree" in untouched.done("db", "check")
    assert not untouched.folder.exists()


def test_check_tells_a_difference(untouched):
    stray = Table("stray", Base.metadata, Column("id", Integer))
    try:
        result = untouched.type("db", "check")
    finally:
        Base.metadata.remove(stray)

    assert result.exit_code == 1
    assert "migrations and models differ" in result.output
    assert "stray" in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("organisation", "add", "a", "A", "--kind", "agency", "--region", "AB"),
        ("client", "add", "eriec"),
        ("round", "run"),
        ("round", "list"),
        ("worker", "--once"),
        ("serve",),
    ],
)
def test_a_hub_that_was_never_set_up_says_what_to_run_first(untouched, words: tuple[str, ...]):
    assert "passerelle db upgrade" in untouched.refused(*words)


def test_a_hub_without_tables_says_what_to_run_first(terminal):
    (terminal.folder / "passerelle.sqlite3").unlink()
    Database(f"sqlite:///{terminal.folder}/passerelle.sqlite3").close()

    told = terminal.type("organisation", "add", "a", "A", "--kind", "agency", "--region", "AB")

    assert told.exit_code == 1
    assert "passerelle db upgrade" in told.output
