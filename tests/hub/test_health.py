"""Health: alive, ready or not, counted by route; nobody's name in any of it."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub.app import create_app
from hub.database import Database
from hub.settings import Settings, load_settings

PERSON = "mentee-of-somebody-0001"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, secret="s" * 40, instance_folder=str(tmp_path))


@pytest.fixture
def watched(settings: Settings, sqlite_database: Database) -> FlaskClient:
    return create_app(settings, sqlite_database).test_client()


def counts(http: FlaskClient) -> list[str]:
    return [line for line in http.get("/metrics").text.splitlines() if line.startswith("passerelle_requests_total{")]


def test_a_migrated_hub_is_alive_and_ready(watched: FlaskClient):
    assert [(watched.get(path).status_code, watched.get(path).text) for path in ("/healthz", "/readyz")] == [
        (200, "ok\n"),
        (200, "ready\n"),
    ]


def test_a_hub_without_its_tables_is_alive_but_not_ready(settings: Settings, tmp_path: Path):
    empty = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    http = create_app(settings, empty).test_client()

    answer = http.get("/readyz")

    assert (http.get("/healthz").status_code, answer.status_code) == (200, 503)
    assert str(tmp_path) not in answer.text
    empty.close()


def test_requests_are_counted_by_their_rule_and_never_by_their_path(watched: FlaskClient):
    watched.get(f"/api/v1/profiles/{PERSON}")
    watched.get(f"/nowhere/{PERSON}")

    told = watched.get("/metrics").text
    assert PERSON not in told
    rule = 'passerelle_requests_total{method="GET",route="/api/v1/profiles/<name:pseudonym>",status="401"} 1.0'
    assert rule in told
    assert 'route="unknown",status="404"' in told
    assert 'passerelle_request_seconds_bucket{le="0.3",route="unknown"}' in told


def test_a_caller_cannot_invent_rows_of_the_counts(watched: FlaskClient):
    for number in range(20):
        watched.open("/healthz", method=f"INVENTED{number}")

    assert [line for line in counts(watched) if "/healthz" in line or "unknown" in line] == [
        line for line in counts(watched) if 'method="other"' in line
    ]
    assert "INVENTED" not in watched.get("/metrics").text


def test_every_answer_has_an_id_of_its_own_that_its_log_line_tells(
    capsys: pytest.CaptureFixture[str], settings: Settings, sqlite_database: Database
):
    watched = create_app(settings, sqlite_database).test_client()
    ids = [watched.get(path).headers["X-Request-ID"] for path in ("/healthz", "/nowhere", f"/api/v1/profiles/{PERSON}")]

    told = capsys.readouterr().err
    lines = [json.loads(line) for line in told.splitlines() if '"request"' in line]
    assert [line["request_id"] for line in lines] == ids
    assert len(set(ids)) == 3
    assert [(line["route"], line["status"]) for line in lines[:2]] == [("/healthz", 200), ("unknown", 404)]
    assert PERSON not in told
