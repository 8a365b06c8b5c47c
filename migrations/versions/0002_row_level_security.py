"""row-level security.

PostgreSQL only; SQLite has no such thing. Which table shows what to whom, and why the others are left out, stands in
docs/decisions/0009-row-level-security.md. A command without a policy is refused to everybody: no entry of the audit log is ever
changed or deleted, whoever acts.

The settings are read in a sub-select, so that PostgreSQL asks for them once a statement and not once a row.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ME = "(SELECT nullif(current_setting('passerelle.organisation', true), ''))"
REACH = "(SELECT current_setting('passerelle.reach', true))"
HUB = f"{REACH} = 'hub'"
READER = f"{REACH} IN ('network', 'hub')"


def mine(*columns: str) -> str:
    """One of the columns names the acting organisation."""
    return " OR ".join(f"{column} = {ME}" for column in columns)


def hangs_on(table: str, column: str, *owners: str) -> str:
    """The row it hangs on belongs to the acting organisation."""
    return f"EXISTS (SELECT 1 FROM {table} AS held WHERE held.id = {column} AND ({mine(*owners)}))"  # noqa: S608  (constants)


PERSON = hangs_on("profile", "profile_id", "held.organisation_id")
PARTNERS = hangs_on("proposal", "proposal_id", "held.mentee_organisation_id", "held.mentor_organisation_id")
REFERRED = hangs_on("referral", "referral_id", "held.sender_id", "held.receiver_id")
# A draft of a round is nobody's yet.
PARTY = f"({mine('mentee_organisation_id', 'mentor_organisation_id')}) AND state <> 'drafted'"
ASKING = f"({mine('mentee_organisation_id')}) AND state <> 'drafted'"
# Her own organisation's alone, and on what it asked: the other party hears no word of hers.
HER_WORD = f"{PERSON} AND {hangs_on('proposal', 'proposal_id', 'held.mentee_organisation_id')}"
# What the hub said beside a question: to who asked, and not before it was asked.
HER_QUESTION = f"EXISTS (SELECT 1 FROM proposal AS held WHERE held.id = proposal_id AND {ASKING})"  # noqa: S608  (constants)
INVITED = f"EXISTS (SELECT 1 FROM gathering_party AS held WHERE held.gathering_id = gathering.id AND ({mine('held.organisation_id')}))"  # noqa: S608  (constants)
SIDES = mine("a_organisation_id", "b_organisation_id")
SENT = mine("sender_id", "receiver_id")
CARRIED = mine("sender_id", "recipient_id")
TOLD = mine("owner_id", "told_id")

# Table: command: who may. Rows are shown and changed only where this says so.
POLICIES = {
    "profile": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "update": f"{mine('organisation_id')} OR {HUB}",
        "delete": f"{mine('organisation_id')} OR {HUB}",
    },
    "consent_receipt": {
        "select": f"{READER} OR {PERSON}",
        "insert": f"{HUB} OR {PERSON}",
        "update": f"{HUB} OR {PERSON}",
    },
    "tombstone": {
        "select": f"{mine('organisation_id')} OR {HUB}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "update": f"{mine('organisation_id')} OR {HUB}",
        "delete": HUB,
    },
    "linkage_token": {
        "select": f"{HUB} OR {PERSON}",
        "insert": f"{HUB} OR {PERSON}",
        "update": f"{HUB} OR {PERSON}",
        "delete": f"{HUB} OR {PERSON}",
    },
    "possible_duplicate": {
        "select": f"{SIDES} OR {READER}",
        "insert": HUB,
        "update": f"{SIDES} OR {HUB}",
        "delete": f"{SIDES} OR {HUB}",
    },
    "recommendation": {
        "select": f"{mine('organisation_id')} OR {HUB}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "update": f"{mine('organisation_id')} OR {HUB}",
    },
    "exposure": {
        "select": f"{mine('viewer_id', 'owner_id')} OR {HUB}",
        "insert": f"{mine('viewer_id')} OR {HUB}",
        "delete": HUB,
    },
    "alert": {
        "select": f"{mine('owner_id')} OR {HUB}",
        "insert": HUB,
        "delete": HUB,
    },
    "proposal": {
        "select": f"{PARTY} OR {READER}",
        "insert": f"{ASKING} OR {HUB}",
        "update": f"{PARTY} OR {HUB}",
    },
    "gathering": {
        "select": f"{HUB} OR {INVITED}",
        "insert": f"{mine('proposer_id')} OR {HUB}",
        "update": f"{HUB} OR {INVITED}",
    },
    # Its own row alone: a policy that looked for the viewer among a table's rows would ask itself. Services widen.
    "gathering_party": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": HUB,
        "update": f"{mine('organisation_id')} OR {HUB}",
    },
    "gathering_member": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": HUB,
        "update": HUB,
    },
    # Made for all pairs of organisations at the last yes, by whoever says it.
    "gathering_introduction": {
        "select": f"{CARRIED} OR {HUB}",
        "insert": HUB,
        "update": f"{CARRIED} OR {HUB}",
    },
    "mentee_link": {
        "select": f"{HUB} OR {PERSON}",
        "insert": f"{HUB} OR {PERSON}",
        "update": f"{HUB} OR {PERSON}",
        "delete": f"{HUB} OR {PERSON}",
    },
    "invitation": {
        "select": f"{mine('organisation_id')} OR {HUB}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "update": f"{mine('organisation_id')} OR {HUB}",
        "delete": f"{mine('organisation_id')} OR {HUB}",
    },
    "mentee_word": {
        "select": f"{HUB} OR {HER_WORD}",
        "insert": f"{HUB} OR {HER_WORD}",
        "update": f"{HUB} OR {HER_WORD}",
    },
    # Written when a round is made, never changed; the mentor's side reads none of it.
    "stand_in": {
        "select": f"{HUB} OR {PERSON} AND {HER_QUESTION}",
        "insert": HUB,
    },
    "partnership": {
        "select": f"{HUB} OR {PARTNERS}",
        "insert": f"{HUB} OR {PARTNERS}",
        "update": f"{HUB} OR {PARTNERS}",
    },
    "introduction": {
        "select": f"{CARRIED} OR {HUB}",
        "insert": f"{CARRIED} OR {HUB}",
        "update": f"{CARRIED} OR {HUB}",
    },
    # Written and deleted by the hub; confirmed by who was told, and by nobody else.
    "withdrawal_notice": {
        "select": f"{TOLD} OR {HUB}",
        "insert": HUB,
        "update": mine("told_id"),
        "delete": HUB,
    },
    "key_statement": {
        "select": f"{ME} IS NOT NULL OR {READER}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
    },
    "referral": {
        "select": f"{SENT} OR {HUB}",
        "insert": f"{mine('sender_id')} OR {HUB}",
        "update": f"{SENT} OR {HUB}",
    },
    "referral_event": {
        "select": f"{HUB} OR {REFERRED}",
        "insert": f"{HUB} OR ({mine('by_organisation_id')}) AND {REFERRED}",
    },
    "round_wish": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "update": HUB,
        "delete": f"{mine('organisation_id')} OR {HUB}",
    },
    "round_share": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": HUB,
    },
    "round_input": {
        "select": HUB,
        "insert": HUB,
    },
    "arrival_count": {
        "select": READER,
        "insert": HUB,
        "update": HUB,
    },
    "epoch": {
        "select": READER,
        "insert": HUB,
    },
    "pool_class": {
        "select": READER,
        "insert": HUB,
        "delete": HUB,
    },
    "pool_member": {
        "select": READER,
        "insert": HUB,
        "delete": HUB,
    },
    "outbox_message": {
        "select": f"{mine('organisation_id')} OR {HUB}",
        "insert": HUB,
    },
    "idempotent_answer": {
        "select": f"{mine('organisation_id')} OR {HUB}",
        "insert": f"{mine('organisation_id')} OR {HUB}",
        "delete": f"{mine('organisation_id')} OR {HUB}",
    },
    "audit_entry": {
        "select": f"{mine('organisation_id')} OR {READER}",
        "insert": f"{mine('organisation_id')} OR {REACH} IN ('door', 'hub')",
    },
}


def upgrade() -> None:
    """Show nothing of these tables but what a policy shows, to their owner neither."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, commands in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        for command, who in commands.items():
            clause = "WITH CHECK" if command == "insert" else "USING"
            op.execute(f"CREATE POLICY {table}_{command} ON {table} FOR {command.upper()} {clause} ({who})")


def downgrade() -> None:
    """Take the net away."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, commands in POLICIES.items():
        for command in commands:
            op.execute(f"DROP POLICY {table}_{command} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
