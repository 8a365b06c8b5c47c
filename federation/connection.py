"""One system at one hub: who it is, its tokens and proofs, and one request after another."""

import json
import secrets
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self

import httpx
from joserfc.jwk import ECKey

from federation import dpop
from federation.hub_answers import content, granted, parsed, raise_problem
from federation.problems import Problem

TIMEOUT: Final = httpx.Timeout(10, connect=5)
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Ask for the next token this long before the last one ends, so that none expires on the way.
TOKEN_MARGIN_SECONDS: Final = 30


class HubUnreachable(Exception):
    """The hub could not be reached or did not answer in time; it may or may not have heard the request: look, then repeat."""


class HubConnection:
    """One system at one hub, from its registration on; :class:`federation.client.HubClient` adds the operations.

    Parameters
    ----------
    base_url
        The hub's issuer, e.g. ``https://hub.example.org``.
    client_id, key
        As registered; the key signs token requests (private_key_jwt, ES256). Each request is signed besides by a key of this
        client's own (DPoP, :class:`federation.dpop.ProofKey`), to which its access tokens are bound.
    http
        Another transport for tests; closed by its owner.
    """

    def __init__(self, base_url: str, client_id: str, key: ECKey, http: httpx.Client | None = None) -> None:
        """Connect at the first call."""
        self.base_url = base_url.rstrip("/")
        self.client_id = client_id
        self._key = key
        self._proof_key = dpop.ProofKey()
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._owns_http = http is None
        self._token, self._token_ends = "", 0.0

    @classmethod
    def register(cls, base_url: str, enrolment_token: str, key: ECKey, http: httpx.Client | None = None) -> Self:
        """Register the public key with an operator's single-use token and return a client that is ready.

        Raises
        ------
        Problem
            ``enrolment-refused`` or another refusal.
        HubUnreachable
            No answer.
        """
        body = {"enrolment_token": enrolment_token, "jwks": {"keys": [dpop.public_jwk(key)]}}
        with cls(base_url, "", key, http) as unknown:
            answer = unknown._request("POST", f"{unknown.base_url}/oauth/clients", json=body)
            raise_problem(answer)
        return cls(base_url, str(parsed(answer)["client_id"]), key, http)

    def replace_key(self, key: ECKey) -> None:
        """Put a new key in the place of the registered one, which the hub refuses from then on. Store ``key`` beforehand.

        Raises
        ------
        Problem
            ``not-signed-in``: the hub refused; the old key stays.
        HubUnreachable
            No answer: one of the two keys is in force now; try the new one first.
        """
        form = self._signed_form() | {"jwks": json.dumps({"keys": [dpop.public_jwk(key)]})}
        granted(self._request("POST", f"{self.base_url}/oauth/clients/keys", data=form))
        self._key, self._token_ends = key, 0.0

    def __enter__(self) -> Self:
        """Use as a context manager to close connections."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what this client opened."""
        if self._owns_http:
            self._http.close()

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            page = self._call("GET", path, params={"after": after} if after else {})
            yield from page["items"]
            after = page.get("next")
            if not after:
                return

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        if method != "POST":
            return content(self._ask(method, path, {}, **options))
        # A second try must carry the same key: the first may have been heard although its answer was lost.
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        try:
            return content(self._ask(method, path, headers, **options))
        except HubUnreachable:
            return content(self._ask(method, path, headers, **options))

    def _ask(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        """Send one request with a proof of its own: a proof is good once, also when the answer to it was lost."""
        url = f"{self.base_url}/api/v1{path}"
        response = self._request(method, url, headers=self._authorisation(method, url) | headers, **options)
        raise_problem(response)
        return response

    def _request(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, url, **options)
        except httpx.RequestError as error:
            raise HubUnreachable(f"{self.base_url} did not answer ({type(error).__name__}): try again later") from error

    def _authorisation(self, method: str, url: str) -> dict[str, str]:
        if time.monotonic() >= self._token_ends:
            self._fetch_token()
        return {"Authorization": f"DPoP {self._token}", "DPoP": self._proof_key.prove(method, url, self._token)}

    def _fetch_token(self) -> None:
        form = {"grant_type": "client_credentials"} | self._signed_form()
        url = f"{self.base_url}/oauth/token"
        body = granted(self._request("POST", url, data=form, headers={"DPoP": self._proof_key.prove("POST", url)}))
        if str(body.get("token_type")).lower() != "dpop":
            raise Problem("not-signed-in", "The hub gave a token that anyone could use: it must speak DPoP (RFC 9449).")
        self._token = str(body["access_token"])
        self._token_ends = time.monotonic() + int(body["expires_in"]) - TOKEN_MARGIN_SECONDS

    def _signed_form(self) -> dict[str, str]:
        assertion = dpop.assert_identity(self._key, self.client_id, self.base_url)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
