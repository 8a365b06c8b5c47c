"""What goes back: JSON bodies, pages with cursors, versions as ETags, and the same answer to the same POST."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, json, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import Schema
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.services import idempotency
from hub.services.actors import Actor

KEY: Final = re.compile(r"[\x21-\x7e]{1,100}")
VERSION: Final = re.compile(r'"(\d{1,9})"')
Body = dict[str, Any]
Work = Callable[[Session], Body]


def reply(body: Body, status: int = 200, place: str | None = None) -> Response:
    """Return a JSON response; ``place`` is the address of what was made, with names of the body in braces."""
    response = Response(json.dumps(body), status, mimetype="application/json")
    if place is not None:
        response.headers["Location"] = place.format_map(body)
    return response


def written(schema: Schema, view: Any) -> Body:
    """Return a view as its schema writes it."""
    body: Body = schema.dump(view)
    return body


def listed(schema: Schema, views: Sequence[Any]) -> Response:
    """Return a whole list in the form of a page: nothing comes after it."""
    return reply(written(schema, {"items": views, "next": None}))


def once(work: Work, status: int = 200, place: str | None = None) -> Response:
    """Run a POST's work in one transaction; under one Idempotency-Key it has one effect and one answer.

    Raises
    ------
    Problem
        ``bad-request`` for a malformed key, ``idempotency-mismatch`` when the key stands for another request.
    """
    key = _idempotency_key()
    if key is None:
        return reply(database().run(work), status, place)
    given, body = _under_key(key, work, status)
    return reply(body, given, place)


def _under_key(key: str, work: Work, status: int) -> tuple[int, Body]:
    actor = current_actor()
    digest = idempotency.request_digest(request.method, request.path, request.get_data(cache=True))

    def unit(session: Session) -> tuple[int, Body]:
        earlier = idempotency.earlier_answer(session, actor, key, digest)
        if earlier is not None:
            return earlier
        body = work(session)
        idempotency.keep_answer(session, actor, key, digest, status, body)
        return status, body

    try:
        return database().run(unit)
    except (Problem, IntegrityError):
        # Two at once with one key: the other one's effect may be what refused ours (its seat, its proposal, its answer).
        # It is committed whole, answer included, before we can see it; and of ours nothing is left.
        earlier = _look_up(actor, key, digest)
        if earlier is None:
            raise
        return earlier


def _look_up(actor: Actor, key: str, digest: str) -> tuple[int, Body] | None:
    with database().reading() as session:
        return idempotency.earlier_answer(session, actor, key, digest)


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise Problem("bad-request", "Send an Idempotency-Key of 1 to 100 visible ASCII characters, such as a UUID.")
    return key


def page(
    schema: Schema,
    views: Sequence[Any],
    size: int,
    position: str,
    *,
    beside: Mapping[str, Any] | None = None,
    **filters: str | None,
) -> Response:
    """Return one page of views fetched with one more than ``size``: the extra one says that there is a next page.

    ``position`` names the attribute to go on after; ``filters`` stay in the next page's address; ``beside`` stands beside the
    items.
    """
    items = views[:size]
    after = write_cursor(str(getattr(items[-1], position))) if len(views) > size else None
    response = reply(written(schema, {"items": items, "next": after, **(beside or {})}))
    if after is not None:
        kept = {name: value for name, value in filters.items() if value is not None}
        address = f"{request.path}?{urlencode({'after': after} | kept)}"
        response.headers["Link"] = f'<{settings().issuer}{address}>; rel="next"'
    return response


def write_cursor(position: str) -> str:
    """Return a signed cursor for this list and this organisation."""
    written_cursor = _cursors().dumps(position)
    return written_cursor if isinstance(written_cursor, str) else written_cursor.decode("ascii")


def read_cursor(cursor: str | None) -> str | None:
    """Return the position a cursor stands for.

    Raises
    ------
    Problem
        ``bad-cursor`` when it was not made here, for this list and this organisation.
    """
    if cursor is None:
        return None
    try:
        position = _cursors().loads(cursor)
    except BadData as error:
        raise Problem("bad-cursor", "Start again from the first page and follow its next cursor.") from error
    return str(position)


def _cursors() -> URLSafeSerializer:
    # Salted with list and organisation: a cursor of one is worth nothing in the other.
    return URLSafeSerializer(settings().secret, salt=f"cursor:{request.endpoint}:{current_actor().organisation}")


def expected_version() -> int | None:
    """Return the version the caller last saw (If-Match), or nothing when it does not care.

    Raises
    ------
    Problem
        ``bad-request`` when If-Match is not one ETag of ours.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    found = VERSION.fullmatch(header.strip())
    if found is None:
        raise Problem("bad-request", 'Send If-Match with the one ETag you were given, such as "3".')
    return int(found.group(1))


def versioned(response: Response, version: int) -> Response:
    """Say which version this is; a GET that names the same one in If-None-Match gets 304 without a body."""
    response.set_etag(str(version))
    if request.method == "GET":
        response.make_conditional(request)
    return response
