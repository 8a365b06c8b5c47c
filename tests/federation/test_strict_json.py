"""The one loader at every door: all that is good comes through unchanged, and nothing that has two meanings."""

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation.problems import Problem
from federation.strict_json import MAX_BYTES, MAX_DEPTH, load, load_object

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
whole = st.integers(-(2**63), 2**63 - 1)
simple = st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False) | texts
jsonlike = st.text('[]{}":,\\01eE.-Nantrufls\n \x00\ud800', max_size=40)
values = st.recursive(simple, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


def refused(body: bytes, kind: str = "malformed-json") -> str:
    with pytest.raises(Problem) as problem:
        load(body)
    assert problem.value.kind == kind
    return problem.value.detail


@given(values)
@example("tab\there, and a\nline break")
@example('brackets [[[ and a quote " inside a text \\')
def test_what_was_written_is_what_is_read(value: object):
    assert load(json.dumps(value).encode()) == value
    assert load(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=40) | jsonlike)
def test_whatever_comes_is_a_value_or_a_refusal_and_never_a_fault(body: bytes | str):
    sent = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    try:
        value = load(sent)
    except Problem:
        assert refused(sent).startswith("Correct the JSON")
    else:
        assert load(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands twice"),
        (b"[NaN]", "NaN is not JSON"),
        (b"-Infinity", "-Infinity is not JSON"),
        (b"[1e400]", "1e400 is out of range"),
        (b"[9223372036854775808]", "64 bits"),
        (b"[-9223372036854775809]", "64 bits"),
        (b"[" + b"9" * 5000 + b"]", "64 bits"),
        (b'"\\u0000"', "control character"),
        (b'{"\\ud800": 1}', "lone surrogate"),
        (b'["ok", {"deep": ["\\u007f"]}]', "control character"),
        (b'"\xff"', "byte 1 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"", "line 1, column 1"),
        (b'{"a":\n 1,}', "line 2, column 4"),
        (b"{} {}", "Extra data"),
        (b"'single'", "line 1, column 1"),
    ],
)
def test_what_has_two_meanings_is_refused_with_its_place(body: bytes, said: str):
    assert said in refused(body)


@pytest.mark.parametrize("edge", [2**63 - 1, -(2**63), 0, -1])
def test_whole_numbers_of_64_bits_come_through(edge: int):
    assert load(str(edge).encode()) == edge


def test_a_pair_of_surrogates_is_one_character():
    assert load(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_nesting_is_bounded_before_anything_is_parsed():
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert json.dumps(load(deepest)).encode() == deepest
    assert f"deeper than {MAX_DEPTH} levels at character {MAX_DEPTH}" in refused(b"[" + deepest + b"]")
    assert "deeper" in refused(b'{"a":' * 100_000)
    assert load(b'"' + b"[" * 1000 + b'"') == "[" * 1000


def test_size_is_bounded_and_the_bound_can_be_set():
    with pytest.raises(Problem, match="at most 10 bytes"):
        load(b'"123456789"', max_bytes=10)
    assert load(b'"12345678"', max_bytes=10) == "12345678"
    assert str(MAX_BYTES) in refused(b" " * (MAX_BYTES + 1), "body-too-large")


@pytest.mark.parametrize("unit", [b'\\"', b'"', b"\\", b"[", b'{"', b'["\\'])
def test_no_body_takes_more_than_linear_time(unit: bytes):
    started = time.process_time()

    refused(b'"' + unit * (400_000 // len(unit)))

    assert time.process_time() - started < 5


@given(values)
def test_where_an_object_is_needed_nothing_else_is_taken(value: object):
    body = json.dumps(value).encode()
    if isinstance(value, dict):
        assert load_object(body) == value
    else:
        with pytest.raises(Problem, match="an object is needed"):
            load_object(body)
