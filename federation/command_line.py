"""``passerelle``: one command. The connector's part is always there; the hub's joins when its packages are installed."""

from importlib.metadata import entry_points
from importlib.util import find_spec

import click

from federation.connector.commands import connector
from federation.operator_commands import operator_key

GROUP = "passerelle.commands"
# One package that only the hub needs: when it is absent, so is the hub.
NEEDED = "flask"
HINT = "The hub's commands (serve, demo, db, ...) come with: pip install 'passerelle[hub]'"


def build() -> click.Group:
    """Return the command group with everything that this installation can run."""

    @click.group(epilog=None if hub_is_installed() else HINT)
    def passerelle() -> None:
        """Share de-identified mentor pools, and find the best mentor the whole network has."""

    passerelle.add_command(connector)
    passerelle.add_command(operator_key)
    if hub_is_installed():
        for entry in entry_points(group=GROUP):
            entry.load()(passerelle)
    return passerelle


def hub_is_installed() -> bool:
    """Whether the hub's packages are here."""
    try:
        return find_spec(NEEDED) is not None
    except ModuleNotFoundError:
        return False


def main() -> None:
    """Run the command line."""
    build()()


if __name__ == "__main__":
    main()
