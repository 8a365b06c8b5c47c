"""``passerelle connector accept | seal | open | contacts | poll`` for a peer pair, against a hub on a real port."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from federation.command_line import build
from federation.connector import exchange, gathered
from federation.connector.people import Person
from federation.connector.store import Store
from hub.database import Database
from hub.models import GatheringParty
from tests.hub.gathered import peer, propose

Type = Callable[..., Result]


@pytest.fixture
def typed(tmp_path: Path) -> Type:
    """Type a connector command in the folder of one of two agencies."""

    def run(organisation: str, *words: str) -> Result:
        return CliRunner().invoke(build(), ["connector", "--folder", str(tmp_path / organisation), *words])

    return run


@pytest.fixture
def gathering(typed: Type, address: str, enrol: Callable[[str], str], tmp_path: Path, hub_people: Database) -> str:
    """A peer pair that ERIEC proposed to CRIEC; the two compared their number."""
    for number, (organisation, name) in enumerate((("eriec", "Amina Yusufi"), ("criec", "Omar Haddad"))):
        typed(organisation, "init")
        token = enrol(organisation)
        typed(organisation, "register", "--organisation", organisation, "--hub", address, "--token", token)
        store = Store(tmp_path / organisation)
        store.remember(Person(2, name, {"name": name}, peer(number, languages=["fil"])))
        with exchange.connect(store) as client:
            assert exchange.push(store, client).taken == 1
    for one, other in (("eriec", "criec"), ("criec", "eriec")):
        heard = typed(other, "safety-number", one).output
        assert typed(one, "safety-number", other, "--heard", heard).exit_code == 0
    return propose(hub_people, "eriec", "pair").id


def said(result: Result) -> str:
    return " ".join(result.output.split())


def test_the_commands_for_proposals_take_a_pair_too(typed: Type, gathering: str, tmp_path: Path):
    accepted = [typed(one, "accept", gathering) for one in ("eriec", "criec")]
    sealed = [typed(one, "seal") for one in ("eriec", "criec")]
    opened = [typed(one, "open") for one in ("eriec", "criec")]

    assert "You said yes for Amina Yusufi, to a pair with criec (1). The pair is proposed." in said(accepted[0])
    assert "You said yes for Omar Haddad, to a pair with eriec (1). The pair is agreed." in said(accepted[1])
    assert all("1 introductions sealed." in said(one) for one in sealed)
    (place,) = gathered.everything(Store(tmp_path / "eriec"))[gathering].places
    line = f"{gathering} eriec {place.place}: name Amina Yusufi"
    assert line in said(opened[1])
    assert "1 introductions opened." in said(opened[1])
    assert "Omar Haddad" in said(opened[0])
    assert line in said(typed("criec", "contacts"))
    assert {one.exit_code for one in (*accepted, *sealed, *opened)} == {0}


def test_what_is_not_signed_by_all_ends_with_a_sentence(typed: Type, gathering: str, hub_people: Database):
    typed("eriec", "accept", gathering)
    assert typed("eriec", "seal").exit_code == 0
    typed("criec", "accept", gathering)
    unsigned = update(GatheringParty).where(GatheringParty.organisation_id == "criec").values(acceptance=None)
    hub_people.run(lambda session: session.execute(unsigned))

    ended = typed("eriec", "seal")

    assert ended.exit_code == 1
    assert "criec has not signed its yes yet" in said(ended)


def test_polling_deletes_the_contact_of_who_withdrew_and_names_it_as_it_was_printed(
    typed: Type, gathering: str, tmp_path: Path
):
    for command in (("accept", gathering), ("seal",), ("open",)):
        for one in ("eriec", "criec"):
            typed(one, *command)
    eriec, criec = Store(tmp_path / "eriec"), Store(tmp_path / "criec")
    (name,) = gathered.contacts(criec)
    (place,) = gathered.everything(eriec)[gathering].places
    with exchange.connect(eriec) as client:
        client.withdraw(place.pseudonym)

    polled = typed("criec", "poll")

    assert polled.exit_code == 0
    assert f"the contact {name} is deleted here" in said(polled)
    assert "Amina" not in polled.output
    assert gathered.contacts(criec) == {}
    assert "withdrew" not in said(typed("criec", "poll"))
