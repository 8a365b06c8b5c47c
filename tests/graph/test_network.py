"""The picture: every placement is counted once, every organisation has its place, the page never jumps."""

from collections import Counter
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.network import Flow, Gap, Ledger, across_percent, flows, gap_map, layout, ledger, organisation_graph

NAMES = ["afca", "arec", "criec", "eriec", "triec"]
KINDS = {"afca": "pin", "arec": "pin", "criec": "agency", "eriec": "agency", "triec": "agency"}
placements = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40)
places = st.dictionaries(st.tuples(st.sampled_from(["21", "31"]), st.sampled_from(["AB", "ON"])), st.integers(0, 9))


class TestFlows:
    @given(placed=placements)
    def test_every_placement_is_counted_once_from_the_giver_to_the_receiver(self, placed):
        counted = flows(placed)

        assert {(flow.to_organisation, flow.from_organisation): flow.count for flow in counted} == Counter(placed)
        assert list(counted) == sorted(counted)

    @given(placed=placements, data=st.data())
    def test_the_order_of_the_placements_changes_nothing(self, placed, data):
        assert flows(data.draw(st.permutations(placed))) == flows(placed)

    @given(placed=placements)
    def test_the_share_across_is_rounded_from_whole_counts(self, placed):
        across = sum(mentee != mentor for mentee, mentor in placed)

        percent = across_percent(flows(placed))
        assert abs(percent * len(placed) - 100 * across) * 2 <= len(placed)

    @pytest.mark.parametrize(("own", "across", "percent"), [(0, 0, 0), (1, 1, 50), (7, 1, 13), (1, 7, 88), (0, 3, 100)])
    def test_halves_are_rounded_up(self, own, across, percent):
        assert across_percent([Flow("arec", "arec", own), Flow("arec", "eriec", across)]) == percent

    @given(placed=placements)
    def test_all_that_is_given_is_received(self, placed):
        records = ledger(flows(placed))

        assert sum(record.given for record in records) == sum(record.received for record in records)
        assert [record.organisation for record in records] == sorted({name for pair in placed for name in pair})

    def test_the_ledger_leaves_own_placements_out(self):
        counted = flows([("eriec", "arec"), ("eriec", "arec"), ("arec", "eriec"), ("eriec", "eriec")])

        assert ledger(counted) == (Ledger("arec", given=2, received=1), Ledger("eriec", given=1, received=2))


class TestGaps:
    @given(waiting=places, seats=places)
    def test_every_place_with_someone_or_a_seat_is_there_once_most_missing_first(self, waiting, seats):
        gaps = gap_map(waiting, seats)

        assert {(gap.noc, gap.region) for gap in gaps} == waiting.keys() | seats.keys()
        assert len(gaps) == len({(gap.noc, gap.region) for gap in gaps})
        assert sum(gap.waiting for gap in gaps) == sum(waiting.values())
        assert [gap.missing for gap in gaps] == sorted((gap.missing for gap in gaps), reverse=True)

    def test_seats_to_spare_are_not_a_gap_and_ties_follow_the_codes(self):
        gaps = gap_map({("31", "ON"): 4, ("21", "ON"): 4, ("21", "AB"): 1}, {("21", "AB"): 5, ("31", "ON"): 1})

        assert gaps == (Gap("21", "ON", 4, 0), Gap("31", "ON", 4, 1), Gap("21", "AB", 1, 5))
        assert [gap.missing for gap in gaps] == [4, 3, 0]

    @pytest.mark.parametrize(("waiting", "seats", "side"), [(-1, 0, "waiting"), (0, -1, "seats")])
    def test_a_count_below_zero_is_named(self, waiting, seats, side):
        with pytest.raises(ValueError, match=rf"{side} at \('21', 'ON'\) is -1"):
            gap_map({("21", "ON"): waiting}, {("21", "ON"): seats})


class TestPicture:
    @given(placed=placements)
    def test_the_graph_holds_every_organisation_and_every_flow(self, placed):
        graph = organisation_graph(KINDS, flows(placed))

        assert set(graph) == set(KINDS)
        drawn = sum(count for _, _, count in graph.edges(data="count"))
        assert drawn + sum(own for _, own in graph.nodes(data="own")) == len(placed)
        assert not list(nx.selfloop_edges(graph))

    def test_the_graph_is_frozen(self):
        with pytest.raises(nx.NetworkXError, match="Frozen"):
            organisation_graph(KINDS, []).add_node("chc")

    def test_a_flow_of_an_unknown_organisation_is_named(self):
        with pytest.raises(ValueError, match="unknown organisation 'chc'"):
            organisation_graph(KINDS, [Flow("chc", "eriec", 1)])

    @given(size=st.integers(0, 60))
    def test_places_are_whole_on_the_page_and_never_shared(self, size):
        kinds = {f"organisation-{number}": "agency" for number in range(size)}

        placed = layout(organisation_graph(kinds, []))
        assert len(set(placed.values())) == size
        assert all(type(part) is int and 0 <= part <= 1000 for place in placed.values() for part in place)

    @given(placed=placements)
    def test_what_flows_does_not_move_anyone(self, placed):
        assert layout(organisation_graph(KINDS, flows(placed))) == layout(organisation_graph(KINDS, []))

    def test_organisations_of_a_kind_stand_side_by_side(self):
        assert list(layout(organisation_graph(KINDS, []))) == ["criec", "eriec", "triec", "afca", "arec"]

    def test_no_arc_runs_through_a_third_organisation(self):
        spots = list(layout(organisation_graph({f"{number:02}": "agency" for number in range(24)}, [])).values())

        for (ax, ay), (bx, by) in combinations(spots, 2):
            others = [spot for spot in spots if spot not in ((ax, ay), (bx, by))]
            assert all((bx - ax) * (y - ay) != (by - ay) * (x - ax) for x, y in others)

    def test_one_alone_stands_in_the_middle(self):
        assert layout(organisation_graph({"eriec": "agency"}, [])) == {"eriec": (500, 500)}
