"""For machines that watch the hub: alive, ready, and how it is doing. No people in any of it."""

import time
from typing import Final
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hub.access.context import database
from hub.access.policy import public
from hub.services import replays

# A method is whatever a caller writes; each word of their own would be a new row of the counts for ever.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0)
log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Add /healthz, /readyz, /metrics, a request id and one log line a request."""
    registry = CollectorRegistry()
    requests = Counter("passerelle_requests", "Requests answered", ["method", "route", "status"], registry=registry)
    seconds = Histogram("passerelle_request_seconds", "Time to answer", ["route"], registry=registry, buckets=BUCKETS)

    @app.before_request
    def start() -> None:
        g.request_id = uuid4().hex
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # The route's rule, never the path: a path can hold a pseudonym.
        route = request.url_rule.rule if request.url_rule else "unknown"
        spent = time.perf_counter() - g.get("started", time.perf_counter())
        method = request.method if request.method in METHODS else "other"
        requests.labels(method, route, str(response.status_code)).inc()
        seconds.labels(route).observe(spent)
        response.headers["X-Request-ID"] = g.get("request_id", "")
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            milliseconds=round(spent * 1000),
            request_id=g.get("request_id"),
        )
        return response

    @app.get("/healthz")
    @public("a load balancer asks without a name")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    @public("a load balancer asks without a name")
    def readyz() -> Response:
        try:
            with database().reading() as session:
                session.execute(text("SELECT 1 FROM organisation LIMIT 1"))
            closed = replays.why_closed(database())
        except SQLAlchemyError:
            return Response("the database does not answer or is not migrated\n", 503, mimetype="text/plain")
        if closed:
            log.error("closed", error=closed)
            return Response("withdrawals have to be replayed before this hub opens\n", 503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")

    @app.get("/metrics")
    @public("counts of requests only; keep it inside the operator's network")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
