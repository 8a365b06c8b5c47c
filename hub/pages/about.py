"""What the hub is, what it holds, what it cannot see, and whose data it stands on."""

from functools import lru_cache

from flask import render_template

from hub.access.policy import public
from hub.pages.frame import pages
from hub.settings import CONFIG


@pages.get("/about")
@public("who we are and what we hold is for everyone to read")
def about() -> str:
    """Show the page."""
    return render_template("about.html", attributions=attributions())


@lru_cache(maxsize=1)
def attributions() -> tuple[str, ...]:
    """Return the attributions that the vocabularies' provenance asks to print."""
    text = (CONFIG / "vocabularies" / "PROVENANCE.md").read_text(encoding="utf-8")
    _, _, printed = text.partition("## Attribution to print")
    return tuple(line.removeprefix("- ") for line in printed.splitlines() if line.startswith("- "))
