"""The audit log of one's own organisation: alerts, who was shown its mentors, and every step taken, with the head to keep."""

from flask import render_template, request

from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.audit_words import deed, outcome
from hub.pages.frame import pages
from hub.services import alerts, audit, audit_views, organisations, pool, withdrawal_notices

PAGE = 50


@pages.get("/audit")
@requires(Operation.AUDIT_READ)
def show_audit() -> str:
    """Show alerts and who was shown one's mentors, then entries, newest first, page by page."""
    actor, before = current_actor(), _number(request.args.get("before"))
    with database().reading() as session:
        found = audit_views.listed(session, actor, PAGE + 1, before)
        raised = alerts.listed(session, actor)
        shown = pool.shown_to(session, actor)
        reached = withdrawal_notices.reached(session, actor)
        names = {one.id: one.name for one in organisations.everyone(session)}
        head = audit.head(session)
    more = found[PAGE - 1].number if len(found) > PAGE else None
    rows = [(entry, deed(entry.operation), outcome(entry.outcome)) for entry in found[:PAGE]]
    return render_template(
        "audit/list.html",
        rows=rows,
        raised=raised,
        shown=shown,
        reached=reached,
        names=names,
        head=head,
        more=more,
        before=before,
    )


def _number(text: str | None) -> int | None:
    """Return a number of an entry; anything else asks for the first page."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
