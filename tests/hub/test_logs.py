"""Logs: what is not on the list is never written, whoever writes it."""

import json

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hub import logs

FIELDS = ["email", "name", "pseudonym", "profile", "body", "noc", "password", "token", "envelope"]


@pytest.fixture(autouse=True)
def restored():
    yield
    structlog.reset_defaults()


@given(st.dictionaries(st.sampled_from([*FIELDS, *logs.ALLOWED]) | st.text(max_size=8), st.integers()))
def test_only_what_is_on_the_list_comes_through_unchanged(event: dict[str, int]):
    kept = logs.keep_allowed(None, "info", dict(event))

    assert kept == {key: value for key, value in event.items() if key in logs.ALLOWED}


def test_no_field_of_a_person_is_on_the_list():
    assert not logs.ALLOWED & set(FIELDS)


def test_lines_are_json_on_standard_error_with_time_and_level(capsys: pytest.CaptureFixture[str]):
    logs.configure(as_json=True)

    structlog.get_logger("test").warning("request", route="/profiles/<name>", pseudonym="mentee-0001", email="a@b.ca")

    told = capsys.readouterr()
    line = json.loads(told.err)
    assert told.out == ""
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "request", "level": "warning", "route": "/profiles/<name>"}


def test_lines_for_people_drop_the_same(capsys: pytest.CaptureFixture[str]):
    logs.configure(as_json=False)

    structlog.get_logger("test").info("request", route="/pool", email="amina@example.org")

    told = capsys.readouterr().err
    assert "/pool" in told
    assert "amina" not in told


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]):
    logs.configure(as_json=True)

    structlog.get_logger("test").debug("request", route="/pool")

    assert capsys.readouterr().err == ""
