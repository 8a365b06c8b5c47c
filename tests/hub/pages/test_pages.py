"""Every page: there for whom it is for, in both languages, whole, and usable without sight, scripts or guessing."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import text as statement

from hub.access.policy import PUBLIC_MARK
from hub.database import Database
from tests.hub.pages.conftest import CUT_SHORT, FOR_OPERATORS, UNKNOWN, Gallery, names_of_pages
from tests.hub.pages.test_translations import pairs
from tests.hub.pages.visitor import CONTROLS, Element, Page, Visitor
from tests.hub.pages.world import INVITATION, LONG_NAME, MEMBERS, World

Visit = Callable[[str], Visitor]
# Who may open a page besides coordinators; of an operator's pages none shows a person.
AUDITOR_REFUSED: Final = {"/hub", "/groups", "/peers", "/duplicates", "/mentees", "/pool", "/colleagues"}
OPERATOR_OPENS: Final = {
    *("/", "/about", "/programs", "/sign-in", "/sign-in/code", "/sign-in/joined", INVITATION),
    *("/account", "/account/app", "/account/confirm", "/account/confirm?next=/account"),
}
ENGLISH_WORDS: Final = re.compile(r"\b(the|and|with|your|this|of|for|is|are|you|by)\b", re.IGNORECASE)
PLACE: Final = re.compile(r"%\(\w+\)s")


def faults(pages: list[Page], look: Callable[[Page], Iterator[str]]) -> list[tuple[str, str]]:
    return [(page.address, fault) for page in pages for fault in look(page)]


def test_every_page_answers_in_both_languages(gallery: Gallery) -> None:
    assert len(gallery.english) >= 20
    for one, other in zip(gallery.english, gallery.french, strict=True):
        status = 404 if one.address in {CUT_SHORT, *UNKNOWN} else 200
        assert (one.status, other.status) == (status, status), one.address
        assert (one.root.one("html").get("lang"), other.root.one("html").get("lang")) == ("en", "fr")
        assert one.title != other.title, one.address
        assert one.heading != other.heading, one.address


def test_every_page_with_an_argument_has_an_example_here(app: Flask, world: World) -> None:
    with_argument = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments}

    assert with_argument & set(names_of_pages(app)) <= world.addresses().keys()


def test_every_page_says_for_whom_its_reader_is_signed_in(visit: Visit, addresses: list[str]) -> None:
    amina = visit("amina")
    pages = [page for page in map(amina.open, addresses) if page.status == 200 and "/account" in page.links()]
    told = {
        page.address: "".join(one.text for one in page.root.all("span") if one.get("class") == "organisation")
        for page in pages
    }

    assert len(told) > 20
    assert {address for address, text in told.items() if text.strip() != LONG_NAME} == set()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_says_nothing_of_the_catalogue_in_the_other_language(gallery: Gallery, language: str) -> None:
    folded = [(" ".join(one.split()), " ".join(other.split())) for one, other in pairs()]
    both = [pair if language == "fr" else pair[::-1] for pair in folded if len(set(pair)) > 1]
    whole = {foreign for foreign, _ in both} - {own for _, own in both}
    parts = [max(PLACE.split(one), key=len) for one in whole]
    sentences = [one for one in parts if len(one.split()) > 2]

    def look(page: Page) -> Iterator[str]:
        found = list(shown(page, "en" if language == "fr" else "fr"))
        yield from (one for one in found if one in whole)
        yield from (one for one in sentences if one in " ".join(found))

    assert len(sentences) > 60
    assert faults(gallery.french if language == "fr" else gallery.english, look) == []


def test_a_french_page_has_no_english_beside_names(gallery: Gallery) -> None:
    names = [name for _, name, _ in MEMBERS]

    def look(page: Page) -> Iterator[str]:
        for text in shown(page, "en"):
            rest = text
            for name in names:
                rest = rest.replace(name, "")
            yield from (text for _ in ENGLISH_WORDS.findall(rest))

    assert faults(gallery.french, look) == []


def shown(page: Page, foreign: str) -> Iterator[str]:
    """Each text and each attribute read aloud, but for what is marked as the other language."""
    for text in page.root.texts(without_lang=foreign):
        if text.strip():
            yield " ".join(text.split())
    for one in page.root.walk():
        yield from (one.get(name) for name in ("aria-label", "alt", "title", "placeholder") if one.get(name))


@pytest.mark.parametrize("address", UNKNOWN)
def test_what_is_not_there_says_what_to_do(visit: Visit, address: str) -> None:
    page = visit("amina").open(address)

    assert page.status == 404
    assert page.heading == "There is nothing here for you"
    assert page.root.one("main").text.count(".") >= 1
    assert "/" in page.links()


@pytest.mark.parametrize("address", ["/mentees/%00", "/proposals/a%00", "/rounds/%ff", "/mentees/" + "x" * 3000])
def test_a_garbled_address_is_nowhere(visit: Visit, address: str) -> None:
    assert visit("amina").open(address).heading == "There is nothing here for you"


@pytest.mark.parametrize(("look", "card"), [("pairs", "points of 100, with:"), ("circles", "The others")])
def test_a_suggestion_of_peers_says_whose_people_the_others_are_and_how_they_fit(
    visit: Visit, look: str, card: str
) -> None:
    cards = [
        one.text
        for one in visit("amina").open(f"/peers?look={look}").root.one("main").all("li")
        if "Propose" in one.text
    ]
    told = [" ".join(text.split()) for text in cards]

    assert told
    assert any(card in text and "Occupation" in text for text in told)
    assert any("CRIEC" in text or "AREC" in text for text in told)
    assert not any("budget" in text for text in told)


def test_one_s_mentees_are_found_by_pseudonym_and_by_whether_they_wait(visit: Visit, world: World) -> None:
    amina = visit("amina")

    def found(query: str) -> set[str]:
        return {
            link.removeprefix("/mentees/") for link in amina.open(f"/mentees?{query}").links() if "/mentees/" in link
        }

    everybody, waiting, matched = found(""), found("matched=no"), found("matched=yes")
    assert waiting
    assert matched
    assert (waiting | matched, waiting & matched) == (everybody, set())
    assert found(f"find={world.unready}") == {world.unready}
    assert found(f"find={world.unready}&matched=yes") == matched & {world.unready}
    nobody = amina.open("/mentees?find=nobody-here")
    assert "/mentees" in nobody.links()
    assert "None of your mentees is like that." in nobody.root.one("main").text


def test_a_proposal_s_row_tells_whom_it_is_about(visit: Visit) -> None:
    rows = [row.text for row in visit("amina").open("/proposals").root.one("main").all("tr")]

    assert any(" ".join(row.split()).startswith("Civil and mechanical engineers yours: eriec-mentee-0") for row in rows)
    assert any("Civil and mechanical engineers AREC" in " ".join(row.split()) for row in rows)


def test_a_garbled_search_is_refused(visit: Visit) -> None:
    assert [visit("amina").open(f"/{one}=%00").status for one in ("mentees?after", "pool?q", "pool?noc")] == [400] * 3


@pytest.mark.parametrize(("language", "heading"), [("en", "Something broke on our side"), ("fr", "Une erreur est")])
def test_a_fault_is_a_page_even_when_the_database_cannot_say_who_reads(
    visit: Visit, hub: Database, language: str, heading: str
) -> None:
    amina = visit("amina").speak(language)
    with hub.transaction() as session:
        session.execute(statement("ALTER TABLE sign_in RENAME TO lost"))

    page = amina.open("/proposals")

    assert page.status == 500
    assert page.heading.startswith(heading)
    assert "sign_in" not in page.source


def test_what_belongs_to_others_looks_the_same_as_what_is_not_there(visit: Visit, world: World) -> None:
    claire = visit("claire").speak("en")

    for kind, identifier in (("mentees", world.fresh), ("proposals", world.open), ("referrals", world.referral)):
        theirs, none = claire.open(f"/{kind}/{identifier}"), claire.open(f"/{kind}/none")
        assert (theirs.status, theirs.root.one("main").text) == (none.status, none.root.one("main").text)


def test_an_auditor_reads_no_person_s_profile(visit: Visit, addresses: list[str]) -> None:
    aude = visit("aude")
    refused = {address for address in addresses if f"/{address.split('/')[1]}".partition("?")[0] in AUDITOR_REFUSED}

    assert {address for address in addresses if aude.open(address).status == 403} == refused
    assert all(aude.open(address).status == 200 for address in set(addresses) - refused)


def test_an_operator_opens_nothing_of_a_member_but_its_administrators_accounts(
    visit: Visit, addresses: list[str], world: World
) -> None:
    olga = visit("olga")
    watched = {address for address in addresses if address.startswith(FOR_OPERATORS)}

    assert len(watched) == 3
    administrators = {"/colleagues", f"/colleagues/{world.colleagues['iman']}"}
    opened = {address for address in addresses if olga.open(address).status == 200}
    assert opened == OPERATOR_OPENS | watched | administrators
    page = olga.open("/proposals")
    assert page.heading == "This role may not do that"
    assert "ask your organisation's administrator" in page.root.one("main").text


@pytest.mark.parametrize("username", ["amina", "aude", "olga", "bo", "iman"])
def test_the_menu_leads_only_where_one_may_go(visit: Visit, username: str) -> None:
    someone = visit(username)
    (nav,) = someone.open("/about").root.all("nav")
    offered = [one.get("href") for one in nav.all("a")]

    assert [someone.open(address).status for address in offered] == [200] * len(offered)
    assert len(offered) == {"aude": 10, "olga": 4, "iman": 16}.get(username, 14)


def test_a_stranger_is_led_to_the_door_and_then_back(app: Flask, visit: Visit, addresses: list[str]) -> None:
    public = {name for name in names_of_pages(app) if PUBLIC_MARK in vars(app.view_functions[name])}
    stranger = visit("")
    doors = {address: stranger.http.get(address) for address in addresses}

    opened = {address for address, answer in doors.items() if answer.status_code == 200}
    assert public == {*("pages.about", "pages.sign_in", "pages.ask_code", "pages.show_invitation", "pages.show_joined")}
    assert opened == {"/about", "/sign-in", INVITATION}
    deepest = max(doors.keys() - opened, key=len)
    assert "region=" in max(addresses, key=lambda one: one.count("="))
    for address in (deepest, max(addresses, key=lambda one: one.count("="))):
        answer = doors[address]
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")
        arrived = visit("").sign_in("amina", address=answer.headers["Location"])
        assert (arrived.status, arrived.full_address) == (200, address)


def test_no_page_has_anything_inline_or_from_elsewhere(gallery: Gallery) -> None:
    def look(page: Page) -> Iterator[str]:
        for one in page.root.walk():
            if one.tag == "script" and (one.text or not one.get("src").startswith("/static/")):
                yield one.tag
            if one.tag in {"style", "iframe", "object", "embed", "base"}:
                yield one.tag
            yield from (name for name in one.attributes if name == "style" or name.startswith("on"))
            addresses = [one.get(name) for name in ("href", "src", "action", "formaction")]
            yield from (one for one in addresses if one and not one.startswith(("/", "#")))

    assert faults(gallery.english, look) == []


def test_every_control_has_a_name_people_can_hear(gallery: Gallery) -> None:
    def look(page: Page) -> Iterator[str]:
        labelled = {one.get("for") for one in page.root.all("label") if one.text}
        for control in page.root.all(*CONTROLS):
            if control.get("type") != "hidden" and control.get("id") not in labelled and not control.inside("label"):
                yield f"{control.tag} {control.get('name')}"
        yield from (one.tag for one in page.root.all("button", "a") if not one.text)
        yield from (one.get("src") for one in page.root.all("img") if "alt" not in one.attributes)

    assert faults(gallery.english, look) == []


def test_every_page_has_a_skip_link_landmarks_and_one_heading_above_all(gallery: Gallery) -> None:
    def look(page: Page) -> Iterator[str]:
        if page.links()[0] != "#main" or page.root.one("main").get("id") != "main":
            yield "skip link"
        for tag in ("header", "main", "footer", "h1", "title"):
            count = len([one for one in page.root.all(tag) if not one.inside("svg")])
            if count != 1:
                yield f"{count} {tag}"
        yield from ("nav" for one in page.root.all("nav") if not one.get("aria-label"))
        levels = [int(one.tag[1]) for one in page.root.all("h1", "h2", "h3", "h4")]
        yield from (f"h{one} to h{two}" for one, two in pairwise(levels) if two > one + 1)

    assert faults(gallery.english, look) == []


def test_what_names_something_else_on_the_page_finds_it(gallery: Gallery) -> None:
    def look(page: Page) -> Iterator[str]:
        known = [one.get("id") for one in page.root.walk() if one.get("id")]
        yield from (one for one in known if known.count(one) > 1)
        for one in page.root.walk():
            for name in ("for", "aria-labelledby", "aria-describedby", "form"):
                yield from (target for target in one.get(name).split() if target not in known)

    assert faults(gallery.english, look) == []


def test_every_table_has_a_caption_and_headings_with_a_direction(gallery: Gallery) -> None:
    def look(table: Element) -> bool:
        return len(table.all("caption")) == 1 and all(one.get("scope") in {"col", "row"} for one in table.all("th"))

    tables = [(page.address, table) for page in gallery.english for table in page.root.all("table")]
    assert len(tables) > 15
    assert [address for address, table in tables if not look(table)] == []


def test_the_menu_says_where_one_is_and_the_other_language_is_a_link_in_that_language(visit: Visit) -> None:
    page = visit("amina").open("/proposals")

    assert [one.text for one in page.root.walk() if one.get("aria-current") == "page"] == ["Proposals"]
    (other,) = [one for one in page.root.all("a") if one.get("hreflang")]
    assert (other.text, other.get("lang"), other.get("href")) == ("Français", "fr", "/language/fr?next=/proposals")


def test_the_pool_shows_groups_and_never_rows(visit: Visit) -> None:
    page = visit("amina").open("/pool")
    cards = [one for one in page.root.all("ul") if one.get("class") == "cards"]

    (shown_card,) = cards[0].all("li")
    assert "5-9" in shown_card.text
    assert page.root.all("table") == []
    assert not re.search(r"(arec|eriec|criec)-(mentor|mentee)", page.source)
    assert "AREC" not in page.root.one("main").text


def test_the_pool_says_that_a_code_does_not_exist_instead_of_showing_everyone(visit: Visit) -> None:
    page = visit("amina").open("/pool?noc=99999")

    assert page.status == 422
    assert "Search again by its name." in page.root.one("main").text
