"""Each row of the policy table made wrong, one fault at a time: the oracle must see every one.

A fault is seen twice where a door stands on it: by asking the table, and by asking through the door.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest

from federation.scopes import Scope
from hub.access import policy
from hub.access.policy import POLICY, Operation, Reach, Rule, allows
from hub.services.actors import Actor
from tests.hub.access.matrix import LETTERS, OPERATIONS, ROWS, Cell, cells
from tests.hub.access.matrix_world import Arena, arena

__all__ = ["arena"]
Table = Mapping[Operation, Rule]
ROLES: Final = (*LETTERS.values(), "nobody", "hub")
Judgement = dict[tuple[str, str, str | None], bool]


@dataclass(frozen=True)
class Mutant:
    """One fault, named; ``role`` is whose requests it changes."""

    name: str
    operation: Operation
    role: str
    rule: Rule

    @property
    def table(self) -> Table:
        return {**POLICY, self.operation: self.rule}

    def __str__(self) -> str:
        return self.name


def mutants() -> Iterator[Mutant]:
    """Every role let in that is not, every role shut out that is not, every reach lifted, every scope changed."""
    for operation, rule in POLICY.items():
        for role in ROLES:
            yield _flipped(operation, rule, role)
        for role, reach in rule.reach.items():
            if reach not in {Reach.ANY, Reach.SELF}:
                lifted = replace(rule, reach={**rule.reach, role: Reach.ANY})
                yield Mutant(f"{operation}: {role} reaches any", operation, role, lifted)
        for scope in _other_scopes(rule.scope):
            yield Mutant(f"{operation}: scope {scope}", operation, "system", replace(rule, scope=scope))


def _flipped(operation: Operation, rule: Rule, role: str) -> Mutant:
    if role not in rule.reach:
        return Mutant(
            f"{operation}: {role} let in", operation, role, replace(rule, reach={**rule.reach, role: Reach.ANY})
        )
    left = {name: reach for name, reach in rule.reach.items() if name != role}
    return Mutant(f"{operation}: {role} shut out", operation, role, replace(rule, reach=left))


def _other_scopes(scope: Scope | None) -> list[Scope | None]:
    """The scope before and the one after, and none; some scope where there is none."""
    if scope is None:
        return [Scope.PROFILES_READ]
    every = list(Scope)
    place = every.index(scope)
    return [None, every[place - 1], every[(place + 1) % len(every)]]


ALL: Final = list(mutants())


def judgement() -> Judgement:
    """What the table in force says, of every role with and without an organisation; and each operation's scope."""
    said: Judgement = {}
    for operation in Operation:
        scope = policy.POLICY[operation].scope
        said[operation.value, "scope", scope.value if scope else None] = True
        for role in ROLES:
            said[operation.value, role, "eriec"] = allows(operation, Actor("x", role, "eriec"))
            said[operation.value, role, None] = allows(operation, Actor("x", role))
    return said


def oracle() -> Judgement:
    """The same from the table by hand."""
    said: Judgement = {}
    for operation, (letters, scope) in OPERATIONS.items():
        said[operation, "scope", scope] = True
        for role in ROLES:
            let_in = role in {LETTERS[letter] for letter in letters.rstrip("*+")}
            said[operation, role, "eriec"] = let_in
            homeless = letters.endswith("*") or (letters.endswith("+") and role == "operator")
            said[operation, role, None] = let_in and homeless
    return said


def doors(mutant: Mutant) -> list[Cell]:
    """The requests a fault could change: of its operation and role, for what is their own, through the door made for them."""
    roles = {"system", "system_without_scope"} if mutant.role == "system" else {mutant.role} - {"nobody"}
    rows = [row for row in ROWS if row.operation == mutant.operation.value]
    rows = [row for row in rows if row.on_the_api == (mutant.role == "system")]
    return [cell for row in rows for cell in cells(row) if cell.role in roles and cell.relation == "own"]


def seen_at_a_door(arena: Arena, mutant: Mutant) -> bool:
    return any(arena.ask(cell).status not in cell.expected for cell in doors(mutant))


def test_the_table_is_the_one_written_by_hand() -> None:
    assert judgement() == oracle()


@pytest.mark.parametrize("mutant", ALL, ids=str)
def test_a_fault_in_the_table_differs_from_the_one_written_by_hand(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "POLICY", mutant.table)

    assert judgement() != oracle()


def test_a_fault_in_the_table_is_met_at_every_door_on_it(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody of a member's roles is without an organisation (the database holds to it), so no door shows a lifted reach.
    asked = [mutant for mutant in ALL if "reaches any" not in mutant.name and doors(mutant)]
    unmet = []
    for mutant in asked:
        monkeypatch.setattr(policy, "POLICY", mutant.table)
        if not seen_at_a_door(arena, mutant):
            unmet.append(mutant)

    assert len(asked) > 150
    # Behind the table stands a second defence: the services let nobody at people who belongs to no organisation.
    assert {mutant.name.partition(": ")[2] for mutant in unmet} <= {"operator let in"}


def test_the_services_let_no_operator_at_people_even_where_the_table_does(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mutant in [one for one in ALL if one.name.endswith("operator let in") and doors(one)]:
        monkeypatch.setattr(policy, "POLICY", mutant.table)
        for cell in doors(mutant):
            told = arena.ask(cell)
            assert [one for one in arena.foreign[""] - set(told.named.values()) if one in told.text] == [], str(cell)
            assert told.touched == frozenset(), str(cell)
