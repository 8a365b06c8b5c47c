"""``passerelle client``: a token that is printed once, opens once, and is kept only as a hash."""

import pytest
from joserfc.jwk import ECKey

from federation.scopes import ALL_SCOPES
from hub.database import Database
from hub.services import clients


def test_the_token_printed_lets_that_organisations_system_in(two_members):
    token = two_members.done("client", "add", "eriec").split()[-1]

    assert token not in str(two_members.rows())
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    key = ECKey.generate_key("P-256").as_dict(private=False)
    enrolled = database.run(lambda session: clients.enrol(session, token, {"keys": [dict(key)]}))
    database.close()
    assert (enrolled.organisation, set(enrolled.scope.split())) == ("eriec", ALL_SCOPES)


def test_an_organisation_that_is_no_member_is_refused(two_members):
    assert "Add the organisation first" in two_members.refused("client", "add", "nobody")


@pytest.mark.parametrize("scope", ["everything", "pool:search admin"])
def test_a_scope_that_does_not_exist_is_named(two_members, scope: str):
    result = two_members.type("client", "add", "eriec", "--scope", scope)

    assert result.exit_code == 2
    assert f"unknown scope: {scope.split()[-1]}" in result.output
