"""One mentee of eriec and one mentor of arec, on their way to a match."""

from hub.database import Database
from hub.services import proposals, recommendations
from hub.settings import load_settings
from tests.hub.people import coordinator, mentee, mentor, share

SETTINGS = load_settings({}, secret="s" * 40)


def recommended(database: Database, organisation: str = "eriec", pseudonym: str = "mentee-0001"):
    actor = coordinator(organisation)
    return database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, SETTINGS))


def ask(database: Database) -> str:
    """Share both people and propose the pair; return the proposal's id."""
    share(database, "arec", "mentor-0001", mentor())
    share(database, "eriec", "mentee-0001", mentee())
    handle = recommended(database).recommendations[0].handle
    actor = coordinator("eriec")
    return database.run(lambda session: proposals.propose(session, actor, "mentee-0001", handle, 14)).id


def agree(database: Database, proposal: str) -> str:
    """Let both sides say yes."""
    for organisation in ("eriec", "arec"):
        database.run(lambda session, who=organisation: proposals.accept(session, coordinator(who), proposal))
    return proposal
