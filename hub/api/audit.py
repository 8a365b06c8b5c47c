"""What an organisation may watch over: what it did, what others did about it, and who was shown its people."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from federation.answers.network import AuditPage
from federation.answers.profiles import ShownPage
from federation.documents import Document
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed, page, read_cursor
from hub.api.rooms import Room
from hub.services import audit as chain
from hub.services import audit_views, pool

audit = Room("audit", "What your organisation did, what others did about it, and who was shown your people.")


class AuditQuery(Document):
    """Where to go on."""

    after = fields.String(load_default=None, validate=validate.Length(max=400))


@audit.route("/audit")
@requires(Operation.AUDIT_READ)
@audit.arguments(AuditQuery, location="query")
@audit.response(200, AuditPage)
def list_audit(query: dict[str, Any]) -> Response:
    """List the entries your organisation may read, newest first, with the head of the chain.

    Keep a head now and then: whoever makes the log anew cannot make it end in a head you kept.
    """
    size, position = settings().page_size, read_cursor(query["after"])
    with database().reading() as session:
        found = audit_views.listed(session, current_actor(), size + 1, int(position) if position else None)
        return page(AuditPage(), found, size, "number", beside={"head": chain.head(session)})


@audit.route("/audit/shown")
@requires(Operation.EXPOSURE_READ)
@audit.response(200, ShownPage)
def list_shown() -> Response:
    """List which organisations were recommended how many of your mentors, by week, newest first, for a quarter.

    Many of your mentors, or few of them again and again, may mean that somebody is probing: ask them.
    """
    with database().reading() as session:
        return listed(ShownPage(), pool.shown_to(session, current_actor()))
