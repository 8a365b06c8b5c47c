"""Journey 1: an agency's own spreadsheet, its connector, the API, the pool."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from federation.command_line import build
from federation.connector import exchange
from federation.connector.store import Store
from federation.problems import Problem
from tests.journeys.conftest import Hub

ROOT = Path(__file__).resolve().parents[2]
SHEETS = ROOT / "tests/data/mentor-match"
MAPPINGS = ROOT / "config/connector"


@pytest.fixture
def type_in(tmp_path: Path) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        ended = CliRunner().invoke(build(), ["connector", "--folder", str(tmp_path / "agency"), *words])
        assert ended.exit_code == 0, ended.output
        return ended

    return run


@pytest.fixture
def pushed(hub: Hub, type_in: Callable[..., Result]) -> list[Result]:
    """A civil service's two mentoring sheets, shared by an agency that has just joined."""
    type_in("init")
    type_in("register", "--organisation", "lfs", "--hub", hub.settings.issuer, "--token", hub.enrolment("lfs"))
    return [
        type_in(
            "push",
            str(SHEETS / f"small_{kind}.csv"),
            "--mapping",
            str(MAPPINGS / f"mentor_match_{kind}.toml"),
            "--keep-good",
        )
        for kind in ("mentors", "mentees")
    ]


def test_a_spreadsheet_nobody_here_wrote_reaches_the_pool_without_a_name(
    hub: Hub, pushed: list[Result], tmp_path: Path, files_holding: Callable[[str], list[str]]
):
    people = [row for kind in ("mentors", "mentees") for row in _rows(SHEETS / f"small_{kind}.csv")]

    with exchange.connect(Store(tmp_path / "agency")) as client:
        shared = list(client.profiles())

    assert all("50 people can be shared, 0 faults" in result.output for result in pushed)
    before = len(hub.own("lfs", "mentor")) + len(hub.own("lfs", "mentee"))
    assert len(shared) == before + len(people)
    for row in people:
        assert files_holding(row["email address"]) == []
        assert files_holding(row["biography"]) == []


def test_what_is_shared_can_be_withdrawn_and_stays_withdrawn(hub: Hub):
    agency = hub.agency("lfs")
    person = hub.own("lfs", "mentor")[0]

    agency.client.withdraw(person.pseudonym)

    with pytest.raises(Problem, match="withdrawn") as refused:
        agency.client.share_profile(person.pseudonym, person.profile)
    assert refused.value.kind == "withdrawn"
    with pytest.raises(Problem) as gone:
        agency.client.profile(person.pseudonym)
    assert gone.value.kind == "not-found"


def test_a_contact_sent_by_mistake_is_refused_and_written_nowhere(hub: Hub, files_holding: Callable[[str], list[str]]):
    agency = hub.agency("lfs")
    person = hub.own("lfs", "mentor")[0]

    with pytest.raises(Problem) as refused:
        agency.client.share_profile("by-mistake", {**person.profile, "email": "amina.planted@example.org"})

    assert refused.value.kind == "unknown-field"
    assert "amina" not in json.dumps(refused.value.document())
    assert files_holding("amina.planted") == []


def test_one_organisation_cannot_read_anothers_people(hub: Hub):
    stranger = hub.agency("eriec").client

    with pytest.raises(Problem) as refused:
        stranger.profile(hub.own("lfs", "mentor")[0].pseudonym)

    assert refused.value.kind == "not-found"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
