"""The engine of large rounds: augmenting paths over columns, compiled where numba is installed."""

from graph.augment.engine import ENGINE, LEAST_PAIRS, compiled, suits
from graph.augment.paths import cheapest_by_paths, prepare

__all__ = ["ENGINE", "LEAST_PAIRS", "cheapest_by_paths", "compiled", "prepare", "suits"]
