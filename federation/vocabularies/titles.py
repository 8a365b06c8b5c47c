"""Occupations found by the titles people type."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OccupationTitles:
    """Titles without accents or case, each with the occupation it belongs to."""

    titles: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, titles: Iterable[tuple[str, str]]) -> "OccupationTitles":
        """Keep (code, title) pairs. O(titles)."""
        return cls(tuple((code, plain(title)) for code, title in titles))

    def search(self, text: str, limit: int) -> list[str]:
        """Return the codes whose titles hold every word typed, best first: a start of a title beats a middle. O(titles)."""
        words = plain(text).split()
        if not words:
            return []
        ranked: dict[str, tuple[int, int, str]] = {}
        for code, title in self.titles:
            if all(word in title for word in words):
                rank = (0 if title.startswith(words[0]) else 1, len(title), code)
                ranked[code] = min(rank, ranked.get(code, rank))
        return sorted(ranked, key=lambda code: ranked[code])[:limit]


def plain(text: str) -> str:
    """Return text without accents, case or double spaces, for search."""
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(bare.casefold().replace("’", "'").split())
