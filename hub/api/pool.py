"""The shared pool as it may be browsed: classes of people, never people."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from federation.answers.profiles import PoolAnswer
from federation.documents import Document, code
from federation.vocabularies import load as load_vocabularies
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import reply, written
from hub.api.rooms import Room
from hub.services import pool as service

pool = Room("pool", "What the network shares, in classes of at least k people.")
WITHHELD = {
    "en": "Some people are not listed because too few are alike; they are still matched.",
    "fr": "Certaines personnes ne sont pas affichées, trop peu se ressemblant; elles sont tout de même jumelées.",
}


class PoolQuery(Document):
    """What to look for; everything is optional."""

    noc = code("noc", load_default=None)
    region = code("region", load_default=None)
    language = code("languages", load_default=None)
    kind = fields.String(load_default="mentor", validate=validate.OneOf(("mentor", "mentee")))


@pool.route("/pool")
@requires(Operation.POOL_SEARCH)
@pool.arguments(PoolQuery, location="query")
@pool.response(200, PoolAnswer)
def search_pool(query: dict[str, Any]) -> Response:
    """Search the shared pool.

    Answers are unions of whole classes, as they were published with the epoch; sizes come in steps. Asking twice in one epoch
    tells no more than asking once, but for withdrawals, which count at once. Handles are yours, and change with the epoch.
    """
    actor, criteria, rule = current_actor(), service.PoolCriteria(**query), settings()
    with database().reading() as session:
        found = service.search(session, actor, criteria, rule.pool_k, stricter=rule.pool_stricter)
    if found.epoch is None:
        found = database().run(
            lambda session: service.search(session, actor, criteria, rule.pool_k, stricter=rule.pool_stricter)
        )
    body = written(PoolAnswer(), found)
    for cell in body["cells"]:
        cell["noc_title"] = _title(cell["noc"])
    return reply(body | {"withheld_note": WITHHELD if found.withheld else None})


def _title(noc: str) -> dict[str, str] | None:
    """Return the occupation's name; a class that shows no occupation has none."""
    if not load_vocabularies().has("noc", noc):
        return None
    return {locale: load_vocabularies().label("noc", noc, locale) for locale in ("en", "fr")}
