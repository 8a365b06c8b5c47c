"""Search the shared pool: classes, never rows."""

from flask import render_template, request

from federation.problems import FieldError, Problem
from federation.vocabularies import load as load_vocabularies
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.sentences import UNKNOWN_CODE
from hub.pages.writing import locale
from hub.services import pool as service

# Languages offered in the form: those of the synthetic and census tables first, the rest by typing their code in the API.
COMMON_LANGUAGES = (
    *("en", "fr", "ar", "zh", "yue", "fa", "fa-AF", "fil", "hi", "ur"),
    *("pa", "es", "pt", "uk", "ru", "ti", "so", "vi", "ko"),
)


@pages.get("/pool")
@requires(Operation.POOL_SEARCH)
def search_pool() -> str:
    """Show the form and the classes that fit."""
    vocabularies = load_vocabularies()
    typed = request.args.get("q", "").strip()[:80]
    noc = _known("noc", request.args.get("noc"))
    region, language = _known("region", request.args.get("region")), _known("languages", request.args.get("language"))
    actor, rule = current_actor(), settings()
    criteria = service.PoolCriteria(noc=noc, region=region, language=language)
    with database().reading() as session:
        answer = service.search(session, actor, criteria, rule.pool_k, stricter=rule.pool_stricter)
    if answer.epoch is None:
        answer = database().run(
            lambda session: service.search(session, actor, criteria, rule.pool_k, stricter=rule.pool_stricter)
        )
    return render_template(
        "pool/search.html",
        answer=answer,
        typed=typed,
        noc=noc,
        region=region,
        language=language,
        suggestions=vocabularies.occupation_search(typed, locale()) if typed and not noc else [],
        regions=vocabularies.codes("region"),
        languages=COMMON_LANGUAGES,
    )


def _known(vocabulary: str, code: str | None) -> str | None:
    """Return a code that exists, or None where nothing was asked; a mistyped link must not quietly list everyone."""
    if code and not load_vocabularies().has(vocabulary, code):
        raise Problem("invalid-fields", UNKNOWN_CODE, errors=[FieldError(f"/{vocabulary}", UNKNOWN_CODE)])
    return code or None
