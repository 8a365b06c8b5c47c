"""Kinship of occupations, languages and places: arrays agree with the graphs, refusals name the offender."""

import networkx as nx
import pytest

from graph.knowledge import MOST_RELATED, KinLanguages, Knowledge, Occupation, Place, Related, tree_points
from hub.services import matching
from tests.graph.pools import CODES, KNOWLEDGE


def test_arrays_and_graphs_agree_on_every_pair():
    graph = KNOWLEDGE.occupations
    for first in CODES:
        for second in CODES:
            edge = graph.get_edge_data(first, second, default={})
            expected = max(tree_points(first, second), min(edge.get("points", 0), MOST_RELATED))
            assert KNOWLEDGE.kinship(first, second).points == expected


def test_graphs_are_frozen():
    assert nx.is_frozen(KNOWLEDGE.occupations)
    assert nx.is_frozen(KNOWLEDGE.languages)
    assert nx.is_frozen(KNOWLEDGE.places)


def test_relations_are_used_as_given_never_made_symmetric():
    assert KNOWLEDGE.kinship("21300", "70010").points == 60
    assert KNOWLEDGE.kinship("70010", "21300").points == 0


def test_a_minor_group_inherits_the_relations_of_its_unit_groups():
    assert KNOWLEDGE.kinship("2130", "7001").source == "onet"
    assert KNOWLEDGE.kinship("2131", "2130").points == 80


def test_a_minor_group_holds_its_unit_groups():
    assert KNOWLEDGE.kinship("2130", "21300").points == 85
    assert KNOWLEDGE.kinship("21301", "2130").points == 85


def test_broad_groups_are_no_occupation_to_share():
    assert KNOWLEDGE.kinship("2", "2").points < 100
    assert KNOWLEDGE.kinship("2", "2").source == "hierarchy"


def test_places_are_near_by_distance_and_far_by_province():
    bands = [KNOWLEDGE.place_band("ON-535", other) for other in ("ON-535", "ON-537", "ON", "AB-835")]

    assert bands == ["same", "near", "province", "far"]


def test_kin_languages_are_curated_pairs():
    assert KNOWLEDGE.kin_languages("hi") == {"ur": 80}
    assert KNOWLEDGE.kin_languages("en") == {}


@pytest.mark.parametrize(
    ("occupations", "related", "places", "said"),
    [
        ([Occupation("21", "2")], [], [], "'2'"),
        ([Occupation("2", None)], [Related("2", "9", 50, "onet")], [], "'9'"),
        ([Occupation("2", None), Occupation("3", None)], [Related("2", "3", 0, "onet")], [], "0 points"),
        ([Occupation("2", None)], [], [Place("AB-835", "AB")], "'AB'"),
    ],
)
def test_a_relation_to_nothing_is_refused(
    occupations: list[Occupation], related: list[Related], places: list[Place], said: str
):
    with pytest.raises(ValueError, match=said):
        Knowledge.build(occupations, related, [KinLanguages("a", "b", 1, "curated")], places)


def test_an_unknown_code_is_named():
    with pytest.raises(ValueError, match="99999"):
        KNOWLEDGE.kinship("99999", "2130")
    with pytest.raises(ValueError, match="XX"):
        KNOWLEDGE.place_band("XX", "AB")


def test_the_shipped_vocabularies_build_and_the_example_holds():
    knowledge = matching.knowledge()

    assert len(knowledge.occupations) == 822
    assert knowledge.kinship("21300", "70010").points > 0
    assert knowledge.kinship("21300", "21300").points == 100
