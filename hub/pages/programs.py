"""The catalogue of complementary programs."""

from flask import render_template

from hub.access.context import database
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.pages.frame import pages
from hub.services import programs as service


@pages.get("/programs")
@requires(Operation.PROGRAM_READ)
def list_programs() -> str:
    """List programs with their next intake that has a seat."""
    today = utcnow().date()
    with database().reading() as session:
        found = service.catalogue(session)
    rows = [
        (
            one,
            next((intake for intake in one.intakes if intake.starts_on >= today and intake.taken < intake.seats), None),
        )
        for one in found
    ]
    return render_template("programs/list.html", rows=rows)
