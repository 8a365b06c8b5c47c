"""People, as the organisation's own system shares, reads and withdraws them."""

from typing import Any, Final

from flask import Response
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from federation.answers.profiles import ProfileAnswer, ProfilePage
from federation.documents import PSEUDONYM_PATTERN, Document, ProfileDocument, ProfileReceipt, read
from federation.problems import Problem
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import expected_version, page, read_cursor, reply, versioned, written
from hub.api.rooms import Room
from hub.services import profiles as service

profiles = Room("profiles", "People your organisation shares: de-identified, with their consent.")

IF_MATCH: Final[dict[str, Any]] = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag you last saw: refused with 412 when the record changed meanwhile.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}


class ProfileQuery(Document):
    """Which of your own profiles to list."""

    kind = fields.String(load_default=None, validate=validate.OneOf(("mentor", "mentee")))
    after = fields.String(load_default=None, validate=validate.Length(max=400))


class PseudonymDocument(Document):
    """The owner's opaque name for a person, from the address."""

    pseudonym = fields.String(required=True, validate=validate.Regexp(PSEUDONYM_PATTERN))


@profiles.route("/profiles/<name:pseudonym>", methods=["PUT"])
@requires(Operation.PROFILE_SHARE)
@profiles.doc(parameters=[IF_MATCH])
@profiles.arguments(ProfileDocument, example=examples.MENTEE)
@profiles.response(200, ProfileReceipt, description="Replaced.", example=examples.RECEIPT)
@profiles.alt_response(201, schema=ProfileReceipt, description="Shared for the first time.", success=True)
def put_profile(document: dict[str, Any], pseudonym: str) -> Response:
    """Share or update one person.

    Send If-Match with the ETag you last saw, and a change made by someone else meanwhile is not overwritten (412).
    """
    read(PseudonymDocument(), {"pseudonym": pseudonym})
    actor, version = current_actor(), expected_version()
    receipt = database().run(lambda session: service.share(session, actor, pseudonym, document, version))
    response = reply(written(ProfileReceipt(), receipt), receipt.status)
    return versioned(response, receipt.version)


@profiles.route("/profiles")
@requires(Operation.PROFILE_READ)
@profiles.arguments(ProfileQuery, location="query")
@profiles.response(200, ProfilePage)
def list_profiles(query: dict[str, Any]) -> Response:
    """List your own people, page by page, ordered by pseudonym."""
    size, after = settings().page_size, read_cursor(query["after"])
    with database().reading() as session:
        views = service.own(session, current_actor(), query["kind"], after, size + 1)
        return page(ProfilePage(), views, size, "pseudonym", kind=query["kind"])


@profiles.route("/profiles/<name:pseudonym>")
@requires(Operation.PROFILE_READ)
@profiles.response(200, ProfileAnswer)
def get_profile(pseudonym: str) -> Response:
    """Show one of your own people, with the version as ETag."""
    with database().reading() as session:
        view = service.show(session, current_actor(), pseudonym)
        return versioned(reply(written(ProfileAnswer(), view)), view.version)


@profiles.route("/profiles/<name:pseudonym>", methods=["DELETE"])
@requires(Operation.PROFILE_WITHDRAW)
@profiles.doc(parameters=[IF_MATCH])
@profiles.response(204, description="Withdrawn: nothing of this person is left but a keyed trace.")
def delete_profile(pseudonym: str) -> Response:
    """Withdraw one person, at once and from everything that was going on."""
    actor, version = current_actor(), expected_version()

    def withdraw(session: Session) -> None:
        if version is not None:
            _refuse_stale(service.show(session, actor, pseudonym).version, version)
        service.withdraw(session, actor, pseudonym)

    database().run(withdraw)
    return Response(status=204)


def _refuse_stale(current: int, expected: int) -> None:
    if current != expected:
        detail = f"The record is at version {current} now: read it again, then decide."
        raise Problem("stale-version", detail, extra={"version": current})
