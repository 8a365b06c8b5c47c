"""Two agencies with one linkage key, and one person both know: what tests of duplicates share."""

from collections.abc import Mapping
from typing import Any

from federation.documents import LinkageDocument, read
from federation.linkage import tokens
from hub.database import Database
from hub.models import utcnow
from hub.services import duplicates, linkage
from hub.services.duplicates import DuplicateView
from hub.worker import find_duplicates
from tests.hub.people import mentee, mentor, share, system

KEY = bytes(range(32))
AMINA = {
    "given_names": "Amina",
    "family_names": "Yusufi",
    "birth_date": "1988-05-17",
    "phones": "780 555 0100",
    "emails": "amina.yusufi@example.org",
    "street": "10423 Whyte Avenue",
    "locality": "Edmonton",
    "postal_code": "T6E 2A1",
}
OMAR = {
    "given_names": "Omar",
    "family_names": "Haddad",
    "birth_date": "1979-11-02",
    "phones": "403 555 0177",
    "emails": "omar@example.org",
    "street": "7 Kensington Road",
    "locality": "Calgary",
    "postal_code": "T2N 3P8",
}


def wire_tokens(record: Mapping[str, object], key: bytes = KEY) -> list[dict[str, Any]]:
    """Tokens as they go over the wire."""
    return [{"kind": token.kind, "digest": token.digest.hex(), "weight": token.weight} for token in tokens(record, key)]


def send(database: Database, organisation: str, pseudonym: str, record: Mapping[str, object], key: bytes = KEY) -> None:
    document = read(LinkageDocument(), {"tokens": wire_tokens(record, key)})
    database.run(lambda session: linkage.send(session, system(organisation), pseudonym, document["tokens"]))


def know(
    database: Database,
    organisation: str,
    pseudonym: str,
    record: Mapping[str, object],
    kind: str = "mentee",
    **changes: Any,
) -> None:
    """Share somebody with their tokens."""
    share(database, organisation, pseudonym, {"mentor": mentor, "mentee": mentee}[kind](**changes))
    send(database, organisation, pseudonym, record)


def look(database: Database) -> int:
    """Compare all tokens now."""
    return find_duplicates(database, utcnow())


def seen_by(database: Database, organisation: str) -> list[DuplicateView]:
    with database.reading() as session:
        return duplicates.listed(session, system(organisation))
