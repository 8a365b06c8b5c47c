"""What a request may carry: one strict JSON loader, one media type, every fault at once.

flask-smorest's decorators describe arguments for OpenAPI; reading them is ours, because Flask's JSON takes NaN, duplicate
keys, lone surrogates and NUL (reliability.md).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import request

from federation import strict_json
from federation.documents import Document, read
from federation.problems import FieldError, Problem
from hub.access.context import settings

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
View = Callable[..., Any]


class StrictReader:
    """Stands where flask-smorest expects a webargs parser: reads one document and hands it to the view first."""

    DEFAULT_VALIDATION_STATUS = 422

    def use_args(self, schema: type[Document], *, location: str = "json", **_: Any) -> Callable[[View], View]:
        """Return a decorator that reads ``schema`` from the body or the query."""
        take = json_document if location == "json" else query_document

        def decorate(view: View) -> View:
            @wraps(view)
            def reading(*args: Any, **kwargs: Any) -> Any:
                return view(*args, take(schema()), **kwargs)

            return reading

        return decorate


def json_document(schema: Document) -> dict[str, Any]:
    """Return the body's document; an empty body counts as an empty object.

    Raises
    ------
    Problem
        ``unsupported-media-type``, ``body-too-large``, ``malformed-json``, ``unknown-field`` or ``invalid-fields``.
    """
    most = settings().json_body_bytes
    body = take_body(JSON, most)
    return read(schema, strict_json.load(body, max_bytes=most) if body else {})


def take_body(media_type: str, most: int) -> bytes:
    """Return the raw body of at most ``most`` bytes, in the one media type this operation takes.

    Raises
    ------
    Problem
        ``unsupported-media-type`` or ``body-too-large``.
    """
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise Problem("body-too-large", f"Send at most {most} bytes in one request; split larger batches.")
    body = request.get_data(cache=True)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if body and (request.mimetype != media_type or charset != "utf-8"):
        raise Problem("unsupported-media-type", f"Send {media_type} in UTF-8.")
    return body


def query_document(schema: Document) -> dict[str, Any]:
    """Return the query's document; a parameter given twice is refused, not guessed.

    Raises
    ------
    Problem
        ``unknown-field`` or ``invalid-fields``.
    """
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        errors = [FieldError(f"/{name}", "Given more than once.") for name in sorted(repeated)]
        raise Problem("invalid-fields", "Give every parameter once.", errors=errors)
    return read(schema, request.args.to_dict())


def require_json_answer() -> None:
    """Refuse a caller who takes no JSON.

    Raises
    ------
    Problem
        ``not-acceptable``.
    """
    spoken = (JSON, NDJSON, "application/problem+json")
    if request.accept_mimetypes.provided and not request.accept_mimetypes.best_match(spoken):
        raise Problem("not-acceptable", "Ask for application/json.")
