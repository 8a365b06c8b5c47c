"""Bindings to a provider, on both databases: of one account, one identity and one organisation; of many at once, one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import (
    Coordinator,
    IdentityProvider,
    Invitation,
    ProviderErrand,
    ProviderIdentity,
    SignIn,
    SignInStep,
    utcnow,
)
from hub.services import (
    coordinators,
    identity_providers,
    invitations,
    provider_errands,
    provider_identities,
    sign_in_steps,
)
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.services.provider_errands import Errand
from hub.services.provider_identities import Identity
from hub.settings import load_settings
from tests.hub.people import TESTS

SETTINGS = load_settings({}, secret="s" * 40)
ISSUER, PASSWORD, SECRET = "https://idp.example", "correct horse battery", "the client's secret"
AMINA = Identity("eriec", ISSUER, "00u-amina")
LIFE = timedelta(hours=1)


@pytest.fixture
def house(network: Database) -> Database:
    """Two members with a provider each, of one issuer, and three accounts."""

    def furnish(session):
        for organisation in ("eriec", "criec"):
            identity_providers.put(session, TESTS, organisation, ISSUER, "hub", SECRET, SETTINGS)
        for username, organisation in (("amina", "eriec"), ("karim", "eriec"), ("claire", "criec")):
            coordinators.add(session, TESTS, organisation, username, PASSWORD, "coordinator")

    network.run(furnish)
    return network


def account(house: Database, username: str = "amina") -> str:
    with house.reading() as session:
        return session.scalars(select(Coordinator.id).where(Coordinator.username == username)).one()


def bind(house: Database, username: str = "amina", identity: Identity = AMINA) -> None:
    owner = account(house, username)
    house.run(lambda session: provider_identities.bind(session, owner, identity, SETTINGS))


def invite(house: Database, username: str = "amina", organisation: str = "eriec") -> str:
    return house.run(lambda session: provider_identities.invite(session, TESTS, organisation, username, LIFE))


def accept(house: Database, secret: str, identity: Identity = AMINA) -> str | None:
    return house.run(lambda session: provider_identities.accept(session, hashed(secret), identity, SETTINGS))


def owner(house: Database, identity: Identity = AMINA) -> str | None:
    return house.run(lambda session: provider_identities.owner(session, identity, SETTINGS))


def stored(house: Database, model: type) -> int:
    with house.reading() as session:
        return len(session.scalars(select(model)).all())


def at_once(times: int, act) -> list:
    """Do something from many threads; a refusal is a result too."""

    def one(_: int):
        try:
            return act()
        except Problem as problem:
            return problem.kind

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


class TestAnIdentity:
    def test_is_of_one_account(self, house: Database):
        bind(house)

        with pytest.raises(Problem, match="bound already"):
            bind(house, "karim")
        assert owner(house) == account(house)

    def test_is_one_only_for_an_account(self, house: Database):
        bind(house)

        with pytest.raises(Problem, match="bound already"):
            bind(house, "amina", Identity("eriec", ISSUER, "00u-mallory"))

    @pytest.mark.parametrize(
        ("username", "identity"),
        [
            ("claire", AMINA),
            ("amina", Identity("eriec", "https://gone.example", "x")),
            ("claire", Identity("arec", ISSUER, "x")),
        ],
    )
    def test_of_another_organisation_or_issuer_binds_nobody(self, house: Database, username: str, identity: Identity):
        with pytest.raises(Problem, match="not of the organisation"):
            bind(house, username, identity)

    def test_is_asked_for_at_its_own_organisation(self, house: Database):
        bind(house)

        assert owner(house, Identity("criec", ISSUER, AMINA.subject)) is None

    def test_of_an_account_that_moved_to_another_organisation_opens_nothing(self, house: Database):
        bind(house)
        with house.transaction() as session:
            session.execute(update(Coordinator).where(Coordinator.username == "amina").values(organisation_id="criec"))

        assert owner(house) is None

    def test_with_parts_that_join_alike_is_somebody_else(self, house: Database):
        bind(house)

        assert owner(house, Identity("eriec", ISSUER + "\0x", AMINA.subject)) is None
        assert owner(house, Identity("eriec", ISSUER, AMINA.subject.upper())) is None

    def test_of_two_accounts_at_once_is_bound_to_one(self, house: Database):
        links = [invite(house, name) for name in ("amina", "karim")]

        results = at_once(2, lambda: accept(house, links.pop()))

        assert list(map(str, results)).count("conflict") == 1
        assert stored(house, ProviderIdentity) == 1


class TestAnInvitation:
    def test_is_good_once_of_many_at_once(self, house: Database):
        secret = invite(house)
        subjects = [Identity("eriec", ISSUER, f"somebody-{number}") for number in range(8)]

        results = at_once(8, lambda: accept(house, secret, subjects.pop()))

        assert [one for one in results if one is not None] == [account(house)]
        assert stored(house, ProviderIdentity) == 1

    def test_opens_nothing_before_its_digits_were_heard(self, house: Database):
        accept(house, invite(house))
        before = owner(house)
        with house.reading() as session:
            told = invitations.digits(session, account(house), SETTINGS)
            shown = provider_identities.binding(session, Actor(account(house), "coordinator", "eriec"))
        assert told is not None
        heard = [
            house.run(lambda session, said=said: invitations.hear(session, account(house), said, SETTINGS))
            for said in ("", "x" * 6, told, told)
        ]

        assert (before, shown.bound_at, shown.waiting) == (None, None, True)
        assert heard == [False, False, True, None]
        assert owner(house) == account(house)

    def test_is_no_good_at_another_organisation(self, house: Database):
        secret = invite(house)

        assert accept(house, secret, Identity("criec", ISSUER, "x")) is None
        assert accept(house, secret) == account(house)

    @pytest.mark.parametrize(
        ("organisation", "username"), [("criec", "amina"), ("eriec", "nobody"), ("arec", "amina"), ("nowhere", "amina")]
    )
    def test_is_for_an_account_of_the_organisation(self, house: Database, organisation: str, username: str):
        with pytest.raises(Problem, match="no such account"):
            invite(house, username, organisation)

    def test_is_not_for_a_disabled_account(self, house: Database):
        secret = invite(house)
        with house.transaction() as session:
            session.execute(update(Coordinator).values(disabled_at=utcnow()))

        with pytest.raises(Problem, match="no such account"):
            invite(house)
        with pytest.raises(Problem, match="not of the organisation"):
            accept(house, secret)

    def test_is_not_for_an_account_that_is_bound(self, house: Database):
        bind(house)

        with pytest.raises(Problem, match="bound already"):
            invite(house)

    def test_needs_a_provider(self, house: Database):
        house.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))

        with pytest.raises(Problem, match="provider first"):
            invite(house)

    def test_ends_when_its_account_is_bound_otherwise(self, house: Database):
        secret = invite(house)
        bind(house)

        assert accept(house, secret, Identity("eriec", ISSUER, "00u-mallory")) is None

    def test_that_ran_out_is_deleted(self, house: Database):
        invite(house)

        gone = [
            house.run(lambda session, at=at: invitations.delete_expired(session, at))
            for at in (utcnow(), utcnow() + 2 * LIFE)
        ]

        assert gone == [0, 1]


class TestAnErrand:
    def test_is_taken_by_one_of_many(self, house: Database):
        cookie = house.run(lambda session: provider_errands.begin(session, Errand("sign_in", "eriec", "/pool")))

        taken = at_once(8, lambda: house.run(lambda session: provider_errands.take(session, cookie, "eriec")))

        (found,) = [one for one in taken if one is not None]
        assert (found.errand, found.organisation_id, found.target) == ("sign_in", "eriec", "/pool")
        assert abs(utcnow() - found.began_at) < timedelta(minutes=1)

    def test_of_another_organisation_stays(self, house: Database):
        cookie = house.run(lambda session: provider_errands.begin(session, Errand("sign_in", "eriec")))

        assert house.run(lambda session: provider_errands.take(session, cookie, "criec")) is None
        assert stored(house, ProviderErrand) == 1

    def test_that_ran_out_goes_with_the_next(self, house: Database):
        house.run(lambda session: provider_errands.begin(session, Errand("sign_in", "eriec")))
        with house.transaction() as session:
            session.execute(update(ProviderErrand).values(ends_at=utcnow() - timedelta(seconds=1)))
        house.run(lambda session: provider_errands.begin(session, Errand("sign_in", "eriec")))

        assert stored(house, ProviderErrand) == 1

    def test_marks_tell_neither_the_cookie_nor_each_other(self):
        first, second = provider_errands.marks("a" * 43), provider_errands.marks("b" * 43)
        said = {
            *(getattr(first, name) for name in first.__slots__),
            *(getattr(second, name) for name in second.__slots__),
        }

        assert len(said) == 6
        assert provider_errands.marks("a" * 43) == first


class TestAProvider:
    def test_keeps_its_secret_sealed_for_this_hub_and_this_issuer(self, house: Database):
        with house.reading() as session:
            found = identity_providers.of(session, "eriec", SETTINGS)
            other = identity_providers.of(session, "eriec", load_settings({}, secret="t" * 40))
            kept = session.get_one(IdentityProvider, "eriec").sealed
        with house.transaction() as session:
            session.execute(update(IdentityProvider).values(issuer="https://thief.example"))
        with house.reading() as session:
            moved = identity_providers.of(session, "eriec", SETTINGS)

        assert found is not None
        assert (found.secret, other, moved) == (SECRET, None, None)
        assert SECRET not in kept
        assert SECRET not in repr(found)

    @pytest.mark.parametrize("parts", [("", "hub", SECRET), (ISSUER, "", SECRET), (ISSUER, "hub", "x" * 401)])
    def test_needs_all_its_parts(self, house: Database, parts: tuple[str, str, str]):
        with pytest.raises(Problem) as caught:
            house.run(lambda session: identity_providers.put(session, TESTS, "arec", *parts, SETTINGS))
        assert caught.value.kind == "invalid-fields"

    def test_that_goes_takes_sessions_and_steps_of_those_bound_and_of_nobody_else(self, house: Database):
        bind(house)
        bind(house, "claire", Identity("criec", ISSUER, "00u-claire"))

        def open_doors(session):
            for username in ("amina", "karim", "claire"):
                found = coordinators.find_account(session, username)
                coordinators.open_session(session, found, SETTINGS)
                sign_in_steps.begin(session, "code", found.coordinator_id)

        house.run(open_doors)
        invite(house, "karim")
        house.run(lambda session: provider_errands.begin(session, Errand("sign_in", "eriec")))

        ended = house.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))

        left = [stored(house, one) for one in (SignIn, SignInStep, ProviderIdentity, Invitation, ProviderErrand)]
        assert (ended, left) == (1, [2, 2, 1, 0, 0])
        with pytest.raises(Problem, match="no identity provider"):
            house.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))
