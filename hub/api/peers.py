"""Who of your mentees could meet in a group, a pair or a circle: suggestions over the whole network, decided by people."""

from flask import Response

from federation.answers.peers import CirclesAnswer, GroupsAnswer, PairsAnswer
from hub.access.context import database, settings, solve_then_show
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import reply, written
from hub.api.rooms import Room
from hub.models import utcnow
from hub.services import groups as groups_service
from hub.services import peers as service

peers = Room("peers", "Groups, peer pairs and circles that your own mentees could join.")


@peers.route("/groups")
@requires(Operation.RECOMMENDATION_READ)
@peers.response(200, GroupsAnswer)
def list_groups() -> Response:
    """List the small groups the network could form today with your people in them.

    One mentor, five or six mentees, one profession, language and free time. Nobody is asked by this. Other organisations'
    mentors count against the weekly budget of people shown; the same answer again costs nothing.
    """
    actor, given = current_actor(), settings()
    with database().reading() as session:
        solved = groups_service.solve_in_groups(session, utcnow().date())
    found = database().run(lambda session: groups_service.show_groups(session, actor, solved, given))
    return reply(written(GroupsAnswer(), found))


@peers.route("/peers/pairs")
@requires(Operation.PEER_READ)
@peers.response(200, PairsAnswer)
def list_peer_pairs() -> Response:
    """List the peers suggested to your mentees whose formats include ``peer``, with reasons.

    Other organisations' people count against the weekly budget of people shown; the same answer again costs nothing.
    """
    actor, given = current_actor(), settings()
    found = solve_then_show(
        lambda session: service.solve_in_pairs(session, utcnow().date()),
        lambda session, solved: service.show_pairs(session, actor, solved, given),
    )
    return reply(written(PairsAnswer(), found))


@peers.route("/peers/circles")
@requires(Operation.PEER_READ)
@peers.response(200, CirclesAnswer)
def list_circles() -> Response:
    """List the circles of four to six peers suggested to your mentees; who would stand alone is told why.

    Other organisations' people count against the weekly budget of people shown; the same answer again costs nothing.
    """
    actor, given = current_actor(), settings()
    found = solve_then_show(
        lambda session: service.solve_in_circles(session, utcnow().date()),
        lambda session, solved: service.show_circles(session, actor, solved, given),
    )
    return reply(written(CirclesAnswer(), found))
