"""A row of every guarded table for each way an organisation can stand to it; named by how ``a`` does.

``a`` and ``b`` are two organisations, ``c`` a third that has nothing to do with ``a``.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert

from hub.models import Base

NOW, TODAY = datetime(2026, 11, 2, 12, tzinfo=UTC), date(2026, 11, 2)
MENTORS, MENTEES = ("mentor-a", "mentor-b", "mentor-c"), ("mentee-a", "mentee-b", "mentee-c")
LISTS = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals", "strengths", "needs")
Row = dict[str, Any]
RAISED: Row = {"raised_on": TODAY, "raised_at": NOW}


def profile(identifier: str) -> Row:
    kind, _, organisation = identifier.partition("-")
    codes: Row = {name: [] for name in LISTS}
    return codes | {
        "id": identifier, "organisation_id": organisation, "pseudonym": identifier, "kind": kind, "noc": "2130",
        "years_band": "6-10", "region": "AB-835", "readiness": {}, "seats": 2, "taken": 1, "confirmed_on": TODAY,
    }  # fmt: skip


def proposal(identifier: str, mentee: str, mentor: str, state: str = "proposed") -> Row:
    return {
        "id": identifier, "mentee_id": f"mentee-{mentee}", "mentor_id": f"mentor-{mentor}", "state": state,
        "mentee_organisation_id": mentee, "mentor_organisation_id": mentor, "points": 1, "parts": {}, "reasons": {},
        "expires_at": NOW,
    }  # fmt: skip


def duplicate(identifier: str, one: str, other: str) -> Row:
    return {
        "id": identifier, "a_id": f"mentee-{one}", "b_id": f"mentor-{other}", "a_organisation_id": one,
        "b_organisation_id": other, "reference": "r", "weight": 1,
    }  # fmt: skip


def recommendation(handle: str, organisation: str, mentor: str) -> Row:
    return {
        "handle": handle, "organisation_id": organisation, "mentee_id": f"mentee-{organisation}",
        "mentor_id": f"mentor-{mentor}", "points": 1, "parts": {}, "reasons": {}, "card": {}, "expires_at": NOW,
    }  # fmt: skip


def referral(identifier: str, sender: str, receiver: str) -> Row:
    return {
        "id": identifier, "sender_id": sender, "receiver_id": receiver, "mentee_id": f"mentee-{sender}",
        "program_id": "course", "reference": "r",
    }  # fmt: skip


def entry(number: int, organisation: str | None) -> Row:
    return {
        "number": number, "at": NOW, "actor": "x", "organisation_id": organisation, "operation": "x", "subject": "x",
        "outcome": "done", "previous_hash": "0", "entry_hash": str(number),
    }  # fmt: skip


def word(proposal_id: str, mentee: str) -> Row:
    return {"proposal_id": proposal_id, "profile_id": f"mentee-{mentee}", "word": "yes"}


def stand_in(proposal_id: str, mentee: str) -> Row:
    return {"proposal_id": proposal_id, "profile_id": f"mentee-{mentee}", "kind": "free"}


def introduction(proposal_id: str, sender: str, recipient: str) -> Row:
    return {"proposal_id": proposal_id, "sender_id": sender, "recipient_id": recipient, "expires_at": NOW}


def between(gathering_id: str, sender: str, recipient: str) -> Row:
    return {"gathering_id": gathering_id, "sender_id": sender, "recipient_id": recipient, "expires_at": NOW}


def notice(identifier: str, owner: str, told: str) -> Row:
    return {"id": identifier, "owner_id": owner, "told_id": told, "proposals": [], "places": [], "withdrawn_at": NOW}


def consent(profile_id: str) -> Row:
    return {"profile_id": profile_id, "purposes": [], "notice_version": "0", "given_on": TODAY, "until": TODAY}


def gathering(identifier: str, proposer: str) -> Row:
    return {
        "id": identifier, "kind": "pair", "proposer_id": proposer, "waiting": 1, "languages": [], "slots": [],
        "reasons": {}, "expires_at": NOW,
    }  # fmt: skip


def member(gathering_id: str, organisation: str) -> Row:
    return {
        "id": gathering_id + organisation, "gathering_id": gathering_id, "profile_id": f"mentee-{organisation}",
        "organisation_id": organisation, "kind": "pair", "role": "member", "open": False, "points": 1, "card": {},
    }  # fmt: skip


# What the guarded rows stand on; unguarded itself.
GROUND: dict[str, list[Row]] = {
    "organisation": [{"id": one, "name": one, "kind": "agency", "region": "AB"} for one in "abc"],
    "program": [
        {"id": "course", "provider": "b", "names": {}, "description": {}, "requires": {}, "gives": {},
         "languages": [], "source": "tests"},
    ],
    "coordinator": [
        {"id": one, "organisation_id": one, "username": one, "role": "coordinator"} for one in "abc"
    ],
    "round": [
        {"id": "round", "program": "one_to_one", "policy": {}, "digest": "0", "certificate": {}, "insights": {},
         "mentees": 0, "mentors": 0, "pairs": 0, "placed": 0, "placed_across": 0, "points": 0},
    ],
}  # fmt: skip

# Table: relation of ``a`` to the row: the row.
ROWS: dict[str, dict[str, Row]] = {
    "profile": {
        "mine": profile("mentee-a"), "my mentor": profile("mentor-a"), "theirs": profile("mentor-b"),
        "their mentee": profile("mentee-b"), "a stranger's": profile("mentee-c"), "another's": profile("mentor-c"),
    },
    "consent_receipt": {"mine": consent("mentee-a"), "theirs": consent("mentor-b")},
    "tombstone": {
        "mine": {"trace": "a", "organisation_id": "a", "expires_at": NOW},
        "theirs": {"trace": "b", "organisation_id": "b", "expires_at": NOW},
    },
    "linkage_token": {
        "mine": {"profile_id": "mentee-a", "tokens": []},
        "theirs": {"profile_id": "mentor-b", "tokens": []},
    },
    "possible_duplicate": {
        "shared, first": duplicate("ab", "a", "b"), "shared, second": duplicate("ba", "b", "a"),
        "theirs": duplicate("bc", "b", "c"),
    },
    "recommendation": {"mine": recommendation("a", "a", "b"), "theirs, of my mentor": recommendation("b", "b", "a")},
    "exposure": {
        "shown to me": {"id": "a", "viewer_id": "a", "owner_id": "b", "mentor_id": "mentor-b", "shown_at": NOW},
        "of my mentor": {"id": "b", "viewer_id": "b", "owner_id": "a", "mentor_id": "mentor-a", "shown_at": NOW},
        "theirs": {"id": "c", "viewer_id": "b", "owner_id": "c", "mentor_id": "mentor-c", "shown_at": NOW},
    },
    "alert": {
        "raised for me": {"id": "a", "kind": "ended", "viewer_id": "b", "owner_id": "a", **RAISED},
        "raised about me": {"id": "b", "kind": "ended", "viewer_id": "a", "owner_id": "b", **RAISED},
        "theirs": {"id": "c", "kind": "ended", "viewer_id": "b", "owner_id": "c", **RAISED},
    },
    "proposal": {
        "I asked": proposal("ab", "a", "b"), "they asked": proposal("ba", "b", "a"),
        "I asked others": proposal("ac", "a", "c"), "draft": proposal("aa", "a", "a", "drafted"),
        "theirs": proposal("bc", "b", "c"), "their draft": proposal("cb", "c", "b", "drafted"),
    },
    "gathering": {
        "I proposed": gathering("ab", "a"), "I am asked": gathering("ba", "b"), "theirs": gathering("bc", "b"),
    },
    "gathering_party": {
        "mine": {"gathering_id": "ab", "organisation_id": "a"},
        "mine, asked": {"gathering_id": "ba", "organisation_id": "a"},
        "the other's": {"gathering_id": "ab", "organisation_id": "b"},
        "theirs": {"gathering_id": "bc", "organisation_id": "b"},
    },
    "gathering_member": {"mine": member("ab", "a"), "the other's": member("ab", "b"), "theirs": member("bc", "c")},
    "gathering_introduction": {
        "I send": between("ab", "a", "b"), "I open": between("ab", "b", "a"), "theirs": between("bc", "b", "c"),
        "of mine, between others": between("ab", "b", "c"),
    },
    "mentee_link": {
        which: {"profile_id": f"mentee-{one}", "link_hash": one, "code_hash": one, "expires_at": NOW}
        for which, one in (("mine", "a"), ("theirs", "b"))
    },
    "invitation": {
        which: {"coordinator_id": one, "organisation_id": one, "purpose": "join", "link_hash": one, "ends_at": NOW}
        for which, one in (("mine", "a"), ("theirs", "b"))
    },
    "mentee_word": {
        "mine": word("ab", "a"), "theirs, on what they asked me": word("ba", "b"),
        "theirs, on what I asked": word("ac", "b"), "mine, on what they asked": word("bc", "a"),
    },
    "stand_in": {
        "mine": stand_in("ab", "a"), "theirs, on what they asked me": stand_in("ba", "b"), "theirs": stand_in("bc", "b"),
        "mine, of a draft": stand_in("aa", "a"),
    },
    "partnership": {
        "I asked": {"id": "ab", "proposal_id": "ab"}, "they asked": {"id": "ba", "proposal_id": "ba"},
        "theirs": {"id": "bc", "proposal_id": "bc"},
    },
    "introduction": {
        "I send": introduction("ab", "a", "b"), "I open": introduction("ba", "b", "a"),
        "theirs": introduction("bc", "b", "c"),
    },
    "withdrawal_notice": {
        "told me": notice("a", "b", "a"), "I told": notice("b", "a", "b"), "theirs": notice("c", "b", "c"),
    },
    "key_statement": {
        "mine": {"organisation_id": "a", "seq": 1, "statement": "a"},
        "theirs": {"organisation_id": "b", "seq": 1, "statement": "b"},
    },
    "referral": {
        "sent": referral("ab", "a", "b"), "received": referral("ba", "b", "a"), "theirs": referral("cb", "c", "b"),
    },
    "referral_event": {
        "mine": {"id": "a", "referral_id": "ab", "event": "sent", "by_organisation_id": "a"},
        "answered": {"id": "b", "referral_id": "ab", "event": "received", "by_organisation_id": "b"},
        "mine, on theirs": {"id": "x", "referral_id": "cb", "event": "sent", "by_organisation_id": "a"},
        "theirs": {"id": "c", "referral_id": "cb", "event": "sent", "by_organisation_id": "b"},
    },
    "round_wish": {
        "mine": {"id": "a", "kind": "pin", "mentee_id": "mentee-a", "mentor_id": "mentor-b", "organisation_id": "a",
                 "by": "x", "card": {}},
        "theirs": {"id": "b", "kind": "pin", "mentee_id": "mentee-b", "mentor_id": "mentor-a", "organisation_id": "b",
                   "by": "x", "card": {}},
    },
    "round_share": {
        which: {"round_id": "round", "organisation_id": one, "mentees": 1, "placed_alone": 0, "placed": 0,
                "placed_across": 0, "mentors_lent": 0}
        for which, one in (("mine", "a"), ("theirs", "b"))
    },
    "round_input": {"the network's": {"round_id": "round", "columns": b"\0", "sources": {}, "outcome": "0"}},
    "arrival_count": {"the network's": {"month": TODAY, "noc": "213", "province": "AB", "number": 5}},
    "epoch": {"the network's": {"number": 1, "published_at": NOW, "k": 5, "people": 5}},
    "pool_class": {
        "the network's": {"id": "class", "kind": "mentee", "noc": "2130", "region": "AB", "years_band": "*",
                          "available": True, "spoken": {}},
    },
    "pool_member": {
        "of mine": {"profile_id": "mentee-a", "class_id": "class"},
        "of theirs": {"profile_id": "mentee-b", "class_id": "class"},
    },
    "outbox_message": {
        which: {"organisation_id": one, "number": 1, "id": one, "type": "x", "subject": "x", "data": {}}
        for which, one in (("mine", "a"), ("theirs", "b"))
    },
    "idempotent_answer": {
        which: {"organisation_id": one, "key": "x", "request_digest": "x", "status": 200, "answer": {}}
        for which, one in (("mine", "a"), ("theirs", "b"))
    },
    "audit_entry": {"mine": entry(1, "a"), "theirs": entry(2, "b"), "the hub's": entry(3, None)},
}  # fmt: skip


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def plant(connection: Connection) -> None:
    """Write all rows, as whoever row-level security does not hold."""
    for name, rows in GROUND.items():
        connection.execute(insert(table(name)), rows)
    for name, by_relation in ROWS.items():
        for row in by_relation.values():
            connection.execute(insert(table(name)), row)
