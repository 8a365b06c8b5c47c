"""States, sides, bands and kinds in words people use. The keys are codes; the values are message ids (English)."""

from collections.abc import Mapping
from typing import Final


def _(text: str) -> str:
    """Mark a text for translation; it is translated when it is shown."""
    return text


WORDS: Final[Mapping[str, str]] = {
    "proposed": _("proposed"),
    "agreed": _("agreed"),
    "declined": _("declined"),
    "withdrawn": _("withdrawn"),
    "expired": _("expired"),
    "superseded": _("superseded"),
    "waiting": _("waiting"),
    "accepted": _("accepted"),
    "drafted": _("draft"),
    "published": _("published"),
    "sent": _("sent"),
    "received": _("received"),
    "waitlisted": _("on the waiting list"),
    "scheduled": _("scheduled"),
    "attended": _("attended"),
    "no_show": _("did not come"),
    "in_service": _("in service"),
    "completed": _("completed"),
    "discontinued": _("discontinued"),
    "unreachable": _("unreachable"),
    "reopened": _("reopened"),
    "strong": _("strong fit"),
    "good": _("good fit"),
    "possible": _("possible fit"),
    "occupation": _("Occupation"),
    "culture": _("Culture"),
    "interests": _("Interests"),
    "way_of_working": _("Way of working"),
    "goals": _("Goals"),
    "language": _("Language"),
    "place": _("Place"),
    "experience": _("Experience"),
    "availability": _("Availability"),
    "credential": _("Certification"),
    "mentor": _("Mentor"),
    "mentee": _("Mentee"),
    "both": _("both"),
    "due": _("to be sealed"),
    "sealed": _("sealed"),
    "delivered": _("delivered"),
    "acknowledged": _("opened and confirmed"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "agency": _("Agency"),
    "pin": _("Professional immigrant network"),
    "council": _("Employment council"),
    "provider": _("Program provider"),
    "partner": _("Partner"),
    "most_mentees": _("most mentees placed"),
    "total_fit": _("greatest total fit"),
    "no_guarantee": _("no promise to anyone"),
    "even_balance": _("nobody gives more than it gets"),
}
