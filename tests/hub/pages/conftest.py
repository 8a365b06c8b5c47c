"""A furnished hub for each test, copied from one that is furnished once, and people who visit it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert, select, update

from hub.access.context import EXTENSION
from hub.app import create_app
from hub.database import Database
from hub.models import Base, SignIn, utcnow
from hub.reach import THE_HUB
from hub.services import coordinators, sign_in_steps
from hub.services.clients import hashed
from hub.settings import load_settings
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World, furnish

ACCOUNT: Final = ("/account", "/account/app", "/account/confirm?next=/account")
FOR_AUDITORS: Final = ("/audit",)
FOR_OPERATORS: Final = "/hub/"
FOR_ADMINISTRATORS: Final = "/colleagues"
CUT_SHORT: Final = "/m/cut-short"
# A mark for what crosses organisations, or begins before anybody is known.
ON_BOTH: Final = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
UNKNOWN: Final = ("/nowhere", "/mentees/nobody", "/proposals/none", "/referrals/none", "/rounds/none")


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A file to copy, and what is where in it."""
    path = tmp_path_factory.mktemp("furnished") / "hub.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    world = furnish(database)
    database.close()
    return path, world


@pytest.fixture(scope="session")
def furnished_on_a_server(furnished: tuple[Path, World], another_template: Callable[[str], str]) -> str:
    """The same rows on PostgreSQL: the name of a template."""
    source, target = create_engine(f"sqlite:///{furnished[0]}"), create_engine(another_template("furnished"))
    with source.connect() as reading, target.begin() as writing:
        for table in Base.metadata.sorted_tables:
            if rows := reading.execute(select(table)).mappings().all():
                writing.execute(insert(table), [dict(row) for row in rows])
    source.dispose()
    target.dispose()
    return "furnished"


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for the other kind, within row-level security, as well."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def world(furnished: tuple[Path, World]) -> World:
    return furnished[1]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once; each test gives it a database of its own."""
    folder = str(tmp_path_factory.mktemp("served"))
    # Reached by a name: passkeys are offered.
    settings = load_settings({}, secret="s" * 40, issuer="http://localhost:8000", instance_folder=folder)
    return create_app(settings)


@pytest.fixture
def hub_file(furnished: tuple[Path, World], tmp_path: Path) -> Path:
    return Path(shutil.copy(furnished[0], tmp_path / "hub.sqlite3"))


@pytest.fixture
def hub(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if kind == "postgresql":
        template = request.getfixturevalue("furnished_on_a_server")
        fresh, as_role = request.getfixturevalue("fresh_address"), request.getfixturevalue("postgresql_role")
        database = Database(as_role(fresh(kind, template)), tmp_path, acting=THE_HUB)
    else:
        database = Database(f"sqlite:///{request.getfixturevalue('hub_file')}")
    yield database
    database.close()


class FromAnAddress(FlaskClient):
    """A browser of this test's own: budgets a minute are counted by address, and all tests share one application."""

    address = "127.0.0.1"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.environ_base["REMOTE_ADDR"] = self.address


NUMBERS: Final = count(1)


@pytest.fixture
def app(served: Flask, hub: Database) -> Flask:
    served.extensions[EXTENSION]["database"] = hub
    number = next(NUMBERS)
    address = f"127.1.{number // 250}.{number % 250 + 1}"
    served.test_client_class = type("Here", (FromAnAddress,), {"address": address})
    return served


@pytest.fixture
def addresses(app: Flask, world: World) -> list[str]:
    return addresses_of(app, world)


@dataclass(frozen=True, slots=True)
class Gallery:
    """Every page a coordinator sees, refusals and the provider's side of a referral among them, in both languages."""

    english: list[Page]
    french: list[Page]


@pytest.fixture(scope="session")
def gallery(served: Flask, furnished: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """Open everything once, for tests that only look."""
    path, world = tmp_path_factory.mktemp("gallery") / "hub.sqlite3", furnished[1]
    shutil.copy(furnished[0], path)
    database = Database(f"sqlite:///{path}")
    served.extensions[EXTENSION]["database"] = database
    found = open_everything(served, world)
    database.close()
    return found


def open_everything(served: Flask, world: World) -> Gallery:
    """Let everybody look at everything there is for them, once in each language."""
    every = addresses_of(served, world)
    operators = [one for one in every if one.startswith(FOR_OPERATORS)]
    kept = [one for one in every if one.startswith(FOR_ADMINISTRATORS)]
    own = [one for one in every if one not in {*FOR_AUDITORS, *operators, *kept}] + [*UNKNOWN]
    stranger, amina, bo, karim, aude = (come(served, name) for name in ("", "amina", "bo", "karim", "aude"))
    olga, iman, unsure = come(served, "olga"), come(served, "iman"), come(served, "iman")
    joiner = come_with_digits(served, world)
    halfway, stale, mentee = come_halfway(served, "karim"), come(served, "karim"), come_by_link(served, world)
    for one in (stale, unsure):
        grow_old(served, one)

    def everything(language: str) -> list[Page]:
        for visitor in (stranger, amina, bo, karim, aude, olga, halfway, stale, mentee, iman, unsure, joiner):
            visitor.speak(language)
        doors = [stranger.open("/sign-in"), halfway.open("/sign-in/code"), bo.open(f"/referrals/{world.referral}")]
        accounts = [karim.open(one) for one in ACCOUNT] + [stale.open("/account"), *map(olga.open, ("/", *operators))]
        accounts += [aude.open(one) for one in ("/account", "/account/confirm")]
        mentees = map(mentee.open, world.own.addresses())
        doors += [joiner.open("/sign-in/joined")]
        doors += [*map(iman.open, kept), *map(unsure.open, kept), olga.open(FOR_ADMINISTRATORS)]
        return [*doors, *accounts, *map(aude.open, FOR_AUDITORS), *map(amina.open, own), *mentees]

    return Gallery(everything("en"), everything("fr"))


def come_halfway(app: Flask, username: str) -> Visitor:
    """Someone whose password held and whose code is asked for."""
    visitor, parts = Visitor(app.test_client()), app.extensions[EXTENSION]
    with parts["database"].transaction() as session:
        account = coordinators.find_account(session, username)
        assert account is not None
        step, _ = sign_in_steps.begin(session, "code", account.coordinator_id)
    visitor.http.set_cookie("passerelle-step", step)
    return visitor


def come_with_digits(app: Flask, world: World) -> Visitor:
    """Someone who took an invitation up in this browser, just now."""
    visitor, parts = Visitor(app.test_client()), app.extensions[EXTENSION]
    with parts["database"].transaction() as session:
        step, _ = sign_in_steps.begin(session, "joined", world.colleagues["joined"])
    visitor.http.set_cookie("passerelle-step", step)
    return visitor


def come_by_link(app: Flask, world: World) -> Visitor:
    """A mentee whose link was opened on this phone."""
    visitor = Visitor(app.test_client())
    visitor.http.set_cookie("passerelle-m", world.own.session, path="/m")
    return visitor


def grow_old(app: Flask, visitor: Visitor) -> None:
    """Let five minutes pass since this person proved who they are."""
    cookie = visitor.http.get_cookie("passerelle")
    assert cookie is not None
    mine = SignIn.id_hash == hashed(cookie.value)
    with app.extensions[EXTENSION]["database"].transaction() as session:
        session.execute(update(SignIn).where(mine).values(confirmed_at=utcnow() - timedelta(minutes=5)))


def addresses_of(app: Flask, world: World) -> list[str]:
    """Every page there is: a rule of the application without an example here is a fault."""
    with app.test_request_context():
        return [url_for(name, **values) for name in names_of_pages(app) for values in world.addresses().get(name, [{}])]


def names_of_pages(app: Flask) -> list[str]:
    """The endpoints of pages for people, without files, links that only lead elsewhere and a mentee's own pages."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    found = {rule.endpoint for rule in rules if rule.endpoint.startswith("pages.") and not is_own_page(rule.rule)}
    return sorted(found - {"pages.static_file", "pages.bootstrap", "pages.choose_language", "pages.come_back"})


def is_own_page(rule: str) -> bool:
    return rule == "/m" or rule.startswith("/m/")


@pytest.fixture
def visit(app: Flask) -> Callable[[str], Visitor]:
    """Let someone come; an empty name only comes to the door."""
    return lambda username="amina": come(app, username)


def come(app: Flask, username: str) -> Visitor:
    """Open a session as the sign-in does once the password held; the form itself is tested where it is the subject."""
    visitor = Visitor(app.test_client())
    if username:
        visitor.http.set_cookie("passerelle", session_of(app, username))
    return visitor


def session_of(app: Flask, username: str) -> str:
    """The id of a fresh session."""
    parts = app.extensions[EXTENSION]
    with parts["database"].transaction() as session:
        account = coordinators.find_account(session, username)
        assert account is not None
        return coordinators.open_session(session, account, parts["settings"])
