"""A hub that cheats with keys and algorithms, against two real connectors: nothing is sent, and somebody is told.

The hub knows no private key of a member, relays everything, may say different things to each, and may be in league with a
third member.
"""

import hmac
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OKPKey

from federation.connector import exchange, keyring
from federation.key_chains import issue_statement
from federation.keys import sign
from federation.problems import Problem
from hub.models import utcnow
from tests.attacks.lying_hub import invented
from tests.attacks.two_agencies import (
    HUB_KEYS,
    Agencies,
    accepted_by,
    assert_nothing_sent,
    assert_nothing_shown,
    base64,
    forge_acceptance,
    keys_of,
)

# -- 1 swapped key ------------------------------------------------------------------------------------------------------


def test_swapped_keys_stop_at_the_pin(agencies: Agencies):
    agencies.agree()
    agencies.eriec.hub.lie(*keys_of("criec", invented(HUB_KEYS)))

    assert_nothing_sent(agencies, "identity key of criec changed")


def test_a_swapped_encryption_key_under_the_real_identity_s_name_is_not_signed_by_it(agencies: Agencies):
    agencies.agree()
    real = agencies.criec.store.kept("statements")
    half_swapped = replace(HUB_KEYS, identity=agencies.criec.store.keys.identity)
    payload = issue_statement(half_swapped, real, utcnow()).split(".")[1]
    signature = sign(HUB_KEYS.identity, "passerelle-key-statement", {}).split(".")[2]
    forged = ".".join([real[0].split(".")[0], payload, signature])
    agencies.eriec.hub.lie(*keys_of("criec", [*real, forged]))

    assert_nothing_sent(agencies, "not signed by the key expected")


# -- 2 old key ----------------------------------------------------------------------------------------------------------


def test_an_old_key_that_was_given_up_is_not_sealed_for(agencies: Agencies):
    old = list(agencies.criec.store.kept("statements"))
    keyring.rotate(agencies.criec.store, agencies.criec.client, utcnow())
    agencies.agree()
    agencies.eriec.hub.lie(*keys_of("criec", old))

    assert_nothing_sent(agencies, "signed with newer keys than the hub shows")


# -- 3 split view -------------------------------------------------------------------------------------------------------


def test_a_member_invented_from_the_first_day_is_not_sealed_for_and_the_phone_call_finds_out(strangers: Agencies):
    chain = invented(HUB_KEYS)
    strangers.eriec.hub.lie(*keys_of("criec", chain))
    strangers.agree()
    forge_acceptance(strangers, accepted_by(HUB_KEYS, strangers, chain))

    assert_nothing_sent(strangers, "compared the safety number")
    with pytest.raises(Problem, match="numbers differ"):
        strangers.criec.reads_to(strangers.eriec)
    assert_nothing_sent(strangers, "compared the safety number")


def test_two_views_of_one_member_end_at_the_one_that_was_seen_first(agencies: Agencies):
    agencies.agree()
    keyring.rotate(agencies.criec.store, agencies.criec.client, utcnow())
    keyring.view_of(agencies.eriec.store, agencies.eriec.client, "criec", utcnow())
    real = agencies.criec.store
    fork = [real.kept("statements")[0]]
    fork.append(issue_statement(real.keys.rotated(utcnow()), fork, utcnow()))
    agencies.eriec.hub.lie(*keys_of("criec", fork))

    assert_nothing_sent(agencies, "older or another chain")


# -- 8 reorder ----------------------------------------------------------------------------------------------------------


def test_key_statements_out_of_order_are_no_chain(agencies: Agencies):
    keyring.rotate(agencies.criec.store, agencies.criec.client, utcnow())
    agencies.agree()
    agencies.eriec.hub.lie("GET .*/criec/keys", lambda body: {"statements": body["statements"][::-1]})

    assert_nothing_sent(agencies, "does not follow the one before it")


def test_events_out_of_order_or_over_again_stop_the_reading(agencies: Agencies):
    agencies.agree()
    events = list(agencies.eriec.client.all_events())
    assert len(events) > 2
    for told in (events[::-1], events[:2]):
        agencies.eriec.hub.lie("GET /api/v1/events", lambda page, told=told: page | {"items": told})
        with pytest.raises(Problem, match="out of order"):
            list(agencies.eriec.client.all_events())


# -- 11 truncated log ---------------------------------------------------------------------------------------------------


def test_a_log_that_lost_statements_is_refused(agencies: Agencies):
    for _ in range(2):
        keyring.rotate(agencies.criec.store, agencies.criec.client, utcnow())
    agencies.agree()
    keyring.view_of(agencies.eriec.store, agencies.eriec.client, "criec", utcnow())
    whole = agencies.criec.store.kept("statements")
    for told, said in (
        (whole[:2], "older or another chain"),
        (whole[1:], "does not follow the one before it"),
        (whole[::2], "does not follow the one before it"),
        ([], "published no key statement"),
    ):
        agencies.eriec.hub.lie(*keys_of("criec", told))
        assert_nothing_sent(agencies, said)


def test_an_organisation_signs_no_fork_of_its_own_log_that_the_hub_cut_short(agencies: Agencies):
    criec = agencies.criec
    for _ in range(2):
        keyring.rotate(criec.store, criec.client, utcnow())
    statements = criec.store.kept("statements")
    criec.hub.lie("GET .*/criec/keys", lambda body: {"statements": body["statements"][:1]})

    for step in (lambda: keyring.rotate(criec.store, criec.client, utcnow()), lambda: criec.accept(agencies.proposal)):
        with pytest.raises(Problem, match="does not show our key statements"):
            step()
    assert criec.store.kept("statements") == statements
    assert agencies.eriec.seal().done == {}


# -- 12 downgrade of algorithm ------------------------------------------------------------------------------------------


def encoded(value: Any) -> str:
    return base64(json.dumps(value).encode())


def signed_by(algorithm: str, key: Any, kind: str, payload: Any) -> str:
    header = {"alg": algorithm, "typ": kind}
    return jws.serialize_compact(header, json.dumps(payload).encode(), key, algorithms=[algorithm])


def weaker(agencies: Agencies, kind: str, payload: Any) -> list[str]:
    """The same statement under what a lax verifier would take: no signature, a public key as secret, another curve."""
    public = agencies.criec.store.keys.identity.as_pem(private=False)
    text = f"{encoded({'alg': 'HS256', 'typ': kind})}.{encoded(payload)}"
    return [
        ".".join([encoded({"alg": "none", "typ": kind}), encoded(payload), ""]),
        f"{text}.{base64(hmac.digest(public, text.encode(), 'sha256'))}",
        signed_by("ES256", ECKey.generate_key("P-256"), kind, payload),
    ]


def test_an_acceptance_under_another_algorithm_is_refused(agencies: Agencies):
    agencies.agree()
    genuine = agencies.eriec.introduction(agencies.proposal)["acceptances"]["criec"]
    payload = json.loads(jws.extract_compact(genuine.encode()).payload)
    for forged in weaker(agencies, "passerelle-acceptance", payload):
        forge_acceptance(agencies, forged)
        assert_nothing_sent(agencies, "algorithm that is not on our list")


def test_a_key_statement_under_another_algorithm_is_refused(agencies: Agencies):
    agencies.agree()
    real = agencies.criec.store.kept("statements")
    payload = json.loads(jws.extract_compact(issue_statement(HUB_KEYS, real, utcnow()).encode()).payload)
    for forged in weaker(agencies, "passerelle-key-statement", payload):
        agencies.eriec.hub.lie(*keys_of("criec", [*real, forged]))
        assert_nothing_sent(agencies, "algorithm that is not on our list")


def test_an_identity_or_encryption_key_of_another_kind_is_refused(strangers: Agencies):
    strangers.agree()
    weak_identity = ECKey.generate_key("P-256")
    short_curve = {"encryption": OKPKey.generate_key("X25519").as_dict(private=False)}
    for changes, said in (
        ({"identity": weak_identity.as_dict(private=False)}, "names no identity key"),
        (short_curve, "names no encryption key"),
    ):
        payload = json.loads(jws.extract_compact(invented(HUB_KEYS)[0].encode()).payload)
        payload["jwks"] |= changes
        strangers.eriec.hub.lie(*keys_of("criec", [sign(HUB_KEYS.identity, "passerelle-key-statement", payload)]))
        assert_nothing_sent(strangers, said)


@pytest.mark.parametrize(("algorithm", "encryption"), [("ECDH-ES", "A256GCM"), ("ECDH-ES+A256KW", "A128GCM")])
def test_an_envelope_under_a_weaker_algorithm_is_not_opened(agencies: Agencies, algorithm: str, encryption: str):
    agencies.agree()
    agencies.eriec.seal()
    recipient, names = agencies.criec.store.keys.encryption, [algorithm, encryption]
    opened = jwe.decrypt_compact(agencies.eriec.hub.sent[0], recipient, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    resealed = jwe.encrypt_compact(
        {"alg": algorithm, "enc": encryption}, opened.plaintext or b"", recipient, algorithms=names
    )
    agencies.criec.hub.lie("GET .*/envelope", lambda _: {"envelope": resealed})

    assert_nothing_shown(agencies, "algorithm that is not on our list")


def test_a_token_that_anyone_could_use_is_refused(agencies: Agencies):
    agencies.agree()
    eriec = agencies.eriec
    eriec.hub.lie("POST /oauth/token", lambda body: body | {"token_type": "Bearer"})

    with pytest.raises(Problem, match="anyone could use"):
        exchange.seal_due(eriec.store, exchange.connect(eriec.store, httpx.Client(transport=eriec.hub)), utcnow())
    assert eriec.hub.sent == []
