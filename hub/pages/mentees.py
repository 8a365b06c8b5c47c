"""One's own mentees: readiness, the best mentors of the network with reasons, and the way there."""

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.documents import REFERRED_STEPS
from federation.problems import Problem
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.models import utcnow
from hub.models.proposal import PROGRAMS
from hub.models.round import APART_BECAUSE, Because
from hub.pages.frame import pages
from hub.pages.sentences import SEND_AGAIN
from hub.services import matching, mentee_links, pathways, profiles, proposals, recommendations, referrals, round_wishes
from hub.services.round_wishes import Kind

PAGE = 50
MATCHED = {"no": False, "yes": True}


@pages.get("/mentees")
@requires(Operation.PROFILE_READ)
def list_mentees() -> str:
    """List own mentees by pseudonym, page by page: all, those whose pseudonym begins so, those who wait or do not."""
    after, find = request.args.get("after", "")[:64] or None, request.args.get("find", "").strip()[:64]
    matched = MATCHED.get(request.args.get("matched", ""))
    with database().reading() as session:
        found = profiles.own(session, current_actor(), "mentee", after, PAGE + 1, beginning=find, matched=matched)
    more = found[PAGE - 1].pseudonym if len(found) > PAGE else None
    return render_template("mentees/list.html", mentees=found[:PAGE], more=more, find=find, matched=matched)


@pages.get("/mentees/<pseudonym>")
@requires(Operation.RECOMMENDATION_READ)
def show_mentee(pseudonym: str) -> str:
    """Show one mentee: what the hub holds, who fits and why, and the way there."""
    actor, program = current_actor(), request.args.get("format", matching.GENERAL)
    if program not in PROGRAMS:
        raise Problem("bad-request", SEND_AGAIN)
    found = database().run(lambda session: recommendations.for_mentee(session, actor, pseudonym, settings(), program))
    with database().reading() as session:
        pathway = pathways.plan_for(session, actor, pseudonym, utcnow().date())
        wishes = round_wishes.listed(session, actor, pseudonym)
        link = mentee_links.state(session, actor, pseudonym)
    chosen = request.args.getlist("compare")[:3]
    compared = [one for one in found.recommendations if one.handle in chosen]
    return render_template(
        "mentees/show.html",
        found=found,
        mentee=found.mentee,
        pathway=pathway,
        compared=compared,
        wishes=wishes,
        link=link,
        programs=PROGRAMS,
        ruled_out_because=APART_BECAUSE,
    )


@pages.post("/mentees/<pseudonym>/link")
@requires(Operation.MENTEE_LINK_ISSUE)
def make_link(pseudonym: str) -> str:
    """Make the link to a mentee's own page and show it once, with the digits to be told apart from it."""
    actor, given = current_actor(), settings()
    made = database().run(lambda session: mentee_links.make(session, actor, pseudonym, given))
    # Another language would ask for this address again, and lose what is shown once.
    back = f"/mentees/{pseudonym}"
    address = f"{given.issuer}/m/{made.capability}"
    return render_template("mentees/link.html", made=made, link=address, pseudonym=pseudonym, here=back)


@pages.post("/mentees/<pseudonym>/propose")
@requires(Operation.PROPOSAL_MAKE)
def propose(pseudonym: str) -> Response:
    """Ask the mentor's organisation."""
    actor, handle = current_actor(), request.form.get("handle", "")
    days, most = settings().proposal_days, settings().mentee_proposals_per_week
    view = database().run(lambda session: proposals.propose(session, actor, pseudonym, handle, days, per_week=most))
    flash(_("Proposed. The mentor's organisation asks its mentor; you ask your mentee."))
    return redirect(f"/proposals/{view.id}", 303)


@pages.post("/mentees/<pseudonym>/<any(pin, forbid):kind>")
@requires(Operation.PROPOSAL_MAKE)
def wish(pseudonym: str, kind: Kind) -> Response:
    """Ask the rounds to come for this pair, or to leave it out."""
    actor, handle = current_actor(), request.form.get("handle", "")
    because = _because() if kind == "forbid" else None
    database().run(lambda session: round_wishes.wish(session, actor, pseudonym, handle, kind, because))
    flash(
        _("Noted for the rounds to come. Until then nobody is asked.")
        if kind == "pin"
        else _("Ruled out, until you take it back.")
    )
    return redirect(f"/mentees/{pseudonym}#wishes", 303)


def _because() -> Because:
    said = request.form.get("because", "our_choice")
    for reason in APART_BECAUSE:
        if said == reason:
            return reason
    raise Problem("bad-request", SEND_AGAIN)


@pages.post("/mentees/<pseudonym>/take-back")
@requires(Operation.PROPOSAL_MAKE)
def take_wish_back(pseudonym: str) -> Response:
    """Take back what was asked of the rounds to come."""
    actor, wish_id = current_actor(), request.form.get("wish", "")
    database().run(lambda session: round_wishes.take_back(session, actor, wish_id))
    flash(_("Taken back."))
    return redirect(f"/mentees/{pseudonym}", 303)


@pages.post("/mentees/<pseudonym>/refer")
@requires(Operation.REFERRAL_SEND)
def refer(pseudonym: str) -> Response:
    """Send the mentee to a program."""
    actor, program = current_actor(), request.form.get("program", "")
    step = request.form.get("step") or None
    if step not in {None, *REFERRED_STEPS}:
        raise Problem("bad-request", SEND_AGAIN)
    view = database().run(lambda session: referrals.send(session, actor, pseudonym, program, step))
    flash(_("Referral sent. You will see here what happens to it."))
    return redirect(f"/referrals/{view.id}", 303)
