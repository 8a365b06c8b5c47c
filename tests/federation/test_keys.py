"""A chain of key statements holds, or is refused with the reason; a pinned identity never changes silently."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from federation.key_chains import issue_statement, read_chain, statement_hash, verify_chain
from federation.keys import (
    OrganisationKeys,
    claimed,
    generate_keys,
    read_encryption,
    read_identity,
    safety_number,
    same_number,
    sign,
    text_number,
    verify,
)
from federation.pins import Pins
from federation.problems import Problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ERIEC = generate_keys("eriec")
IMPOSTOR = generate_keys("eriec")


def chain_of(keys: OrganisationKeys, length: int, now: datetime = NOW) -> list[str]:
    statements: list[str] = []
    for _ in range(length):
        statements.append(issue_statement(keys, statements, now))
    return statements


def look(pins: Pins, statements: list[str]) -> None:
    chain = read_chain(statements, "eriec")
    pins.follow(chain, pins.check(chain), NOW)


def refusal_of_chain(statements: list[str], now: datetime = NOW, organisation: str = "eriec") -> str:
    with pytest.raises(Problem) as refused:
        verify_chain(statements, now, organisation)
    return refused.value.kind


@given(length=st.integers(1, 4))
@settings(max_examples=4, deadline=None)
def test_a_chain_of_any_length_gives_the_keys_in_force(length: int):
    statements = chain_of(ERIEC, length)

    view = verify_chain(statements, NOW, "eriec")

    assert (view.organisation, view.seq, view.head) == ("eriec", length, statement_hash(statements[-1]))
    assert view.identity.thumbprint() == ERIEC.identity.thumbprint()
    assert view.encryption.thumbprint() == ERIEC.encryption.thumbprint()


def test_a_published_statement_holds_no_private_part():
    payload = verify(chain_of(ERIEC, 1)[0], ERIEC.identity, "passerelle-key-statement")

    assert all("d" not in key for key in payload["jwks"].values())


def test_an_organisation_without_statements_has_no_keys():
    assert refusal_of_chain([]) == "key-chain-broken"


def test_statements_out_of_order_missing_or_repeated_are_refused():
    first, second, third = chain_of(ERIEC, 3)

    assert refusal_of_chain([second, first]) == "key-chain-broken"
    assert refusal_of_chain([first, third]) == "key-chain-broken"
    assert refusal_of_chain([second, third]) == "key-chain-broken"
    assert refusal_of_chain([first, first]) == "key-chain-broken"


def test_a_chain_of_another_organisation_is_refused():
    assert refusal_of_chain(chain_of(ERIEC, 1), organisation="criec") == "key-chain-broken"


def test_a_statement_by_a_key_the_chain_does_not_name_is_refused():
    first = issue_statement(ERIEC, [], NOW)

    assert refusal_of_chain([first, issue_statement(IMPOSTOR, [first], NOW)]) == "invalid-signature"


def test_a_changed_byte_is_refused():
    header, payload, signature = chain_of(ERIEC, 1)[0].split(".")
    changed = signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")

    assert refusal_of_chain([f"{header}.{payload}.{changed}"]) == "invalid-signature"


@pytest.mark.parametrize("text", ["", "not a statement", "a.b.c", "é.é.é"])
def test_what_is_not_a_statement_is_refused(text: str):
    assert refusal_of_chain([text]) == "invalid-signature"


def test_a_statement_is_in_force_ninety_days_and_not_a_second_longer():
    statements = chain_of(ERIEC, 1)

    assert verify_chain(statements, NOW + timedelta(days=90), "eriec").seq == 1
    assert refusal_of_chain(statements, NOW + timedelta(days=90, seconds=1)) == "key-chain-broken"


def test_a_statement_is_believed_by_a_clock_that_is_a_minute_slow_and_no_slower():
    statements = chain_of(ERIEC, 1)

    assert verify_chain(statements, NOW - timedelta(seconds=60), "eriec").seq == 1
    assert refusal_of_chain(statements, NOW - timedelta(seconds=61)) == "key-chain-broken"


@pytest.mark.parametrize("date", ["iat", "exp"])
@pytest.mark.parametrize("said", [None, "2026-03-02"])
def test_a_statement_without_both_its_dates_is_never_in_force(date: str, said: str | None):
    payload = verify(chain_of(ERIEC, 1)[0], ERIEC.identity, "passerelle-key-statement") | {date: said}

    assert refusal_of_chain([sign(ERIEC.identity, "passerelle-key-statement", payload)]) == "invalid-signature"


def test_a_statement_that_carries_a_private_key_is_refused():
    payload = {"organisation": "eriec", "seq": 1, "prev_hash": "0" * 64, "jwks": ERIEC.private_jwks()}

    assert refusal_of_chain([sign(ERIEC.identity, "passerelle-key-statement", payload)]) == "invalid-signature"


@pytest.mark.parametrize(
    ("read", "key"),
    [
        (read_identity, ERIEC.identity.as_dict(private=True)),
        (read_identity, OKPKey.generate_key("X25519").as_dict(private=False)),
        (read_encryption, ERIEC.encryption.as_dict(private=True)),
        (read_encryption, ECKey.generate_key("P-384").as_dict(private=False)),
    ],
    ids=["private identity", "X25519", "private encryption", "P-384"],
)
def test_a_key_that_is_private_or_on_another_curve_is_no_public_key(read: Callable[[object], object], key: object):
    with pytest.raises(Problem, match="is not a public"):
        read(key)


@pytest.mark.parametrize("name", ["identity", "encryption"])
@pytest.mark.parametrize("key", [None, 7, "key", [], {}, {"kty": "EC", "crv": "P-256"}])
def test_a_statement_whose_key_is_none_is_refused_and_no_fault(name: str, key: object):
    (genuine,) = chain_of(ERIEC, 1)
    payload = verify(genuine, ERIEC.identity, "passerelle-key-statement")
    payload["jwks"][name] = key

    assert refusal_of_chain([sign(ERIEC.identity, "passerelle-key-statement", payload)]) == "invalid-signature"


def test_a_rotation_keeps_a_retired_key_for_as_long_as_it_may_open_and_no_longer():
    once = ERIEC.rotated(NOW)
    last = NOW + timedelta(days=90)

    assert [old.key for old in once.rotated(last).retired] == [once.encryption, ERIEC.encryption]
    assert [old.key for old in once.rotated(last + timedelta(seconds=1)).retired] == [once.encryption]


def test_one_kind_of_document_cannot_pass_for_another():
    signed = sign(ERIEC.identity, "passerelle-receipt", {"proposal": "p1"})

    with pytest.raises(Problem, match="passerelle-acceptance"):
        verify(signed, ERIEC.identity, "passerelle-acceptance")


def test_what_is_signed_but_is_no_object_is_refused_and_no_fault():
    signed = sign(ERIEC.identity, "passerelle-receipt", [])  # type: ignore[arg-type]

    with pytest.raises(Problem, match="not a passerelle-receipt"):
        verify(signed, ERIEC.identity, "passerelle-receipt")
    with pytest.raises(Problem, match="not a key statement"):
        claimed(signed)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_what_is_signed_under_the_wider_name_of_the_algorithm_is_refused_by_that_reason():
    header = {"alg": "EdDSA", "typ": "passerelle-receipt"}
    signed = jws.serialize_compact(header, b"{}", ERIEC.identity, algorithms=["EdDSA"])

    with pytest.raises(Problem, match="not on our list"):
        verify(signed, ERIEC.identity, "passerelle-receipt")


def test_the_first_identity_is_pinned_and_another_stops_everything():
    pins = Pins()
    look(pins, chain_of(ERIEC, 1))
    look(pins, chain_of(ERIEC, 1))

    with pytest.raises(Problem, match="safety number"):
        look(pins, chain_of(IMPOSTOR, 1))

    assert pins.identities == {"eriec": ERIEC.identity.thumbprint()}


def test_a_hub_that_shows_an_older_or_a_forked_chain_is_caught():
    pins = Pins()
    first, second, third = chain_of(ERIEC, 3)
    look(pins, [first, second])
    fork = issue_statement(ERIEC, [first], NOW + timedelta(minutes=1))

    for shown in ([first], [first, fork]):
        with pytest.raises(Problem, match="older or another chain"):
            look(pins, shown)

    look(pins, [first, second, third])
    assert pins.heads == {"eriec": statement_hash(third)}


def test_keys_come_back_from_the_store_as_they_were():
    keys = ERIEC.rotated(NOW)
    kept = OrganisationKeys.from_jwks("eriec", keys.private_jwks(), keys.retired_jwks())

    assert kept.private_jwks() == keys.private_jwks()
    assert kept.retired_jwks() == keys.retired_jwks()
    assert all(key.is_private for key in (kept.client, kept.identity, kept.encryption, kept.retired[0].key))


def test_both_sides_read_the_same_sixty_digits():
    criec = generate_keys("criec")

    said = safety_number(ERIEC.identity, criec.identity)

    assert said == safety_number(criec.identity, ERIEC.identity)
    assert [len(group) for group in said.split()] == [5] * 12
    assert said.replace(" ", "").isdigit()
    assert said != safety_number(IMPOSTOR.identity, criec.identity)


def test_the_digits_are_the_same_in_every_release():
    # Two people may run two releases: other digits would stop them, or worse, teach them not to care.
    one, other = (
        OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x}) for x in ("AQEB" * 10 + "AQE", "AgIC" * 10 + "AgI")
    )

    assert safety_number(one, other) == "19213 84163 91484 48294 10783 42012 73497 60593 80058 24102 22522 10525"
    assert text_number("0" * 64) == "98958 37779 00968 27363 89918 86448 95585 14309 45301 44910 35513 11158"


def test_a_number_is_the_same_however_it_is_spaced_and_another_is_not():
    assert same_number(" 12345  67890\n", "12345 67890")
    assert not same_number("12345 67891", "12345 67890")
