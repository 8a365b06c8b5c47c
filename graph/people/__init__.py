"""Mentors, mentees and the pool as columns: frozen values, pseudonyms only."""

from graph.bits import Bits, Counts, IntArray, bits_for
from graph.people.columns import Columns
from graph.people.persons import OFFICIAL_LANGUAGES, SKILLS, YEARS_BANDS, Clb, Mentee, Mentor, Person, Readiness, Skill
from graph.people.pool import Pool

__all__ = ["OFFICIAL_LANGUAGES", "SKILLS", "YEARS_BANDS", "Bits", "Clb", "Columns", "Counts", "IntArray"]
__all__ += ["Mentee", "Mentor", "Person", "Pool", "Readiness", "Skill", "bits_for"]
