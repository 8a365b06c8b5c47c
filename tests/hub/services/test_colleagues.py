"""Accounts kept by administrators, on both databases: who may do what to whom, what it ends, and of many at once, one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import (
    AuditEntry,
    AuthenticatorApp,
    Coordinator,
    Invitation,
    Organisation,
    Passkey,
    SignIn,
    SignInStep,
    utcnow,
)
from hub.services import colleagues, coordinators, invitations, own_sessions, second_factors, sign_in_steps
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.services.colleagues import ColleagueView, NewInvitation
from hub.settings import load_settings

SETTINGS = load_settings({}, secret="s" * 40)
PEOPLE = (
    ("iman", "eriec", "organisation_admin"),
    ("noor", "eriec", "organisation_admin"),
    ("amina", "eriec", "coordinator"),
    ("claire", "criec", "organisation_admin"),
    ("luc", "criec", "coordinator"),
)


@pytest.fixture
def house(network: Database) -> Database:
    """Two members with administrators and coordinators, and an operator."""

    def furnish(session: Any) -> None:
        for username, organisation, role in (*PEOPLE, ("olga", None, "operator")):
            # As the command line adds them, without the time a password takes.
            account = Coordinator(organisation_id=organisation, username=username, role=role, confirmed_at=utcnow())
            session.add(account)

    network.run(furnish)
    return network


def who(house: Database, username: str) -> Actor:
    with house.reading() as session:
        found = coordinators.find_account(session, username)
    assert found is not None
    return found.actor


def done(house: Database, by: str, act: Callable[..., Any], *args: Any) -> Any:
    """Somebody does something; ``args`` that name an account are given as its id."""
    actor = who(house, by)
    return house.run(lambda session: act(session, actor, *args))


def refused(house: Database, by: str, act: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(Problem) as caught:
        done(house, by, act, *args)
    return caught.value.kind


def listed(house: Database, by: str) -> list[ColleagueView]:
    with house.reading() as session:
        return colleagues.listed(session, who(house, by))


def state(house: Database, by: str, colleague: str) -> str:
    with house.reading() as session:
        return colleagues.show(session, who(house, by), colleague).state


def id_of(house: Database, username: str) -> str:
    return who(house, username).name


def invited(house: Database, by: str = "iman", role: str = "coordinator") -> tuple[NewInvitation, str]:
    made = done(house, by, colleagues.invite, "eriec", "intake-2", role, "fr")
    return made, id_of(house, made.username)


def joined(house: Database, secret: str) -> str:
    """Take a link up with a password and an app; return the digits to tell."""

    def unit(session: Any) -> str:
        actor = invitations.take_up(session, hashed(secret), "app")
        assert actor is not None
        own_sessions.set_password(session, actor, "argon2id of a password")
        sealed = second_factors.seal("A" * 32, actor.name, SETTINGS)
        session.add(AuthenticatorApp(coordinator_id=actor.name, sealed=sealed, confirmed_at=utcnow()))
        return str(actor.name)

    owner = house.run(unit)
    with house.reading() as session:
        told = invitations.digits(session, owner, SETTINGS)
    assert told is not None
    return told


def open_doors(house: Database, username: str) -> None:
    """A session, and half a way in."""

    def unit(session: Any) -> None:
        found = coordinators.find_account(session, username)
        assert found is not None
        coordinators.open_session(session, found, SETTINGS)
        sign_in_steps.begin(session, "code", found.coordinator_id)

    house.run(unit)


def kept(house: Database, owner: str, *models: type[Any]) -> list[int]:
    with house.reading() as session:
        return [len(session.scalars(select(one).where(one.coordinator_id == owner)).all()) for one in models]


def usable(house: Database, username: str) -> bool:
    with house.reading() as session:
        found = coordinators.find_account(session, username)
    return found is not None and found.usable


def logged(house: Database, operation: str) -> list[tuple[str, str]]:
    with house.reading() as session:
        rows = session.execute(
            select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.operation == operation)
        ).all()
    return [(actor, subject) for actor, subject in rows]


class TestTheList:
    def test_holds_the_organisation_s_own_and_says_who_one_is(self, house: Database) -> None:
        found = listed(house, "iman")

        assert [(one.username, one.role, one.state, one.mine) for one in found] == [
            ("amina", "coordinator", "in_use", False),
            ("iman", "organisation_admin", "in_use", True),
            ("noor", "organisation_admin", "in_use", False),
        ]

    def test_shows_an_operator_administrators_alone(self, house: Database) -> None:
        assert [one.username for one in listed(house, "olga")] == ["claire", "iman", "noor"]

    def test_tells_factors_by_number_and_sign_ins_by_day(self, house: Database) -> None:
        amina = id_of(house, "amina")
        with house.transaction() as session:
            session.add(Passkey(coordinator_id=amina, credential_id="c", public_key="k"))
        open_doors(house, "amina")

        (found,) = [one for one in listed(house, "iman") if one.id == amina]

        assert (found.second_factor, found.passkeys, found.signed_in_on) == (True, 1, utcnow().date())

    def test_counts_an_app_as_a_second_factor_once_it_is_confirmed(self, house: Database) -> None:
        amina = who(house, "amina")
        house.run(lambda session: second_factors.begin_app(session, amina, SETTINGS))

        (found,) = [one for one in listed(house, "iman") if one.id == amina.name]

        assert (found.second_factor, found.passkeys, found.signed_in_on) == (False, 0, None)

    @pytest.mark.parametrize("username", ["luc", "claire", "olga"])
    def test_has_nobody_else_s(self, house: Database, username: str) -> None:
        with house.reading() as session, pytest.raises(Problem) as caught:
            colleagues.show(session, who(house, "iman"), id_of(house, username))
        assert caught.value.kind == "not-found"


class TestAnInvitation:
    def test_opens_nothing_until_taken_up_and_confirmed(self, house: Database) -> None:
        made, newcomer = invited(house)
        states, opens = [state(house, "iman", newcomer)], [usable(house, made.username)]

        told = joined(house, made.secret)
        states.append(state(house, "iman", newcomer))
        opens.append(usable(house, made.username))
        done(house, "iman", colleagues.confirm, newcomer, f" {told[:3]} {told[3:]} ", SETTINGS)
        states.append(state(house, "iman", newcomer))
        opens.append(usable(house, made.username))

        assert (states, opens) == (["invited", "joined", "in_use"], [False, False, True])
        assert made.username == "intake-2.eriec"
        assert made.secret not in str(logged(house, "coordinator.invite"))

    def test_of_an_unconfirmed_account_opens_no_session_by_any_door(self, house: Database) -> None:
        made, newcomer = invited(house)
        joined(house, made.secret)

        with pytest.raises(Problem, match="Check the user name"):
            open_doors(house, made.username)
        assert kept(house, newcomer, SignIn) == [0]

    def test_is_taken_up_once_of_many_at_once(self, house: Database) -> None:
        made, newcomer = invited(house)

        def take(_: int) -> Any:
            return house.run(lambda session: invitations.take_up(session, hashed(made.secret), "app"))

        with ThreadPoolExecutor(8) as pool:
            found = [one for one in pool.map(take, range(16)) if one is not None]

        assert [one.name for one in found] == [newcomer]

    def test_is_dead_after_its_hours_and_lapses(self, house: Database) -> None:
        made, newcomer = invited(house)
        with house.transaction() as session:
            session.execute(update(Invitation).values(ends_at=utcnow() - timedelta(seconds=1)))
        with house.reading() as session:
            found = invitations.looked_up(session, made.secret)

        taken = house.run(lambda session: invitations.take_up(session, hashed(made.secret), "app"))

        assert (found, taken, state(house, "iman", newcomer)) == (None, None, "lapsed")
        assert house.run(lambda session: invitations.delete_expired(session, utcnow())) == 1

    def test_is_dead_while_its_organisation_is_suspended(self, house: Database) -> None:
        made, _ = invited(house)
        with house.transaction() as session:
            session.execute(update(Organisation).values(suspended_at=utcnow()))
        with house.reading() as session:
            found = invitations.looked_up(session, made.secret)

        taken = house.run(lambda session: invitations.take_up(session, hashed(made.secret), "app"))

        assert (found, taken) == (None, None)

    def test_anew_takes_everything_from_whoever_used_the_first(self, house: Database) -> None:
        made, newcomer = invited(house)
        told = joined(house, made.secret)

        again = done(house, "noor", colleagues.invite_again, newcomer)

        assert kept(house, newcomer, AuthenticatorApp, Invitation) == [0, 1]
        assert refused(house, "iman", colleagues.confirm, newcomer, told, SETTINGS) == "illegal-move"
        assert joined(house, again.secret) != told

    def test_anew_resets_a_lost_second_factor_and_ends_sessions(self, house: Database) -> None:
        amina = id_of(house, "amina")
        open_doors(house, "amina")
        with house.transaction() as session:
            session.add(Passkey(coordinator_id=amina, credential_id="c", public_key="k"))

        done(house, "iman", colleagues.invite_again, amina)

        assert kept(house, amina, SignIn, SignInStep, Passkey) == [0, 0, 0]
        assert (usable(house, "amina"), state(house, "iman", amina)) == (False, "invited")

    def test_lets_somebody_in_again(self, house: Database) -> None:
        amina = id_of(house, "amina")
        done(house, "iman", colleagues.end, amina)

        told = joined(house, done(house, "iman", colleagues.invite_again, amina).secret)
        done(house, "iman", colleagues.confirm, amina, told, SETTINGS)

        assert usable(house, "amina")

    def test_is_not_for_oneself(self, house: Database) -> None:
        assert refused(house, "iman", colleagues.invite_again, id_of(house, "iman")) == "illegal-move"

    @pytest.mark.parametrize("name", ["", " ", ".x", "a b", "a@b", "é", "x" * 80, "-a"])
    def test_needs_a_name_for_work(self, house: Database, name: str) -> None:
        assert refused(house, "iman", colleagues.invite, None, name, "coordinator", "en") == "invalid-fields"

    @pytest.mark.parametrize(("role", "locale"), [("operator", "en"), ("system", "en"), ("", "en"), ("auditor", "de")])
    def test_needs_a_role_and_a_language_that_are_the_administrator_s_to_give(
        self, house: Database, role: str, locale: str
    ) -> None:
        assert refused(house, "iman", colleagues.invite, None, "new", role, locale) == "invalid-fields"

    def test_of_a_name_that_is_taken_is_refused(self, house: Database) -> None:
        invited(house)

        assert refused(house, "iman", colleagues.invite, None, "Intake-2.eriec ", "auditor", "en") == "conflict"

    def test_does_not_tell_which_names_others_have(self, house: Database) -> None:
        invited(house)

        made = done(house, "claire", colleagues.invite, "eriec", "intake-2", "coordinator", "en")

        assert made.username == "intake-2.criec"

    def test_by_an_operator_is_for_an_administrator_of_a_member(self, house: Database) -> None:
        made, newcomer = invited(house, "olga", "organisation_admin")
        told = joined(house, made.secret)
        done(house, "olga", colleagues.confirm, newcomer, told, SETTINGS)

        assert usable(house, made.username)
        assert refused(house, "olga", colleagues.invite, "eriec", "x", "coordinator", "en") == "invalid-fields"
        assert refused(house, "olga", colleagues.invite, "nowhere", "x", "organisation_admin", "en") == "not-found"


class TestTheDigits:
    @pytest.mark.parametrize("typed", ["", "000000x", "1234567", "é" * 6])
    def test_that_are_others_confirm_nothing(self, house: Database, typed: str) -> None:
        made, newcomer = invited(house)
        joined(house, made.secret)

        assert refused(house, "iman", colleagues.confirm, newcomer, typed, SETTINGS) == "invalid-fields"
        assert state(house, "iman", newcomer) == "joined"

    def test_of_another_hub_s_secret_confirm_nothing(self, house: Database) -> None:
        made, newcomer = invited(house)
        told = joined(house, made.secret)

        other = load_settings({}, secret="t" * 40)
        assert refused(house, "iman", colleagues.confirm, newcomer, told, other) == "invalid-fields"

    def test_are_none_before_the_link_is_taken_up(self, house: Database) -> None:
        _, newcomer = invited(house)
        with house.reading() as session:
            assert invitations.digits(session, newcomer, SETTINGS) is None

        assert refused(house, "iman", colleagues.confirm, newcomer, "000000", SETTINGS) == "illegal-move"

    def test_are_heard_once(self, house: Database) -> None:
        made, newcomer = invited(house)
        told = joined(house, made.secret)

        done(house, "iman", colleagues.confirm, newcomer, told, SETTINGS)

        assert refused(house, "iman", colleagues.confirm, newcomer, told, SETTINGS) == "illegal-move"
        assert logged(house, "coordinator.confirm") == [(id_of(house, "iman"), f"coordinator:{newcomer}")]

    def test_are_too_late_after_a_week(self, house: Database) -> None:
        made, newcomer = invited(house)
        told = joined(house, made.secret)
        with house.transaction() as session:
            session.execute(update(Invitation).values(ends_at=utcnow() - timedelta(seconds=1)))

        assert refused(house, "iman", colleagues.confirm, newcomer, told, SETTINGS) == "illegal-move"
        assert state(house, "iman", newcomer) == "lapsed"


class TestARole:
    def test_given_ends_the_sessions_and_is_logged(self, house: Database) -> None:
        amina = id_of(house, "amina")
        open_doors(house, "amina")

        done(house, "iman", colleagues.change_role, amina, "auditor")

        assert kept(house, amina, SignIn, SignInStep) == [0, 0]
        assert (who(house, "amina").role, usable(house, "amina")) == ("auditor", True)
        assert logged(house, "coordinator.change") == [(id_of(house, "iman"), f"coordinator:{amina}")]

    def test_of_an_operator_is_not_given(self, house: Database) -> None:
        kind = refused(house, "iman", colleagues.change_role, id_of(house, "amina"), "operator")

        assert (kind, who(house, "amina").role) == ("invalid-fields", "coordinator")

    def test_of_whose_access_was_ended_stays(self, house: Database) -> None:
        amina = id_of(house, "amina")
        done(house, "iman", colleagues.end, amina)

        assert refused(house, "iman", colleagues.change_role, amina, "auditor") == "illegal-move"


class TestAnAccess:
    def test_is_ended_with_sessions_factors_and_password_at_once(self, house: Database) -> None:
        amina = id_of(house, "amina")
        open_doors(house, "amina")
        with house.transaction() as session:
            session.add(Passkey(coordinator_id=amina, credential_id="c", public_key="k"))

        done(house, "iman", colleagues.end, amina)

        assert kept(house, amina, SignIn, SignInStep, Passkey, Invitation) == [0, 0, 0, 0]
        with house.reading() as session:
            left = session.get_one(Coordinator, amina)
        assert (left.password_hash, usable(house, "amina"), state(house, "iman", amina)) == (None, False, "ended")
        assert logged(house, "coordinator.end") == [(id_of(house, "iman"), f"coordinator:{amina}")]

    def test_is_ended_once(self, house: Database) -> None:
        amina = id_of(house, "amina")
        done(house, "iman", colleagues.end, amina)

        assert refused(house, "noor", colleagues.end, amina) == "illegal-move"

    def test_that_is_ended_while_somebody_signs_in_leaves_no_session(self, house: Database) -> None:
        """Whichever comes first."""
        amina = who(house, "amina")

        def sign_in(_: int) -> None:
            with suppress(Problem):
                open_doors(house, "amina")

        with ThreadPoolExecutor(6) as pool:
            waiting = [pool.submit(sign_in, number) for number in range(5)]
            ending = pool.submit(done, house, "iman", colleagues.end, amina.name)
            for one in (*waiting, ending):
                one.result()

        assert kept(house, amina.name, SignIn) == [0]

    @pytest.mark.parametrize("act", [colleagues.end, colleagues.invite_again])
    @pytest.mark.parametrize("username", ["luc", "claire", "olga"])
    def test_of_others_is_not_there(self, house: Database, act: Callable[..., Any], username: str) -> None:
        assert refused(house, "iman", act, id_of(house, username)) == "not-found"

    @pytest.mark.parametrize("username", ["luc", "amina", "olga"])
    def test_of_who_is_no_administrator_is_not_an_operator_s(self, house: Database, username: str) -> None:
        assert refused(house, "olga", colleagues.end, id_of(house, username)) == "not-found"


class TestTheLastAdministrator:
    @pytest.mark.parametrize(("act", "more"), [(colleagues.end, ()), (colleagues.change_role, ("coordinator",))])
    def test_neither_ends_nor_demotes_herself(
        self, house: Database, act: Callable[..., Any], more: tuple[str, ...]
    ) -> None:
        claire = id_of(house, "claire")

        assert refused(house, "claire", act, claire, *more) == "illegal-move"
        assert who(house, "claire").role == "organisation_admin"
        assert usable(house, "claire")

    def test_is_not_relieved_by_one_who_is_only_invited(self, house: Database) -> None:
        done(house, "claire", colleagues.invite, None, "second", "organisation_admin", "en")

        assert refused(house, "claire", colleagues.end, id_of(house, "claire")) == "illegal-move"

    def test_stays_one_when_she_chooses_the_role_she_has(self, house: Database) -> None:
        claire = id_of(house, "claire")

        done(house, "claire", colleagues.change_role, claire, "organisation_admin")

        assert who(house, "claire").role == "organisation_admin"

    @pytest.mark.parametrize("act", ["end each other", "demote herself", "reset each other"])
    def test_is_left_whatever_two_do_at_the_same_moment(self, house: Database, act: str) -> None:
        two = {name: who(house, name) for name in ("iman", "noor")}
        other = {"iman": two["noor"].name, "noor": two["iman"].name}

        def go(name: str) -> str:
            moves: dict[str, Callable[[Any], Any]] = {
                "end each other": lambda session: colleagues.end(session, two[name], other[name]),
                "demote herself": lambda session: colleagues.change_role(session, two[name], two[name].name, "auditor"),
                "reset each other": lambda session: colleagues.invite_again(session, two[name], other[name]),
            }
            try:
                house.run(moves[act])
            except Problem as problem:
                return problem.kind
            return "done"

        with ThreadPoolExecutor(2) as pool:
            results = sorted(pool.map(go, two))

        assert results[0] == "done"
        assert results[1] in {"illegal-move", "not-allowed"}
        assert [one.role for one in listed(house, "olga") if one.state == "in_use"].count("organisation_admin") == 2

    def test_is_ended_by_an_operator_who_then_invites_another(self, house: Database) -> None:
        done(house, "olga", colleagues.end, id_of(house, "claire"))
        made = done(house, "olga", colleagues.invite, "criec", "second", "organisation_admin", "fr")

        assert made.username == "second.criec"
        assert not usable(house, "claire")
