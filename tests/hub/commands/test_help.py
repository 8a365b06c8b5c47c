"""Help: every command says what it is for, every option what it does, without touching anything."""

from collections.abc import Iterator

import click
import pytest

from federation.command_line import build
from hub.commands import COMMANDS, LazyCommand


def real(command: click.Command) -> click.Command:
    return command.real() if isinstance(command, LazyCommand) else command


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    command = real(command)
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from every_command(inner, (*path, name))


ALL = list(every_command(build()))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_says_what_it_is_for(untouched, path: tuple[str, ...], command: click.Command):
    told = untouched.done(*path, "--help")

    assert command.help
    assert command.help.split("\n")[0].rstrip().endswith((".", ":"))
    assert told.startswith("Usage: ")
    assert " ".join(command.help.split())[:40] in " ".join(told.split())
    assert not untouched.folder.exists()


def test_the_list_of_commands_tells_each_in_a_line(untouched):
    told = " ".join(untouched.done("--help").split())

    for name, _, line in COMMANDS:
        assert f"{name} {line[:30]}" in told


def test_the_line_in_the_list_fits_the_commands_own_help():
    own = {path[0]: command.help.split("\n")[0] for path, command in ALL if len(path) == 1}

    assert {name for name, _, _ in COMMANDS} < set(own)
    for name, _, line in COMMANDS:
        assert own[name].split()[0] == line.split()[0]


@pytest.mark.parametrize("words", [("dance",), ("db", "dance"), ("serve", "--colour", "red"), ("organisation", "add")])
def test_what_is_no_command_is_refused_as_usage(untouched, words: tuple[str, ...]):
    result = untouched.type(*words)

    assert result.exit_code == 2
    assert "Error: " in result.output
    assert not untouched.folder.exists()
