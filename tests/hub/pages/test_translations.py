"""The French catalogue says everything the pages say, and the compiled file is the one that the text file makes."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from federation.problems import REGISTRY
from hub import pages
from hub.pages.sentences import BY_KIND, CHOOSE_REASON, DETAILS, NOWHERE, SEND_AGAIN, UNKNOWN_CODE

HUB: Final = Path(pages.__file__).parents[1]
PAGES: Final = Path(pages.__file__).parent
FRENCH: Final = PAGES / "translations" / "fr" / "LC_MESSAGES"
METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2")]
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%%")
TAG: Final = re.compile(r"</?\w+>")
ENDING: Final = re.compile(r"[.:?]$")
# What is one word in both languages; everything else must differ, or it was never translated.
SAME_IN_BOTH: Final = {
    *("Certification", "Culture", "Mentor", "Points", "Province", "Sources"),
    "Licence",
}
# Whose refusals a person can meet while using the pages.
MET_ON_PAGES: Final = (
    *(
        "access/confirming.py",
        "access/identity.py",
        "access/joining.py",
        "access/mentee_links.py",
        "access/sessions.py",
    ),
    *(
        "database.py",
        "errors.py",
        "pages/frame.py",
        "pages/mentees.py",
        "pages/moves.py",
        "pages/pool.py",
        "services/actors.py",
        "services/pathways.py",
    ),
    *(
        "services/colleagues.py",
        "services/duplicates.py",
        "services/gathering_moves.py",
        "services/gathering_questions.py",
        "services/gatherings.py",
        "services/guards.py",
        "services/mentee_links.py",
        "services/mentee_pages.py",
        "services/moves.py",
        "services/partnerships.py",
        "services/proposal_moves.py",
        "services/proposal_seats.py",
        "services/proposals.py",
        "services/recommendations.py",
        "services/referrals.py",
        "services/rounds.py",
        "services/sharing.py",
    ),
)
OURS: Final = {SEND_AGAIN, CHOOSE_REASON, UNKNOWN_CODE, NOWHERE}


def texts(value: object) -> tuple[str, ...]:
    """The singular, or singular and plural."""
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


@cache
def said() -> frozenset[tuple[str, ...]]:
    """Every message id that views and templates hand to the catalogue."""
    found = extract_from_dir(str(PAGES), METHODS)
    return frozenset(texts(message) for _, _, message, _, _ in found)


@cache
def catalogue() -> Catalog:
    with (FRENCH / "messages.po").open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def messages() -> list[Message]:
    return [message for message in catalogue() if message.id]


def title(message: Message) -> str:
    return texts(message.id)[0][:60]


class Refused(NamedTuple):
    """One ``Problem(kind, "...")`` of the code; no detail where it is put together when it is raised."""

    kind: str
    detail: str | None


def refusals(path: Path) -> list[Refused]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) >= 2]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Problem"]
    return [
        Refused(kind.value, detail.value if isinstance(detail, ast.Constant) else None)
        for kind, detail, *_ in (call.args for call in named)
        if isinstance(kind, ast.Constant)
    ]


def pairs() -> Iterator[tuple[str, str]]:
    """Each English text with its French one; singular and plural apart."""
    for message in messages():
        yield from zip(texts(message.id), texts(message.string), strict=False)


def plain(found: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """A catalogue without its heading, in which compilers write their own version."""
    return {texts(message.id): texts(message.string) for message in found if message.id}


def test_views_templates_and_words_are_all_read() -> None:
    assert {("strong fit",), ("You are signed out.",), ("%(num)s week", "%(num)s weeks")} <= said()
    assert len(said()) > 150


def test_everything_said_on_a_page_is_in_the_catalogue() -> None:
    assert said() - {texts(message.id) for message in messages()} == set()


def test_the_catalogue_keeps_nothing_that_no_page_says() -> None:
    assert {texts(message.id) for message in messages()} - said() == set()
    assert catalogue().obsolete == {}


def test_every_french_text_is_whole_and_sure() -> None:
    unsure = [title(message) for message in messages() if message.fuzzy]
    missing = [
        title(one) for one in messages() if len(texts(one.string)) != len(texts(one.id)) or "" in texts(one.string)
    ]

    assert (unsure, missing) == ([], [])


@pytest.mark.parametrize("kept", [PLACEHOLDER.findall, TAG.findall, ENDING.findall], ids=["places", "tags", "ending"])
def test_a_french_text_keeps_what_the_page_relies_on(kept: Callable[[str], list[str]]) -> None:
    differing = [one for one, other in pairs() if sorted(kept(one)) != sorted(kept(other))]

    assert differing == []


def test_no_french_text_is_the_english_one() -> None:
    assert {one for one, other in pairs() if one == other} == SAME_IN_BOTH


def test_french_keeps_a_colon_on_the_line_of_its_word_and_other_marks_close() -> None:
    wrong = [other for _, other in pairs() if re.search(r"(?<!\N{NO-BREAK SPACE}):|\s[;?!,.]", other)]

    assert wrong == []


def test_the_compiled_catalogue_is_fresh() -> None:
    with (FRENCH / "messages.mo").open("rb") as file:
        compiled = read_mo(file)

    assert plain(compiled) == plain(catalogue())


@pytest.mark.parametrize("path", MET_ON_PAGES)
def test_every_refusal_met_on_a_page_is_said_to_people(path: str) -> None:
    found = refusals(HUB / path)
    unsaid = [refused for refused in found if refused.detail not in DETAILS and refused.kind not in BY_KIND]

    assert len(found) > 0
    assert unsaid == []


def test_no_sentence_for_people_is_one_that_nobody_says_any_more() -> None:
    everywhere = "".join(path.read_text(encoding="utf-8") for path in HUB.rglob("*.py") if path.name != "sentences.py")

    assert [one for one in DETAILS - OURS if f'"{one}"' not in everywhere] == []


@pytest.mark.parametrize("kind", REGISTRY)
def test_every_refusal_has_a_french_title(kind: str) -> None:
    assert REGISTRY[kind].title_fr
    assert REGISTRY[kind].title_fr != REGISTRY[kind].title_en
