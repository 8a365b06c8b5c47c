"""Clients we did not write, and one written from the guide alone, against a real served hub: no special case for any."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.client import HubClient
from federation.keys import generate_keys
from hub.settings import Settings
from tests.hub.people import mentor
from tests.interop.conftest import SCRIPTS, Run

EVERYONE = {"eriec", "criec", "arec", "bvlc"}


def test_a_client_written_from_the_guide_alone_calls_the_api(
    served: Settings, enrolment: Callable[[], str], node: Run
) -> None:
    told = {"issuer": served.issuer, "enrolment_token": enrolment(), "profile": json.dumps(mentor())}

    answers = node("plain.mjs", told)

    assert answers.keys() == {"ES256", "Ed25519"}
    for said in answers.values():
        assert (said["token_type"], said["shared"]) == ("DPoP", 201)
        assert (said["replayed"], said["bearer"]) == (401, 401)
        assert set(said["organisations"]) == EVERYONE


@pytest.mark.parametrize(
    ("script", "algorithms"),
    [
        ("oauth4webapi.mjs", {"ES256", "PS256", "Ed25519"}),
        ("openid_client.mjs", {"ES256", "PS256", "Ed25519"}),
        ("jose_client.mjs", {"ES256", "PS256", "EdDSA"}),
    ],
)
def test_a_client_of_others_gets_a_bound_token_and_calls_the_api(
    served: Settings,
    enrolment: Callable[[], str],
    node: Run,
    packages: None,
    tmp_path: Path,
    script: str,
    algorithms: set[str],
) -> None:
    shutil.copy(SCRIPTS / "enrol.mjs", tmp_path / "enrol.mjs")
    told = {
        "issuer": served.issuer,
        "enrolment_tokens": {name: enrolment() for name in algorithms},
        "profile": json.dumps(mentor()),
    }

    answers = node(script, told)

    assert answers.keys() == algorithms
    for said in answers.values():
        assert said["token_type"].lower() == "dpop"
        assert (set(said["organisations"]), said["shared"]) == (EVERYONE, 201)
        assert said.get("after_revocation", 401) == 401


class TestOverARealSocket:
    """What the server between the wire and us makes of a header that comes twice."""

    def ask(self, served: Settings, headers: list[str]) -> int:
        lines = ["GET /api/v1/organisations HTTP/1.1", f"Host: 127.0.0.1:{served.port}", "Connection: close", *headers]
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
            wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            return int(wire.makefile("rb").readline().split()[1])

    @pytest.fixture
    def signed(self, served: Settings, enrolment: Callable[[], str]) -> Iterator[Callable[[], dict[str, str]]]:
        url = f"{served.issuer}/api/v1/organisations"
        with HubClient.register(served.issuer, enrolment(), generate_keys("eriec").client) as client:
            yield lambda: client._authorisation("GET", url)

    def test_one_proof_opens(self, served: Settings, signed: Callable[[], dict[str, str]]) -> None:
        assert self.ask(served, [f"{name}: {value}" for name, value in signed().items()]) == 200

    @pytest.mark.parametrize("twice", ["DPoP", "Authorization"])
    @pytest.mark.parametrize("same", [True, False])
    def test_two_do_not(self, served: Settings, signed: Callable[[], dict[str, str]], twice: str, same: bool) -> None:
        headers = signed()
        second: dict[str, Any] = headers if same else signed() | {"Authorization": "Bearer x"}
        lines = [f"{name}: {value}" for name, value in headers.items()]

        assert self.ask(served, [*lines, f"{twice}: {second[twice]}"]) == 401
        assert self.ask(served, [f"{twice}: x", *[f"{name}: {value}" for name, value in signed().items()]]) == 401
