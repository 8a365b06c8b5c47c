"""Where a person may go: the pages of the menu that their role opens."""

from typing import Final

from flask_babel import gettext

from hub.access.policy import Operation, allows
from hub.services.coordinators import SignedIn


def _(text: str) -> str:
    """Mark a text for translation; it is translated when it is shown."""
    return text


MENU: Final = (
    ("/", _("Inbox"), Operation.HOME_READ),
    ("/mentees", _("Mentees"), Operation.PROFILE_READ),
    ("/groups", _("Groups"), Operation.RECOMMENDATION_READ),
    ("/peers", _("Peers"), Operation.PEER_READ),
    ("/gatherings", _("Gatherings"), Operation.GATHERING_READ),
    ("/pool", _("Pool"), Operation.POOL_SEARCH),
    ("/proposals", _("Proposals"), Operation.PROPOSAL_READ),
    ("/partnerships", _("Partnerships"), Operation.PARTNERSHIP_READ),
    ("/duplicates", _("Duplicates"), Operation.DUPLICATE_READ),
    ("/referrals", _("Referrals"), Operation.REFERRAL_READ),
    ("/programs", _("Programs"), Operation.PROGRAM_READ),
    ("/rounds", _("Rounds"), Operation.ROUND_READ),
    ("/hub/rounds", _("Rounds"), Operation.ROUND_WATCH),
    ("/network", _("Network"), Operation.NETWORK_READ),
    ("/sharing", _("Sharing"), Operation.SHARING_READ),
    ("/audit", _("Audit log"), Operation.AUDIT_READ),
    ("/colleagues", _("Colleagues"), Operation.COORDINATOR_READ),
)
# The same address shows operators something else.
OPERATORS: Final = {"/": _("The hub"), "/colleagues": _("Administrators")}


def menu_of(person: SignedIn | None) -> list[tuple[str, str]]:
    """Return address and name of each page the person may open, in the language of the page."""
    if person is None:
        return []
    theirs = OPERATORS if person.actor.role == "operator" else {}
    offered = [(address, name) for address, name, operation in MENU if allows(operation, person.actor)]
    return [(address, gettext(theirs.get(address, name))) for address, name in offered]
