"""``passerelle audit``: a whole chain is said to hold, a broken one is named where it breaks."""

import re

import pytest
from sqlalchemy import delete, update

from hub.database import Database
from hub.models import AuditEntry, AuditHead
from hub.services import audit


def alter(terminal, change) -> None:
    database = Database(f"sqlite:///{terminal.folder}/passerelle.sqlite3")
    database.run(change)
    database.close()


def test_a_whole_chain_holds_and_says_its_head(two_members):
    told = two_members.done("audit", "verify")

    # Two members, two agreements.
    assert re.fullmatch(r"The chain holds: 4 entries, head 4:[0-9a-f]{64}\n", told)


def test_a_log_that_never_began_holds(terminal):
    assert f"0 entries, head 0:{audit.GENESIS}" in terminal.done("audit", "verify")


def test_the_first_entry_that_does_not_follow_is_named(two_members):
    alter(two_members, lambda session: session.execute(update(AuditEntry).values(outcome="refused")))

    told = two_members.refused("audit", "verify")

    assert "The chain breaks at entry 1: " in told
    assert "organisation.add organisation:eriec by the hub" in told


def test_a_missing_entry_is_named_by_its_number(two_members):
    alter(two_members, lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number == 4)))

    assert "The chain breaks at entry 4: it is missing" in two_members.refused("audit", "verify")


def make_anew(session) -> None:
    """The last entry says something else, with the hash that fits and a head that fits it."""
    entry = session.get_one(AuditEntry, 4)
    entry.outcome = "refused"
    entry.entry_hash = audit.entry_hash(entry)
    session.execute(update(AuditHead).values(entry_hash=entry.entry_hash))


def test_a_head_kept_elsewhere_shows_that_the_chain_was_made_anew(two_members):
    kept = two_members.done("audit", "verify").rpartition(" ")[2].strip()
    assert "holds" in two_members.done("audit", "verify", "--head", kept)

    alter(two_members, make_anew)

    assert "holds" in two_members.done("audit", "verify")
    assert "not from entry 4: it was made anew" in two_members.refused("audit", "verify", "--head", kept)


def test_of_several_heads_kept_elsewhere_each_is_looked_for(two_members):
    kept = two_members.done("audit", "verify").rpartition(" ")[2].strip()
    first, other = f"0:{audit.GENESIS}", "3:" + "a" * 64

    assert "holds" in two_members.done("audit", "verify", "--head", first, "--head", kept)
    assert "not from entry 3" in two_members.refused("audit", "verify", "--head", kept, "--head", other)


@pytest.mark.parametrize("head", ["4", "four:" + "a" * 64, "4:" + "A" * 64, "4:abc"])
def test_a_head_that_is_none_is_refused_as_usage(two_members, head: str):
    result = two_members.type("audit", "verify", "--head", head)

    assert result.exit_code == 2
    assert "NUMBER:HASH" in result.output
