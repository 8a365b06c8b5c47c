"""A refusal as a page: what happened, and what to do next."""

from typing import Final

from flask import g, render_template, request
from flask_babel import gettext as _

from federation.problems import Problem
from hub.access.mentee_links import is_mentee_request
from hub.pages.sentences import BY_KIND, CLOSED_TITLE, DETAILS, OTHERWISE, OWN_PAGE_BY_KIND, TITLES
from hub.pages.writing import locale

# After these the thing itself is still there to look at.
STILL_THERE: Final = frozenset({400, 401, 409, 422})


def render_problem(problem: Problem) -> str:
    """Return the page for one refusal, in the reader's language; of a fault without asking the database who reads."""
    if problem.status >= 500:
        g.setdefault("signed_in", None)
    if is_mentee_request():
        return _for_a_mentee(problem)
    own = TITLES.get(problem.kind)
    title = _(own) if own else problem.title(locale())
    return render_template(
        "errors/problem.html",
        kind=problem.kind,
        title=title,
        sentence=next_step(problem),
        subject=subject(problem.status),
    )


def _for_a_mentee(problem: Problem) -> str:
    """Return the refusal as her own pages show it: without the hub's menu and name, and without words of roles."""
    title = _(CLOSED_TITLE) if problem.status in {401, 403, 404, 405} else problem.title(locale())
    known = OWN_PAGE_BY_KIND.get(problem.kind)
    sentence = str(_(known)) if known else next_step(problem)
    return render_template("mentee_links/problem.html", kind=problem.kind, title=title, sentence=sentence)


def next_step(problem: Problem) -> str:
    """Return the sentence that helps a person on: the refusal's own where it speaks to people, else its kind's."""
    known = problem.detail if problem.detail in DETAILS else BY_KIND.get(problem.kind, OTHERWISE)
    return str(_(known))


def subject(status: int) -> str | None:
    """Return the address of what a refused form was about, when there is such a page."""
    if request.method != "POST" or status not in STILL_THERE:
        return None
    return request.path.rpartition("/")[0] or None
