"""The picture of the network, with the table beside it."""

from flask import render_template

from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.services import network as service


@pages.get("/network")
@requires(Operation.NETWORK_READ)
def show_network() -> str:
    """Show who helps whom and where people wait."""
    with database().reading() as session:
        found = service.picture(session, current_actor(), settings())
    where = {node.id: node for node in found.nodes}
    return render_template("network/show.html", network=found, where=where)
