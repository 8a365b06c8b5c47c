"""The application as a whole: whose word about an address is believed, and what is ready before the first request."""

import pytest
from flask import Flask, request

from hub.access.policy import public
from hub.app import create_app
from hub.database import Database
from hub.services import matching
from hub.settings import Settings, load_settings


def settings_with(**changes: object) -> Settings:
    return load_settings({}, secret="s" * 40, **changes)


def application(database: Database, **changes: object) -> Flask:
    app = create_app(settings_with(**changes), database)
    app.add_url_rule("/who", view_func=public("a test")(lambda: request.remote_addr or ""))
    return app


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
    ],
)
def test_an_address_is_believed_from_as_many_proxies_as_the_operator_says(
    sqlite_database: Database, proxies: int, forwarded: str, seen: str
):
    client = application(sqlite_database, trusted_proxies=proxies).test_client()

    assert client.get("/who", headers={"X-Forwarded-For": forwarded}).text == seen


def test_kin_in_writing_only_is_no_common_language_to_speak():
    knowledge = matching.knowledge()

    assert "yue" not in knowledge.kin_languages("zh")
    assert "ur" in knowledge.kin_languages("hi")
