"""Kinship of occupations against a source it was not made from: skill distances of British Columbia; and codes left out."""

import csv
from pathlib import Path

import numpy as np
import pytest

from federation.vocabularies import ALIASES
from graph.knowledge import tree_points
from hub.services import matching

SAMPLE = Path(__file__).parents[1] / "data" / "bc-skill-distance" / "sample.csv"
LEFT_OUT = ["00010", "00011", "00012", "00013", "00014", "00015", "11101", "42102", "43204", "44200", "65229", "85120"]
"""Unit groups without a row of their own in the tables of British Columbia."""


def near() -> list[tuple[str, str, str]]:
    """Pairs of unit groups that British Columbia calls near by skills, and how near; 00018 is said of each it stands for."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (one, other, row["tier"])
        for row in rows
        for one in ALIASES.get(row["from_noc"], (row["from_noc"],))
        for other in ALIASES.get(row["to_noc"], (row["to_noc"],))
        if one != other
    ]


def units() -> list[str]:
    return [code for code in matching.knowledge().occupations if len(code) == 5]


def kinship(one: str, other: str) -> int:
    return matching.knowledge().kinship(one, other).points


def test_whom_a_third_source_calls_near_is_kin_far_beyond_chance_and_nearest_most():
    tiers = {
        tier: float(np.mean([kinship(one, other) for one, other, said in near() if said == tier]))
        for tier in ("high", "medium")
    }
    asked = sorted({one for one, _, _ in near()})
    anybody = float(np.mean([kinship(one, other) for one in asked for other in units() if one != other]))

    # 33, 19 and 4 points over the whole table.
    assert tiers["high"] > tiers["medium"] > 3 * anybody


def test_no_occupation_is_kin_by_chance_alone_to_those_a_third_source_calls_near():
    asked = sorted({one for one, _, _ in near()})

    for one in asked:
        called_near = [kinship(one, other) for first, other, _ in near() if first == one]
        assert np.mean(called_near) > np.mean([kinship(one, other) for other in units() if other != one]), one


@pytest.mark.parametrize("code", LEFT_OUT)
def test_an_occupation_that_the_tables_leave_out_falls_back_to_the_tree(code: str):
    knowledge = matching.knowledge()

    assert not any(code == one for one, _, _ in near()) or code in ALIASES["00018"]
    for other in units():
        found = knowledge.kinship(code, other)
        assert found.points >= tree_points(code, other)
        if found.source in ("hierarchy", "same", "none"):
            assert found.points == tree_points(code, other)
    assert any(knowledge.kinship(code, other).source == "hierarchy" for other in units())
