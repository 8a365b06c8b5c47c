"""The same request twice: one effect, one answer; another request under the same key: none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from hub.database import Database
from hub.services import idempotency
from hub.services.actors import hub_itself
from tests.hub.people import system
from tests.hub.services.refusals import everything, refused

KEY, DIGEST = "a-key-of-the-caller", idempotency.request_digest("POST", "/proposals", b"{}")
ANSWER = {"id": "1", "parts": [1, {"a": None}], "name": "Élodie"}


def keep(
    database: Database, organisation: str = "eriec", digest: str = DIGEST, answer: dict[str, Any] = ANSWER
) -> None:
    actor = system(organisation)
    database.run(lambda session: idempotency.keep_answer(session, actor, KEY, digest, 201, answer))


def earlier(database: Database, organisation: str = "eriec", digest: str = DIGEST, key: str = KEY) -> Any:
    with database.reading() as session:
        return idempotency.earlier_answer(session, system(organisation), key, digest)


def test_a_first_request_has_no_answer_yet(members: Database):
    assert earlier(members) is None


def test_the_same_request_gets_the_answer_it_got(members: Database):
    keep(members)

    assert earlier(members) == (201, ANSWER)
    assert earlier(members, key="another") is None


def test_a_key_is_its_organisations_own(members: Database):
    keep(members)

    assert earlier(members, "arec") is None
    keep(members, "arec", answer={"id": "2"})
    assert (earlier(members)[1], earlier(members, "arec")[1]) == (ANSWER, {"id": "2"})


def test_another_request_under_the_same_key_is_refused(members: Database):
    keep(members)

    with refused(members, "idempotency-mismatch"):
        earlier(members, digest=idempotency.request_digest("POST", "/proposals", b'{"a": 1}'))


def test_of_two_answers_under_one_key_the_second_is_not_kept(network: Database):
    keep(network)
    before = everything(network)

    with pytest.raises(IntegrityError):
        keep(network, answer={"id": "2"})
    assert everything(network) == before


def test_who_belongs_to_no_organisation_has_no_keys(members: Database):
    with refused(members, "not-allowed"), members.reading() as session:
        idempotency.earlier_answer(session, hub_itself("tests"), KEY, DIGEST)


requests = st.tuples(st.sampled_from(["POST", "PUT"]), st.text("ab/", max_size=4), st.binary(max_size=4))


@given(requests, requests)
def test_two_requests_have_one_digest_only_when_they_are_the_same(first, second):
    digests = idempotency.request_digest(*first), idempotency.request_digest(*second)

    assert (digests[0] == digests[1]) == (first == second)
