"""What the hub knows to do for one of your own mentees: mentors, and the way to the goal."""

from typing import Any

from flask import Response
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from federation.answers.pathways import PathwayAnswer
from federation.answers.recommendations import RecommendationsAnswer
from federation.documents import Document
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import reply, written
from hub.api.rooms import Room
from hub.models import utcnow
from hub.models.proposal import PROGRAMS
from hub.services import matching, pathways, recommendations
from hub.services.actors import Actor
from hub.services.pathways import PathwayView


class FormatQuery(Document):
    """How they would meet."""

    format = fields.String(load_default=matching.GENERAL, validate=validate.OneOf(PROGRAMS))


mentees = Room("mentees", "Recommendations and pathways for your own mentees.")


@mentees.route("/mentees/<name:pseudonym>/recommendations")
@requires(Operation.RECOMMENDATION_READ)
@mentees.arguments(FormatQuery, location="query")
@mentees.response(200, RecommendationsAnswer)
def list_recommendations(query: dict[str, Any], pseudonym: str) -> Response:
    """List the best mentors of the network for one of your mentees, with reasons.

    ``format``: ``one_to_one``; ``reverse``, a junior who is strong on a topic your mentee asks for; ``flash``, one meeting this
    month. Where there is nobody, the answer says why, and what would open a door. A list stays as it is for a week.
    """
    actor, program = current_actor(), query["format"]
    # A writing transaction: the handles shown are remembered, so that a proposal can name one.
    found = database().run(lambda session: recommendations.for_mentee(session, actor, pseudonym, settings(), program))
    return reply(written(RecommendationsAnswer(), found))


@mentees.shows("/mentees/<name:pseudonym>/pathway", Operation.PATHWAY_READ, PathwayAnswer)
def get_pathway(session: Session, actor: Actor, pseudonym: str) -> PathwayView:
    """Plan the steps from what one of your mentees holds to what they aim for: language, programs, licence."""
    return pathways.plan_for(session, actor, pseudonym, utcnow().date())
