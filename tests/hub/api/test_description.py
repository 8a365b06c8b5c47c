from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from federation.answers.network import ProblemAnswer
from federation.answers.profiles import BulkAnswer
from federation.documents import (
    DeclineDocument,
    Document,
    LinkageDocument,
    ProfileDocument,
    ProfileReceipt,
    ProposalDocument,
    ReferralDocument,
    ReferralEventDocument,
    RepairDocument,
    read,
)
from federation.problems import REGISTRY
from federation.scopes import ALL_SCOPES
from hub.access.policy import OPERATION_MARK, POLICY
from hub.api import examples


@pytest.fixture
def described(http: FlaskClient) -> dict[str, Any]:
    return dict(http.get("/api/v1/openapi.json").get_json())


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method in {"get", "put", "post", "delete"}
    ]


def test_the_document_is_valid_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_route_of_the_api_is_described_and_nothing_else(described: dict[str, Any], hub_app: Flask) -> None:
    routes = {
        (str(rule.rule).replace("<name:", "{").replace(">", "}"), method.lower())
        for rule in hub_app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/v1/") and method not in {"HEAD", "OPTIONS"} and "." in rule.endpoint
    }

    assert {(path, method) for path, method, _ in operations(described)} == routes


def test_every_operation_asks_for_the_scope_of_the_policy_table(described: dict[str, Any], hub_app: Flask) -> None:
    for _, _, operation in operations(described):
        room = next(tag for tag in operation["tags"])
        view = next(
            view
            for endpoint, view in hub_app.view_functions.items()
            if endpoint.endswith(f".{operation['operationId']}")
        )
        scope = POLICY[view.__dict__[OPERATION_MARK]].scope
        assert scope is not None, room
        assert operation["security"] == [{"oauth2": [scope.value]}]


def test_every_refusal_is_described_as_a_problem_document(described: dict[str, Any]) -> None:
    responses = described["components"]["responses"]

    assert set(REGISTRY) <= set(responses)
    for response in responses.values():
        assert set(response["content"]) == {"application/problem+json"}
    for _, _, operation in operations(described):
        assert {"401", "403", "404", "429", "default"} <= set(operation["responses"])


def test_every_operation_has_a_name_of_its_own_and_a_sentence(described: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(described)]

    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["summary"].endswith(".") for operation in found)


def test_every_post_that_honours_an_idempotency_key_describes_it(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("Idempotency-Key" in names) == (method == "post" and not path.endswith("/profiles/bulk")), path


def test_tokens_are_got_with_the_scopes_there_are(described: dict[str, Any]) -> None:
    flow = described["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]

    assert flow["tokenUrl"] == "http://127.0.0.1:8000/oauth/token"
    assert set(flow["scopes"]) == ALL_SCOPES


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (ProfileDocument, examples.MENTEE),
        (ProfileReceipt, examples.RECEIPT),
        (LinkageDocument, examples.LINKAGE),
        (ProposalDocument, examples.PROPOSAL),
        (DeclineDocument, examples.DECLINE),
        (RepairDocument, examples.REPAIR),
        (ReferralDocument, examples.REFERRAL),
        (ReferralEventDocument, examples.REFERRAL_EVENT),
    ],
)
def test_every_example_is_accepted_by_its_schema(schema: type[Document], example: dict[str, Any]) -> None:
    assert read(schema(), example)


def test_examples_of_answers_hold_too() -> None:
    assert ProblemAnswer().validate(examples.PROBLEM) == {}
    assert BulkAnswer().validate(examples.BULK_RESULT) == {}


def page(http: FlaskClient, name: str = "") -> tuple[int, str, str]:
    with http.get(f"/api/v1/docs{name}") as answer:
        return answer.status_code, answer.text, answer.headers["Content-Security-Policy"]


class TestTheBrowser:
    def test_is_one_page_with_files_of_this_hub_only(self, http: FlaskClient) -> None:
        status, text, _ = page(http)

        assert status == 200
        assert "http://" not in text
        assert "https://" not in text
        assert "<script>" not in text
        for name in ("swagger-ui.css", "browser.css", "swagger-ui-bundle.js", "browser.js"):
            assert f"/api/v1/docs/{name}" in text
            assert page(http, f"/{name}")[0] == 200

    def test_has_a_policy_without_anything_inline(self, http: FlaskClient) -> None:
        policy = page(http)[2]

        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy

    @pytest.mark.parametrize("name", ["index.css", "..%2f__init__.py", "browser.html", "LICENSE", "x"])
    def test_gives_no_file_it_does_not_need(self, http: FlaskClient, name: str) -> None:
        assert page(http, f"/{name}")[0] == 404

    def test_needs_no_token(self, http: FlaskClient) -> None:
        assert http.get("/api/v1/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/nothing"), ("POST", "/api/v1/pool"), ("PUT", "/oauth/x")]
)
def test_an_unknown_address_or_method_is_a_problem_document(http: FlaskClient, method: str, path: str) -> None:
    answer = http.open(path, method=method)

    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == (405 if path == "/api/v1/pool" else 404)
