"""The solver's one function: the cheapest circulation, proven, or a clear refusal."""

import bz2
import pickle
from importlib import resources

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.certificate import certificate_faults
from graph.flow import Arcs, InfeasibleFlowError, engine, minimum_cost_circulation


def arcs_of(nodes, *rows):
    """Arcs from rows of (tail, head, lower, upper, cost)."""
    return Arcs(
        nodes, *(np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else [[]] * 5))
    )


@st.composite
def circulations(draw):
    """Networks with a feasible circulation: cycles are laid first, bounds drawn around what they carry."""
    nodes = draw(st.integers(2, 6))
    node = st.integers(0, nodes - 1)
    carried: dict[tuple[int, int], int] = {}
    for _ in range(draw(st.integers(0, 4))):
        cycle = draw(st.lists(node, min_size=2, max_size=nodes, unique=True))
        for tail, head in zip(cycle, cycle[1:] + cycle[:1], strict=True):
            carried[tail, head] = carried.get((tail, head), 0) + draw(st.integers(1, 1))
    for tail, head in draw(st.lists(st.tuples(node, node), max_size=6)):
        if tail != head:
            carried.setdefault((tail, head), 0)
    rows = []
    for (tail, head), units in carried.items():
        lower = draw(st.integers(0, units))
        rows.append((tail, head, lower, units + draw(st.integers(0, 3)), draw(st.integers(-50, 50))))
    return arcs_of(nodes, *rows)


def cost_by_networkx(arcs):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(arcs.nodes), demand=0)
    fixed = 0
    for tail, head, lower, upper, cost in zip(
        *(column.tolist() for column in (arcs.tail, arcs.head, arcs.lower, arcs.upper, arcs.cost)), strict=True
    ):
        graph.nodes[tail]["demand"] += lower
        graph.nodes[head]["demand"] -= lower
        graph.add_edge(tail, head, capacity=upper - lower, weight=cost)
        fixed += lower * cost
    return nx.network_simplex(graph)[0] + fixed


@settings(deadline=None, max_examples=150)
@given(arcs=circulations())
def test_the_flow_costs_what_another_solver_finds_and_the_potentials_prove_it(arcs):
    flow, potentials = minimum_cost_circulation(arcs)

    assert int(flow @ arcs.cost) == cost_by_networkx(arcs)
    assert certificate_faults(arcs, flow, potentials) == ()
    assert (potentials <= 0).all()


@settings(deadline=None, max_examples=40)
@given(arcs=circulations())
def test_the_same_arcs_give_the_same_bytes(arcs):
    first, again = minimum_cost_circulation(arcs), minimum_cost_circulation(arcs)

    assert [part.tobytes() for part in first] == [part.tobytes() for part in again]


def test_a_published_network_has_its_published_cost():
    """NETGEN problem netgen-2 as networkx ships it; 6749969302 checked with two solvers."""
    packed = resources.files("networkx.algorithms.flow.tests").joinpath("netgen-2.gpickle.bz2").read_bytes()
    graph = pickle.loads(bz2.decompress(packed))
    number = {node: place for place, node in enumerate(graph)}
    source, unlimited = len(number), 10**7
    rows = [
        (number[tail], number[head], 0, data.get("capacity", unlimited), data.get("weight", 0))
        for tail, head, data in graph.edges(data=True)
    ]
    demands = {number[node]: data["demand"] for node, data in graph.nodes(data=True) if data.get("demand")}
    for node, demand in demands.items():
        ends = (source, node) if demand < 0 else (node, source)
        rows.append((*ends, abs(demand), abs(demand), 0))

    arcs = arcs_of(source + 1, *rows)
    flow, potentials = minimum_cost_circulation(arcs)

    assert int(flow @ arcs.cost) == 6749969302
    assert certificate_faults(arcs, flow, potentials) == ()


def test_a_long_chain_of_improvements_is_proven_too():
    """Each pair of one loses to its neighbour by a point, so potentials fall along thousands of arcs."""
    length = 3000
    people = np.arange(length)
    tail = np.concatenate((np.full(length, 2 * length), people, people[1:], length + people))
    head = np.concatenate((people, length + people, length + people[:-1], np.full(length, 2 * length)))
    cost = np.concatenate(
        (np.full(length, -(10**6)), np.full(length, -50), np.full(length - 1, -51), np.zeros(length, int))
    )
    one = np.ones(tail.size, dtype=np.int64)
    arcs = Arcs(2 * length + 1, tail, head, 0 * one, one, cost)

    flow, potentials = minimum_cost_circulation(arcs)

    assert int(flow @ cost) == -length * (10**6 + 50)
    assert potentials.min() < -length
    assert certificate_faults(arcs, flow, potentials) == ()


def test_a_network_without_arcs_flows_nothing():
    flow, potentials = minimum_cost_circulation(arcs_of(3))

    assert (flow.tolist(), potentials.tolist()) == ([], [0, 0, 0])


def test_bounds_that_contradict_each_other_are_refused():
    with pytest.raises(InfeasibleFlowError, match="no flow respects every bound"):
        minimum_cost_circulation(arcs_of(2, (0, 1, 2, 3, 0), (1, 0, 0, 1, 0)))


def test_a_lower_bound_above_its_upper_bound_is_named():
    with pytest.raises(ValueError, match="arc 1: its lower bound 3 is above its upper bound 2"):
        minimum_cost_circulation(arcs_of(2, (0, 1, 0, 3, 0), (1, 0, 3, 2, 0)))


@pytest.mark.parametrize("cost", [2**61, -(2**61)])
def test_costs_that_do_not_add_up_in_64_bits_are_refused(cost):
    with pytest.raises(ValueError, match=f"overflow: a cost of {2**61} over 2 nodes"):
        minimum_cost_circulation(arcs_of(2, (0, 1, 0, 1, cost), (1, 0, 0, 1, 0)))


def test_the_engine_says_its_name_and_version():
    name, version = engine().split()

    assert name == "ortools-simple-min-cost-flow"
    assert version[0].isdigit()
