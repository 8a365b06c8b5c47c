"""What a hub answered, read: an object, or the refusal it stands for."""

from typing import Any

import httpx

from federation.problems import MEDIA_TYPE, Problem, from_document


def content(response: httpx.Response) -> dict[str, Any]:
    """Return the object of an answer; empty for an answer without a body."""
    return parsed(response) if response.content else {}


def parsed(response: httpx.Response) -> dict[str, Any]:
    """Read an answer; what is not a JSON object comes from something on the way, such as a sign-in page of the network."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem("bad-request", "Something that is no hub answered: check the address and the network on the way.")
    return body


def granted(response: httpx.Response) -> dict[str, Any]:
    """Read an answer of the authorisation server, which refuses in the words of RFC 6749."""
    if response.status_code == 200:
        return parsed(response)
    said = parsed(response) if response.headers.get("content-type", "").startswith("application/json") else {}
    why = said.get("error_description") or said.get("error") or f"status {response.status_code}"
    raise Problem("not-signed-in", f"The hub refuses this system: {why} Check its registration.")


def raise_problem(response: httpx.Response) -> None:
    """Raise the refusal an answer holds; nothing for one that went well.

    Raises
    ------
    Problem
        The hub's own, or ``bad-request`` for a refusal that is no problem document.
    """
    if response.is_success:
        return
    if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
        raise from_document(parsed(response))
    raise Problem("bad-request", f"The hub answered {response.status_code} without a problem document.")
