"""Tokens: what makes two of them equal, what must never, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.linkage import Token, tokens
from federation.linkage.forms import KINDS

KEY = bytes(range(32))
LEILA = {
    "given_names": ["Leïla", "Marie"],
    "family_names": "Haddad",
    "birth_date": "1988-04-17",
    "phones": ["+1 (780) 555-0142"],
    "emails": "Leila.Haddad@example.org",
    "street": "12 Main St. NW",
    "locality": "Edmonton",
    "postal_code": "T5J 0N3",
    "identifiers": ["UCI 11-2233-4455"],
}
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
RECORDS = st.fixed_dictionaries(
    {
        "given_names": st.lists(WORDS, min_size=1, max_size=2),
        "family_names": st.lists(WORDS, min_size=1, max_size=2),
        "birth_date": st.dates().map(str) | st.none(),
    },
    optional={
        "street": WORDS.map(lambda word: f"7 {word}"),
        "postal_code": st.just("T5J 0N3"),
        "phones": st.just("7805550142"),
    },
)


def shared_kinds(one: dict, other: dict) -> set[str]:
    """The kinds of tokens two records have in common."""
    return {token.kind for token in set(tokens(one, KEY)) & set(tokens(other, KEY))}


def test_every_token_is_sixteen_bytes_of_a_known_kind_with_a_whole_positive_weight():
    made = tokens(LEILA, KEY)

    assert {token.kind for token in made} == set(KINDS)
    assert all(len(token.digest) == 16 and type(token.weight) is int and token.weight > 0 for token in made)
    assert made == sorted(set(made))


@given(RECORDS)
@settings(deadline=None, max_examples=60)
def test_neither_the_order_of_names_nor_case_changes_a_token(record):
    swapped = {
        **record,
        "given_names": [name.upper() for name in record["family_names"]],
        "family_names": [name.title() for name in reversed(record["given_names"])],
    }

    assert tokens(swapped, KEY) == tokens(record, KEY)


def test_accents_hyphens_spacing_of_codes_and_short_words_of_streets_change_no_token():
    plain = {
        **LEILA,
        "given_names": "leila-marie",
        "phones": "7805550142",
        "emails": "leila.haddad+jobs@EXAMPLE.org",
        "street": "12 main street nw",
        "postal_code": "t5j0n3",
        "identifiers": "uci1122334455",
    }

    assert tokens(plain, KEY) == tokens(LEILA, KEY)


@pytest.mark.parametrize(
    ("written", "romanised"),
    [
        (("Сергій", "Коваленко"), ("Serhii", "Kovalenko")),
        (("Юлия", "Щеглова"), ("Yuliya", "Shcheglova")),
        (("محمد", "الحسن"), ("Muhammad", "Al-Hassan")),
        (("فاطمة", "یوسفی"), ("Fatima", "Yousefi")),
        (("Γιώργος", "Παπαδόπουλος"), ("Giorgos", "Papadopoulos")),
        (("ሰላም", "ተስፋዬ"), ("Selam", "Tesfaye")),
        (("ਗੁਰਪ੍ਰੀਤ", "ਸਿੰਘ"), ("Gurpreet", "Singh")),
        (("민수", "김"), ("Minsu", "Kim")),
        (("Łukasz", "Çelik"), ("Lukasz", "Celik")),
        (("Mohamed", "Hussain"), ("Muhammad", "Hussein")),
    ],
)
def test_a_name_in_two_scripts_or_spellings_sounds_alike(written, romanised):
    one, other = (
        {"given_names": given, "family_names": family, "birth_date": "1990-06-12"}
        for given, family in (written, romanised)
    )

    assert "names_sound+birth" in shared_kinds(one, other)


@pytest.mark.parametrize("slip", ["hadad", "haddadd", "hadadd", "hqddad", "haddda"])
def test_one_slip_of_the_pen_in_a_name_keeps_a_token(slip):
    assert "names_spelling+birth" in shared_kinds(LEILA, {**LEILA, "family_names": slip})


@pytest.mark.parametrize("wrong", ["1988-04-11", "1988-07-17", "1978-04-17", "1988-12-17"])
def test_one_wrong_part_of_a_birth_date_keeps_a_token(wrong):
    kinds = shared_kinds(LEILA, {**LEILA, "birth_date": wrong})

    assert "names+birth_part" in kinds
    assert "names+birth" not in kinds


def test_day_and_month_swapped_keep_a_token():
    one, other = ({**LEILA, "birth_date": day} for day in ("1988-04-11", "1988-11-04"))

    assert "names+birth_part" in shared_kinds(one, other)


def weight(record: dict, kind: str) -> int:
    """The least weight of a record's tokens of a kind."""
    return min(token.weight for token in tokens(record, KEY) if token.kind == kind)


def test_a_birthday_on_new_year_says_its_year_and_no_more():
    kinds = {token.kind for token in tokens({**LEILA, "birth_date": "1988-01-01"}, KEY)}

    assert {kind for kind in kinds if "birth" in kind} == {kind for kind in KINDS if "birth_year" in kind}
    assert weight({**LEILA, "birth_date": "1988-01-01"}, "names+birth_year") < weight(LEILA, "names+birth") - 100


def test_a_very_frequent_surname_weighs_less():
    assert weight({**LEILA, "family_names": "Singh"}, "names+postal") < weight(LEILA, "names+postal")


def test_another_key_gives_no_equal_digest():
    digests = {token.digest for token in tokens(LEILA, KEY)}

    assert digests.isdisjoint(token.digest for token in tokens(LEILA, bytes(32)))


def test_another_version_of_the_namespace_gives_no_equal_digest(monkeypatch):
    digests = {token.digest for token in tokens(LEILA, KEY)}
    monkeypatch.setattr("federation.linkage.keyed.NAMESPACE", "passerelle linkage 2")

    assert digests.isdisjoint(token.digest for token in tokens(LEILA, KEY))


def test_the_same_text_in_two_kinds_gives_two_digests():
    same = {"identifiers": "7805550142", "phones": "7805550142"}

    assert len({token.digest for token in tokens(same, KEY)}) == 2


@pytest.mark.parametrize(
    "record", [{}, {"given_names": None, "family_names": []}, {"given_names": ["Leïla"], "family_names": "Haddad"}]
)
def test_nothing_or_a_name_alone_gives_no_token(record):
    assert tokens(record, KEY) == []


def test_half_a_postal_code_or_a_telephone_extension_says_nothing():
    vague = {**LEILA, "postal_code": "T5J", "phones": "555-01"}
    kinds = {token.kind for token in tokens(vague, KEY)}

    assert not any("postal" in kind or "phone" in kind for kind in kinds)


def test_none_and_empty_are_as_if_absent():
    empty = {**LEILA, "street": "", "birth_date": None, "phones": [], "emails": None}

    assert tokens(empty, KEY) == tokens({name: value for name, value in empty.items() if value}, KEY)


@pytest.mark.parametrize("short", [b"", bytes(31)])
def test_a_short_key_is_refused(short):
    with pytest.raises(ValueError, match="32 bytes"):
        tokens(LEILA, short)


def test_a_key_that_is_text_is_refused():
    with pytest.raises(TypeError, match="key"):
        tokens(LEILA, "k" * 32)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nickname", "Zanzibar"),
        ("birth_date", "17 Zanzibar 1988"),
        ("birth_date", "1988-W15-7"),
        ("birth_date", 19880417),
        ("street", ["Zanzibar"]),
        ("given_names", {"Zanzibar": 1}),
        ("phones", [7805550142]),
    ],
)
def test_a_wrong_field_is_named_and_its_value_never_told(field, value):
    with pytest.raises((TypeError, ValueError), match=field) as refusal:
        tokens({**LEILA, field: value}, KEY)

    assert not any(part in str(refusal.value) for part in ("Zanzibar", "1988", "780555"))
    assert refusal.value.__cause__ is None


def test_a_token_can_be_kept_in_a_set():
    assert len({Token("phone", bytes(16), 1), Token("phone", bytes(16), 1)}) == 1
