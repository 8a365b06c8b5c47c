"""A refusal becomes problem+json for systems and a helpful page for people. One place for both.

What is raised and is no :class:`Problem` is our bug: it stays a 500, is logged with its trace, and tells the caller
nothing about the inside.
"""

from collections.abc import Callable
from typing import Final

import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from federation.problems import MEDIA_TYPE, Problem
from hub.database import is_contention

Renderer = Callable[[Problem], str]
API_PREFIXES: Final = ("/api/", "/oauth/", "/.well-known/")
# What Flask and werkzeug raise by themselves, told as our own refusals.
TRANSLATED: Final = {
    400: ("bad-request", "Check the address, headers and body against the API description, then send again."),
    401: ("not-signed-in", "Get an access token at /oauth/token and send it in the Authorization header."),
    403: ("not-allowed", "Ask your organisation's administrator for a role that may do this."),
    404: ("not-found", "Check the address; what belongs to other organisations looks the same as what does not exist."),
    405: ("method-not-allowed", "Use one of the methods listed in the Allow header."),
    406: ("not-acceptable", "Ask for application/json."),
    413: ("body-too-large", "Send less in one request; split larger batches."),
    415: ("unsupported-media-type", "Send application/json."),
    422: ("invalid-fields", "Correct the request and send it again."),
    429: ("too-many-requests", "Wait as long as the Retry-After header says, then go on."),
}

log = structlog.get_logger(__name__)


def wants_problem_document() -> bool:
    """Whether the caller is a system. Chosen by path: a blueprint cannot own the 404 of an unknown address."""
    return request.path.startswith(API_PREFIXES)


def register(app: Flask, page: Renderer) -> None:
    """Answer every refusal and every fault; ``page`` renders a problem for people."""
    # Flask's own line on a fault holds the path, and a path can hold a mentee's link or a pseudonym: on_fault says enough.
    app.logger.disabled = True

    def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
        return respond(problem, page, headers or {})

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return answer(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        return answer(translate(error), _allow(error))

    @app.errorhandler(DBAPIError)
    def on_database(error: DBAPIError) -> Response:
        if is_contention(error):
            return answer(Problem("busy", "Too many writers at once. Nothing was changed; try again.", retry_after=2))
        return on_fault(error)

    @app.errorhandler(500)
    def on_fault(error: Exception) -> Response:
        cause = getattr(error, "original_exception", None) or error
        # The message of an exception may quote a value; its type and place are enough to find the fault.
        log.error("fault", error=type(cause).__name__, where=_place(cause), request_id=g.get("request_id"))
        return answer(Problem("internal", "Nothing was changed. Try again; if it stays, tell the network operator."))


def translate(error: HTTPException) -> Problem:
    """Return our own refusal for one of werkzeug's."""
    kind, detail = TRANSLATED.get(error.code or 500, ("bad-request", "Check the request and send it again."))
    if (error.code or 500) >= 500:
        kind, detail = "internal", "Nothing was changed. Try again; if it stays, tell the network operator."
    retry = getattr(error, "retry_after", None)
    return Problem(kind, detail, retry_after=retry if isinstance(retry, int) else None)


def respond(problem: Problem, page: Renderer, headers: dict[str, str]) -> Response:
    """Build the response for systems or for people."""
    if wants_problem_document():
        document = problem.document(instance=g.get("request_id"))
        response = Response(_json(document), problem.status, mimetype=MEDIA_TYPE)
    else:
        response = Response(page(problem), problem.status, mimetype="text/html")
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    response.headers.extend(headers)
    return response


def _json(document: object) -> str:
    from flask import json  # the application's provider writes dates as the API does

    return json.dumps(document)


def _allow(error: HTTPException) -> dict[str, str]:
    methods = getattr(error, "valid_methods", None)
    return {"Allow": ", ".join(sorted(methods))} if methods else {}


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
