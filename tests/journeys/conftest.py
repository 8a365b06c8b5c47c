"""The reference network behind a real server in a process of its own: one fresh hub a journey."""

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from federation.scopes import ALL_SCOPES, format_scope
from hub import migrating
from hub.commands.demonstration import reference
from hub.commands.demonstration.agency import Agency
from hub.commands.demonstration.reference import OPERATOR, NewSignIn
from hub.commands.demonstration.server import RunningServer
from hub.database import Database
from hub.services import clients
from hub.services.synthetic import SyntheticPerson
from hub.settings import Settings, load_settings

PUSHING = ("eriec", "criec")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """What a coordinator does without JavaScript: follows links, fills in forms, sends what the page's form holds."""

    http: httpx.Client

    def read(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{answer.text}"
        return answer.text

    def send(self, on: str, action: str, **fields: str) -> httpx.Response:
        """Send a form that stands on a page, with that page's token; follow to what is shown next."""
        page = self.read(on)
        assert f'action="{action}"' in page, f"{on} has no form for {action}"
        token = TOKEN.search(page)
        assert token is not None
        return self.http.post(action, data={"csrf_token": token[1], **fields}, follow_redirects=True)


@dataclass
class Hub:
    """A running hub, its database, and how to come in."""

    settings: Settings
    database: Database
    people: list[SyntheticPerson]
    agencies_folder: Path
    opened: ExitStack

    def enrolment(self, organisation: str) -> str:
        scope = format_scope(ALL_SCOPES)
        return self.database.run(lambda session: clients.issue_enrolment(session, OPERATOR, organisation, scope, 1))

    def agency(self, organisation: str) -> Agency:
        """An organisation's connector, registered over HTTP."""
        token = self.enrolment(organisation)
        agency = Agency.register(organisation, self.settings.issuer, token, self.agencies_folder)
        self.opened.enter_context(agency.client)
        return agency

    def pushing(self, organisation: str) -> Agency:
        """One of the two that push for themselves, after its push: its store knows its own people's contacts."""
        agency = self.agency(organisation)
        assert agency.push(self.people).refused == ()
        return agency

    def own(self, organisation: str, kind: str) -> list[SyntheticPerson]:
        return [one for one in self.people if (one.organisation, one.profile["kind"]) == (organisation, kind)]

    def browser(self, organisation: str, locale: str = "en", role: str = "coordinator") -> Browser:
        """A signed-in coordinator's browser, or that of somebody in another role."""
        name = f"{organisation}.{role[0]}{locale}"
        (card,) = reference.add_sign_ins(self.database, [NewSignIn(name, role, organisation, locale)])
        browser = Browser(self.opened.enter_context(httpx.Client(base_url=self.settings.issuer, timeout=20)))
        shown = browser.send("/sign-in", "/sign-in", username=card.username, password=card.password)
        assert shown.status_code == 200
        assert "/sign-out" in shown.text
        return browser

    def environment(self) -> dict[str, str]:
        """What an operator's shell would export to mean this hub."""
        return {
            "PASSERELLE_INSTANCE_FOLDER": self.settings.instance_folder,
            "PASSERELLE_ISSUER": self.settings.issuer,
        }


@pytest.fixture(scope="session")
def reference_people() -> list[SyntheticPerson]:
    return reference.draw_people(reference.read_network(), datetime.now(UTC).date())


@pytest.fixture(scope="session")
def reference_file(tmp_path_factory: pytest.TempPathFactory, reference_people: list[SyntheticPerson]) -> Path:
    """A migrated SQLite file with the reference network shared in it, but for the people of two who push for themselves."""
    path = tmp_path_factory.mktemp("reference") / "passerelle.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrating.upgrade(database.engine)
    reference.load_members(database, reference.read_network(), datetime.now(UTC).date())
    rest = [person for person in reference_people if person.organisation not in PUSHING]
    reference.share_directly(database, rest, lambda count: None)
    database.close()
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def hub(reference_file: Path, reference_people: list[SyntheticPerson], tmp_path: Path) -> Iterator[Hub]:
    """``passerelle serve`` over a copy of the reference network."""
    folder, port = tmp_path / "instance", free_port()
    folder.mkdir(mode=0o700)
    shutil.copy(reference_file, folder / "passerelle.sqlite3")
    (folder / "secret.key").write_text("s" * 48, encoding="ascii")
    settings = load_settings(instance_folder=str(folder), port=port, issuer=f"http://127.0.0.1:{port}")
    database = Database(settings.database)
    with RunningServer(settings), ExitStack() as opened:
        yield Hub(settings, database, reference_people, tmp_path / "agencies", opened)
    database.close()


@pytest.fixture
def files_holding(hub: Hub) -> Callable[[str], list[str]]:
    """Which of the hub's files hold a text: database, write-ahead log, server's log, keys."""

    def found(text: str) -> list[str]:
        files = [path for path in Path(hub.settings.instance_folder).rglob("*") if path.is_file()]
        return [path.name for path in files if text.encode() in path.read_bytes()]

    return found
