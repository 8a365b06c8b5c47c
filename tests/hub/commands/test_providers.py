"""``passerelle organisation provider``: an agency's own sign-in, set, invited to and taken away by its operator."""

import json
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from federation.command_line import build
from hub.database import Database
from hub.services import invitations, provider_identities
from hub.services.clients import hashed
from hub.services.provider_identities import Identity
from hub.settings import load_settings
from tests.hub.identity_provider import IdentityProvider

WORDS = ("organisation", "provider")


@pytest.fixture
def agency(two_members) -> Iterator[IdentityProvider]:
    """A member's provider, and an account of that member."""
    two_members.done("organisation", "coordinator", "eriec", "amina")
    with IdentityProvider().running() as found:
        yield found


def typed(terminal, agency: IdentityProvider, *words: str, organisation: str = "eriec") -> Result:
    """Type the command that sets a provider, and the secret where it is asked for."""
    command = [*WORDS, "set", organisation, "--issuer", agency.issuer, "--client-id", agency.client_id, *words]
    environment = {"PASSERELLE_INSTANCE_FOLDER": str(terminal.folder)}
    return CliRunner().invoke(build(), command, input=f"{agency.secret}\n", env=environment)


def test_a_provider_is_set_with_a_secret_that_is_neither_shown_nor_kept_in_clear(two_members, agency):
    told = typed(two_members, agency)

    assert told.exit_code == 0, told.output
    assert "/sign-in/organisation/eriec/return" in told.output
    assert agency.secret not in told.output
    assert agency.secret not in str(two_members.rows())
    assert f"eriec: {agency.issuer} (client_secret), 0 bound, 0 invited" in two_members.done(*WORDS, "list")


def test_a_provider_is_set_with_a_key_whose_private_half_stays(two_members, agency):
    told = typed(two_members, agency, "--own-key")

    (key,) = json.loads(re.search(r"\{.*\}", told.output).group(0))["keys"]
    assert (key["kty"], key["crv"], "d" in key) == ("EC", "P-256", False)
    assert key["kid"]
    assert "private_key_jwt" in two_members.done(*WORDS, "list")


def test_an_invitation_is_a_link_shown_once(two_members, agency):
    typed(two_members, agency)

    told = two_members.done(*WORDS, "invite", "eriec", "amina", "--hours", "5")

    link = re.search(r"/sign-in/invitation/(\S{43})\n", told).group(1)
    assert "for 5 hours" in told
    assert link not in str(two_members.rows())
    assert "0 bound, 1 invited" in two_members.done(*WORDS, "list")


def test_what_an_invitation_bound_is_confirmed_by_its_digits(two_members, agency):
    typed(two_members, agency)
    secret = re.search(r"/invitation/(\S{43})\n", two_members.done(*WORDS, "invite", "eriec", "amina")).group(1)
    database = Database(f"sqlite:///{two_members.folder / 'passerelle.sqlite3'}")
    settings = load_settings({}, instance_folder=str(two_members.folder))
    somebody = Identity("eriec", agency.issuer, "00u-amina")
    owner = database.run(lambda session: provider_identities.accept(session, hashed(secret), somebody, settings))
    with database.reading() as session:
        digits = invitations.digits(session, owner, settings)
    wrong = f"{(int(digits) + 1) % 1_000_000:06}"
    confirm = ("organisation", "confirm", "eriec")

    refused = two_members.refused(*confirm, "amina", wrong)
    before = database.run(lambda session: provider_identities.owner(session, somebody, settings))
    told = two_members.done(*confirm, "amina", f"{digits[:3]} {digits[3:]}")
    after = database.run(lambda session: provider_identities.owner(session, somebody, settings))
    database.close()

    assert "These are not the digits" in refused
    assert "amina is confirmed." in told
    assert (before, after) == (None, owner)
    assert "Nobody waits" in two_members.refused(*confirm, "amina", digits)
    assert "no such account" in two_members.refused(*confirm, "nobody", digits)


def test_an_invitation_is_taken_back(two_members, agency):
    typed(two_members, agency)
    two_members.done(*WORDS, "invite", "eriec", "amina")

    two_members.done(*WORDS, "unbind", "eriec", "amina")

    assert two_members.rows()["invitation"] == []
    assert "neither bound nor invited" in two_members.refused(*WORDS, "unbind", "eriec", "amina")


def test_a_provider_is_taken_away(two_members, agency):
    typed(two_members, agency)
    two_members.done(*WORDS, "invite", "eriec", "amina")

    assert "Accounts let go: 0" in two_members.done(*WORDS, "remove", "eriec")

    rows = two_members.rows()
    assert (rows["identity_provider"], rows["invitation"]) == ([], [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("remove", "eriec"), "has no identity provider"),
        (("invite", "eriec", "amina"), "identity provider first"),
        (("invite", "arec", "amina"), "no such account"),
        (("unbind", "eriec", "nobody"), "no such account"),
    ],
)
def test_what_cannot_be_is_refused_in_words(two_members, agency, words: tuple[str, ...], said: str):
    assert said in two_members.refused(*WORDS, *words)


def test_a_provider_that_says_it_is_another_is_not_set(two_members, agency):
    agency.document["issuer"] = "https://elsewhere.example"
    before = two_members.rows()

    told = typed(two_members, agency)

    assert (told.exit_code, two_members.rows()) == (1, before)
    assert "The provider cannot be used" in told.output


def test_a_provider_of_nobody_is_not_set(two_members, agency):
    before = two_members.rows()

    told = typed(two_members, agency, organisation="nobody")

    assert (told.exit_code, two_members.rows()) == (1, before)


@pytest.mark.parametrize(
    "issuer", ["http://idp.example", "https://idp.example/?x=1", "idp.example", "https://u:p@idp.example"]
)
def test_an_issuer_is_an_https_address(two_members, issuer: str):
    told = two_members.type(*WORDS, "set", "eriec", "--issuer", issuer, "--client-id", "hub", "--own-key")

    assert told.exit_code == 2


def test_no_option_takes_the_secret(two_members):
    told = two_members.done(*WORDS, "set", "--help")

    assert re.findall(r"--[a-z-]+", told).count("--secret") == 0
    assert "--client-secret" not in told
