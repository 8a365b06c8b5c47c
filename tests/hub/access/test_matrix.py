"""Every door x every role x every relation: who is let in, what they meet, what it changed, and what they never read.

The oracle (matrix.py) is written by hand; the doors come from the running application and its OpenAPI document.
"""

import re
from statistics import median

import pytest

from hub.access.policy import OPERATION_MARK, PUBLIC_MARK
from tests.hub.access.matrix import API, HERS, LETTERS, OPERATIONS, PEOPLE, PUBLIC, ROWS, Cell, Row, cells, page
from tests.hub.access.matrix_described import Described
from tests.hub.access.matrix_world import Arena, Told, arena

__all__ = ["arena"]
# In milliseconds (trust.md, section 7): what is not yours answers no sooner and no later than what is not there.
SAME_TIME = 20


@pytest.fixture(scope="session")
def described(arena: Arena) -> Described:
    return Described(arena.app.test_client().get("/api/v1/openapi.json").get_json())


def answers(arena: Arena, row: Row) -> dict[Cell, Told]:
    return {cell: arena.ask(cell) for cell in cells(row)}


def faults(arena: Arena, cell: Cell, told: Told) -> list[str]:
    """What is wrong with one answer, in words."""
    found = []
    if told.status not in cell.expected:
        found.append(f"status {told.status}, not {sorted(cell.expected)}")
    if told.status >= 400 or cell.role == "nobody":
        found += [f"touched {name}" for name in told.touched if not cell.row.own_account]
    met = arena.foreign[reader(arena, cell)] - set(told.named.values())
    found += [f"names {one}" for one in met if one in told.text]
    return found + audit_faults(cell, told)


def reader(arena: Arena, cell: Cell) -> str:
    """Whose eyes: a member's, or of who belongs to none."""
    relation = "own" if cell.relation == "suspended" else cell.relation
    return "" if cell.role in {"nobody", "operator"} else arena.things[cell.row.thing][relation][0]


def audit_faults(cell: Cell, told: Told) -> list[str]:
    """A change leaves a line, a refusal of somebody known too, and a stranger none."""
    known = cell.role != "nobody" and told.status != 401
    if told.status in {403, 404} and known:
        outcomes = [outcome for _, outcome, _ in told.audited]
        return [] if len(outcomes) == 1 and outcomes != ["done"] else [f"a refusal with {told.audited} in the log"]
    if told.status < 400 and told.touched and not cell.row.own_account:
        return [] if "done" in [outcome for _, outcome, _ in told.audited] else [f"{set(told.touched)} without a line"]
    if told.status == 401 and not cell.row.own_account:
        return [f"a stranger in the log: {told.audited}"] if told.audited else []
    return []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_door_answers_everybody_as_the_oracle_says(arena: Arena, row: Row) -> None:
    told = answers(arena, row)

    assert {str(cell): found for cell, one in told.items() if (found := faults(arena, cell, one))} == {}


@pytest.mark.parametrize("row", API, ids=str)
def test_a_door_of_the_api_answers_everybody_as_described(arena: Arena, described: Described, row: Row) -> None:
    found = {}
    for cell, told in answers(arena, row).items():
        media_type = told.headers.get("Content-Type", "").partition(";")[0]
        found[str(cell)] = described.faults(row.method, row.rule, told.status, media_type, told.text)

    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("row", [row for row in ROWS if "absent" in row.answers], ids=str)
def test_what_is_not_yours_is_word_for_word_what_is_not_there(arena: Arena, row: Row) -> None:
    for letter in row.roles:
        refused = [cell for cell in cells(row) if cell.role == LETTERS[letter] and cell.expected == {404}]
        told = {str(cell): arena.ask(cell) for cell in refused}
        assert {name: one.status for name, one in told.items()} == dict.fromkeys(told, 404)
        assert len({one.plain for one in told.values()}) <= 1


def test_what_is_not_yours_takes_as_long_as_what_is_not_there(arena: Arena) -> None:
    longer = []
    for row in ROWS:
        both = [Cell(row, LETTERS[row.roles[0]], relation, frozenset({404})) for relation in ("other", "absent")]
        if row.answers.get("other") == row.answers.get("absent") == 404:
            longer.append(arena.ask(both[0]).seconds - arena.ask(both[1]).seconds)

    assert len(longer) > 15
    assert abs(median(longer)) * 1000 < SAME_TIME


def test_the_oracle_knows_every_door_there_is(arena: Arena) -> None:
    doors, public = set(), set()
    for rule in arena.app.url_map.iter_rules():
        marks = vars(arena.app.view_functions[rule.endpoint])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            (public if marks.get(PUBLIC_MARK) else doors).add(f"{method} {rule.rule}")

    assert doors == {row.door for row in ROWS} | HERS.keys()
    assert public == PUBLIC


def test_the_oracle_knows_every_operation_of_the_description_and_its_scope(described: Described) -> None:
    scopes = {
        f"{method.upper()} {path}": operation["security"][0]["oauth2"][0]
        for path, item in described.document["paths"].items()
        for method, operation in item.items()
        if method in {"get", "put", "post", "delete"}
    }

    assert scopes == {re.sub(r"<name:(\w+)>", r"{\1}", row.door): row.scope for row in API}


def test_every_door_asks_for_the_operation_that_the_oracle_says(arena: Arena) -> None:
    marked = {}
    for rule in arena.app.url_map.iter_rules():
        operation = vars(arena.app.view_functions[rule.endpoint]).get(OPERATION_MARK)
        for method in (rule.methods or set()) if operation else ():
            marked[f"{method} {rule.rule}"] = operation.value

    said = {row.door: row.operation for row in ROWS} | HERS
    assert said == {door: marked[door] for door in said}
    assert {row.operation for row in ROWS} <= OPERATIONS.keys()


@pytest.mark.parametrize("door", HERS)
def test_a_mentee_s_own_page_knows_nobody_of_the_others(arena: Arena, door: str) -> None:
    row = page(door, HERS[door], "", "proposal", "own=401 other=401 absent=401")
    roles = [*(LETTERS[letter] for letter in PEOPLE), "nobody", "system"]
    asked = [Cell(row, role, relation, frozenset({401})) for role in roles for relation in row.answers]

    assert {str(cell): found for cell in asked if (found := faults(arena, cell, arena.ask(cell)))} == {}


def test_the_oracle_s_two_tables_agree() -> None:
    for row in ROWS:
        roles, scope = OPERATIONS[row.operation]
        assert set(row.roles) <= set(roles), row
        assert row.scope in {scope, None}, row
