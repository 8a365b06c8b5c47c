"""Mentors kept as columns, each made a value when asked for: a million without a million objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from graph.knowledge import Knowledge
from graph.people.columns import Columns
from graph.people.persons import YEARS_BANDS, Mentor


@dataclass(frozen=True)
class MentorRows(Sequence[Mentor]):
    """Mentors kept as columns, each made a value when asked for."""

    ids: NDArray[np.str_]
    columns: Columns
    organisations: tuple[str, ...]
    countries: tuple[str, ...]
    knowledge: Knowledge

    def __len__(self) -> int:
        """Return how many mentors there are."""
        return int(self.ids.size)

    @overload
    def __getitem__(self, row: int) -> Mentor: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Mentor, ...]: ...
    def __getitem__(self, row: int | slice) -> Mentor | tuple[Mentor, ...]:
        """Return one mentor, or those of a slice."""
        if isinstance(row, slice):
            return tuple(self[number] for number in range(*row.indices(len(self))))
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        return self._decoded(row)

    def _decoded(self, row: int) -> Mentor:
        kept = self.columns
        consents = {"share": kept.sharing, "match_across_regions": kept.across_regions, "origin": kept.origin >= 0}
        sets = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals")
        return Mentor(
            id=str(self.ids[row]),
            organisation=self.organisations[kept.organisation[row]],
            noc=list(self.knowledge.noc_rows)[kept.noc[row]],
            region=list(self.knowledge.place_rows)[kept.region[row]],
            years_band=YEARS_BANDS[kept.years[row]],
            origin=self.countries[kept.origin[row]] if kept.origin[row] >= 0 else None,
            purposes=frozenset(purpose for purpose, given in consents.items() if given[row]),
            seats=int(kept.free_seats[row]),
            strengths=kept.topics.decoded(row),
            stale=bool(kept.stale[row]),
            resting=bool(kept.resting[row]),
            donated=bool(kept.donated[row]),
            **{name: getattr(kept, name).decoded(row) for name in sets},
        )
