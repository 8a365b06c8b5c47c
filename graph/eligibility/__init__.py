"""May these two meet at all? One named predicate per hard rule; none costs points."""

from graph.eligibility.eligibility import Eligibility

__all__ = ["Eligibility"]
