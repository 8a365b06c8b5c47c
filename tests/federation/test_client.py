"""The reference client against the real hub: each operation once, refusals as problems, silence as HubUnreachable."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from federation.client import BULK_LINES, BULK_TIMEOUT, HubClient, HubUnreachable
from federation.connection import TIMEOUT, TOKEN_MARGIN_SECONDS
from federation.dpop import token_hash
from federation.key_chains import issue_statement, verify_chain
from federation.keys import OrganisationKeys, generate_keys
from federation.problems import MEDIA_TYPE, Problem
from hub.models import utcnow
from tests.federation.conftest import HUB, kind_of
from tests.hub.people import mentee, mentor

Answer = Callable[[httpx.Request], httpx.Response]


class TestAtARealHub:
    def test_an_enrolment_token_works_once(self, wire: httpx.Client, enrol: Callable[[str], str]):
        token = enrol("eriec")
        HubClient.register(HUB, token, generate_keys("eriec").client, wire)

        again = generate_keys("eriec").client
        assert kind_of(lambda: HubClient.register(HUB, token, again, wire)) == "enrolment-refused"

    def test_a_key_the_hub_does_not_know_gets_no_token(self, eriec: HubClient, wire: httpx.Client):
        stranger = HubClient(HUB, eriec.client_id, generate_keys("eriec").client, wire)

        assert kind_of(lambda: stranger.organisations()) == "not-signed-in"

    def test_a_system_s_key_is_replaced_and_the_old_one_gets_no_token(
        self, eriec: HubClient, keys: OrganisationKeys, wire: httpx.Client
    ):
        eriec.organisations()
        eriec.replace_key(generate_keys("eriec").client)

        assert len(list(eriec.organisations())) == 4
        assert kind_of(HubClient(HUB, eriec.client_id, keys.client, wire).organisations) == "not-signed-in"

    def test_a_key_that_is_not_registered_replaces_nothing(self, eriec: HubClient, wire: httpx.Client):
        stranger = HubClient(HUB, eriec.client_id, generate_keys("eriec").client, wire)

        assert kind_of(lambda: stranger.replace_key(generate_keys("eriec").client)) == "not-signed-in"
        assert len(eriec.organisations()) == 4

    def test_a_person_is_shared_replaced_read_and_withdrawn(self, eriec: HubClient):
        assert eriec.share_profile("mentor-0001", mentor())["state"] == "shared"
        assert eriec.share_profile("mentor-0001", mentor(seats=2))["state"] == "replaced"
        assert eriec.profile("mentor-0001")["seats"] == 2

        eriec.withdraw("mentor-0001")

        assert kind_of(lambda: eriec.profile("mentor-0001")) == "not-found"

    def test_a_refusal_names_the_field_and_repeats_no_value(self, eriec: HubClient):
        with pytest.raises(Problem) as refused:
            eriec.share_profile("mentor-0001", mentor(email="amina@example.org"))

        assert refused.value.kind == "unknown-field"
        assert [error.pointer for error in refused.value.errors] == ["/email"]
        assert "amina" not in json.dumps(refused.value.document())

    def test_many_people_are_answered_one_by_one_in_order(self, eriec: HubClient):
        people = [(f"mentor-{number:04}", mentor()) for number in range(BULK_LINES + 2)]
        people[1] = ("mentor-0001", mentor(noc="nurse"))

        results = list(eriec.share_profiles(people))

        assert [result["pseudonym"] for result in results] == [pseudonym for pseudonym, _ in people]
        assert [result["pseudonym"] for result in results if "problem" in result] == ["mentor-0001"]
        assert {found["pseudonym"] for found in eriec.profiles()} == {one for one, _ in people} - {"mentor-0001"}

    def test_a_mentee_is_recommended_a_mentor_proposed_and_answered(self, eriec: HubClient, criec: HubClient):
        criec.share_profile("mentor-0001", mentor())
        eriec.share_profile("mentee-0001", mentee())
        handle = eriec.recommendations("mentee-0001")["recommendations"][0]["handle"]

        sent = eriec.propose("mentee-0001", handle)
        eriec.accept(sent["id"])
        agreed = criec.accept(sent["id"])

        assert agreed["state"] == eriec.proposal(sent["id"])["state"] == "agreed"
        assert [found["id"] for found in criec.proposals()] == [sent["id"]]
        assert [found["state"] for found in eriec.introductions()] == ["due"]
        assert kind_of(lambda: criec.decline(sent["id"], "no_capacity")) == "illegal-move"
        assert "proposal.agreed" in {event["type"] for event in criec.all_events()}

    def test_a_partnership_is_read_and_ended_by_either_side(self, eriec: HubClient, criec: HubClient):
        criec.share_profile("mentor-0001", mentor())
        ends = (criec.complete_partnership, lambda one: eriec.end_partnership(one, "work_found"))
        for number, finish in enumerate(ends):
            eriec.share_profile(f"mentee-000{number}", mentee())
            handle = eriec.recommendations(f"mentee-000{number}")["recommendations"][0]["handle"]
            sent = eriec.propose(f"mentee-000{number}", handle)
            eriec.accept(sent["id"])
            criec.accept(sent["id"])
            (running,) = [one["id"] for one in criec.partnerships() if one["proposal"] == sent["id"]]
            over = finish(running)

            assert over["state"] in {"completed", "ended_early"}
            assert eriec.partnership(running)["state"] == over["state"]
            assert kind_of(lambda one=running: criec.complete_partnership(one)) == "illegal-move"

    def test_a_declined_proposal_stays_declined(self, eriec: HubClient, criec: HubClient):
        criec.share_profile("mentor-0001", mentor())
        eriec.share_profile("mentee-0001", mentee())
        sent = eriec.propose("mentee-0001", eriec.recommendations("mentee-0001")["recommendations"][0]["handle"])

        assert criec.decline(sent["id"], "schedule")["state"] == "declined"

    def test_statements_of_keys_are_relayed_as_they_were_signed(
        self, eriec: HubClient, criec: HubClient, keys: OrganisationKeys
    ):
        first = issue_statement(keys, [], utcnow())
        eriec.publish_keys(first)
        eriec.publish_keys(issue_statement(keys, [first], utcnow()))

        view = verify_chain(criec.keys("eriec"), utcnow(), "eriec")

        assert (view.seq, view.identity.thumbprint()) == (2, keys.identity.thumbprint())
        assert kind_of(lambda: eriec.publish_keys(first)) == "key-chain-broken"

    def test_what_is_there_to_read_can_be_read(self, eriec: HubClient):
        eriec.share_profile("mentee-0001", mentee())

        assert {found["id"] for found in eriec.organisations()} == {"eriec", "criec", "arec", "bvlc"}
        assert eriec.search_pool(noc="2130", kind="mentor")["cells"] == []
        assert eriec.pathway("mentee-0001")["plans"] == []
        assert eriec.programs() == eriec.referrals() == eriec.rounds() == []

    def test_what_is_not_there_is_not_found(self, eriec: HubClient):
        eriec.share_profile("mentee-0001", mentee())

        for ask in (
            lambda: eriec.program("none-at-all"),
            lambda: eriec.round("none-at-all"),
            lambda: eriec.referral("none-at-all"),
            lambda: eriec.envelope("none-at-all"),
            lambda: eriec.put_envelope("none-at-all", "e30.AAAA.AAAA.AAAAAAAA.AAAA"),
            lambda: eriec.acknowledge("none-at-all", "x" * 30),
            lambda: eriec.refer("mentee-0001", "none-at-all"),
            lambda: eriec.referral_event("none-at-all", "received"),
        ):
            assert kind_of(ask) == "not-found"


def answering(
    *answers: Answer | httpx.Response | type[Exception], token_seconds: int = 300, token_type: Any = "DPoP"
) -> tuple[HubClient, list[httpx.Request]]:
    """A client whose hub gives a token, and then these answers in turn; and what it was asked."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            asked.append(request)
            return httpx.Response(
                200, json={"access_token": "t", "expires_in": token_seconds, "token_type": token_type}
            )
        asked.append(request)
        said = left.pop(0)
        if isinstance(said, type):
            raise said("broken on the way")
        return said if isinstance(said, httpx.Response) else said(request)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    return HubClient(HUB, "client-1", generate_keys("eriec").client, http), asked


def read_proof(request: httpx.Request) -> dict[str, Any]:
    claims = request.headers["DPoP"].split(".")[1]
    return dict(json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4))))


class TestOnABadDay:
    def test_one_token_serves_many_calls(self):
        client, asked = answering(*[httpx.Response(200, json={"items": []})] * 3)

        for _ in range(3):
            client.organisations()

        assert [request.url.path for request in asked].count("/oauth/token") == 1

    def test_a_token_that_ends_soon_is_renewed(self):
        client, asked = answering(*[httpx.Response(200, json={"items": []})] * 2, token_seconds=TOKEN_MARGIN_SECONDS)

        client.organisations()
        client.organisations()

        assert [request.url.path for request in asked].count("/oauth/token") == 2

    @pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
    def test_a_hub_that_does_not_answer_is_said_to_be_unreachable(self, failure: type[Exception]):
        client, _ = answering(failure, failure)

        with pytest.raises(HubUnreachable, match="try again later"):
            client.organisations()

    def test_a_post_that_broke_off_is_sent_once_more_under_the_same_idempotency_key(self):
        client, asked = answering(httpx.ReadTimeout, httpx.Response(201, json={"id": "p1"}))

        assert client.propose("mentee-0001", "h" * 22) == {"id": "p1"}

        sent = [request for request in asked if request.url.path.endswith("/proposals")]
        assert len(sent) == 2
        assert sent[0].headers["Idempotency-Key"] == sent[1].headers["Idempotency-Key"]
        assert sent[0].content == sent[1].content

    def test_each_try_carries_a_proof_of_its_own_for_its_method_address_and_token(self):
        client, asked = answering(httpx.ReadTimeout, httpx.Response(201, json={"id": "p1"}))

        client.propose("mentee-0001", "h" * 22)

        token, first, second = (read_proof(request) for request in asked)
        assert (token["htm"], token["htu"]) == ("POST", f"{HUB}/oauth/token")
        assert (second["htm"], second["htu"]) == ("POST", f"{HUB}/api/v1/proposals")
        assert first["ath"] == second["ath"] == token_hash("t")
        assert len({token["jti"], first["jti"], second["jti"]}) == 3
        assert {request.headers["Authorization"] for request in asked[1:]} == {"DPoP t"}

    @pytest.mark.parametrize("kind", ["Bearer", None, 7])
    def test_a_token_that_is_bound_to_no_key_is_not_used(self, kind: Any):
        client, asked = answering(token_type=kind)

        with pytest.raises(Problem, match="DPoP"):
            client.organisations()

        assert [request.url.path for request in asked] == ["/oauth/token"]

    def test_two_posts_have_two_idempotency_keys(self):
        client, asked = answering(*[httpx.Response(201, json={"id": "p1"})] * 2)

        client.propose("mentee-0001", "h" * 22)
        client.propose("mentee-0001", "h" * 22)

        first, second = (request for request in asked if request.url.path.endswith("/proposals"))
        assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(502, text="<h1>Bad gateway</h1>"),
            httpx.Response(200, text="<h1>Sign in to this network</h1>"),
            httpx.Response(200, json=["not", "an", "object"]),
            httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
            httpx.Response(500, text="not json", headers={"Content-Type": MEDIA_TYPE}),
        ],
    )
    def test_what_no_hub_answers_is_a_problem_too(self, answer: httpx.Response):
        client, _ = answering(answer)

        assert kind_of(lambda: client.profile("mentor-0001")) == "bad-request"

    def test_a_problem_document_comes_back_whole(self):
        said = Problem("no-seat", "Ask for another.", extra={"proposal": "p1"})
        body: dict[str, Any] = said.document()
        client, _ = answering(httpx.Response(409, json=body, headers={"Content-Type": MEDIA_TYPE}))

        with pytest.raises(Problem) as refused:
            client.profile("mentor-0001")

        assert refused.value.document() == body

    def test_many_people_at_once_are_waited_for_longer_than_one(self):
        client, asked = answering(httpx.Response(201, json={}), httpx.Response(200, text=""))

        client.share_profile("mentor-0001", {})
        list(client.share_profiles([("mentor-0001", {})]))

        _, one, many = (request.extensions["timeout"]["read"] for request in asked)
        assert many == BULK_TIMEOUT.read > one

    def test_a_client_of_its_own_making_has_time_outs_and_is_closed(self):
        with HubClient(HUB, "client-1", generate_keys("eriec").client) as client:
            assert client._http.timeout == TIMEOUT
            assert None not in TIMEOUT.as_dict().values()

        assert client._http.is_closed
