"""Calls to identity providers: bounded in time and size, to the addresses they are meant for, and nowhere inside our walls.

A provider's documents name further addresses. None of them may lead the hub to a machine that only the hub can reach; so the
address a connection really has is looked at before anything is sent on it, whatever the name resolves to by then.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from hub.settings import Settings, is_loopback

TIMEOUT: Final = httpx.Timeout(5, connect=3)
# For the whole call, however slowly an answer drips.
DEADLINE_SECONDS: Final = 10.0
MOST_BYTES: Final = 262_144
LONGEST_ADDRESS: Final = 1000


class ProviderUnreachable(Exception):
    """The provider does not answer, not in time, or with what it may not say. The reason is for operators at a terminal."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole."""

    status: int
    body: bytes


def may_be_asked(address: Any, settings: Settings) -> bool:
    """Whether an address may be a provider's: https; plain http on this machine, where the hub itself speaks it (trials)."""
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS or not address.isascii():
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    clean = (
        bool(host) and parts.username is None and not parts.fragment and address.isprintable() and " " not in address
    )
    return clean and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host) and is_trial(settings)))


def is_trial(settings: Settings) -> bool:
    """Whether the hub runs on plain http, which settings allow on this machine only."""
    return not settings.secure_cookies


def ask(
    address: str,
    settings: Settings,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    deadline: float = DEADLINE_SECONDS,
) -> Reply:
    """Get an address, or send a form there; redirects are not followed.

    Raises
    ------
    ProviderUnreachable
        Whatever went wrong on the way.
    """
    if not may_be_asked(address, settings):
        raise ProviderUnreachable("the address is not https")
    wire = _Wire(trial=is_trial(settings))
    method = "GET" if form is None else "POST"
    with wire.cut_after(deadline), _client() as http:
        try:
            with http.stream(method, address, data=form, headers=headers, extensions={"trace": wire.watch}) as answer:
                return Reply(answer.status_code, _whole(answer, time.monotonic() + deadline))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise ProviderUnreachable(type(error).__name__) from error


def _client() -> httpx.Client:
    # No proxies and no credentials of this machine's environment.
    return httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom TLS trusts; reading the list takes tens of milliseconds."""
    return httpx.create_ssl_context(trust_env=False)


def _whole(answer: httpx.Response, until: float) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes(8192):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise ProviderUnreachable("too much, or too slow")
    return bytes(body)


@dataclass
class _Wire:
    """The connection of one call: looked at when it stands, cut when time is up."""

    trial: bool
    streams: list[Any] = field(default_factory=list)
    over: bool = False

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by the HTTP library at each step; what is raised here ends the call before a byte is sent."""
        if event not in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            return
        stream = info["return_value"]
        self.streams.append(stream)
        if event == "connection.connect_tcp.complete":
            try:
                _check_place(str(stream.get_extra_info("server_addr")[0]), trial=self.trial)
            except ProviderUnreachable:
                # The library does not know yet that this connection is its own to close.
                stream.close()
                raise
        if self.over:
            self._cut()

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.over = True
        for stream in self.streams:
            # A socket that TLS took over, or that is closed by now, has nothing to cut.
            with suppress(OSError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _check_place(place: str, *, trial: bool) -> None:
    """Refuse private, link-local, loopback and other addresses that are not of the public net.

    Raises
    ------
    ProviderUnreachable
    """
    found = ip_address(place.partition("%")[0])
    within = getattr(found, "ipv4_mapped", None) or found
    if (within.is_global and not within.is_multicast) or (within.is_loopback and trial):
        return
    raise ProviderUnreachable("the address is inside a private network")
