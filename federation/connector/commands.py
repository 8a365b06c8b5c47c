"""``passerelle connector``: for a small agency, from its spreadsheet to a sealed introduction."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from federation.audit_heads import EVENT
from federation.client import HubClient
from federation.connector import (
    accepted,
    exchange,
    gathered,
    gathering_exchange,
    heads,
    keyring,
    linkage,
    lost_key,
    precision,
    withdrawn,
)
from federation.connector.key_commands import COMMANDS
from federation.connector.mapping import ColumnMapping, read_mapping
from federation.connector.people import Person, RowError, read_people
from federation.connector.store import Store
from federation.connector.terminal import console, in_words, now, warn_of_replacements
from federation.problems import Problem

# A statement holds for 90 days; a month of reminders is one a working day.
RENEW_DAYS = 30
FILE = click.argument("file", type=click.Path(path_type=Path))
MAPPING = click.option(
    "--mapping", type=click.Path(path_type=Path), required=True, help="Which column means what (TOML)."
)


@click.group()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("passerelle-connector"), show_default=True)
@click.pass_context
def connector(context: click.Context, folder: Path) -> None:
    """The agency's side: share de-identified profiles, seal and open introductions.

    Names, contacts and keys stay in the folder, encrypted. Start with: init, register, dry-run, push.
    """
    context.obj = folder
    with in_words():
        warn_of_replacements(folder)


@connector.command()
@click.pass_obj
def init(folder: Path) -> None:
    """Make the folder that keeps names, contacts and keys, encrypted."""
    with in_words():
        Store.create(folder)
    console.print(f"{folder}/ is ready. Back up the folder and its store.key in two different places.")


@connector.command()
@click.option("--organisation", required=True, help="Your organisation's id at the hub.")
@click.option("--hub", required=True, help="The hub's address.")
@click.option("--token", required=True, help="The single-use enrolment token from the network's operator.")
@click.pass_obj
def register(folder: Path, organisation: str, hub: str, token: str) -> None:
    """Make keys and register them with the hub. The private keys never leave the folder."""
    with in_words(), exchange.register(Store(folder), organisation, hub, token, now()):
        console.print(f"Registered at {hub} as {organisation}.")


@connector.command(name="dry-run")
@FILE
@MAPPING
@click.pass_obj
def dry_run(folder: Path, file: Path, mapping: Path) -> None:
    """Show exactly what would leave, how precise and why, and every row that cannot be used; nothing of it is sent.

    A registered folder asks its hub which programs need the whole occupation.
    """
    with in_words():
        said = read_mapping(mapping)
        asked = exchange.precision(Store(folder)) if (folder / "store.key").is_file() else precision.COARSE
        people, errors = read_people(file, said, now().date(), asked)
    for person in people:
        click.echo(json.dumps(person.profile, ensure_ascii=False))
    console.print(precision.words(asked, said.occupation_digits), soft_wrap=True)
    if said.linkage:
        console.print(f"With a linkage key, keyed tokens made of {', '.join(sorted(said.linkage))} leave too.")
    _report(people, errors)


@connector.command()
@FILE
@MAPPING
@click.option("--keep-good", is_flag=True, help="Push the good rows although others cannot be used.")
@click.pass_obj
def push(folder: Path, file: Path, mapping: Path, *, keep_good: bool) -> None:
    """Read the spreadsheet and share its people. Running it again is harmless, and goes on where it was interrupted."""
    with in_words():
        store, said = Store(folder), read_mapping(mapping)
        people, errors = read_people(file, said, now().date(), exchange.precision(store))
        _report(people, errors)
        if errors and not keep_good:
            raise click.ClickException("Nothing was sent. Correct the rows, or send the good ones with --keep-good.")
        for person in people:
            store.remember(person)
        with exchange.connect(store) as client, Progress(console=console, transient=True) as progress:
            task = progress.add_task("sharing", total=sum(1 for _ in store.waiting()))
            report = exchange.push(store, client, lambda: progress.advance(task))
            linked = linkage.link(store, client)
    for pseudonym, reason in (*report.refused, *linked.refused):
        console.print(f"refused {pseudonym}: {reason}")
    console.print(f"The hub took {report.taken} profiles.")
    _tell_linked(store, said, linked)


@connector.command()
@click.pass_obj
def poll(folder: Path) -> None:
    """List what happened since the last poll, and check that the hub's audit log only grew.

    When somebody withdrew, the contact you opened is deleted here and the hub is told so.
    """
    with in_words():
        store = Store(folder)
        seen, signed = int(store.kept("events") or 0), []
        with exchange.connect(store) as client:
            for event in client.all_events(seen):
                if event["type"] == EVENT:
                    signed.append(event)
                else:
                    console.print(f"{event['number']}  {event['at']}  {event['type']}  {_subject(store, event)}")
                if event["type"] == withdrawn.EVENT:
                    _forget(store, client, event)
                seen = event["number"]
            if signed:
                _check_heads(store, client, signed)
            store.keep("events", seen)
            for sentence in lost_key.watch(store, client, now()):
                console.print(sentence, style="yellow", soft_wrap=True)
        _remind_of_keys(store)


def _forget(store: Store, client: HubClient, event: Mapping[str, Any]) -> None:
    """Delete contacts, name what nobody but the agency can delete as it was printed, and confirm."""
    for name in withdrawn.delete(store, event):
        console.print(
            f"Somebody withdrew: the contact {name} is deleted here. If you saved what open or contacts printed (its line "
            f"begins with {name}), or wrote it into another file, delete it there too.",
            style="yellow",
            soft_wrap=True,
        )
    try:
        withdrawn.confirm(client, event)
    except Problem as problem:
        if problem.kind != "scope-missing":
            raise
        console.print("The hub was not told: this system has not the scope introductions:write.", style="yellow")


def _remind_of_keys(store: Store) -> None:
    """Say in time that others will refuse our keys: nobody else can renew them."""
    left = keyring.days_left(store, now())
    if left is not None and left < RENEW_DAYS:
        ended = "Others refuse your keys" if left < 0 else f"In {left} days others refuse your keys"
        console.print(f"{ended}: run passerelle connector rotate-keys, then back up the folder.", style="yellow")


def _subject(store: Store, event: Mapping[str, Any]) -> str:
    """Return what an event is about; a person of ours by the pseudonym, which the hub no longer knows when they withdrew."""
    noun, _, reference = str(event["subject"]).partition(":")
    pseudonym = store.pseudonym_of(reference) if noun == "profile" else None
    return f"profile:{pseudonym}" if pseudonym else str(event["subject"])


def _check_heads(store: Store, client: HubClient, signed: list[dict[str, Any]]) -> None:
    try:
        heads.check(store, client, signed)
    except Problem as problem:
        if problem.kind != "scope-missing":
            raise
        console.print("The hub's audit log was not checked: this system has not the scope audit:read.", style="yellow")


@connector.command(name="audit-heads")
@click.option(
    "--start-anew", is_flag=True, help="Only after the operator told you of a restored backup or a new secret."
)
@click.pass_obj
def audit_heads(folder: Path, *, start_anew: bool) -> None:
    """Ask whether the hub's audit log still holds what this folder kept of it, and print one head a day.

    All members are given the same heads: compare them with another member, or hand them to an auditor (passerelle audit verify
    --head). Exit code 1: the log was cut or made anew.
    """
    with in_words():
        store = Store(folder)
        if start_anew:
            heads.start_anew(store)
        with exchange.connect(store) as client:
            last = heads.check(store, client)
    for day, head in heads.by_day(store).items():
        console.print(f"{day}  {head}", soft_wrap=True)
    console.print(
        "The hub's audit log still holds the last of them." if last else "There is none to ask about: poll first."
    )


@connector.command()
@click.argument("question")
@click.pass_obj
def accept(folder: Path, question: str) -> None:
    """Say yes for your side, signed, after asking your people. QUESTION is the id of a proposal, group, pair or circle."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            gathering = gathering_exchange.is_gathering(client, question)
            said = (gathering_exchange if gathering else exchange).accept(store, client, question, now())
        (_tell_gathered if gathering else _tell_accepted)(store, question)
    console.print(f"The {said['kind'] if gathering else 'proposal'} is {said['state']}.")


@connector.command()
@click.pass_obj
def seal(folder: Path) -> None:
    """Seal and send every introduction that is due, of proposals, groups, pairs and circles."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            report = exchange.seal_due(store, client, now()) + gathering_exchange.seal_due(store, client, now())
    console.print(f"{len(report.done)} introductions sealed.")
    _tell_failures(report)


@connector.command(name="open")
@click.pass_obj
def open_(folder: Path) -> None:
    """Open every introduction sealed for you, print the contacts, and let the hub delete its copies."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            report = exchange.open_delivered(store, client, now())
            report += gathering_exchange.open_delivered(store, client, now())
    _print_contacts(report.done)
    console.print(f"{len(report.done)} introductions opened.")
    _tell_failures(report)


@connector.command()
@click.pass_obj
def contacts(folder: Path) -> None:
    """Print every contact that introductions brought so far."""
    with in_words():
        store = Store(folder)
        _print_contacts(store.contacts() | gathered.contacts(store))


@connector.group(name="linkage-key")
def linkage_key() -> None:
    """The key agencies share so that the hub can tell them of people both serve, and cannot read whom.

    One agency makes it; the others get it by hand or over a channel the hub has no part in.
    """


@linkage_key.command()
@click.option("--replace", is_flag=True, help="Take the place of another key; all tokens are sent again.")
@click.pass_obj
def make(folder: Path, *, replace: bool) -> None:
    """Make a key, keep it here encrypted, and print it once for the other agencies."""
    with in_words():
        text = linkage.make_key()
        check = linkage.keep_key(Store(folder), text, replace=replace)
    click.echo(text)
    console.print(f"Give it to the other agencies by hand, never to the hub. Its check is {check}.")


@linkage_key.command(name="set")
@click.option("--replace", is_flag=True, help="Take the place of another key; all tokens are sent again.")
@click.pass_obj
def set_(folder: Path, *, replace: bool) -> None:
    """Keep the key another agency made; it is asked for, and not shown."""
    with in_words():
        store = Store(folder)
        check = linkage.keep_key(store, click.prompt("Linkage key", hide_input=True), replace=replace)
    console.print(f"Kept. Its check is {check}: it must be the same at every agency.")


def _tell_accepted(store: Store, proposal: str) -> None:
    """Name the person as this folder knows them: a hub that shows another person's proposal is noticed by eye."""
    said = accepted.everything(store)[proposal]
    name = store.person(said.pseudonym)["contact"].get("name", said.pseudonym)
    console.print(f"You said yes for {name}, to {said.counterpart}.")


def _tell_gathered(store: Store, gathering: str) -> None:
    """Name our people as this folder knows them, and every organisation with the number of its people, where it is told."""
    said = gathered.everything(store)[gathering]
    names = [store.person(one.pseudonym)["contact"].get("name", one.pseudonym) for one in said.places]
    others = [
        one if count is None else f"{one} ({count})"
        for one, count in said.question.organisations.items()
        if one != store.keys.organisation
    ]
    console.print(f"You said yes for {', '.join(names)}, to a {said.question.kind} with {', '.join(others)}.")


def _tell_linked(store: Store, mapping: ColumnMapping, linked: exchange.PushReport) -> None:
    if linked.taken:
        console.print(f"Keyed tokens of {linked.taken} people were sent.")
    if mapping.linkage and linkage.key_of(store) is None:
        console.print("No tokens were sent: there is no linkage key. See passerelle connector linkage-key --help")


def _print_contacts(found: Mapping[str, dict[str, str]]) -> None:
    for question, contact in found.items():
        console.print(f"{question}: " + ", ".join(f"{name} {value}" for name, value in contact.items()))


def _tell_failures(report: exchange.ExchangeReport) -> None:
    """Name each introduction that cannot be trusted, and end with exit code 1: somebody has to look."""
    for question, reason in report.failed:
        console.print(f"{question}: {reason}", style="red")
    if report.failed:
        raise click.ClickException(f"{len(report.failed)} introductions stopped; of them nothing was sent or shown.")


def _report(people: list[Person], errors: list[RowError]) -> None:
    for error in errors:
        console.print(f"line {error.line}, {error.column}: {error.reason}", style="yellow")
    console.print(f"{len(people)} people can be shared, {len(errors)} faults.")


for command in COMMANDS:
    connector.add_command(command)
