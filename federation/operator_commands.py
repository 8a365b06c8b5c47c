"""``passerelle operator-key``: for a machine of the operator's that is not the hub's, and needs no network."""

from pathlib import Path

import click
from joserfc.jwk import OKPKey

from federation.connector.replacing import require_heard
from federation.connector.terminal import console, in_words, now, read_text
from federation.operator_keys import announce, keep_private, read_announcement, read_private
from federation.problems import Problem
from federation.replacements import countersign_as_operator, read_replacement, replacement_number

KEY_FILE = click.argument("key_file", type=click.Path(path_type=Path))


@click.group(name="operator-key")
def operator_key() -> None:
    """The network operator's own key, with which it vouches for a member that lost its identity key.

    Keep it away from the hub: whoever has both can invent half of what members wait for.
    """


@operator_key.command()
@KEY_FILE
@click.option("--network", required=True, help="The network's name, as members know it.")
@click.option(
    "--runs", multiple=True, metavar="ORGANISATION", help="A member you run yourself: it cannot vouch with you."
)
def make(key_file: Path, network: str, runs: tuple[str, ...]) -> None:
    """Make a key in KEY_FILE, under a passphrase, and its announcement in KEY_FILE.public, for every member."""
    passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    with in_words():
        key = OKPKey.generate_key("Ed25519")
        keep_private(key_file, key, passphrase)
        announcement = announce(key, network, runs, now())
        _public(key_file).write_text(announcement + "\n", encoding="ascii")
    console.print(
        f"Give {_public(key_file)} to every member with its enrolment token, and this number on paper or by phone:"
    )
    console.print(read_announcement(announcement).number)


@operator_key.command()
@KEY_FILE
def show(key_file: Path) -> None:
    """Print the number of the key in KEY_FILE again, for a member to compare."""
    with in_words():
        console.print(read_announcement(read_text(_public(key_file))).number)


@operator_key.command()
@KEY_FILE
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--heard", required=True, help="The 60 digits they read to you when you phoned a number you knew before.")
def countersign(key_file: Path, file: Path, heard: str) -> None:
    """Vouch that the replacement in FILE was asked for by the member it names: phone them first. FILE gets the signature."""
    with in_words():
        text, operator = read_text(file), read_announcement(read_text(_public(key_file)))
        organisation = read_replacement(text).get("organisation")
        require_heard(heard, replacement_number(text))
        if organisation in operator.runs:
            raise Problem("not-allowed", f"You run {organisation} yourself, and cannot vouch for yourself.")
        key = read_private(key_file, click.prompt("Passphrase", hide_input=True))
        if key.thumbprint() != operator.key.thumbprint():
            raise Problem("conflict", f"{_public(key_file)} announces another key than {key_file} holds.")
        signed = countersign_as_operator(key, text, now())
    file.write_text(signed + "\n", encoding="ascii")
    console.print(f"Countersigned for {organisation}. Give {file} back to them.")


def _public(key_file: Path) -> Path:
    return key_file.with_name(key_file.name + ".public")
