"""The command line, a door for operators.

``register`` adds the hub's commands to ``passerelle``; nothing heavy is imported until a command runs, so that
``passerelle --help`` answers at once.
"""

from importlib import import_module
from typing import Final

import click

# Command, module of this package, object in it, help line shown in the list.
COMMANDS: Final = (
    ("serve", "serving", "Serve the hub's API and pages."),
    ("worker", "serving", "Expire what is overdue and delete what is no longer needed."),
    ("demo", "demo", "Load the reference network, run the whole journey and serve it."),
    ("db", "databases", "Bring the database up to date, or check it."),
    ("backup", "backups", "Back the database up, restore it, replay withdrawals."),
    ("generate", "generating", "Write a synthetic network of any size to a folder."),
    ("organisation", "organisations", "Add, agree, suspend organisations and their coordinators."),
    ("operator", "operators", "Add a sign-in for an operator of the network."),
    ("client", "clients", "Let an organisation's own system register its key."),
    ("round", "rounds", "Run, publish and look at matching rounds."),
    ("duplicates", "duplicates", "Look for people whom two organisations share."),
    ("epoch", "epochs", "Publish what may be browsed of the shared pool."),
    ("audit", "audit", "Check that nobody altered the audit log."),
    ("programs", "programs", "Import programs from HSDS files."),
)


class LazyCommand(click.Command):
    """Stands for a command until it is called; then the module behind it answers."""

    def __init__(self, name: str, module: str, help_line: str) -> None:
        """Remember where the command lives."""
        super().__init__(name, help=help_line, add_help_option=False)
        self.module = module
        self.allow_extra_args = True
        self.ignore_unknown_options = True

    def real(self) -> click.Command:
        """Import and return the command."""
        found = getattr(import_module(f"hub.commands.{self.module}"), str(self.name).replace("-", "_"))
        if not isinstance(found, click.Command):
            raise TypeError(f"hub.commands.{self.module}.{self.name} is not a command")
        return found

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Hand over to the real command: its options, its help."""
        return self.real().make_context(info_name, args, parent=parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that made this context."""
        return ctx.command.invoke(ctx)


def register(group: click.Group) -> None:
    """Add every command of the hub to a click group."""
    for name, module, help_line in COMMANDS:
        group.add_command(LazyCommand(name, module, help_line))
