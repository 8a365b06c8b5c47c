"""What an organisation may watch over: what it did, what others did about it, and who was shown its people."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from federation.answers.network import AuditCheckAnswer, AuditPage
from federation.answers.profiles import ShownPage
from federation.documents import Document
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import page, read_cursor, reply, written
from hub.api.rooms import Room
from hub.services import audit as chain
from hub.services import audit_heads, audit_views, pool
from hub.services.actors import Actor
from hub.services.audit import Head
from hub.services.pool import ShownView

audit = Room("audit", "What your organisation did, what others did about it, and who was shown your people.")


class AuditQuery(Document):
    """Where to go on."""

    after = fields.String(load_default=None, validate=validate.Length(max=400))


class HeadQuery(Document):
    """A head kept earlier, as it was given out."""

    head = fields.String(load_default=None, validate=validate.Regexp(r"\A[0-9]{1,15}:[0-9a-f]{64}\Z"))


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


@audit.route("/audit/head")
@requires(Operation.AUDIT_READ)
@audit.arguments(HeadQuery, location="query")
@audit.response(200, AuditCheckAnswer)
def show_head(query: dict[str, Any]) -> Response:
    """Return the end of the chain; with ``head``, NUMBER:HASH as you kept it, say whether it still stands on the chain.

    One that does not stand means that the log was cut or made anew. A hub that lies can say that it stands: compare heads with
    other members too, since all are given the same.
    """
    number, _, entry_hash = (query["head"] or "").partition(":")
    with database().reading() as session:
        stands = chain.holds(session, Head(int(number), entry_hash)) if number else None
        end = chain.head(session)
    key = audit_heads.key_of(settings()).as_dict(private=False)
    said = {"number": end.number, "entry_hash": end.entry_hash, "stands": stands, "key": key}
    return reply(written(AuditCheckAnswer(), said))


@audit.lists("/audit/shown", Operation.EXPOSURE_READ, ShownPage)
def list_shown(session: Session, actor: Actor) -> Sequence[ShownView]:
    """List which organisations were recommended how many of your mentors, by week, newest first, for a quarter.

    Many of your mentors, or few of them again and again, may mean that somebody is probing: ask them.
    """
    return pool.shown_to(session, actor)
