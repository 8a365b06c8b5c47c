"""``passerelle round``: run, publish and look at rounds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import get_args

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from graph.rounds import Objective, RoundPolicy
from hub.commands.opening import console, open_database, refusals_in_words
from hub.database import Database
from hub.models.proposal import PROGRAMS
from hub.services import matching, repair_views, repairs, round_records, round_runs, rounds, stand_ins
from hub.services.actors import hub_itself
from hub.services.repair_views import OfferView
from hub.services.rounds import RoundView
from hub.services.stand_ins import StandInsTold
from hub.settings import Settings, load_settings

OPERATOR = hub_itself("command line")
SAID = {
    "free": "another mentor stands by",
    "moving": "another mentor, if others move",
    "nobody": "nobody yet",
    "leaning": "mentors without whom somebody would have nobody",
}
DOING = {
    "read": "reading the pool",
    "score": "scoring pairs",
    "solve": "solving and proving",
    "explain": "giving reasons",
    "compare": "comparing with other policies",
    "ask": "asking of each pair what a no would mean",
}


@click.group()
def round() -> None:
    """Run, publish and look at matching rounds."""


@round.command()
@click.option("--objective", type=click.Choice(get_args(Objective)), default="most_mentees", show_default=True)
@click.option("--format", "program", type=click.Choice(PROGRAMS), default=PROGRAMS[0], show_default=True)
@click.option("--net-balance", type=click.IntRange(0), help="Most placements by which imports and exports may differ.")
@click.option(
    "--unfair", is_flag=True, help="Leave out the promise that no organisation is worse off; to see its price."
)
@click.option(
    "--hold-back",
    is_flag=True,
    help="Hold scarce mentors back for mentees expected at their own organisations (config/scoring.toml).",
)
@click.option(
    "--even-load",
    is_flag=True,
    help="Spare mentors: each further mentee of one mentor costs points (config/scoring.toml), and no placement.",
)
@click.option(
    "--even-gain",
    is_flag=True,
    help="Promise every organisation as many placements more than alone as all can be promised; costs points only, "
    "unless with --net-balance.",
)
@click.option("--publish", "publish_now", is_flag=True, help="Publish at once instead of keeping a draft.")
def run(
    *,
    objective: Objective,
    program: str,
    net_balance: int | None,
    unfair: bool,
    hold_back: bool,
    even_load: bool,
    even_gain: bool,
    publish_now: bool,
) -> None:
    """Run one round over the whole pool and keep it as a draft; then compare it with other policies.

    The draft is kept before the comparing begins: whoever breaks that off keeps a round without it.

    In reverse mentoring a junior mentors one or two seniors on a topic; flash is one meeting, and seats are of this month.

    Nobody is asked anything before somebody publishes it: passerelle round publish ID
    """
    if even_gain and unfair:
        raise click.UsageError("--even-gain adds to the promise that --unfair leaves out: choose one of them.")
    with refusals_in_words():
        settings = load_settings()
    policy = RoundPolicy(
        objective,
        individual_rationality=not unfair,
        net_balance=net_balance,
        hold_back=matching.hold_back().points if hold_back else 0,
        even_load=matching.even_load() if even_load else 0,
        even_gain=even_gain,
    )
    with refusals_in_words(), open_database(settings) as database:
        with progress_bar() as tell:
            found = round_runs.run(
                database,
                OPERATOR,
                policy,
                datetime.now(UTC).date(),
                settings.proposal_days,
                program=program,
                publish=publish_now,
                on_kept=say_kept,
                progress=tell,
            )
        told = told_of(database, found.id, settings)
    show_round(found, told)


def say_kept(kept: RoundView) -> None:
    """Say that a round is kept, before it is compared with anything."""
    console.print(f"Round {kept.id} is {'published' if kept.state == 'published' else 'kept as a draft'}.")


@contextmanager
def progress_bar() -> Iterator[rounds.Progress]:
    """Yield what shows the step a round is at, on a terminal alone, and clear it at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bar.update(task, description=DOING[step], completed=done, total=total)

        yield tell


@round.command()
@click.argument("identifier")
def show(identifier: str) -> None:
    """Show the round IDENTIFIER: what each organisation gets, what a no would mean, and the same under other policies."""
    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        with database.reading() as session:
            found = rounds.show(session, OPERATOR, identifier)
        told = told_of(database, identifier, settings)
    show_round(found, told)


@round.command()
@click.argument("identifier")
def publish(identifier: str) -> None:
    """Turn the draft round IDENTIFIER into proposals to both organisations of each pair."""
    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        found = database.run(lambda session: rounds.publish(session, OPERATOR, identifier))
        told = told_of(database, identifier, settings)
    show_round(found, told)


@round.command()
@click.argument("identifier")
def replay(identifier: str) -> None:
    """Solve round IDENTIFIER again from what was kept of it, and compare: same inputs, same outcome, proof still true.

    Ends with exit code 1 if anything differs. The kept inputs hold row numbers and points, and nobody.
    """
    with (
        refusals_in_words(),
        open_database(load_settings()) as database,
        console.status("solving again"),
        database.reading() as session,
    ):
        found = round_records.replay(session, identifier)
    console.print(f"inputs     {'the same bytes' if found.same_inputs else 'DIFFERENT'}")
    console.print(f"outcome    {'the same bytes' if found.same_outcome else 'DIFFERENT'}")
    console.print(f"proof      {'; '.join(found.faults) or 'checked without the solver: nothing better exists'}")
    for name in found.sources_changed:
        console.print(f"{name} changed since: a new round would score pairs anew; this one keeps its points")
    if not found.holds:
        raise click.ClickException(f"Round {identifier} is not the round its inputs give. Do not rely on it.")


@round.command()
@click.argument("identifier")
@click.option(
    "--make",
    "kind",
    type=click.Choice(repairs.KINDS),
    help="Say yes to the repair with free seats alone (no_move) or to the best there is (exact).",
)
@click.option("--yes", is_flag=True, help="Do not ask once more.")
def repair(*, identifier: str, kind: str | None, yes: bool) -> None:
    """Look how the published round IDENTIFIER stands today, and what would repair it for the whole network.

    Nothing is changed without --make; then the new pairs are asked, and the unanswered questions that move are superseded.
    """
    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        with console.status("reading the pool and solving"), database.reading() as session:
            seen = repairs.look(session, OPERATOR, identifier, datetime.now(UTC).date())
            found = repair_views.view(session, OPERATOR, seen)
        for offer in found.offers:
            show_offer(offer)
        if kind is None:
            return
        chosen = next(offer for offer in found.offers if offer.kind == kind)
        if not yes:
            click.confirm(
                f"Ask {len(chosen.asked)} pairs and take {len(chosen.taken_back)} questions back?", abort=True
            )
        made = database.run(
            lambda session: repairs.make(session, OPERATOR, seen, kind, chosen.picture, settings.proposal_days)
        )
    console.print(f"Asked {made.asked} pairs; {made.superseded} unanswered questions were superseded.")


@round.command(name="list")
def list_rounds() -> None:
    """List the rounds, newest first."""
    with refusals_in_words(), open_database(load_settings()) as database, database.reading() as session:
        for found in rounds.listed(session, OPERATOR):
            console.print(f"{found.id}  {found.state}  {found.placed} of {found.mentees} placed")


def told_of(database: Database, round_id: str, settings: Settings) -> StandInsTold:
    """Return what may be told of a round's stand-ins."""
    with database.reading() as session:
        return stand_ins.told(session, round_id, settings)


def show_round(found: RoundView, told: StandInsTold) -> None:
    """Print a round and what each organisation gets."""
    console.print(
        f"Round {found.id} ({found.state}): {found.placed} of {found.mentees} mentees placed, {found.points} points"
    )
    if found.certificate.get("hold_back") == "not_available":
        console.print("Nobody was held back: no whole year of arrivals is known yet.")
    for line in evenness(found):
        console.print(line)
    console.print(round_table(found))
    show_stand_ins(told)
    if found.studied:
        console.print(comparison_table(found))
    else:
        console.print("Not compared with other policies: it is being done now, or was broken off.")


def evenness(found: RoundView) -> Iterator[str]:
    """Yield what the round promised beyond alone, and what it means for mentors, a line each."""
    if found.certificate.get("surplus") is not None:
        surplus = found.certificate["surplus"]
        yield f"Every organisation gains {surplus} placements on what it has alone, or all the network could give it."
    several = found.certificate.get("carrying_several")
    if several:
        yield f"Mentors with more than one mentee: {several['before']} before, {several['after']} with this round."


def show_stand_ins(told: StandInsTold) -> None:
    """Print what noes would mean, in totals of the network; in fives, and nothing where nothing may be told."""
    if told:
        said = "; ".join(f"{SAID[kind]}: {'fewer than five' if count is None else count}" for kind, count in told)
        console.print(f"If the answer is no, as things stood when the round was made, in fives: {said}.")


def show_offer(offer: OfferView) -> None:
    """Print what one repair would do, by organisations; nobody's name or pseudonym is known here."""
    if offer.refused:
        reason = f"below what they have alone: {', '.join(offer.below)}" if offer.below else "the net balance"
        console.print(f"{offer.kind}: not possible, {reason}")
        return
    console.print(f"{offer.kind}: {offer.placements:+d} placements, {offer.points or 0:+d} points")
    for verb, pairs in (("ask", offer.asked), ("take back", offer.taken_back)):
        for one in pairs:
            console.print(f"  {verb} {one.mentee_organisation_id} -> {one.mentor_organisation_id} ({one.band})")


def comparison_table(found: RoundView) -> Table:
    """Return what other policies would have given, in totals of the network."""
    table = Table(
        "policy", "placed", "across", "points", "organisations worse off", title="The same round, other policies"
    )
    for other in found.alternatives:
        name = other.name.replace("_", " ")
        table.add_row(name, str(other.placed), str(other.placed_across), str(other.points), str(other.worse_off))
    return table


def round_table(found: RoundView) -> Table:
    """Return the round per organisation as a table; organisations without mentees are left out."""
    table = Table("organisation", "mentees", "placed alone", "placed in the round", "across organisations")
    for share in found.shares:
        if share.mentees:
            across = f"{100 * (share.placed_across or 0) // max(share.placed or 0, 1)} %"
            name = share.organisation_id.upper()
            table.add_row(name, str(share.mentees), str(share.placed_alone), str(share.placed), across)
    return table
