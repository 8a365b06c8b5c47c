"""What a provider says of itself: its addresses (OpenID Connect Discovery) and its keys, read when needed and kept an hour."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from federation import strict_json
from federation.problems import Problem
from hub.access.provider_calls import MOST_BYTES, ProviderUnreachable, Reply, ask, may_be_asked
from hub.services.identity_providers import Provider
from hub.settings import Settings

WELL_KNOWN: Final = "/.well-known/openid-configuration"
KEPT_SECONDS: Final = 3600.0
# A key nobody knows makes the keys be read anew, at most this often: tokens with made-up keys must not keep a provider busy.
KEYS_AGAIN_SECONDS: Final = 60.0
# A provider that just failed is not asked again at once: each try can hold a thread for seconds.
AFTER_FAILURE_SECONDS: Final = 10.0
MOST_KEYS: Final = 50
Key = Mapping[str, Any]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Document:
    """The part of a discovery document that signing in needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    sends_issuer: bool
    """Whether each answer carries ``iss`` (RFC 9207): one without it is then refused."""
    secret_in_form: bool
    """Whether the provider takes a client's secret in the form only."""


@dataclass
class _Known:
    lock: threading.Lock = field(default_factory=threading.Lock)
    document: Document | None = None
    keys: tuple[Key, ...] = ()
    document_at: float = 0.0
    keys_at: float | None = None
    failed_at: float | None = None


class ProviderDocuments:
    """What this process knows of providers, by issuer. Times are of the monotonic clock; one thread asks, others wait."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def document(self, provider: Provider, settings: Settings) -> Document:
        """Return where a provider is reached.

        Raises
        ------
        ProviderUnreachable
        """
        known = self._of(provider.issuer)
        with known.lock:
            if known.document is None or time.monotonic() - known.document_at > KEPT_SECONDS:
                known.document = self._try(known, lambda: read_document(provider.issuer, settings))
                known.document_at = time.monotonic()
            return known.document

    def keys(self, document: Document, kid: str | None, settings: Settings) -> tuple[Key, ...]:
        """Return a provider's keys; read anew when none has the name asked for, at most once a minute.

        Raises
        ------
        ProviderUnreachable
        """
        known = self._of(document.issuer)
        with known.lock:
            age = KEPT_SECONDS + 1 if known.keys_at is None else time.monotonic() - known.keys_at
            strange = kid is not None and all(key.get("kid") != kid for key in known.keys)
            if age > KEPT_SECONDS or (strange and age > KEYS_AGAIN_SECONDS):
                known.keys = self._try(known, lambda: read_keys(document, settings))
                known.keys_at = time.monotonic()
            return known.keys

    def _of(self, issuer: str) -> _Known:
        with self._lock:
            return self._known.setdefault(issuer, _Known())

    @staticmethod
    def _try(known: _Known, read: Callable[[], Found]) -> Found:
        if known.failed_at is not None and time.monotonic() - known.failed_at < AFTER_FAILURE_SECONDS:
            raise ProviderUnreachable("it failed seconds ago")
        try:
            found = read()
        except ProviderUnreachable:
            known.failed_at = time.monotonic()
            raise
        known.failed_at = None
        return found


def read_document(issuer: str, settings: Settings) -> Document:
    """Read a provider's discovery document, now.

    Raises
    ------
    ProviderUnreachable
        No answer, another issuer's document, or one with addresses that may not be asked.
    """
    found = _object(ask(issuer.rstrip("/") + WELL_KNOWN, settings))
    if found.get("issuer") != issuer:
        raise ProviderUnreachable(f"the document there is of the issuer {str(found.get('issuer'))[:100]!r}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not may_be_asked(found.get(name), settings):
            raise ProviderUnreachable(f"{name} is not an https address")
    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    in_form = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    return Document(
        issuer,
        found["authorization_endpoint"],
        found["token_endpoint"],
        found["jwks_uri"],
        found.get("authorization_response_iss_parameter_supported") is True,
        in_form,
    )


def read_keys(document: Document, settings: Settings) -> tuple[Key, ...]:
    """Read a provider's keys, now; which of them may sign is looked at with each token.

    Raises
    ------
    ProviderUnreachable
    """
    keys = _object(ask(document.jwks_uri, settings)).get("keys")
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise ProviderUnreachable("jwks_uri does not lead to a set of keys")
    return tuple(key for key in keys if isinstance(key, dict))


def read_object(reply: Reply) -> Mapping[str, Any]:
    """Return the JSON object of an answer, whatever its status.

    Raises
    ------
    ProviderUnreachable
        It is none.
    """
    try:
        return strict_json.load_object(reply.body, max_bytes=MOST_BYTES)
    except Problem as error:
        raise ProviderUnreachable("the answer is not a JSON object") from error


def _object(reply: Reply) -> Mapping[str, Any]:
    if reply.status != 200:
        raise ProviderUnreachable(f"status {reply.status}")
    return read_object(reply)
