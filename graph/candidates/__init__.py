"""The k best mentors for one mentee, and the pairs a round considers. Exact."""

from graph.candidates.index import FULL_SCAN_BELOW, Candidate, MentorIndex
from graph.candidates.pairs import Pairs

__all__ = ["FULL_SCAN_BELOW", "Candidate", "MentorIndex", "Pairs"]
