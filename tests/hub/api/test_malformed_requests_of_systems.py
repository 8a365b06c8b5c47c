"""Whatever a system sends, the answer is a refusal or a result and never a fault of ours; always a problem document."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.api.examples import MENTEE
from tests.hub.doors import System

FUZZ = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
text = st.text(st.characters(codec="utf-8"), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture
def hub_settings(hub_settings: Any) -> Any:
    return replace(hub_settings, requests_per_minute=1_000_000)


def operations(app: Flask) -> list[tuple[str, str]]:
    return sorted(
        (method, rule.rule.split("<")[0] + "x" * 12 + rule.rule.partition(">")[2] if "<" in rule.rule else rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/v1/") and method not in {"HEAD", "OPTIONS"} and "docs" not in rule.rule
    )


def check(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    # Whoever is not let in reaches nothing that could be at fault.
    assert answer.status_code not in {401, 403, 429}, answer.text
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"


def test_what_is_tried_is_every_operation_and_what_is_right_is_taken(eriec: System, hub_app: Flask) -> None:
    tried = operations(hub_app)

    assert {"GET", "PUT", "POST", "DELETE"} <= {method for method, _ in tried}
    assert len(tried) > 30
    assert eriec.call("PUT", "/api/v1/profiles/person-001", json=MENTEE).status_code == 201
    assert eriec.call("GET", "/api/v1/profiles/person-001").status_code == 200


@settings(FUZZ, max_examples=40)
@given(body=st.binary(max_size=100) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_is_a_fault_of_any_operation(eriec: System, hub_app: Flask, body: bytes) -> None:
    for method, path in operations(hub_app):
        if method in {"PUT", "POST"}:
            kind = "application/x-ndjson" if path.endswith("/bulk") else "application/json"
            check(eriec.call(method, path, data=body, content_type=kind))


@settings(FUZZ, max_examples=25)
@given(query=st.dictionaries(st.sampled_from(["noc", "kind", "after", "region", "language", "stream", "x"]), text))
def test_no_query_is_a_fault_of_any_operation(eriec: System, hub_app: Flask, query: dict[str, str]) -> None:
    for method, path in operations(hub_app):
        if method == "GET":
            check(eriec.call("GET", path, query_string=query))


@FUZZ
@given(
    field=st.sampled_from(sorted(MENTEE)),
    value=json_values,
    inner=st.sampled_from(["", "clb", "purposes", "until", "certification"]),
)
def test_no_field_of_a_profile_is_a_fault(eriec: System, field: str, value: Any, inner: str) -> None:
    nested = isinstance(MENTEE[field], dict) and inner
    document = MENTEE | {field: MENTEE[field] | {inner: value} if nested else value}

    check(eriec.call("PUT", "/api/v1/profiles/person-001", data=json.dumps(document), content_type="application/json"))


@FUZZ
@given(
    headers=st.dictionaries(
        st.sampled_from(["If-Match", "If-None-Match", "Idempotency-Key", "Accept", "Content-Type", "Accept-Language"]),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40),
    )
)
def test_no_header_is_a_fault(eriec: System, headers: dict[str, str]) -> None:
    check(eriec.call("PUT", "/api/v1/profiles/person-001", data=json.dumps(MENTEE), headers=headers))
    check(eriec.call("GET", "/api/v1/profiles/person-001", headers=headers))
