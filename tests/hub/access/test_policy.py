from dataclasses import replace

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from federation.scopes import ALL_SCOPES
from hub.access.context import EXTENSION
from hub.access.policy import POLICY, Operation, Reach, allows, check_every_route, public, requires
from hub.database import Database
from hub.models import AccessToken, AuditEntry, Organisation, utcnow
from hub.services.actors import Actor
from tests.hub.doors import System, add_account, signed_in

ROLES = ("system", "coordinator", "organisation_admin", "auditor", "operator", "mentee")


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    """The application with two doors of its own: one for systems, one for people."""

    @requires(Operation.PROFILE_READ)
    def door(**_: str) -> str:
        return "inside"

    @requires(Operation.NETWORK_READ)
    def network() -> str:
        return "inside"

    @requires(Operation.ACCOUNT_KEEP)
    def own() -> str:
        return "inside"

    hub_app.add_url_rule("/own", view_func=own)
    hub_app.add_url_rule("/api/v1/doors/<identifier>", view_func=door)
    hub_app.add_url_rule("/door", "page", door, methods=["GET", "POST"])
    hub_app.add_url_rule("/api/v1/network", "api_network", network)
    return hub_app


class TestTheApi:
    def test_lets_a_token_with_the_scope_in(self, eriec: System) -> None:
        assert eriec.call("GET", "/api/v1/doors/x", scope="profiles:read").text == "inside"

    def test_refuses_a_token_without_the_scope_and_says_which(self, eriec: System) -> None:
        answer = eriec.call("GET", "/api/v1/doors/x", scope="profiles:write")

        assert answer.status_code == 403
        assert answer.get_json()["type"].endswith("scope-missing")
        assert 'error="insufficient_scope", scope="profiles:read"' in answer.headers["WWW-Authenticate"]

    def test_refuses_a_system_where_the_table_has_no_entry(self, eriec: System) -> None:
        answer = eriec.call("GET", "/api/v1/network")

        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:passerelle:problem:not-allowed")

    @pytest.mark.parametrize(
        "value", ["", "Bearer", "Bearer short", "Basic eDp5", "Bearer " + "u" * 43, "Bearer a b", "Token " + "u" * 43]
    )
    def test_refuses_everything_that_is_no_token_of_ours(self, http: FlaskClient, value: str) -> None:
        answer = http.get("/api/v1/doors/x", headers={"Authorization": value})

        assert (answer.status_code, answer.get_json()["type"]) == (401, "urn:passerelle:problem:not-signed-in")
        assert "resource_metadata=" in answer.headers["WWW-Authenticate"]

    def test_takes_no_token_from_the_address_or_a_form(self, eriec: System) -> None:
        token = eriec.token()

        assert eriec.http.get("/api/v1/doors/x", query_string={"access_token": token}).status_code == 401

    def test_takes_no_cookie(self, http: FlaskClient, hub_database: Database) -> None:
        add_account(hub_database)
        signed_in(http)

        assert http.get("/door").text == "inside"
        assert http.get("/api/v1/doors/x").status_code == 401

    def test_refuses_an_expired_token(self, eriec: System, hub_database: Database) -> None:
        token = eriec.token()
        with hub_database.transaction() as session:
            session.execute(update(AccessToken).values(expires_at=utcnow()))

        answer = eriec.http.get("/api/v1/doors/x", headers={"Authorization": f"Bearer {token}"})

        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    def test_refuses_a_suspended_organisation_at_once(self, eriec: System, hub_database: Database) -> None:
        eriec.token()
        with hub_database.transaction() as session:
            session.execute(update(Organisation).where(Organisation.id == "eriec").values(suspended_at=utcnow()))

        answer = eriec.call("GET", "/api/v1/doors/x")

        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:passerelle:problem:organisation-suspended")


class TestAPage:
    def test_leads_to_the_sign_in_page_and_back(self, http: FlaskClient) -> None:
        answer = http.get("/door?tab=2")

        assert answer.status_code == 303
        assert answer.headers["Location"] == "/sign-in?next=/door%3Ftab%3D2"

    def test_refuses_what_is_sent_without_a_session(self, http: FlaskClient) -> None:
        assert http.post("/door").status_code == 401

    def test_takes_no_token(self, eriec: System) -> None:
        answer = eriec.http.get("/door", headers={"Authorization": f"Bearer {eriec.token()}"})

        assert answer.status_code == 303

    def test_refuses_a_role_without_an_entry(self, http: FlaskClient, hub_database: Database) -> None:
        add_account(hub_database, "watcher", "auditor")
        signed_in(http, "watcher")

        assert http.get("/door").status_code == 403

    @pytest.mark.parametrize("wanted", ["required", "offered"])
    def test_leads_to_a_second_factor_first_where_the_network_requires_one(
        self, hub_app: Flask, http: FlaskClient, hub_database: Database, wanted: str
    ) -> None:
        add_account(hub_database)
        parts = hub_app.extensions[EXTENSION]
        parts["settings"] = replace(parts["settings"], second_factor=wanted)
        signed_in(http)

        answers = [http.open("/door", method=method) for method in ("GET", "POST")]

        led = [(answer.status_code, answer.headers.get("Location")) for answer in answers]
        assert led == ([(303, "/account")] * 2 if wanted == "required" else [(200, None)] * 2)
        assert http.get("/own").text == "inside"

    def test_lets_a_system_in_where_people_need_a_second_factor(self, hub_app: Flask, eriec: System) -> None:
        parts = hub_app.extensions[EXTENSION]
        parts["settings"] = replace(parts["settings"], second_factor="required")

        assert eriec.call("GET", "/api/v1/doors/x").text == "inside"

    def test_refuses_people_of_a_suspended_organisation(self, http: FlaskClient, hub_database: Database) -> None:
        add_account(hub_database)
        signed_in(http)
        with hub_database.transaction() as session:
            session.execute(update(Organisation).where(Organisation.id == "eriec").values(suspended_at=utcnow()))

        assert http.get("/door").status_code == 403

    def test_asked_for_with_head_leads_to_the_sign_in_page_too(self, http: FlaskClient) -> None:
        assert http.head("/door").status_code == 303


class TestARefusal:
    def test_of_someone_known_leaves_a_trace_with_ids_and_codes_only(
        self, eriec: System, hub_database: Database
    ) -> None:
        eriec.call("GET", "/api/v1/doors/abc-123", scope="profiles:write")

        with hub_database.reading() as session:
            entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        assert (entry.actor, entry.organisation_id) == (eriec.client_id, "eriec")
        assert (entry.operation, entry.subject, entry.outcome) == ("profile.read", "profile:abc-123", "scope-missing")

    def test_does_not_copy_what_is_no_identifier(self, eriec: System, hub_database: Database) -> None:
        eriec.call("GET", "/api/v1/doors/amina@example.org", scope="profiles:write")

        with hub_database.reading() as session:
            subjects = session.scalars(select(AuditEntry.subject)).all()
        assert "profile:-" in subjects

    def test_of_a_stranger_leaves_the_audit_log_alone(self, http: FlaskClient, hub_database: Database) -> None:
        http.get("/api/v1/doors/x")

        with hub_database.reading() as session:
            assert session.scalars(select(AuditEntry)).all() == []


class TestTheTable:
    def test_has_a_row_for_every_operation(self) -> None:
        assert set(POLICY) == set(Operation)

    def test_names_known_roles_and_scopes_only(self) -> None:
        assert {role for rule in POLICY.values() for role in rule.reach} <= set(ROLES)
        assert {rule.scope.value for rule in POLICY.values() if rule.scope} == ALL_SCOPES

    def test_gives_systems_a_scope_for_everything_they_may(self) -> None:
        assert [rule for rule in POLICY.values() if ("system" in rule.reach) != (rule.scope is not None)] == []

    def test_admits_nobody_by_default(self) -> None:
        strangers = [Actor("x", role, "eriec") for role in ("nobody", "hub", "peer", "", "System")]

        assert [(op, who) for op in Operation for who in strangers if allows(op, who)] == []

    def test_shows_operators_no_people_but_administrators_accounts(self) -> None:
        operator = Actor("o", "operator")
        allowed = {operation for operation in Operation if allows(operation, operator)}

        assert allowed == {
            Operation.ORGANISATION_READ,
            Operation.PROGRAM_READ,
            Operation.ACCOUNT_KEEP,
            Operation.HOME_READ,
            Operation.ROUND_WATCH,
            Operation.COORDINATOR_READ,
            Operation.COORDINATOR_INVITE,
            Operation.COORDINATOR_CONFIRM,
            Operation.COORDINATOR_END,
        }

    def test_admits_no_member_without_an_organisation_to_what_belongs_to_one(self) -> None:
        homeless = Actor("x", "coordinator")

        assert {op for op in Operation if allows(op, homeless)} == {
            op for op, rule in POLICY.items() if rule.reach.get("coordinator") in {Reach.ANY, Reach.SELF}
        }

    def test_opens_to_a_mentee_her_own_page_and_to_nobody_else(self) -> None:
        hers = {operation for operation in Operation if "mentee" in POLICY[operation].reach}

        assert hers == {Operation.MENTEE_PAGE_READ, Operation.MENTEE_WORD_SAY, Operation.CONSENT_WITHDRAW}
        assert [dict(POLICY[operation].reach) for operation in hers] == [{"mentee": Reach.SELF}] * 3

    def test_keeps_sealing_and_opening_out_of_pages(self) -> None:
        for operation in (Operation.INTRODUCTION_SEAL, Operation.INTRODUCTION_OPEN, Operation.KEY_PUBLISH):
            assert set(POLICY[operation].reach) == {"system"}

    def test_lets_auditors_change_nothing_but_their_own_account(self) -> None:
        allowed = {operation.value for operation in Operation if "auditor" in POLICY[operation].reach} - {
            "account.keep"
        }

        assert {name.partition(".")[2] for name in allowed} == {"read"}

    def test_needs_a_writing_scope_for_what_changes_something(self) -> None:
        reading = {"read", "search", "open"}
        for operation, rule in POLICY.items():
            if rule.scope is not None and operation.value.partition(".")[2] not in reading:
                assert rule.scope.value.endswith(":write"), operation


class TestStartUp:
    def test_refuses_a_route_without_an_operation(self, hub_app: Flask) -> None:
        hub_app.add_url_rule("/open", view_func=lambda: "open")

        with pytest.raises(RuntimeError, match="/open"):
            check_every_route(hub_app)

    def test_accepts_guarded_routes_and_routes_open_for_a_reason(self, hub_app: Flask) -> None:
        hub_app.add_url_rule("/open", view_func=public("a test")(lambda: "open"))

        check_every_route(hub_app)

    def test_accepts_files_that_flask_serves_itself_and_no_view_with_an_address_like_theirs(
        self, hub_app: Flask
    ) -> None:
        hub_app.register_blueprint(Blueprint("shipped", __name__, static_folder=".", static_url_path="/shipped"))
        check_every_route(hub_app)

        hub_app.add_url_rule("/files/<path:filename>", view_func=lambda filename: filename)
        with pytest.raises(RuntimeError, match="/files"):
            check_every_route(hub_app)

    def test_accepts_no_view_that_is_only_called_like_it(self, hub_app: Flask) -> None:
        hub_app.add_url_rule("/all", endpoint="more_static", view_func=lambda: "all")

        with pytest.raises(RuntimeError, match="/all"):
            check_every_route(hub_app)

    def test_accepts_no_empty_reason(self, hub_app: Flask) -> None:
        hub_app.add_url_rule("/open", view_func=public("")(lambda: "open"))

        with pytest.raises(RuntimeError, match="/open"):
            check_every_route(hub_app)
