"""Refusals in words for people: what happened, and what to do next. Message ids (English), translated when shown.

Services and access refuse in English, for systems. What people can meet on a page is said here in both languages: a sentence
of theirs word for word where it helps a person, else one for the kind of refusal.
"""

from collections.abc import Mapping
from typing import Final


def _(text: str) -> str:
    """Mark a text for translation; it is translated when it is shown."""
    return text


SEND_AGAIN: Final = _("Go back, load the page again and send the form once more: nothing was changed.")
NOWHERE: Final = _("Check the address; what belongs to other organisations looks the same as what does not exist.")
CHOOSE_REASON: Final = _("Choose a reason from the list.")
UNKNOWN_CODE: Final = _("This search asks for a code that does not exist. Search again by its name.")
TRY_CODE: Final = _("This code does not fit: type the one the app shows now.")
TRY_PASSKEY: Final = _("The passkey could not be set up: try again.")
NO_PROVIDER: Final = _(
    "No sign-in of an organisation is known under this short name. Check it with your administrator, or sign in another way."
)
NOT_SIGNED_IN: Final = _("Your organisation did not sign you in. Try again, or sign in another way.")
UNREACHABLE: Final = _(
    "Your organisation's sign-in does not answer now. Try again in a few minutes, or sign in another way."
)

# As services and access say them (tests compare).
DETAILS: Final = frozenset(
    {
        SEND_AGAIN,
        CHOOSE_REASON,
        UNKNOWN_CODE,
        TRY_CODE,
        TRY_PASSKEY,
        _("This account, or this sign-in, is bound already: unbind it first."),
        _("This account is not of the organisation whose provider this is."),
        _("Check the user name, the password and the code, then try again."),
        _("Choose a password of 12 to 256 characters."),
        _("Type the new password twice the same."),
        _("Set up the authenticator app first."),
        _("Set up an authenticator app or a passkey first."),
        _("Remove a passkey first: ten are enough for one account."),
        _("There is no such passkey, or it was already removed."),
        _("Choose an organisation from the list."),
        _("Choose a user name of 1 to 39 small letters, digits, full stops and hyphens."),
        _("Choose a role and a language from the lists."),
        _("Choose another user name: this one is taken."),
        _("Ask another administrator: nobody invites themselves."),
        _("Nobody waits to be confirmed here (any more): invite again."),
        _("These are not the digits: ask for them once more, by voice."),
        _("This access was ended: invite again first."),
        _("This access was ended before."),
        _("You are the last administrator: make a colleague one first."),
        _("Ask for recommendations again and use a fresh handle."),
        _("This handle was shown for another mentee: use one shown for this mentee."),
        _("This pair is open already: see the proposal inbox."),
        _("Check the proposal's id in the inbox."),
        _("Check the partnership's id in the list of partnerships."),
        _("Someone ended this partnership meanwhile: read it again."),
        _("Your side has said its word on this pair: read the list again."),
        _("This pair is no longer available: look for another recommendation."),
        _(
            "Your organisation looks near first: take a mentor of the province, or wait until the mentee's days are over."
        ),
        _("A whole number of days from 0 (off) to 90."),
        _("This agreement ended before: nothing is matched under it."),
        _("Look at your agreements again: this one is not among them."),
        _("This suggestion changed since you looked: look again, then propose what you see."),
        _("Someone moved this meanwhile: read it again."),
        _("Your organisation left this: its people are in it no more, and nothing is left to decide."),
        _("Somebody in it is no longer available: look for another suggestion."),
        _("The mentor's last seat is taken: look for another group."),
        _("Enough was proposed for one of these people this week: wait for answers, or propose again next week."),
        _("Check the id in the list of groups, pairs and circles you were invited to."),
        _("The mentor's last seat is taken: propose the next recommendation."),
        _("This mentee has a mentor already: withdraw this proposal."),
        _("Choose a program of the catalogue; this one is not there (any more)."),
        _("No member answers referrals for this program: phone the provider, note it yourself."),
        _("Share this mentee first, or check the pseudonym."),
        _("Ask the person for consent to referral, then share the profile again with it."),
        _("An open referral to this program stands: see the referral board."),
        _("Check the referral's id on the referral board."),
        _("Check the round's id on the page of rounds."),
        _("Only a published round can be repaired: nobody is asked by this one."),
        _("The round changed since you looked: look at its repair again, then decide."),
        _("There is nothing to repair here: nobody would be asked."),
        _("This repair would take an organisation below what it has alone: look at the other one."),
        _("Take the earlier wish back first: one mentee is pinned once, one pair wished once."),
        _("This wish was taken back before, or fulfilled."),
        _("Sign in as a member of an organisation: operators do not see people."),
        _("Too many attempts this hour: wait, then try again."),
        _("Sign in, then do it again: nothing was changed."),
        _("Ask the network operator: your organisation's access is suspended."),
        _("Nothing was changed. Try again; if it stays, tell the network operator."),
        _("This week's budget of mentors shown is spent: propose one already shown, or ask again when it renews."),
        _("This link no longer works, or is not whole: ask for a new one."),
        _("This page is closed: ask for a new link."),
        _("Choose an answer, and for a no a reason, then send it again."),
        _("This question is closed: read your page again."),
        _("Start again from your page: this question is not there."),
        _("Enough was proposed for this mentee this week: wait for answers, or propose again next week."),
        NOWHERE,
    }
)

BY_KIND: Final[Mapping[str, str]] = {
    "bad-request": _("What was sent is incomplete or garbled: go back, load the page again and send it once more."),
    "body-too-large": _("Less fits into one form: go back and send less."),
    "budget-spent": _("This week's budget is spent: wait until it renews."),
    "busy": _("Many are writing at this moment. Nothing was changed; try again in a few seconds."),
    "conflict": _("Somebody moved this at the same moment: look at how it stands now."),
    "illegal-move": _(
        "This was moved on already, perhaps by a colleague or in another window: look at how it stands now."
    ),
    "internal": _("Nothing was changed. Try again; if it stays, tell the network operator."),
    "invalid-fields": _("Something is missing or not one of the choices: go back, choose again and send it once more."),
    "method-not-allowed": _("This address only takes a form: start from the inbox."),
    "not-allowed": _("Your role does not include this: ask your organisation's administrator."),
    "not-found": NOWHERE,
    "not-signed-in": _("Sign in, then do it again: nothing was changed."),
    "program-full": _("No intake has a seat left: put the person on the waiting list, or add an intake first."),
    "too-many-requests": _("Wait a minute, then go on."),
}
# A mentee's own pages have neither roles nor an inbox to start from.
OWN_PAGE_BY_KIND: Final[Mapping[str, str]] = {
    "not-allowed": _("This page is closed: ask for a new link."),
    "organisation-suspended": _("This page is closed: ask for a new link."),
    "method-not-allowed": _("This link no longer works, or is not whole: ask for a new one."),
}
CLOSED_TITLE: Final = _("This page is closed")
OTHERWISE: Final = _("This cannot be done as it stands; nothing was changed. Start again from the inbox.")

# Where a system is told about tokens, a person is told about signing in.
TITLES: Final[Mapping[str, str]] = {"not-signed-in": _("You are not signed in (any more)")}
