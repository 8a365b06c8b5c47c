"""Who may go through which door, and what they meet there: written by hand, apart from hub/access/policy.py.

Every row is read as a sentence: this door lets in these roles (on the API with this scope), and those whom it lets in meet
this status, by how they stand to the thing they name:

own          it is theirs, or they are the side whose turn it is
counterpart  they are the other side of it
gone         they were a side of it, until it ended or its person withdrew
other        it is there, and others' only
mixed        one part of it is theirs, and one is others'
absent       it is not there at all
"""

from dataclasses import dataclass
from typing import Final

LETTERS: Final = {
    "s": "system",
    "c": "coordinator",
    "a": "organisation_admin",
    "u": "auditor",
    "o": "operator",
    "m": "mentee",
}
PEOPLE: Final = "cauo"
ADMITTED: Final = frozenset({200, 303, 400, 401, 409, 422})
"""Statuses of one's own account: what a form without content meets there is tested with the account."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One door. ``fill`` is the word that stands for a choice in the address; ``answers`` maps relations to statuses."""

    door: str
    operation: str
    roles: str
    scope: str | None
    thing: str
    answers: dict[str, int]
    fill: str = ""

    @property
    def method(self) -> str:
        return self.door.partition(" ")[0]

    @property
    def rule(self) -> str:
        return self.door.partition(" ")[2]

    @property
    def on_the_api(self) -> bool:
        return self.rule.startswith("/api/")

    @property
    def own_account(self) -> bool:
        return self.operation == "account.keep"

    def __str__(self) -> str:
        return f"{self.method} {self.rule} {self.fill}".strip()


def _answers(text: str) -> dict[str, int]:
    return {relation: int(status) for relation, status in (word.split("=") for word in text.split())}


def api(door: str, operation: str, scope: str, thing: str = "", answers: str = "own=200") -> Row:
    """A door for systems: all of them with the scope, and nobody else."""
    method, _, path = door.partition(" ")
    return Row(f"{method} /api/v1{path}", operation, "s", scope, thing, _answers(answers))


def page(door: str, operation: str, roles: str, thing: str = "", answers: str = "own=200", *, fill: str = "") -> Row:
    """A door for people."""
    return Row(door, operation, roles, None, thing, _answers(answers), fill)


READ = "own=200 counterpart=200 gone=200 other=404 absent=404"
MOVE = "own=200 counterpart=200 gone=409 other=404 absent=404"
ONE_SIDE = "own=200 counterpart=404 gone=409 other=404 absent=404"
SPOKEN = "own=200 counterpart=200 gone=404 other=404 absent=404"
OWN = "own=200 gone=404 other=404 absent=404"
GIVEN = "own=204 gone=404 other=404 absent=404"
DONE = "own=303 gone=404 other=404 absent=404"
MOVED = "own=303 counterpart=303 gone=409 other=404 absent=404"
ASKED = MOVE.replace("counterpart=200", "counterpart=409")
A_GATHERING = "/gatherings/<name:gathering>"
A_PROPOSAL = "/proposals/<name:proposal>"
A_PARTNERSHIP = "/partnerships/<name:partnership>"
# To an operator the colleague of the matrix is an administrator, and the other organisation's is none.
A_COLLEAGUE = "GET /colleagues/<colleague_id>"
ITS = "POST /colleagues/<colleague_id>"
AN_INTRODUCTION = "/introductions/<name:proposal>"
GATHERED = "/gathering-introductions/<name:gathering>/<name:organisation>"
OWN_SIDE = "own=200 counterpart=404 gone=404 other=404 absent=404"
API: Final = (
    api("GET /profiles", "profile.read", "profiles:read"),
    api("GET /profiles/<name:pseudonym>", "profile.read", "profiles:read", "person", OWN),
    # A pseudonym is its owner's: the same one elsewhere is somebody else, so pushing it makes a person of one's own.
    api(
        "PUT /profiles/<name:pseudonym>",
        "profile.share",
        "profiles:write",
        "person",
        "own=200 gone=409 other=201 absent=201",
    ),
    api(
        "DELETE /profiles/<name:pseudonym>",
        "profile.withdraw",
        "profiles:write",
        "person",
        "own=204 gone=404 other=404 absent=404",
    ),
    api("POST /profiles/bulk", "profile.share", "profiles:write"),
    api(
        "PUT /profiles/<name:pseudonym>/linkage",
        "linkage.send",
        "profiles:write",
        "person",
        "own=204 gone=404 other=404 absent=404",
    ),
    api("GET /duplicates", "duplicate.read", "profiles:read"),
    api("POST /duplicates/<name:duplicate>/confirm", "duplicate.decide", "profiles:write", "duplicate", SPOKEN),
    api("POST /duplicates/<name:duplicate>/reject", "duplicate.decide", "profiles:write", "duplicate", SPOKEN),
    api("GET /pool", "pool.search", "pool:search"),
    api("GET /mentees/<name:pseudonym>/recommendations", "recommendation.read", "matching:read", "person", OWN),
    api("GET /mentees/<name:pseudonym>/pathway", "pathway.read", "matching:read", "person", OWN),
    api("GET /mentees/<name:pseudonym>/wishes", "recommendation.read", "matching:read", "person", OWN),
    api(
        "POST /mentees/<name:pseudonym>/wishes",
        "proposal.make",
        "proposals:write",
        "pair",
        "own=201 other=404 mixed=404 absent=404",
    ),
    api("DELETE /wishes/<name:wish>", "proposal.make", "proposals:write", "wished", "own=204 other=404 absent=404"),
    api("GET /groups", "recommendation.read", "matching:read"),
    api("GET /peers/pairs", "peer.read", "matching:read"),
    api("GET /peers/circles", "peer.read", "matching:read"),
    api("POST /proposals", "proposal.make", "proposals:write", "pair", "own=201 other=404 mixed=404 absent=404"),
    api("GET /proposals", "proposal.read", "proposals:read"),
    api(f"GET {A_PROPOSAL}", "proposal.read", "proposals:read", "proposal", READ),
    api(f"POST {A_PROPOSAL}/accept", "proposal.decide", "proposals:write", "proposal", MOVE),
    api(f"POST {A_PROPOSAL}/decline", "proposal.decide", "proposals:write", "proposal", MOVE),
    api(f"POST {A_PROPOSAL}/withdraw", "proposal.decide", "proposals:write", "proposal", MOVE),
    api("GET /partnerships", "partnership.read", "proposals:read"),
    api(f"GET {A_PARTNERSHIP}", "partnership.read", "proposals:read", "partnership", READ),
    api(f"POST {A_PARTNERSHIP}/complete", "partnership.end", "proposals:write", "partnership", MOVE),
    api(f"POST {A_PARTNERSHIP}/end", "partnership.end", "proposals:write", "partnership", MOVE),
    # A handle of somebody else's suggestion, a changed one and an invented one look the same: look again.
    api(
        "POST /gatherings",
        "gathering.make",
        "proposals:write",
        "suggestion",
        "own=201 other=409 mixed=409 absent=409",
    ),
    api("GET /gatherings", "gathering.read", "proposals:read"),
    api(f"GET {A_GATHERING}", "gathering.read", "proposals:read", "gathering", READ),
    api(f"POST {A_GATHERING}/accept", "gathering.decide", "proposals:write", "gathering", ASKED),
    api(f"POST {A_GATHERING}/decline", "gathering.decide", "proposals:write", "gathering", ASKED),
    api(f"POST {A_GATHERING}/withdraw", "gathering.decide", "proposals:write", "asked gathering", ASKED),
    api(f"POST {A_GATHERING}/leave", "gathering.decide", "proposals:write", "agreed gathering", MOVE),
    api(f"POST {A_GATHERING}/end", "gathering.decide", "proposals:write", "agreed gathering", MOVE),
    api(f"GET {A_GATHERING}/question", "gathering.read", "proposals:read", "gathering", READ),
    api(f"POST {A_GATHERING}/sign", "gathering.decide", "proposals:write", "gathering", MOVE),
    api("PUT /keys", "key.publish", "introductions:write", "statement", "own=201 other=409"),
    api("GET /organisations", "organisation.read", "organisations:read"),
    # Who published no key and who is no member look the same.
    api(
        "GET /organisations/<name:organisation>/keys",
        "organisation.read",
        "organisations:read",
        "organisation",
        "own=200 other=200 absent=200",
    ),
    api("GET /sharing", "sharing.read", "organisations:read"),
    api("PUT /sharing", "sharing.change", "organisations:write"),
    api(
        "POST /sharing/agreements/<name:agreement>/withdraw", "sharing.change", "organisations:write", "agreement", MOVE
    ),
    api("GET /introductions", "introduction.read", "introductions:read"),
    api(f"PUT {AN_INTRODUCTION}/envelope", "introduction.seal", "introductions:write", "due", ONE_SIDE),
    api(f"GET {AN_INTRODUCTION}/envelope", "introduction.open", "introductions:read", "sealed", ONE_SIDE),
    # Past the door its receipt is looked at, and nobody here has published the key it would be signed with.
    api(
        f"POST {AN_INTRODUCTION}/acknowledge",
        "introduction.acknowledge",
        "introductions:write",
        "delivered",
        ONE_SIDE.replace("own=200", "own=409"),
    ),
    api("GET /gathering-introductions", "introduction.read", "introductions:read"),
    # By the other organisation in it: one's own names nothing, and so does one that one does not meet there.
    api(f"PUT {GATHERED}/envelope", "introduction.seal", "introductions:write", "due there", OWN_SIDE),
    api(f"GET {GATHERED}/envelope", "introduction.open", "introductions:read", "delivered there", OWN_SIDE),
    api(
        f"POST {GATHERED}/acknowledge",
        "introduction.acknowledge",
        "introductions:write",
        "delivered there",
        OWN_SIDE.replace("own=200", "own=409"),
    ),
    api("GET /withdrawals", "withdrawal.read", "introductions:read"),
    api(
        "POST /withdrawals/<name:notice>/acknowledge",
        "withdrawal.confirm",
        "introductions:write",
        "notice",
        "own=200 counterpart=404 other=404 absent=404",
    ),
    api("GET /programs", "program.read", "programs:read"),
    api("GET /programs/<name:program>", "program.read", "programs:read", "program", "own=200 absent=404"),
    api("POST /referrals", "referral.send", "referrals:write", "person", "own=201 gone=404 other=404 absent=404"),
    api("GET /referrals", "referral.read", "referrals:read"),
    api("GET /referrals/<name:referral>", "referral.read", "referrals:read", "referral", READ),
    api("POST /referrals/<name:referral>/events", "referral.record", "referrals:write", "referral", MOVE),
    api("GET /rounds", "round.read", "matching:read"),
    api("GET /rounds/<name:round_id>", "round.read", "matching:read", "round", "own=200 absent=404"),
    api("GET /rounds/<name:round_id>/repair", "round.read", "matching:read", "round", "own=200 gone=409 absent=404"),
    api(
        "POST /rounds/<name:round_id>/repair",
        "round.repair",
        "proposals:write",
        "repair",
        "own=201 mixed=409 gone=409 absent=404",
    ),
    api("GET /events", "event.read", "events:read"),
    api("GET /audit", "audit.read", "audit:read"),
    api("GET /audit/head", "audit.read", "audit:read"),
    api("GET /audit/shown", "exposure.read", "profiles:read"),
)
PAGES: Final = (
    page("GET /", "home.read", "cauo"),
    page("GET /mentees", "profile.read", "ca"),
    page("GET /mentees/<pseudonym>", "recommendation.read", "ca", "person", OWN),
    page("POST /mentees/<pseudonym>/propose", "proposal.make", "ca", "pair", "own=303 other=404 mixed=404 absent=404"),
    page(
        "POST /mentees/<pseudonym>/<any(pin, forbid):kind>",
        "proposal.make",
        "ca",
        "pair",
        "own=303 other=404 mixed=404 absent=404",
        fill="pin",
    ),
    page(
        "POST /mentees/<pseudonym>/<any(pin, forbid):kind>",
        "proposal.make",
        "ca",
        "pair",
        "own=303 other=404 mixed=404 absent=404",
        fill="forbid",
    ),
    page("POST /mentees/<pseudonym>/take-back", "proposal.make", "ca", "wish", "own=303 other=404 absent=404"),
    page("POST /mentees/<pseudonym>/refer", "referral.send", "ca", "person", DONE),
    page("POST /mentees/<pseudonym>/link", "mentee_link.issue", "ca", "person", OWN),
    page("GET /groups", "recommendation.read", "ca"),
    page("GET /peers", "peer.read", "ca"),
    page("GET /pool", "pool.search", "ca"),
    page("GET /proposals", "proposal.read", "cau"),
    page("GET /proposals/<proposal_id>", "proposal.read", "cau", "proposal", READ),
    *(
        page(
            "POST /proposals/<proposal_id>/<any(accept, decline, withdraw):move>",
            "proposal.decide",
            "ca",
            "proposal",
            MOVED,
            fill=move,
        )
        for move in ("accept", "decline", "withdraw")
    ),
    page("GET /partnerships", "partnership.read", "cau"),
    page("GET /partnerships/<partnership_id>", "partnership.read", "cau", "partnership", READ),
    *(
        page(
            "POST /partnerships/<partnership_id>/<any(complete, end):move>",
            "partnership.end",
            "ca",
            "partnership",
            MOVED,
            fill=move,
        )
        for move in ("complete", "end")
    ),
    page("GET /gatherings", "gathering.read", "cau"),
    page("GET /gatherings/<gathering_id>", "gathering.read", "cau", "gathering", READ),
    page(
        "POST /gatherings",
        "gathering.make",
        "ca",
        "suggestion",
        "own=303 other=409 mixed=409 absent=409",
    ),
    *(
        page(
            "POST /gatherings/<gathering_id>/<any(accept, decline, withdraw, leave, end):move>",
            "gathering.decide",
            "ca",
            thing,
            MOVED if move in {"leave", "end"} else MOVED.replace("counterpart=303", "counterpart=409"),
            fill=move,
        )
        for move, thing in (
            ("accept", "gathering"),
            ("decline", "gathering"),
            ("withdraw", "asked gathering"),
            ("leave", "agreed gathering"),
            ("end", "agreed gathering"),
        )
    ),
    page("GET /duplicates", "duplicate.read", "ca"),
    *(
        page(
            "POST /duplicates/<duplicate_id>/<any(confirm, reject):move>",
            "duplicate.decide",
            "ca",
            "duplicate",
            "own=303 counterpart=303 gone=404 other=404 absent=404",
            fill=move,
        )
        for move in ("confirm", "reject")
    ),
    page(
        "POST /withdrawals/<notice_id>/acknowledge",
        "withdrawal.confirm",
        "ca",
        "notice",
        "own=303 other=404 absent=404",
    ),
    page("GET /referrals", "referral.read", "cau"),
    page("GET /referrals/<referral_id>", "referral.read", "cau", "referral", READ),
    page("POST /referrals/<referral_id>/events", "referral.record", "ca", "referral", MOVED),
    page("GET /programs", "program.read", "cauo"),
    page("GET /rounds", "round.read", "cau"),
    page("GET /rounds/<round_id>", "round.read", "cau", "round", "own=200 absent=404"),
    page("GET /rounds/<round_id>/repair", "round.read", "cau", "round", "own=200 gone=409 absent=404"),
    page(
        "POST /rounds/<round_id>/repair",
        "round.repair",
        "ca",
        "repair",
        "own=303 mixed=409 gone=409 absent=404",
    ),
    page("GET /hub/rounds", "round.watch", "o"),
    page("GET /hub/rounds/<round_id>", "round.watch", "o", "round", "own=200 gone=200 absent=404"),
    page("GET /hub/rounds/<round_id>/repair", "round.watch", "o", "round", "own=200 gone=409 absent=404"),
    page("GET /network", "network.read", "cau"),
    page("GET /sharing", "sharing.read", "cau"),
    page("POST /sharing", "sharing.change", "a", "days", "own=303"),
    page("POST /sharing/agreements/<agreement_id>/withdraw", "sharing.change", "a", "agreement", MOVED),
    page("GET /audit", "audit.read", "au"),
    page("GET /colleagues", "coordinator.read", "ao"),
    page("POST /colleagues", "coordinator.invite", "ao", "newcomer"),
    page(A_COLLEAGUE, "coordinator.read", "ao", "colleague", "own=200 other=404 absent=404"),
    page(f"{ITS}/confirm", "coordinator.confirm", "ao", "colleague", "own=303 other=404 absent=404"),
    page(f"{ITS}/invitation", "coordinator.invite", "ao", "colleague", "own=200 other=404 absent=404"),
    page(f"{ITS}/role", "coordinator.change", "a", "colleague", "own=303 other=404 absent=404"),
    page(f"{ITS}/end", "coordinator.end", "ao", "colleague", "own=303 other=404 absent=404"),
    page("GET /account", "account.keep", "cauo"),
    page("GET /account/app", "account.keep", "cauo"),
    page("POST /account/app", "account.keep", "cauo"),
    page("POST /account/app/confirm", "account.keep", "cauo"),
    page("POST /account/app/remove", "account.keep", "cauo"),
    page("POST /account/codes", "account.keep", "cauo"),
    page("GET /account/confirm", "account.keep", "cauo"),
    page("POST /account/confirm", "account.keep", "cauo"),
    page("POST /account/confirm/passkey", "account.keep", "cauo"),
    page("POST /account/confirm/provider", "account.keep", "cauo"),
    page("POST /account/passkeys", "account.keep", "cauo"),
    page(
        "POST /account/passkeys/<passkey_id>/remove", "account.keep", "cauo", "passkey", "own=303 other=404 absent=404"
    ),
    page("POST /account/password", "account.keep", "cauo"),
    page("POST /account/provider", "account.keep", "cauo"),
    page("POST /account/provider/remove", "account.keep", "cauo"),
    page("POST /account/sessions/end", "account.keep", "cauo"),
)
ROWS: Final = (*API, *PAGES)
# A mentee's own pages know a session of her link and nobody else, whoever asks: see test_mentee_links.py of the pages.
HERS: Final = {
    "GET /m": "mentee_page.read",
    "GET /m/stop": "mentee_page.read",
    "POST /m/proposals/<proposal_id>": "mentee_word.say",
    "POST /m/stop": "consent.withdraw",
}
PUBLIC: Final = frozenset(
    {
        "GET /.well-known/oauth-authorization-server",
        "GET /.well-known/oauth-protected-resource",
        "GET /about",
        "GET /api/v1/docs",
        "GET /api/v1/docs/<name>",
        "GET /api/v1/openapi.json",
        "GET /healthz",
        "GET /language/<any(en, fr):code>",
        "GET /m/<capability>",
        "GET /metrics",
        "GET /readyz",
        "GET /sign-in",
        "GET /sign-in/code",
        "GET /sign-in/invitation/<secret>",
        "GET /sign-in/joined",
        "GET /sign-in/organisation/<organisation_id>/return",
        "GET /static/<path:filename>",
        "GET /static/bootstrap/<path:filename>",
        "POST /m/<capability>",
        "POST /m/leave",
        "POST /oauth/clients",
        "POST /oauth/clients/keys",
        "POST /oauth/introspect",
        "POST /oauth/revoke",
        "POST /oauth/token",
        "POST /sign-in",
        "POST /sign-in/code",
        "POST /sign-in/invitation/<secret>",
        "POST /sign-in/invitation/<secret>/app",
        "POST /sign-in/invitation/<secret>/passkey",
        "POST /sign-in/invitation/<secret>/provider",
        "POST /sign-in/organisation",
        "POST /sign-in/passkey",
        "POST /sign-out",
    }
)
# What each operation means for each role, also where no door asks today; ``*``: also for who belongs to no organisation,
# and ``+``: of those for operators alone.
OPERATIONS: Final[dict[str, tuple[str, str | None]]] = {
    "profile.share": ("sca", "profiles:write"),
    "profile.read": ("sca", "profiles:read"),
    "profile.withdraw": ("sca", "profiles:write"),
    "linkage.send": ("s", "profiles:write"),
    "duplicate.read": ("sca", "profiles:read"),
    "duplicate.decide": ("sca", "profiles:write"),
    "pool.search": ("sca", "pool:search"),
    "recommendation.read": ("sca", "matching:read"),
    "peer.read": ("sca", "matching:read"),
    "pathway.read": ("sca", "matching:read"),
    "proposal.make": ("sca", "proposals:write"),
    "proposal.read": ("scau", "proposals:read"),
    "proposal.decide": ("sca", "proposals:write"),
    "partnership.read": ("scau", "proposals:read"),
    "partnership.end": ("sca", "proposals:write"),
    "gathering.make": ("sca", "proposals:write"),
    "gathering.read": ("scau", "proposals:read"),
    "gathering.decide": ("sca", "proposals:write"),
    "key.publish": ("s", "introductions:write"),
    "organisation.read": ("scauo*", "organisations:read"),
    "sharing.read": ("scau", "organisations:read"),
    "sharing.change": ("sa", "organisations:write"),
    "introduction.read": ("scau", "introductions:read"),
    "introduction.seal": ("s", "introductions:write"),
    "introduction.open": ("s", "introductions:read"),
    "introduction.acknowledge": ("s", "introductions:write"),
    "withdrawal.read": ("scau", "introductions:read"),
    "withdrawal.confirm": ("sca", "introductions:write"),
    "program.read": ("scauo*", "programs:read"),
    "referral.send": ("sca", "referrals:write"),
    "referral.read": ("scau", "referrals:read"),
    "referral.record": ("sca", "referrals:write"),
    "round.read": ("scau", "matching:read"),
    "round.repair": ("sca", "proposals:write"),
    "round.watch": ("o*", None),
    "network.read": ("cau", None),
    "event.read": ("s", "events:read"),
    "home.read": ("cauo*", None),
    "account.keep": ("cauo*", None),
    "exposure.read": ("scau", "profiles:read"),
    "audit.read": ("sau", "audit:read"),
    "coordinator.read": ("ao+", None),
    "coordinator.invite": ("ao+", None),
    "coordinator.confirm": ("ao+", None),
    "coordinator.change": ("a", None),
    "coordinator.end": ("ao+", None),
    "mentee_link.issue": ("ca", None),
    "mentee_page.read": ("m*", None),
    "mentee_word.say": ("m*", None),
    "consent.withdraw": ("m*", None),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One request: who asks through which door for what, and what the oracle says they meet.

    ``role`` is a role, ``nobody``, or ``system_without_scope``; ``expected`` a status, or those of one's own account.
    """

    row: Row
    role: str
    relation: str
    expected: frozenset[int]

    def __str__(self) -> str:
        return f"{self.row} by {self.role}: {self.relation}"


def cells(row: Row) -> list[Cell]:
    """Every request of a row: each role in each relation, through the right door and the wrong one."""
    return _api_cells(row) if row.on_the_api else _page_cells(row)


def _api_cells(row: Row) -> list[Cell]:
    asked = [(("system", relation), status) for relation, status in row.answers.items()]
    asked += [(("system_without_scope", relation), 403) for relation in row.answers]
    asked += [(("system", "suspended"), 403), (("nobody", "own"), 401)]
    asked += [((LETTERS[letter], "own"), 401) for letter in PEOPLE]
    return [Cell(row, role, relation, frozenset({status})) for (role, relation), status in asked]


def _page_cells(row: Row) -> list[Cell]:
    asked: list[tuple[str, str, frozenset[int]]] = []
    for letter in PEOPLE:
        role = LETTERS[letter]
        for relation, status in row.answers.items():
            admitted = ADMITTED if row.own_account and relation == "own" else frozenset({status})
            asked.append((role, relation, admitted if letter in row.roles else frozenset({403})))
        if letter != "o":
            asked.append((role, "suspended", frozenset({403})))
    outside = frozenset({303 if row.method == "GET" else 401})
    asked += [("nobody", "own", outside), ("system", "own", outside)]
    return [Cell(row, role, relation, expected) for role, relation, expected in asked]
