"""The reference client speaks through every door of the API and knocks at no other; what it says there works at a real hub."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import httpx

from federation.client import HubClient
from federation.keys import generate_keys
from hub.database import Database
from tests.federation.conftest import HUB, kind_of
from tests.hub.access.matrix import API
from tests.hub.gathered import agreed, handles, share_six, share_two
from tests.hub.people import mentee, mentor
from tests.hub.rounds import run_round

ANSWER = {"items": [], "pairs": [], "envelope": "", "statements": [], "keys": [], "number": 0, "next": None}


def spoken() -> Iterator[tuple[str, str]]:
    """Yield the method and path of what every public method of the client asks of the API."""
    asked: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 300, "token_type": "DPoP"})
        asked.append((request.method, request.url.path))
        return httpx.Response(200, json=ANSWER)

    client = HubClient(
        HUB, "client-1", generate_keys("eriec").client, httpx.Client(transport=httpx.MockTransport(answer))
    )
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if not name.startswith("_") and name not in {"register", "replace_key"}:
            named = inspect.signature(method).parameters.values()
            said = method(*[_anything(one) for one in named if one.kind is not inspect.Parameter.VAR_KEYWORD])
            if isinstance(said, Iterator):
                list(said)
    yield from asked


def _anything(parameter: inspect.Parameter) -> Any:
    annotation = str(parameter.annotation)
    if "Iterable[tuple" in annotation:
        return [("x", {})]
    return (
        0
        if annotation.endswith("int'>")
        else []
        if "Iterable" in annotation
        else {}
        if "Mapping" in annotation
        else "x"
    )


def test_every_door_is_spoken_through_and_no_other():
    doors = {(row.method, row.rule): re.compile(re.sub(r"<[^>]+>", "[^/]+", row.rule) + r"\Z") for row in API}
    met: set[tuple[str, str]] = set()
    for method, path in spoken():
        if path.startswith("/.well-known/"):
            continue
        through = {door for door, pattern in doors.items() if door[0] == method and pattern.match(path)}
        assert through, f"{method} {path}"
        met |= through

    assert set(doors) - met == set()


def test_an_organisation_looks_near_first_and_ends_an_agreement(eriec: HubClient, criec: HubClient):
    assert eriec.look_near_first(7)["local_first_days"] == eriec.sharing()["local_first_days"] == 7
    first = next(one for one in eriec.sharing()["agreements"] if one["mine"] == "sharing" and one["state"] == "current")

    eriec.end_agreement(first["id"])

    assert {one["id"]: one["state"] for one in eriec.sharing()["agreements"]}[first["id"]] == "withdrawn"
    assert kind_of(lambda: eriec.end_agreement(first["id"])) == "illegal-move"
    assert {"agreement.withdraw", "sharing.local_first"} <= {one["operation"] for one in eriec.audit_entries()}
    assert criec.shown() == []


def test_a_pair_is_ruled_out_and_taken_back(eriec: HubClient, criec: HubClient):
    criec.share_profile("mentor-0001", mentor())
    eriec.share_profile("mentee-0001", mentee())
    handle = eriec.recommendations("mentee-0001")["recommendations"][0]["handle"]

    said = eriec.wish("mentee-0001", handle, "forbid", "our_choice")

    assert [one["id"] for one in eriec.wishes("mentee-0001")] == [said["id"]]
    eriec.take_wish_back(said["id"])
    assert eriec.wishes("mentee-0001") == []


def test_a_proposal_is_taken_back(eriec: HubClient, criec: HubClient):
    criec.share_profile("mentor-0001", mentor())
    eriec.share_profile("mentee-0001", mentee())
    sent = eriec.propose("mentee-0001", eriec.recommendations("mentee-0001")["recommendations"][0]["handle"])

    assert eriec.withdraw_proposal(sent["id"])["state"] == "withdrawn"


def test_invitations_are_read_taken_back_left_and_ended(eriec: HubClient, criec: HubClient, hub_people: Database):
    share_two(hub_people)
    sent = eriec.propose_gathering("pair", str(handles(hub_people, "eriec", "pair")[0]))

    assert [one["id"] for one in criec.gatherings()] == [criec.gathering(sent["id"])["id"]] == [sent["id"]]
    assert eriec.withdraw_gathering(sent["id"])["state"] == "withdrawn"


def test_an_organisation_leaves_a_circle_that_goes_on(eriec: HubClient, criec: HubClient, hub_people: Database):
    share_six(hub_people)
    assert eriec.groups()["groups"] == []
    assert len(eriec.circles()["circles"]) == 1
    circle = agreed(hub_people, "circle", "criec")

    eriec.leave_gathering(circle)

    assert criec.gathering(circle)["state"] == "agreed"
    assert criec.end_gathering(circle)["state"] == "ended"


def test_a_round_is_repaired_by_a_yes_to_what_was_seen(eriec: HubClient, criec: HubClient, hub_people: Database):
    published = run_round(hub_people, publish=True).id
    criec.share_profile("mentor-0001", mentor())
    eriec.share_profile("mentee-0001", mentee())

    seen = next(one for one in eriec.repair(published)["offers"] if one["kind"] == "no_move")

    assert eriec.make_repair(published, "no_move", seen["picture"])["asked"] == 1
    assert kind_of(lambda: eriec.make_repair(published, "no_move", seen["picture"])) == "conflict"
