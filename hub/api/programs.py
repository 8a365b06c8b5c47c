"""The catalogue of complementary programs."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.programs import ProgramAnswer, ProgramPage
from federation.documents import Document, code
from hub.access.context import database
from hub.access.policy import Operation, requires
from hub.api.replies import listed
from hub.api.rooms import Room
from hub.services import programs as service
from hub.services.actors import Actor
from hub.services.programs import ProgramView

programs = Room("programs", "Language, certification and employment programs, with their intakes.")


class ProgramQuery(Document):
    """Which programs to list."""

    stream = code("program_streams", load_default=None)


@programs.route("/programs")
@requires(Operation.PROGRAM_READ)
@programs.arguments(ProgramQuery, location="query")
@programs.response(200, ProgramPage)
def list_programs(query: dict[str, Any]) -> Response:
    """List the catalogue, of one stream or whole."""
    with database().reading() as session:
        return listed(ProgramPage(), service.catalogue(session, query["stream"]))


@programs.shows("/programs/<name:program>", Operation.PROGRAM_READ, ProgramAnswer)
def get_program(session: Session, _actor: Actor, program: str) -> ProgramView:
    """Show one program with its intakes."""
    return service.one(session, program)
