"""``passerelle connector`` and keys: compare them, renew them, replace a lost one."""

from pathlib import Path

import click

from federation.connector import exchange, keyring, lost_key, replacing
from federation.connector.store import Store
from federation.connector.terminal import console, in_words, now, read_text
from federation.operator_keys import read_announcement
from federation.replacements import replacement_number

SIGNED_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command(name="safety-number")
@click.argument("organisation")
@click.option("--heard", help="The 60 digits that they read to you: confirms that nobody swapped a key.")
@click.pass_obj
def safety_number(folder: Path, organisation: str, heard: str | None) -> None:
    """Print the number to compare with ORGANISATION by phone: equal on both sides, or somebody swapped a key.

    Nothing is sealed for them or opened from them before you confirmed it once with --heard; again when they replaced a lost
    identity key, 72 hours after this folder first saw that.
    """
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            if heard is None:
                console.print(keyring.safety_number_with(store, client, organisation, now()))
                return
            keyring.confirm_safety_number(store, client, organisation, heard, now())
    console.print(f"The numbers are equal: introductions with {organisation} can be sealed and opened.")


@click.command(name="rotate-keys")
@click.pass_obj
def rotate_keys(folder: Path) -> None:
    """Take a new encryption key and publish it; the old one opens what is under way for 90 days more.

    Do it every 60 days or so: after 90 days others refuse keys that were not renewed. The identity key, and so the safety
    number, stays.
    """
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            view = keyring.rotate(store, client, now())
    console.print(f"Key statement {view.seq} is published. Back up the folder again: the old copy lacks the new key.")


@click.command(name="operator-key")
@SIGNED_FILE
@click.option("--heard", help="The 60 digits that the operator read to you, or gave you on paper.")
@click.option("--replace", is_flag=True, help="The operator told you by phone that they made a new key.")
@click.pass_obj
def operator_key(folder: Path, file: Path, heard: str | None, *, replace: bool) -> None:
    """Look at the operator's announcement of its key in FILE; with --heard, keep it.

    It countersigns replacements of lost identity keys. It never comes by way of the hub: the operator hands it out with the
    enrolment token.
    """
    with in_words():
        text = read_text(file)
        if heard is None:
            shown = read_announcement(text)
            console.print(f"{shown.network}; runs itself: {', '.join(shown.runs) or 'no member'}\n{shown.number}")
            return
        operator = replacing.pin_operator(Store(folder), text, heard, replace=replace)
    console.print(f"The operator key of {operator.network} is kept.")


@click.group(name="lost-key")
def lost_key_group() -> None:
    """A lost identity key: ask for its replacement under the same id, vouch for another member's, object to one.

    Who lost it: init and register in a fresh folder, then start; have the file countersigned by another member and by the
    operator; then publish, and compare the safety number with everyone after three days.
    """


@lost_key_group.command()
@SIGNED_FILE
@click.option("--instead", is_flag=True, help="Our chain ends with a replacement that is not ours: take its place.")
@click.pass_obj
def start(folder: Path, file: Path, *, instead: bool) -> None:
    """Sign the replacement of our identity key by the one of this folder, and write it into FILE."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            text = lost_key.start(store, client, now(), instead=instead)
    file.write_text(text + "\n", encoding="ascii")
    console.print(f"Give {file} to another member and to the operator. When they phone you, read to them:")
    console.print(replacement_number(text))


@lost_key_group.command()
@SIGNED_FILE
@click.option("--heard", required=True, help="The 60 digits they read to you when you phoned a number you knew before.")
@click.pass_obj
def countersign(folder: Path, file: Path, heard: str) -> None:
    """Vouch that the replacement in FILE was asked for by the member it names: phone them first. FILE gets our signature."""
    with in_words():
        store, text = Store(folder), read_text(file)
        with exchange.connect(store) as client:
            signed = lost_key.vouch(store, client, text, heard, now())
    file.write_text(signed + "\n", encoding="ascii")
    console.print(f"Countersigned. Give {file} back to them.")


@lost_key_group.command()
@SIGNED_FILE
@click.pass_obj
def publish(folder: Path, file: Path) -> None:
    """Publish the replacement in FILE, countersigned by another member and by the operator."""
    with in_words():
        store, text = Store(folder), read_text(file)
        with exchange.connect(store) as client:
            lost_key.publish(store, client, text)
    console.print(
        "Published. Every organisation waits 72 hours from when its own system first sees it: ask them to poll, and compare "
        "the safety number by phone with each of them after that. Introductions under way are lost: propose again.",
        soft_wrap=True,
    )


@lost_key_group.command(name="object")
@click.pass_obj
def object_(folder: Path) -> None:
    """End a replacement of our identity key that nobody here asked for; possible for 72 hours, with the old key alone."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            lost_key.object_to(store, client, now())
    console.print(
        "Published: whoever sees it ends the replacement. A hub may hide it, so phone every organisation you exchange with: "
        "they must not confirm another safety number.",
        soft_wrap=True,
    )


@lost_key_group.command()
@click.pass_obj
def status(folder: Path) -> None:
    """Look at everyone's key statements, our own included, and say what waits, was ended, or is not to be believed."""
    with in_words():
        store = Store(folder)
        with exchange.connect(store) as client:
            said = lost_key.watch(store, client, now())
    for sentence in said or ["No identity key is asked to be replaced, by what the hub shows."]:
        console.print(sentence, soft_wrap=True)


COMMANDS = (safety_number, rotate_keys, operator_key, lost_key_group)
