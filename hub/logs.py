"""Logs without personal data: ids, codes, sizes and times, as JSON for collectors or as text for people."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

# A key outside this list is dropped before a line is written: a person's field cannot be logged by accident.
ALLOWED: Final = frozenset({
    "event", "level", "timestamp", "logger", "method", "route", "status", "milliseconds", "request_id", "actor",
    "organisation", "operation", "subject", "outcome", "kind", "error", "where", "count", "task", "seconds", "round", "port",
})  # fmt: skip


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Set structlog up for the whole process; lines go to standard error."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def keep_allowed(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED}
