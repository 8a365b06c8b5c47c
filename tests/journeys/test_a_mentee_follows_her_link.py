"""Journey 6: one link on a phone. She sees where things stand, answers, is introduced; or stops, and all of it stops."""

import html
import re
from collections.abc import Callable

import httpx
import pytest

from federation.problems import Problem
from hub.commands.demonstration.agency import Agency
from tests.journeys.conftest import TOKEN, Browser, Hub
from tests.journeys.test_a_mentee_is_recommended_and_introduced import mentee_with_help_elsewhere

LINK = re.compile(r"<code>(https?://[^<]+/m/[A-Za-z0-9_-]{43})</code>")
DIGITS = re.compile(r"<code>([0-9]{6})</code>")
HERE = re.compile(r'aria-current="step">([^<]+)<')


@pytest.fixture
def agencies(hub: Hub) -> tuple[Agency, Agency]:
    return hub.pushing("eriec"), hub.pushing("criec")


@pytest.fixture
def phone(hub: Hub) -> Browser:
    """A phone that asks for French, and follows nothing by itself."""
    headers = {"Accept-Language": "fr-CA,fr;q=0.9"}
    client = httpx.Client(base_url=hub.settings.issuer, timeout=20, headers=headers)
    return Browser(hub.opened.enter_context(client))


def given(browser: Browser, mentee: str) -> tuple[str, str]:
    """The link's path and the digits that a coordinator makes for a mentee."""
    shown = browser.send(f"/mentees/{mentee}", f"/mentees/{mentee}/link")
    link, digits = LINK.search(shown.text), DIGITS.search(shown.text)
    assert link
    assert digits
    return httpx.URL(link[1]).path, digits[1]


def here(phone: Browser) -> str:
    found = HERE.search(phone.read("/m"))
    assert found
    return html.unescape(found[1])


def test_a_mentee_answers_on_her_phone_and_is_introduced(
    hub: Hub, agencies: tuple[Agency, Agency], phone: Browser
) -> None:
    eriec, criec = agencies
    eriec.compare(criec)
    mentee, found = mentee_with_help_elsewhere(eriec, "criec")
    coordinator = hub.browser("eriec")
    path, digits = given(coordinator, mentee)
    stages = []

    # The messenger looks at the link first; then she presses the button.
    for _ in range(2):
        assert "Ouvrir ma page" in phone.read(path)
    opened = phone.send(path, path)
    stages.append(here(phone))
    proposal = eriec.client.propose(mentee, str(found["handle"]))["id"]
    stages.append(here(phone))
    answered = phone.send("/m", f"/m/proposals/{proposal}", word="yes", code=digits)
    heard = coordinator.read(f"/proposals/{proposal}")
    decided = eriec.client.proposal(proposal)
    eriec.accept(proposal)
    criec.accept(proposal)
    stages.append(here(phone))
    eriec.seal(proposal)
    criec.open(proposal)
    stages.append(here(phone))

    assert opened.url.path == "/m"
    assert stages == [
        "Nous cherchons un mentor",
        "Un mentor est trouvé et les deux côtés sont consultés",
        "La mise en relation est en chemin",
        "La mise en relation est faite",
    ]
    assert "Merci. Votre réponse a été transmise." in html.unescape(answered.text)
    assert "Your mentee said yes on" in html.unescape(heard)
    assert decided["decided"]["mentee_side"] == "waiting"
    assert [one for one in ("eriec", "criec", mentee) if one in phone.read("/m").casefold()] == []
    assert phone.http.post(path, data={"csrf_token": token(phone, path)}).status_code == 404


def test_a_mentee_stops_on_her_phone_and_her_agency_hears_of_it(
    hub: Hub, agencies: tuple[Agency, Agency], phone: Browser
) -> None:
    eriec, criec = agencies
    mentee, found = mentee_with_help_elsewhere(eriec, "criec")
    coordinator = hub.browser("eriec")
    path, _ = given(coordinator, mentee)
    proposal = eriec.client.propose(mentee, str(found["handle"]))["id"]
    phone.send(path, path)

    stopped = phone.send("/m/stop", "/m/stop")

    assert "C'est fait" in html.unescape(stopped.text)
    assert phone.http.get("/m").status_code == 401
    assert coordinator.http.get(f"/mentees/{mentee}").status_code == 404
    assert "A mentee withdrew." in coordinator.read("/")
    assert mentee not in coordinator.read("/")
    events = [(one["type"], one["subject"]) for one in eriec.client.all_events()]
    (told,) = [subject for kind, subject in events if kind == "mentee.withdrew"]
    assert eriec.store.pseudonym_of(told.removeprefix("profile:")) == mentee
    assert "mentee.withdrew" not in [one["type"] for one in criec.client.all_events()]
    with pytest.raises(Problem) as refused:
        criec.accept(proposal)
    assert refused.value.kind == "no-longer-available"


def test_the_link_is_in_no_file_of_the_hub(hub: Hub, phone: Browser, files_holding: Callable[[str], list[str]]) -> None:
    eriec = hub.pushing("eriec")
    mentee = next(one["pseudonym"] for one in eriec.client.profiles() if one["kind"] == "mentee")
    path, _ = given(hub.browser("eriec"), mentee)
    phone.read(path)
    phone.send(path, path)
    here(phone)

    assert files_holding(path.removeprefix("/m/")) == []


def token(phone: Browser, path: str) -> str:
    found = TOKEN.search(phone.read(path))
    assert found
    return found[1]
