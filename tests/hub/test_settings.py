"""Settings: the later source wins, nothing unknown is read, and nothing unsafe starts."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.settings import RANGES, Settings, UnsafeSettings, is_loopback, load_settings, secret_path

SECRET = "s" * 40
WORDS = [
    field.name for field in fields(Settings) if field.type is str and field.name not in {"issuer", "host", "secret"}
]


def refused(environment: dict[str, str] | None = None, **overrides: object) -> str:
    with pytest.raises(UnsafeSettings) as unsafe:
        load_settings(environment or {}, **({"secret": SECRET} | overrides))
    return str(unsafe.value)


def test_the_defaults_start_once_there_is_a_secret():
    assert load_settings({}, secret=SECRET).issuer == "http://127.0.0.1:8000"


def test_a_file_wins_over_defaults_the_environment_over_the_file_and_arguments_over_all(tmp_path: Path):
    path = tmp_path / "hub.toml"
    path.write_text("page_size = 10\nport = 8010\nworkers = 2\n", encoding="utf-8")
    environment = {"PASSERELLE_CONFIG": str(path), "PASSERELLE_PORT": "8020", "PASSERELLE_WORKERS": "3"}

    found = load_settings(environment, secret=SECRET, workers=4)

    assert (found.page_size, found.port, found.workers, found.host) == (10, 8020, 4, "127.0.0.1")


@given(st.sampled_from(sorted(RANGES)), st.integers(-(10**9), 10**10))
def test_numbers_hold_to_their_ranges_wherever_they_come_from(name: str, value: int):
    least, most = RANGES[name]

    if least <= value <= most:
        assert getattr(load_settings({}, secret=SECRET, **{name: value}), name) == value
    else:
        assert f"{name} is {value}" in refused(**{name: value})


def test_every_number_has_a_range():
    assert set(RANGES) == {field.name for field in fields(Settings) if field.type is int}


@pytest.mark.parametrize("k", [0, 1, 4])
def test_classes_of_fewer_than_five_people_are_never_shown(k: int):
    assert "pool_k" in refused(pool_k=k)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PASSERELLE_PORT": "eighty"}, "PASSERELLE_PORT must be a whole number"),
        ({"PASSERELLE_PORT": "-1"}, "PASSERELLE_PORT must be a whole number"),
        ({"PASSERELLE_LOG_JSON": "yes"}, "PASSERELLE_LOG_JSON must be true or false"),
        ({"AUTHLIB_INSECURE_TRANSPORT": "1"}, "unset it"),
        ({"FLASK_DEBUG": "1"}, "unset it"),
        ({"PASSERELLE_CONFIG": "no-such-file.toml"}, "no-such-file.toml"),
    ],
)
def test_an_environment_that_cannot_be_meant_is_refused_by_name(environment: dict[str, str], said: str):
    assert said in refused(environment)


@pytest.mark.parametrize("text", ["true", "TRUE", "false"])
def test_yes_and_no_are_words(text: str):
    assert load_settings({"PASSERELLE_LOG_JSON": text}, secret=SECRET).log_json == (text.lower() == "true")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"colour = 'red'\n", "no setting named 'colour'"),
        (b"port = '8000'\n", "port must be int"),
        (b"log_json = 1\n", "log_json must be bool"),
        (b"port = true\n", "port must be int"),
        (b"port = \n", "hub.toml"),
        (b"host = '\xe9'\n", "hub.toml"),
    ],
)
def test_a_file_is_read_strictly(tmp_path: Path, body: bytes, said: str):
    path = tmp_path / "hub.toml"
    path.write_bytes(body)

    assert said in refused({"PASSERELLE_CONFIG": str(path)})


@pytest.mark.parametrize("name", WORDS)
def test_words_are_words(name: str):
    assert f"{name} must be str" in refused(**{name: 7})


@pytest.mark.parametrize("secret", ["", "short", "s" * 31])
def test_a_short_secret_is_refused_with_the_cure(tmp_path: Path, secret: str):
    assert "passerelle db upgrade" in refused(secret=secret, instance_folder=str(tmp_path))


def test_a_stored_secret_is_read_where_the_settings_say(tmp_path: Path):
    kept = secret_path({}, instance_folder=str(tmp_path), secret_file="other.key")
    kept.write_text(SECRET + "\n", encoding="ascii")

    assert kept == tmp_path / "other.key"
    assert load_settings({}, instance_folder=str(tmp_path), secret_file="other.key").secret == SECRET


def test_a_secret_that_is_not_text_is_refused(tmp_path: Path):
    (tmp_path / "secret.key").write_bytes(b"\xff" * 40)

    assert "cannot be read as a secret" in refused(secret="", instance_folder=str(tmp_path))


@pytest.mark.parametrize(
    ("issuer", "host"),
    [
        ("http://hub.example.org", "127.0.0.1"),
        ("http://127.0.0.1@example.org", "127.0.0.1"),
        ("http://localhost.example.org", "127.0.0.1"),
        ("ftp://127.0.0.1", "127.0.0.1"),
        ("https://", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("http://127.0.0.1:8000", "0.0.0.0"),
        ("http://127.0.0.1:8000", "192.168.1.5"),
    ],
)
def test_plain_http_stays_on_this_machine(issuer: str, host: str):
    assert refused(issuer=issuer, host=host).startswith(("issuer", "host"))


@pytest.mark.parametrize(
    ("issuer", "host", "secure"),
    [
        ("https://hub.example.org", "0.0.0.0", True),
        ("http://localhost:8000", "localhost", False),
        ("http://[::1]:8000", "::1", False),
        ("http://127.0.0.9", "127.0.0.1", False),
    ],
)
def test_cookies_demand_tls_everywhere_but_on_loopback(issuer: str, host: str, secure: bool):
    assert load_settings({}, secret=SECRET, issuer=issuer, host=host).secure_cookies == secure


@given(st.ip_addresses())
def test_loopback_is_what_the_address_says(address):
    assert is_loopback(str(address)) == address.is_loopback
    assert not is_loopback(f"{address}.example.org")


def test_neither_the_secret_nor_a_database_password_is_ever_printed():
    found = load_settings({}, secret=SECRET, database_url="postgresql+psycopg://hub:hunter2@db/hub")

    assert not {SECRET, "hunter2"} & set(f"{found!r} {found}".replace("'", " ").split())
    assert "hunter2" not in repr(found) + str(found)
    assert found.database.endswith("hunter2@db/hub")


def test_without_an_address_the_database_lies_in_the_instance_folder(tmp_path: Path):
    found = load_settings({}, secret=SECRET, instance_folder=str(tmp_path))

    assert found.database == f"sqlite:///{tmp_path.resolve()}/passerelle.sqlite3"


def test_settings_cannot_change_after_the_start():
    with pytest.raises(AttributeError):
        load_settings({}, secret=SECRET).pool_k = 1  # type: ignore[misc]


@pytest.mark.parametrize("word", ["offered", "required"])
def test_a_second_factor_is_offered_or_required(word: str):
    assert load_settings({"PASSERELLE_SECOND_FACTOR": word}, secret=SECRET).second_factor == word


@pytest.mark.parametrize("word", ["", "Required", "no", "yes"])
def test_a_second_factor_is_nothing_in_between(word: str):
    assert "offered or required is needed" in refused(second_factor=word)
