"""For whom a request acts towards the database: nobody known until the guard has let somebody in."""

from flask import Flask

from hub import reach
from hub.services.actors import Actor


def register(app: Flask) -> None:
    """Begin every request as a door that knows nobody, and leave nothing of it to the thread's next request."""

    @app.before_request
    def begin() -> None:
        reach.act_as(reach.A_DOOR)

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        reach.act_as(None)


def let_in(actor: Actor) -> None:
    """From here to the end of the request, act for the actor's organisation and nobody else."""
    reach.act_as(reach.acting_for(actor.organisation_id))
