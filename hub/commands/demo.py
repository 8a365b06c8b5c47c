"""``passerelle demo``: the whole journey through the real doors, then the hub to look at."""

import json
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from federation.connection import HubUnreachable
from federation.problems import Problem
from federation.scopes import ALL_SCOPES, format_scope
from graph.rounds import RoundPolicy
from hub import migrating
from hub.commands.demonstration import reference
from hub.commands.demonstration.agency import Agency
from hub.commands.demonstration.reference import OPERATOR, NewSignIn, SignInCard
from hub.commands.demonstration.server import RunningServer
from hub.commands.opening import console, refusals_in_words, settings_with_secret
from hub.commands.rounds import comparison_table, round_table, show_stand_ins, told_of
from hub.commands.serving import refuse_taken_port
from hub.database import Database
from hub.reach import THE_HUB
from hub.services import clients, round_records, round_runs, rounds
from hub.services.rounds import RoundView
from hub.services.synthetic import SyntheticPerson
from hub.settings import Settings, UnsafeSettings
from hub.withdrawal_log import LOG_NAME

MARKER = "demonstration"
OVER_HTTP = ("eriec", "criec")
LANGUAGE_PROVIDER = "bvlc"
SIGN_INS = (
    NewSignIn("eriec.coordinator", "coordinator", "eriec", "en"),
    NewSignIn("criec.coordinator", "coordinator", "criec", "fr"),
    NewSignIn("bvlc.coordinator", "coordinator", "bvlc", "en"),
    NewSignIn("eriec.administrator", "organisation_admin", "eriec", "en"),
    NewSignIn("operator", "operator", None, "en"),
)


@dataclass
class Story:
    """What the demonstration builds up, step by step."""

    settings: Settings
    database: Database
    today: date
    people: list[SyntheticPerson]
    agencies: dict[str, Agency] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def tell(self, step: str, text: str) -> None:
        """Print one finished step and keep it for the summary."""
        self.done.append(step)
        console.print(f"[bold green]{len(self.done)}[/] [bold]{step}[/] {text}")


@click.command()
@click.option("--no-serve", is_flag=True, help="Do everything but keep serving; end with exit code 0 and a summary.")
@click.option("--port", type=int, help="TCP port [setting: port].")
def demo(*, no_serve: bool, port: int | None) -> None:
    """Load the reference network, run the whole journey and serve it.

    Everything is synthetic. The database is made anew in the instance folder each time; a folder that holds a hub of yours
    is refused.
    """
    # A terminal sends Ctrl-C to the server too; whoever ends us otherwise must not leave it running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with refusals_in_words():
        overrides: dict[str, Any] = {"issuer": f"http://127.0.0.1:{port}", "port": port} if port else {}
        settings = settings_with_secret(**overrides)
        refuse_taken_port(settings)
        story = prepare(settings)
        with RunningServer(settings) as server:
            with silence_in_words():
                cards = journey(story)
            now = "the hub ends here" if no_serve else f"the hub answers at {settings.issuer}"
            console.print(f"\n[bold]Summary[/]: {len(story.done)} of 9 steps done; {now}")
            if not no_serve:
                print_sign_ins(settings, cards)
                try:
                    server.wait()
                except KeyboardInterrupt:
                    console.print("Stopped.")
        story.database.close()


@contextmanager
def silence_in_words() -> Iterator[None]:
    """Say in a sentence that the hub did not answer in time, as on a machine that is too busy."""
    try:
        yield
    except HubUnreachable as error:
        raise click.ClickException(f"{error}. Is this machine busy? Run the demonstration once more.") from error


def prepare(settings: Settings) -> Story:
    """Make the database anew and load members; people come next, through the doors.

    Raises
    ------
    UnsafeSettings
        The folder holds a hub that is not a demonstration.
    """
    folder = Path(settings.instance_folder)
    if settings.database_url:
        raise UnsafeSettings("database_url is set: the demonstration only runs on a database of its own; unset it")
    marker, existing = folder / MARKER, folder / "passerelle.sqlite3"
    if existing.exists() and not marker.exists():
        raise UnsafeSettings(
            f"{folder} holds a hub of yours. Choose another folder: PASSERELLE_INSTANCE_FOLDER=demo-instance"
        )
    for path in (*folder.glob("passerelle.sqlite3*"), folder / LOG_NAME):
        path.unlink(missing_ok=True)
    shutil.rmtree(agencies_folder(settings), ignore_errors=True)
    marker.write_text("made by passerelle demo; made anew each time\n", encoding="ascii")
    rest = settings.mentor_rest_days
    database = Database(settings.database, settings.instance_folder, acting=THE_HUB, mentor_rest_days=rest)
    migrating.upgrade(database.engine)
    today = datetime.now(UTC).date()
    network = reference.read_network()
    reference.load_members(database, network, today)
    story = Story(settings, database, today, reference.draw_people(network, today))
    story.tell("Database", f"created through the migrations in {settings.instance_folder}/")
    return story


def agencies_folder(settings: Settings) -> Path:
    """Where the demonstration keeps what the agencies would keep at home, encrypted."""
    return Path(settings.instance_folder) / "agencies"


def journey(story: Story) -> list[SignInCard]:
    """Go through every step against the running server; return the sign-ins to print."""
    load_people(story)
    push_through_the_api(story)
    found = run_round(story)
    introduce(story)
    gather(story)
    refer(story)
    cards = reference.add_sign_ins(story.database, SIGN_INS)
    look(story, found)
    return cards


def load_people(story: Story) -> None:
    """Share the people of all organisations but the two that speak HTTP themselves."""
    rest = [person for person in story.people if person.organisation not in OVER_HTTP]
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("sharing synthetic people", total=len(rest))
        reference.share_directly(story.database, rest, lambda count: progress.advance(task, count))
    story.tell("Reference network", f"12 organisations, 16 programs, {len(rest)} synthetic people of ten of them")


def push_through_the_api(story: Story) -> None:
    """Let two agencies' connectors register, get tokens and push; and the language provider's system register."""
    address, folder = story.settings.issuer, agencies_folder(story.settings)
    for organisation in (*OVER_HTTP, LANGUAGE_PROVIDER):
        token = _enrolment(story, organisation)
        story.agencies[organisation] = Agency.register(organisation, address, token, folder)
    pushed = {name: story.agencies[name].push(story.people) for name in OVER_HTTP}
    refused = [reason for report in pushed.values() for reason in report.refused]
    if refused:
        raise UnsafeSettings(f"a synthetic profile was refused: {refused[0]}")
    counts = " and ".join(f"{report.taken} by {name.upper()}" for name, report in pushed.items())
    story.tell("API", f"pushed by connectors over HTTP with OAuth tokens and consent receipts: {counts}")
    show_refusal(story)


def show_refusal(story: Story) -> None:
    """Send a profile with an e-mail address and print the problem document that comes back."""
    person = next(one for one in story.people if one.organisation == OVER_HTTP[0])
    leaking = {**person.profile, "email": person.contact["email"]}
    try:
        story.agencies[OVER_HTTP[0]].client.share_profile("leaking-profile", leaking)
    except Problem as problem:
        console.print("  a profile with an e-mail address is refused:")
        console.print_json(json.dumps(problem.document()), indent=2)
        return
    raise UnsafeSettings("a profile with an e-mail address was accepted")


def run_round(story: Story) -> RoundView:
    """Run one round over the whole pool, publish it, and print what each organisation gets."""
    started = time.perf_counter()
    kept = round_runs.run(story.database, OPERATOR, RoundPolicy(), story.today, story.settings.proposal_days)
    spent = time.perf_counter() - started
    found = story.database.run(lambda session: rounds.publish(session, OPERATOR, kept.id))
    text = (
        f"{found.placed} of {found.mentees} mentees placed in {spent:.1f} s over {found.pairs} pairs, nobody worse off"
    )
    story.tell("Round", text)
    console.print(round_table(found))
    show_stand_ins(told_of(story.database, found.id, story.settings))
    console.print(comparison_table(found))
    with story.database.reading() as session:
        if not round_records.replay(session, found.id).holds:
            raise UnsafeSettings("the round of record is not the one its inputs give")
    console.print(f"  replayed, byte for byte: passerelle round replay {found.id}")
    return found


def introduce(story: Story) -> None:
    """Let both sides accept one proposal across organisations, seal the introduction, open it, and look for it at the hub."""
    one, other = (story.agencies[name] for name in OVER_HTTP)
    proposal = next(found for found in one.client.proposals() if _between(found, *OVER_HTTP))
    sender, recipient = (one, other) if proposal["mentee_organisation"] == one.organisation else (other, one)
    sender.compare(recipient)
    sender.accept(proposal["id"])
    agreed = recipient.accept(proposal["id"])
    sender.seal(proposal["id"])
    contact = recipient.open(proposal["id"])
    found = planted(story, list(contact.values()))
    if found or agreed["state"] != "agreed":
        raise UnsafeSettings(f"the introduction went wrong: state {agreed['state']}, found at the hub: {found}")
    sides = f"{sender.organisation.upper()} sealed, {recipient.organisation.upper()} opened"
    story.tell("Introduction", f"{sides} ({contact['name']}); no file of the hub holds the contact")


def gather(story: Story) -> None:
    """Let one agency propose a suggested pair of peers to the other, both sign, and the two be introduced to each other."""
    one, other = (story.agencies[name] for name in OVER_HTTP)
    shown = [pair for pair in one.client.peer_pairs() if pair["partner"]]
    pair = next(found for found in shown if found["partner"]["organisation"] == other.organisation)
    asked = one.client.propose_gathering("pair", pair["handle"])
    one.accept_gathering(asked["id"])
    agreed = other.accept_gathering(asked["id"])
    sealed = [agency.seal_gathered() for agency in (one, other)]
    contacts = [contact for agency in (one, other) for contact in agency.open_gathered()]
    found = planted(story, [value for contact in contacts for value in contact.values()])
    if found or agreed["state"] != "agreed" or (sealed, len(contacts)) != ([1, 1], 2):
        raise UnsafeSettings(f"the peer pair went wrong: state {agreed['state']}, found at the hub: {found}")
    names = " and ".join(contact["name"] for contact in contacts)
    sides = f"{one.organisation.upper()} proposed, {other.organisation.upper()} said yes"
    story.tell("Peers", f"a pair of two agencies' mentees is agreed: {sides}; {names} are introduced, sealed")


def planted(story: Story, texts: Sequence[str]) -> list[str]:
    """Return which of these texts stand in any file of the hub's instance folder; the agencies' stores are not the hub's."""
    files = [path for path in Path(story.settings.instance_folder).iterdir() if path.is_file()]
    contents = [path.read_bytes() for path in files]
    return [text for text in texts if any(text.encode() in content for content in contents)]


def refer(story: Story) -> None:
    """Find a mentee who is not ready, plan language, certification and mentor, and refer to the language program."""
    agency, provider = story.agencies["criec"], story.agencies[LANGUAGE_PROVIDER]
    pseudonym, plan = _mentee_with_a_way(agency)
    console.print("  plan: " + " → ".join(f"{step['names']['en']} ({step['starts_on']})" for step in plan["steps"]))
    first = plan["steps"][0]
    sent = agency.client.refer(pseudonym, first["program"], first["kind"])
    provider.client.referral_event(sent["id"], "received")
    provider.client.referral_event(sent["id"], "accepted")
    ours, theirs = agency.client.referral(sent["id"]), provider.client.referral(sent["id"])
    if ours["state"] != theirs["state"] or ours["state"] != "accepted":
        raise UnsafeSettings(f"the referral went wrong: {ours['state']} here, {theirs['state']} there")
    subject = f"referral:{sent['id']}"
    events = [event["type"] for event in agency.client.all_events() if event["subject"] == subject]
    story.tell("Pathway and referral", f"CRIEC sent, the language centre accepted; CRIEC sees {', '.join(events)}")


def look(story: Story, found: RoundView) -> None:
    """Ask the running server for what a coordinator sees, and print it."""
    client = story.agencies["eriec"].client
    cells = client.search_pool(noc="21", region="AB")["cells"]
    seen = client.rounds()
    if not cells or seen[0]["digest"] != found.digest:
        raise UnsafeSettings("the server does not show what was stored")
    story.tell("Search", f"engineers in Alberta: {len(cells)} groups of five or more, no rows")
    story.tell("Hub", f"serves pages and API; the round's digest is {found.digest[:16]}…")


def print_sign_ins(settings: Settings, cards: Sequence[SignInCard]) -> None:
    """Print where to look and how to sign in."""
    table = Table("user name", "password", "organisation", title=f"Sign in at {settings.issuer}/sign-in")
    for card in cards:
        table.add_row(card.username, card.password, card.organisation or "the network")
    console.print(table)
    console.print(f"API: {settings.issuer}/api/v1/docs · Stop with Ctrl-C.")


def _enrolment(story: Story, organisation: str) -> str:
    hours, scope = story.settings.enrolment_hours, format_scope(ALL_SCOPES)
    return story.database.run(lambda session: clients.issue_enrolment(session, OPERATOR, organisation, scope, hours))


def _between(proposal: dict[str, Any], one: str, other: str) -> bool:
    return {proposal["mentee_organisation"], proposal["mentor_organisation"]} == {one, other}


def _mentee_with_a_way(agency: Agency) -> tuple[str, dict[str, Any]]:
    """Return the first mentee whose plan is language, then certification, then a mentor."""
    order = ("language", "credential", "mentor")
    for pseudonym in agency.mentees_without_certification():
        for plan in agency.client.pathway(pseudonym)["plans"]:
            kinds = [step["kind"] for step in plan["steps"]]
            if kinds == sorted(kinds, key=order.index) and len(set(kinds)) == len(order):
                return pseudonym, plan
    raise UnsafeSettings("no mentee of the reference network needs language and certification")
