"""A refusal as a page: what happened, and what to do next."""

from flask import render_template

from federation.problems import Problem
from hub.pages.frame import locale


def render_problem(problem: Problem) -> str:
    """Return the page for one refusal, in the reader's language."""
    return render_template("errors/problem.html", problem=problem, title=problem.title(locale()))
