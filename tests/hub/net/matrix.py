"""Who may do what with which row, said apart from the policies; and a probe that finds out what the database allows.

Letters: ``r`` read, ``a`` add, ``c`` change, ``d`` delete. What is not said here is refused.
"""

from dataclasses import dataclass, field

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from hub.reach import A_DOOR, DECLARE, NOBODY, THE_HUB, Acting, Reach
from tests.hub.net.rows import ROWS, table

ACTORS = {
    "nobody": NOBODY,
    "a door": A_DOOR,
    "a": Acting(Reach.OWN, "a"),
    "a, widened": Acting(Reach.NETWORK, "a"),
    "the hub": THE_HUB,
}
Found = dict[tuple[str, str], str]
"""Letters by actor and row; under ``BLIND``, whether anything was reached by a statement that reads nothing."""
# A statement that names no row needs no right to read: it meets the policies of its own command alone.
BLIND = "whatever there is"


@dataclass(frozen=True)
class Rule:
    """``own``: letters of organisation ``a`` by row; ``network``: a widened transaction reads every row; ``hub``; ``door``."""

    own: dict[str, str] = field(default_factory=dict)
    network: bool = False
    hub: str = "ra"
    door: str = ""


MATRIX = {
    "profile": Rule({"mine": "racd", "my mentor": "racd"}, network=True, hub="racd"),
    "consent_receipt": Rule({"mine": "rac"}, network=True, hub="rac"),
    "tombstone": Rule({"mine": "rac"}, hub="racd"),
    "linkage_token": Rule({"mine": "racd"}, hub="racd"),
    "possible_duplicate": Rule({"shared, first": "rcd", "shared, second": "rcd"}, network=True, hub="racd"),
    "recommendation": Rule({"mine": "rac"}, hub="rac"),
    "exposure": Rule({"shown to me": "ra", "of my mentor": "r"}, hub="rad"),
    "alert": Rule({"raised for me": "r"}, hub="rad"),
    "proposal": Rule({"I asked": "rac", "I asked others": "rac", "they asked": "rc"}, network=True, hub="rac"),
    "gathering": Rule({"I proposed": "rac", "I am asked": "rc"}, hub="rac"),
    "gathering_party": Rule({"mine": "rc", "mine, asked": "rc"}, network=True, hub="rac"),
    "gathering_member": Rule({"mine": "r"}, network=True, hub="rac"),
    "gathering_introduction": Rule({"I send": "rc", "I open": "rc"}, hub="rac"),
    "mentee_link": Rule({"mine": "racd"}, hub="racd"),
    "invitation": Rule({"mine": "racd"}, hub="racd"),
    "mentee_word": Rule({"mine": "rac"}, hub="rac"),
    "stand_in": Rule({"mine": "r"}),
    "partnership": Rule({"I asked": "rac", "they asked": "rac"}, hub="rac"),
    "introduction": Rule({"I send": "rac", "I open": "rac"}, hub="rac"),
    "withdrawal_notice": Rule({"told me": "rc", "I told": "r"}, hub="rad"),
    "key_statement": Rule({"mine": "ra", "theirs": "r"}, network=True),
    "referral": Rule({"sent": "rac", "received": "rc"}, hub="rac"),
    "referral_event": Rule({"mine": "ra", "answered": "r"}),
    "round_wish": Rule({"mine": "rad"}, network=True, hub="racd"),
    "round_share": Rule({"mine": "r"}, network=True),
    "round_input": Rule(),
    "arrival_count": Rule(network=True, hub="rac"),
    "epoch": Rule(network=True),
    "pool_class": Rule(network=True, hub="rad"),
    "pool_member": Rule(network=True, hub="rad"),
    "outbox_message": Rule({"mine": "r"}),
    "idempotent_answer": Rule({"mine": "rad"}, hub="rad"),
    "audit_entry": Rule({"mine": "ra"}, network=True, door="a"),
}

# Not guarded: nobody's people and no organisation's own data, or asked before anybody knows for whom.
UNGUARDED = {
    "organisation", "agreement", "program", "intake", "round", "round_alternative", "audit_head", "withdrawal_count",
    "client", "enrolment", "access_token", "used_assertion", "used_proof",
    "coordinator", "authenticator_app", "recovery_code", "passkey", "sign_in_step", "sign_in", "sign_in_attempt",
    "identity_provider", "provider_identity", "provider_errand",
}  # fmt: skip


def expected(name: str) -> Found:
    rule = MATRIX[name]
    found: Found = {}
    for row in ROWS[name]:
        own = rule.own.get(row, "")
        found |= {
            ("nobody", row): "",
            ("a door", row): rule.door,
            ("a", row): own,
            ("a, widened", row): own if "r" in own or not rule.network else "r" + own,
            ("the hub", row): rule.hub,
        }
    for actor in ACTORS:
        letters = "".join(found[actor, row] for row in ROWS[name])
        found[actor, BLIND] = "".join(letter for letter in "cd" if letter in letters)
    return found


def probe(connection: Connection, name: str) -> Found:
    """Try everything on every row of a table, as every actor; nothing is kept."""
    found: Found = {}
    for actor, acting in ACTORS.items():
        connection.execute(DECLARE, {"organisation": acting.organisation, "reach": acting.reach.value})
        for row in ROWS[name]:
            found[actor, row] = "".join(letter for letter in "racd" if _allowed(connection, name, row, letter))
        blind = {"c": f"UPDATE {name} SET {_harmless(name)} = NULL", "d": f"DELETE FROM {name}"}
        found[actor, BLIND] = "".join(
            letter for letter, statement in blind.items() if _passes(connection, statement, {})
        )
    return found


def rows_as_json(connection: Connection) -> dict[tuple[str, str], str]:
    """Return every planted row as it stands, for a probe to add once more."""
    return {
        (name, row): connection.execute(
            text(f"SELECT CAST(to_json(one) AS text) FROM {name} AS one WHERE {_where(name)}"), _key(name, row)
        ).scalar_one()
        for name in ROWS
        for row in ROWS[name]
    }


def _allowed(connection: Connection, name: str, row: str, letter: str) -> bool:
    where, key = _where(name), _key(name, row)
    column = next(iter(table(name).primary_key)).name
    statement = {
        "r": f"SELECT 1 FROM {name} WHERE {where}",
        "a": f"INSERT INTO {name} SELECT * FROM json_populate_record(CAST(NULL AS {name}), CAST(:row AS json))",
        "c": f"UPDATE {name} SET {column} = {column} WHERE {where}",
        "d": f"DELETE FROM {name} WHERE {where}",
    }[letter]
    return _passes(connection, statement, key | ({"row": connection.info[name, row]} if letter == "a" else {}))


def _passes(connection: Connection, statement: str, values: dict[str, object]) -> bool:
    savepoint = connection.begin_nested()
    try:
        return connection.execute(text(statement), values).rowcount > 0
    except IntegrityError:
        # The policies let it pass; that the same row stands there already, or others hang on it, is found only then.
        return True
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return False
    finally:
        savepoint.rollback()


def _harmless(name: str) -> str:
    """A column that no policy looks at."""
    rest = [one.name for one in table(name).columns if not one.primary_key and one.name != "state"]
    return next((one for one in rest if not one.endswith("_id")), rest[0])


def _where(name: str) -> str:
    return " AND ".join(f"{column.name} = :{column.name}" for column in table(name).primary_key)


def _key(name: str, row: str) -> dict[str, object]:
    return {column.name: ROWS[name][row][column.name] for column in table(name).primary_key}
