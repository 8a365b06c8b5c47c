"""What happened that concerns your organisation, numbered without gaps: ask for what came after the last you saw."""

from typing import Any, Final

from flask import Response
from marshmallow import fields, validate

from federation.answers.network import EventPage
from federation.documents import Document
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import reply, written
from hub.api.rooms import Room
from hub.services import outbox

events = Room("events", "Your organisation's numbered event feed.")
LARGEST_NUMBER: Final = 2**53


class EventQuery(Document):
    """Where to go on."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, LARGEST_NUMBER))


@events.route("/events")
@requires(Operation.EVENT_READ)
@events.arguments(EventQuery, location="query")
@events.response(200, EventPage)
def list_events(query: dict[str, Any]) -> Response:
    """List events numbered above ``after``, oldest first. Poll again with ``after`` set to ``next``."""
    with database().reading() as session:
        found = outbox.feed(session, current_actor(), query["after"], settings().page_size)
        last = found[-1].number if found else query["after"]
        return reply(written(EventPage(), {"items": found, "next": last}))
