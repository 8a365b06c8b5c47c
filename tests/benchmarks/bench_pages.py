"""Pages and answers of a real server over the reference network, and what the server's processes hold in memory.

Run by ``make bench``. Times are wall times of one client on this machine, asked in turn, after one request that warms up.
"""

import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from graph.rounds import RoundPolicy
from hub import migrating
from hub.commands.demonstration import reference
from hub.commands.demonstration.reference import OPERATOR
from hub.commands.demonstration.server import RunningServer
from hub.database import Database
from hub.services import round_runs
from hub.settings import Settings, load_settings

TIMES = 20
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def reference_hub(folder: Path, port: int) -> Iterator[tuple[Settings, Database]]:
    """Fill a folder with the reference network and one published round, and serve it."""
    (folder / "secret.key").write_text("s" * 48, encoding="ascii")
    settings = load_settings(instance_folder=str(folder), port=port, issuer=f"http://127.0.0.1:{port}")
    database, today = Database(settings.database), datetime.now(UTC).date()
    migrating.upgrade(database.engine)
    network = reference.read_network()
    reference.load_members(database, network, today)
    reference.share_directly(database, reference.draw_people(network, today), lambda count: None)
    round_runs.run(database, OPERATOR, RoundPolicy(), today, settings.proposal_days, publish=True)
    with RunningServer(settings) as server:
        yield settings, database
        resident(server.process_id)
    database.close()


def resident(parent: int) -> None:
    """Print what each process of the server holds, in MB resident (Linux only)."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        facts = dict(re.findall(r"^(\w+):\s+(.+)$", status.read_text(), re.MULTILINE)) if status.exists() else {}
        if facts and str(parent) in (facts["PPid"], facts["Pid"]) and "VmRSS" in facts:
            sizes.append(int(facts["VmRSS"].split()[0]) // 1024)
    Console().print(f"server: {' + '.join(f'{size} MB' for size in sorted(sizes))} resident")


def signed_in(settings: Settings, database: Database) -> httpx.Client:
    (card,) = reference.add_sign_ins(database, [reference.NewSignIn("bench", "coordinator", "triec", "en")])
    http = httpx.Client(base_url=settings.issuer, timeout=30)
    token = TOKEN.search(http.get("/sign-in").text)
    assert token is not None
    form = {"csrf_token": token[1], "username": card.username, "password": card.password}
    assert http.post("/sign-in", data=form).status_code == 303
    return http


def addresses(http: httpx.Client) -> list[str]:
    """Return every page a coordinator can open, one of each kind."""
    found = ["/", "/pool", "/pool?noc=21&region=ON", "/mentees", "/rounds", "/proposals", "/referrals", "/programs"]
    found += ["/network", "/about"]
    for page, pattern in (("/mentees", r'href="(/mentees/[\w-]+)"'), ("/rounds", r'href="(/rounds/[\w-]+)"')):
        found += re.findall(pattern, http.get(page).text)[:1]
    found += re.findall(r'href="(/proposals/[\w-]+)"', http.get("/proposals").text)[:1]
    return found


def milliseconds(ask: Callable[[], httpx.Response]) -> list[float]:
    assert ask().status_code == 200
    spent = []
    for _ in range(TIMES):
        started = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - started) * 1000)
    return spent


def main() -> None:
    table = Table("page", "median ms", "slowest ms", title=f"{TIMES} requests each, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, reference_hub(Path(folder), 8765) as (settings, database):
        started = time.perf_counter()
        http = signed_in(settings, database)
        cold = re.findall(r'href="(/mentees/[\w-]+)"', http.get("/mentees").text)[0]
        started = time.perf_counter()
        http.get(cold)
        first = (time.perf_counter() - started) * 1000
        for path in addresses(http):
            spent = milliseconds(lambda path=path: http.get(path))
            table.add_row(re.sub(r"[\w-]{16,}", "…", path), f"{statistics.median(spent):.0f}", f"{max(spent):.0f}")
        http.close()
        Console().print(table)
        Console().print(f"a mentee's page, first request of a fresh server: {first:.0f} ms")


if __name__ == "__main__":
    main()
