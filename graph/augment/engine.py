"""Whether a round is solved by augmenting paths: much faster than a general solver on large pools, and as exact.

Which engine, and why (measured in docs/benchmarks/rounds.md):

- Paths, here, for pools of `LEAST_PAIRS` pairs and more without a net balance. Points are whole numbers from 1 to 100, so
  prices fall through about a hundred levels however large the pool is; at each level many paths are found at once. That is
  several times faster than OR-Tools where seats are plentiful.
- OR-Tools (graph/flow.py) for small pools, where it answers before numba is loaded; for a net balance, whose bounds bind
  whole flows between organisations; for an even load, whose seats differ in price; for an even gain, which binds so many
  organisations that mending was seen to end wrong; and wherever numba is not installed. It is the oracle of this engine in
  the tests.

The choice depends on the problem and the installation alone, never on what ran before: the digest names the engine.
"""

import importlib
from functools import cache
from types import ModuleType

from graph.round_problem import RoundPolicy, RoundProblem

ENGINE = "passerelle-augmenting-paths 3"
LEAST_PAIRS = 100_000


def suits(problem: RoundProblem, policy: RoundPolicy) -> bool:
    """Return True if this engine is the one to take: a large pool, no net balance, nothing evened, numba installed."""
    alike = policy.net_balance is None and not policy.even_load and not policy.even_gain
    return problem.pairs >= LEAST_PAIRS and alike and compiled() is not None


@cache
def compiled() -> ModuleType | None:
    """Return the compiled search, None without numba. The first use on a machine compiles for seconds, and keeps it."""
    try:
        return importlib.import_module("graph.augment.search")
    except (ImportError, RuntimeError):  # not installed, too new a numpy, or no folder to keep what was compiled
        return None
