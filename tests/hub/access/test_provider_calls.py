"""Calls to identity providers: in time, in size, to where they are meant, and never inside a private network."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hub.access import provider_calls
from hub.access.provider_calls import MOST_BYTES, ProviderUnreachable, ask, may_be_asked
from hub.access.provider_documents import ProviderDocuments, read_document
from hub.services.identity_providers import SECRET, Provider
from hub.settings import Settings, load_settings
from tests.hub.identity_provider import IdentityProvider

TRIAL = load_settings({}, secret="s" * 40, issuer="http://127.0.0.1:8000")
OPEN = replace(TRIAL, issuer="https://hub.example")
INSIDE_4 = [
    "10.0.0.8",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "127.0.0.1",
]
INSIDE_6 = ["::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.8", "::ffff:169.254.169.254"]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers as it likes; its address, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        heard.append(connection.recv(65_536))
                        answer(connection)
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x", heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def whole(body: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def dripping(before: bytes) -> Callable[[socket.socket], None]:
    """Never silent for long, and never done."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(before)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    return drip


@pytest.mark.parametrize(
    ("address", "trial", "public"),
    [
        ("https://idp.example", True, True),
        ("https://idp.example:8443/tenant?x=1", True, True),
        ("http://127.0.0.1:9000", True, False),
        ("http://localhost", True, False),
        ("http://[::1]:9000", True, False),
        ("http://idp.example", False, False),
        ("http://127.0.0.1.idp.example", False, False),
        ("https://user@idp.example", False, False),
        ("https://idp.example/#part", False, False),
        ("https://idp.example/a b", False, False),
        ("https://idp.example/\r\nx", False, False),
        ("https://idp.example:port", False, False),
        ("https://é.example", False, False),
        ("https://", False, False),
        ("file:///etc/passwd", False, False),
        ("//idp.example", False, False),
        ("https://idp.example/" + "x" * 1000, False, False),
        ("", False, False),
        (None, False, False),
        (["https://idp.example"], False, False),
    ],
)
def test_an_address_is_https_or_this_machines_own_in_a_trial(address: object, trial: bool, public: bool) -> None:
    assert (may_be_asked(address, TRIAL), may_be_asked(address, OPEN)) == (trial, public)


@pytest.mark.parametrize("place", [*INSIDE_4, *INSIDE_6])
def test_no_place_inside_a_private_network_is_called(place: str) -> None:
    with pytest.raises(ProviderUnreachable):
        provider_calls._check_place(place, trial=False)


@pytest.mark.parametrize(
    ("place", "trial"), [("9.9.9.9", False), ("2620:fe::fe", False), ("127.0.0.1", True), ("::1", True)]
)
def test_a_public_place_is_and_this_machine_in_a_trial(place: str, trial: bool) -> None:
    provider_calls._check_place(place, trial=trial)


def test_a_name_that_leads_inside_gets_not_a_byte() -> None:
    """As after a re-binding: the address looks public, the connection is not."""
    with answering(whole(b"{}")) as (address, heard):
        inside = address.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(ProviderUnreachable, match="private"):
            ask(inside, OPEN, form={"client_secret": "secret"})
        time.sleep(0.05)

    assert heard in ([], [b""])


def test_an_answer_comes_whole() -> None:
    with answering(whole(b'{"a": 1}')) as (address, heard):
        reply = ask(address, TRIAL, form={"code": "a b"}, headers={"Accept": "application/json"})

    assert (reply.status, reply.body) == (200, b'{"a": 1}')
    assert heard[0].startswith(b"POST /x HTTP/1.1\r\n")


def test_a_redirect_is_not_followed() -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/inside\r\nContent-Length: 0\r\n\r\n"
    with answering(lambda connection: connection.sendall(away)) as (address, _):
        assert ask(address, TRIAL).status == 302


def test_too_much_is_cut_off() -> None:
    with answering(whole(b"x" * (MOST_BYTES + 1))) as (address, _), pytest.raises(ProviderUnreachable):
        ask(address, TRIAL)


@pytest.mark.parametrize("before", [OK + b"Content-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_an_answer_that_drips_is_cut_off_in_time(before: bytes) -> None:
    began = time.monotonic()
    with answering(dripping(before)) as (address, _), pytest.raises(ProviderUnreachable):
        ask(address, TRIAL, deadline=0.3)

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("answer", [b"", b"junk\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_what_is_no_answer_is_unreachable(answer: bytes) -> None:
    with answering(lambda connection: connection.sendall(answer)) as (address, _), pytest.raises(ProviderUnreachable):
        ask(address, TRIAL)


class TestADocument:
    @pytest.fixture
    def provider(self) -> Iterator[IdentityProvider]:
        with IdentityProvider().running() as found:
            yield found

    def test_is_read_once_an_hour(self, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> None:
        known, client = ProviderDocuments(), client_of(provider)
        first, again = (known.document(client, TRIAL) for _ in range(2))
        asked = len(provider.calls)
        monkeypatch.setattr("hub.access.provider_documents.KEPT_SECONDS", 0.0)
        known.document(client, TRIAL)

        assert first == again
        assert (asked, len(provider.calls)) == (1, 2)

    def test_keys_of_a_made_up_name_are_looked_for_once_a_minute(self, provider: IdentityProvider) -> None:
        known, client = ProviderDocuments(), client_of(provider)
        document = known.document(client, TRIAL)
        for kid in ("first", "made up", "another", None):
            assert len(known.keys(document, kid, TRIAL)) == 1

        assert provider.calls.count("/keys") == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"issuer": "https://elsewhere.example"},
            {"issuer": None},
            {"token_endpoint": "http://idp.example/token"},
            {"jwks_uri": "http://169.254.169.254/latest"},
            {"jwks_uri": None},
            {"authorization_endpoint": "javascript:alert(1)"},
        ],
        ids=str,
    )
    def test_that_is_not_the_issuers_or_leads_astray_is_refused(
        self, provider: IdentityProvider, changes: dict[str, str | None]
    ) -> None:
        provider.document = dict(changes)

        with pytest.raises(ProviderUnreachable):
            read_document(provider.issuer, TRIAL)

    def test_of_an_issuer_with_a_slash_more_is_another_issuers(self, provider: IdentityProvider) -> None:
        with pytest.raises(ProviderUnreachable, match="is of the issuer"):
            read_document(provider.issuer + "/", TRIAL)


def client_of(provider: IdentityProvider, settings: Settings = TRIAL) -> Provider:
    return Provider("eriec", provider.issuer, provider.client_id, SECRET, provider.secret)
