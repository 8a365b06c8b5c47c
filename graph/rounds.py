"""The whole pool at once: the best round there is, no organisation worse off, with its proof."""

import numpy as np

from graph import augment
from graph.certificate import Certificate, GuaranteePrice, certificate_faults, digest
from graph.even_gain import guaranteed
from graph.flow import IntArray, engine
from graph.hold_back import held_back
from graph.round_network import RoundNetwork, build, witness_pairs
from graph.round_problem import Objective, RoundPolicy, RoundProblem
from graph.round_result import OrganisationShare, RoundResult, result_of, shares_of
from graph.stages import cheapest

__all__ = [
    "Objective",
    "OrganisationShare",
    "RoundPolicy",
    "RoundProblem",
    "RoundResult",
    "round_faults",
    "shares_of",
    "solve_round",
    "witness_pairs",
]


def solve_round(problem: RoundProblem, policy: RoundPolicy | None = None) -> RoundResult:
    """Return the best round under a policy, with its proof.

    1. For each organisation, the most mentees it can place with its own mentors alone, by a maximum matching with seats; if
       the gain is to be even, the most that all can be promised beyond it.
    2. One minimum-cost circulation in which that number is a lower bound (`graph.round_network.build`), by the engine
       that suits the pool (`graph.augment`).
    3. The pairs that carry flow are the round; node potentials prove that no other round is better.

    Parameters
    ----------
    problem
        Eligible pairs with their points, seats, owners.
    policy
        None: most mentees first, nobody worse off, no limit on the balance.

    Raises
    ------
    InfeasibleFlowError
        The problem's ``promised`` cannot all be kept. What organisations can place alone always can.
    ValueError
        A pool so large that placements, points and waiting do not fit together in 64 bits.

    Notes
    -----
    Exact, in whole numbers. Under ``most_mentees`` without a net balance the guarantee costs no placement: an augmenting
    path never unmatches a matched mentee, so some largest round covers every organisation's own largest matching. It may
    cost points; the certificate says how many. ``even_gain`` raises the guarantee (`graph.even_gain`), and the same holds.

    With ``hold_back`` the round is the best one, and proven, as `graph.hold_back` weighs it, with ``even_load`` as
    `graph.even_load` does; points are counted in full. Under ``most_mentees`` neither costs a placement; under ``total_fit``
    a mentee whose fit is worth less than the seat costs is not placed, unless the guarantee asks for it. Time and memory are
    measured in tests/benchmarks/bench_rounds.py.

    Examples
    --------
    Alone, organisation 0 places one mentee. The pair across would score more, but would leave organisation 0 with none:

    >>> problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])
    >>> result = solve_round(problem)
    >>> result.mentor_of.tolist(), result.placed, result.points
    ([0, -1], 1, 60)
    >>> result.certificate.prices
    (GuaranteePrice(organisation=0, bound=1, placements=0, points=30),)
    """
    policy = policy or RoundPolicy()
    weighed = held_back(problem, policy)
    bounds, surplus = guaranteed(weighed, policy)
    network = build(weighed, policy, bounds)
    if augment.suits(weighed, policy):
        solved_by, (flow, potentials) = augment.ENGINE, augment.cheapest_by_paths(weighed, policy, network)
    else:
        solved_by, (flow, potentials) = engine(), cheapest(network)
    certificate = Certificate(
        flow=flow,
        potentials=potentials,
        bounds=bounds if policy.individual_rationality else np.zeros_like(bounds),
        prices=_prices(network, flow, potentials),
        digest=_digest(problem, policy, solved_by),
        engine=solved_by,
        surplus=surplus,
    )
    return result_of(problem, _mentor_of(weighed, network, flow), certificate)


def _mentor_of(weighed: RoundProblem, network: RoundNetwork, flow: IntArray) -> IntArray:
    chosen = network.pairs[flow[network.pair_arcs] == 1]
    mentor_of = np.full(weighed.mentees, -1)
    mentor_of[weighed.mentee[chosen]] = weighed.mentor[chosen]
    return mentor_of


def _prices(network: RoundNetwork, flow: IntArray, potentials: IntArray) -> tuple[GuaranteePrice, ...]:
    """Name the guarantees that bind at a price, dearest first, then by organisation."""
    arcs, placed = network.arcs, network.placed_arcs
    price = potentials[arcs.tail[placed]] - potentials[arcs.head[placed]]
    lower = arcs.lower[placed]
    binding = np.flatnonzero((price > 0) & (lower > 0) & (flow[placed] == lower))
    dearest_first = binding[np.argsort(-price[binding], kind="stable")]
    return tuple(
        GuaranteePrice(int(network.organisations[arc]), int(lower[arc]), *network.worth.split(int(price[arc])))
        for arc in dearest_first
    )


def _digest(problem: RoundProblem, policy: RoundPolicy, solved_by: str) -> str:
    order = problem.canonical_order()
    nobody = np.zeros(0, dtype=np.int64)
    donated = nobody if problem.donated is None else problem.donated.astype(np.int64)
    columns: tuple[tuple[str, IntArray], ...] = (
        ("mentee", problem.mentee[order]),
        ("mentor", problem.mentor[order]),
        ("points", problem.points[order]),
        ("seats", problem.seats),
        ("mentee_organisation", problem.mentee_organisation),
        ("mentor_organisation", problem.mentor_organisation),
        ("donated", donated),
        ("rounds_waited", nobody if problem.rounds_waited is None else problem.rounds_waited),
        ("promised", nobody if problem.promised is None else problem.promised),
    )
    settings: tuple[tuple[str, object], ...] = (
        ("engine", solved_by),
        ("organisations", problem.organisations),
        ("objective", policy.objective),
        ("individual_rationality", policy.individual_rationality),
        ("net_balance", policy.net_balance),
        ("longest_wait", policy.longest_wait),
    )
    # Named only where they are asked for: rounds of record from before they were known keep their digests.
    if policy.hold_back:
        columns += (("scarcity", nobody if problem.scarcity is None else problem.scarcity),)
        settings += (("hold_back", policy.hold_back),)
    if policy.even_load:
        columns += (("carried", nobody if problem.carried is None else problem.carried),)
        settings += (("even_load", policy.even_load),)
    if policy.even_gain:
        settings += (("even_gain", True),)
    return digest(columns, settings)


def round_faults(problem: RoundProblem, policy: RoundPolicy, result: RoundResult) -> tuple[str, ...]:
    """Return every reason to doubt a result, none if it is proven: bounds, optimality, pairs, totals, digest.

    The bounds are matched and the network is built anew from the problem; the proof is then checked without a solver.
    Anyone who holds the problem can run it. O(pairs), and one matching; with an even gain, as many flows as finding it took.
    """
    proof = result.certificate
    weighed = held_back(problem, policy)
    bounds, surplus = guaranteed(weighed, policy)
    network = build(weighed, policy, bounds)
    faults = certificate_faults(network.arcs, proof.flow, proof.potentials)
    if faults:
        return faults
    again = result_of(problem, _mentor_of(weighed, network, proof.flow), proof)
    pairs_agree = np.array_equal(again.mentor_of, result.mentor_of)
    totals_agree = (again.placed, again.points, again.by_organisation()) == (
        result.placed,
        result.points,
        result.by_organisation(),
    )
    doubts = (
        ("" if pairs_agree else "the pairs are not those of the proof"),
        ("" if totals_agree else "the totals are not those of the pairs"),
        ("" if proof.surplus == surplus else "the common surplus is not the largest"),
        ("" if proof.digest == _digest(problem, policy, proof.engine) else "the digest is not that of this round"),
    )
    return tuple(doubt for doubt in doubts if doubt)
