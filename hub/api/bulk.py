"""Many people in one push: NDJSON in, one result a line out, in order.

Lines are stored in chunks, one transaction each, with a savepoint a line: a bad line costs only itself, and a writer never
holds the database for the whole push. What was answered as stored is stored, even when a later chunk finds the hub busy.
"""

from collections.abc import Iterator
from typing import Any, Final

from flask import Response, json
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation import strict_json
from federation.answers.profiles import BulkAnswer
from federation.documents import BulkLine, ProfileDocument, ProfileReceipt, read
from federation.problems import Problem
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.bodies import NDJSON, take_body
from hub.api.replies import written
from hub.api.rooms import Room
from hub.services import profiles as service
from hub.services.actors import Actor

# The same push again stores the same content: no key is needed to repeat it.
bulk = Room("bulk", "Many people in one push.", keyed=False)
LINES_A_CHUNK: Final = 200
MOST_LINES: Final = 20_000
Result = dict[str, Any]
Line = tuple[int, bytes]


@bulk.route("/profiles/bulk", methods=["POST"], tags=["profiles"])
@requires(Operation.PROFILE_SHARE)
@bulk.response(200, BulkAnswer, content_type=NDJSON, description="One result a line.", example=examples.BULK_RESULT)
@bulk.doc(requestBody=examples.BULK_BODY)
def push_profiles() -> Response:
    """Share or update many people: one JSON object a line.

    Every line gets its own result, in the order sent; a bad line does not stop the others. Sending the same push again
    replaces each person with the same content, so a push that broke off is simply repeated.
    """
    body = take_body(NDJSON, settings().bulk_body_bytes)
    actor = current_actor()
    results = (result for chunk in _chunks(body) for result in _store(actor, chunk))
    return Response("".join(json.dumps(result) + "\n" for result in results), mimetype=NDJSON)


def _chunks(body: bytes) -> Iterator[list[Line]]:
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise Problem("body-too-large", f"Send at most {MOST_LINES} lines in one push; split larger ones.")
    for start in range(0, len(lines), LINES_A_CHUNK):
        yield lines[start : start + LINES_A_CHUNK]


def _store(actor: Actor, lines: list[Line]) -> list[Result]:
    """Store one chunk; read every line before the transaction opens."""
    read_lines = [_read(number, line) for number, line in lines]
    try:
        return database().run(lambda session: [_share(session, actor, line) for line in read_lines])
    except Problem as problem:
        return [line if "problem" in line else _refused(line, problem) for line in read_lines]


def _read(number: int, line: bytes) -> Result:
    """Return the line with its document, or with the problem it has."""
    try:
        found = read(BulkLine(), strict_json.load(line, max_bytes=settings().json_body_bytes))
    except Problem as problem:
        return _refused({"line": number, "pseudonym": None}, problem)
    named = {"line": number, "pseudonym": found["pseudonym"]}
    try:
        return named | {"document": read(ProfileDocument(), found["profile"])}
    except Problem as problem:
        return _refused(named, problem)


def _share(session: Session, actor: Actor, line: Result) -> Result:
    if "problem" in line:
        return line
    try:
        with session.begin_nested():
            receipt = service.share(session, actor, line["pseudonym"], line["document"])
    except Problem as problem:
        return _refused(line, problem)
    except IntegrityError:
        return _refused(
            line, Problem("conflict", "Somebody shared this person at the same moment: send the line again.")
        )
    body = written(ProfileReceipt(), receipt)
    return {"line": line["line"], "pseudonym": line["pseudonym"], "status": receipt.status, "receipt": body}


def _refused(line: Result, problem: Problem) -> Result:
    return {
        "line": line["line"],
        "pseudonym": line["pseudonym"],
        "status": problem.status,
        "problem": problem.document(),
    }
