"""Every page shows on PostgreSQL, within row-level security, what it shows on SQLite, where the services stand alone."""

import re
from typing import Final

import pytest
from flask import Flask

from tests.hub.pages.conftest import Gallery, open_everything
from tests.hub.pages.visitor import Page
from tests.hub.pages.world import World

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
# Who looks signs in for it, so that moments and ids of sessions are new.
NEW: Final = re.compile(r".*[0-9].*")


def shown(page: Page) -> tuple[int, str, list[str]]:
    words = page.root.one("main").text.split()
    return page.status, page.heading, sorted("…" if NEW.fullmatch(word) else word for word in words)


def test_every_page_shows_the_same(app: Flask, world: World, gallery: Gallery) -> None:
    found = open_everything(app, world)

    assert len(found.english) == len(found.french) > 20
    for one, other in zip((*found.english, *found.french), (*gallery.english, *gallery.french), strict=True):
        assert shown(one) == shown(other), one.address
