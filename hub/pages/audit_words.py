"""Entries of the audit log in words: what was touched, and what was done. Message ids (English), translated when shown."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext

from federation.problems import REGISTRY
from hub.pages.writing import locale


def _(text: str) -> str:
    """Mark a text for translation; it is translated when it is shown."""
    return text


NOUNS: Final[Mapping[str, str]] = {
    "account": _("Own account"),
    "agreement": _("Sharing agreement"),
    "alert": _("Alert"),
    "audit": _("Audit log"),
    "client": _("Your system"),
    "consent": _("Consent"),
    "coordinator": _("Colleague's account"),
    "duplicate": _("Possible duplicate"),
    "epoch": _("Browsable pool"),
    "event": _("Event feed"),
    "exposure": _("Mentors shown"),
    "factor": _("Second factor"),
    "gathering": _("Group, pair or circle"),
    "group": _("Groups"),
    "home": _("First page"),
    "introduction": _("Sealed introduction"),
    "key": _("Organisation's keys"),
    "linkage": _("Keyed tokens"),
    "mentee_link": _("Mentee's link"),
    "mentee_page": _("Mentee's page"),
    "mentee_word": _("Mentee's answer"),
    "network": _("Network"),
    "organisation": _("Organisation"),
    "partnership": _("Partnership"),
    "password": _("Password"),
    "pathway": _("Pathway"),
    "peer": _("Peers"),
    "pool": _("Pool"),
    "profile": _("Person"),
    "program": _("Program"),
    "proposal": _("Proposal"),
    "provider": _("Organisation's sign-in"),
    "recommendation": _("Recommendations"),
    "referral": _("Referral"),
    "round": _("Matching round"),
    "session": _("Session"),
    "sharing": _("Sharing"),
    "token": _("Access token"),
    "withdrawal": _("Notice of a withdrawal"),
}
ACTS: Final[Mapping[str, str]] = {
    "accepted": _("saying yes"),
    "acknowledge": _("confirming receipt"),
    "acknowledged": _("confirming receipt"),
    "add": _("adding"),
    "agreed": _("both said yes"),
    "attended": _("coming"),
    "bind": _("binding an account"),
    "change": _("changing"),
    "close": _("closing"),
    "code": _("typing the digits"),
    "codes": _("new recovery codes"),
    "completed": _("completing"),
    "confirm": _("confirming"),
    "decide": _("deciding"),
    "copies": _("a mentor's codes copied"),
    "declined": _("saying no"),
    "delivered": _("handing over"),
    "discontinued": _("stopping early"),
    "end": _("ending the access"),
    "ended": _("many proposals in vain"),
    "ended_early": _("ending early"),
    "enrol": _("registering"),
    "find": _("finding"),
    "forbid": _("ruling a pair out"),
    "gathering.agreed": _("everybody said yes"),
    "gathering.ended": _("ending"),
    "gathering.left": _("leaving"),
    "import": _("importing"),
    "introspect": _("checking"),
    "in_service": _("beginning of the service"),
    "invite": _("inviting"),
    "issue": _("issuing"),
    "join": _("taking an invitation up"),
    "keep": _("keeping"),
    "keys": _("new keys"),
    "leave": _("leaving"),
    "list": _("showing mentors"),
    "local_first": _("looking near first"),
    "make": _("proposing"),
    "many_mentors": _("very many mentors shown"),
    "near_copies": _("a mentor's occupation and place copied"),
    "no": _("saying no"),
    "no_show": _("not coming"),
    "one_mentee": _("one mentee again and again"),
    "one_mentor": _("one mentor again and again"),
    "open": _("opening"),
    "partnership.end": _("ending"),
    "permit": _("allowing to register"),
    "pin": _("asking for a pair"),
    "proposed": _("proposing"),
    "publish": _("publishing"),
    "read": _("reading"),
    "received": _("receiving"),
    "record": _("recording a fact"),
    "reinstate": _("letting in again"),
    "reject": _("telling apart"),
    "remove": _("removing"),
    "renew": _("showing mentors for a changed mentee"),
    "reopened": _("opening again"),
    "repair": _("repairing"),
    "replaced": _("replacing"),
    "reset": _("starting over"),
    "revoke": _("ending"),
    "run": _("solving"),
    "say": _("answering"),
    "scheduled": _("making an appointment"),
    "seal": _("sealing"),
    "sealed": _("sealing"),
    "search": _("searching"),
    "send": _("sending"),
    "sent": _("sending"),
    "set": _("setting up"),
    "share": _("sharing"),
    "shared": _("sharing"),
    "signed": _("signing a yes"),
    "suspend": _("suspending"),
    "unbind": _("letting an account go"),
    "unreachable": _("not reaching the person"),
    "waitlisted": _("putting on the waiting list"),
    "watch": _("watching"),
    "wish_taken_back": _("taking a wish back"),
    "withdraw": _("withdrawing"),
    "withdrawn": _("withdrawing"),
    "yes": _("saying yes"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "done": _("done"),
    "refused": _("refused"),
    "everywhere": _("done on every device"),
}


def deed(operation: str) -> str:
    """Return an operation in the language of the page; a newer one as its code, rather than no page."""
    noun, verb = operation.split(".", 1) if "." in operation else (operation, "")
    act = ACTS.get(operation, ACTS.get(verb))
    if noun not in NOUNS or act is None:
        return operation
    return f"{gettext(NOUNS[noun])} – {gettext(act)}"


def outcome(code: str) -> str:
    """Return how it ended, in the language of the page."""
    if code in OUTCOMES:
        return str(gettext(OUTCOMES[code]))
    if code not in REGISTRY:
        return code
    return REGISTRY[code].title_fr if locale() == "fr" else REGISTRY[code].title_en
