"""The ladder of coarser codes: occupation 4→3→2→1 digits → all, region → province → all, years band → coarse → all."""

from collections.abc import Mapping
from itertools import product
from typing import Any, Final, NamedTuple

ANY: Final = "*"
FINEST_DIGITS: Final = 4
YEARS_COARSE: Final[Mapping[str, str]] = {"0-2": "0-5", "3-5": "0-5", "6-10": "6+", "11-20": "6+", "21+": "6+"}


class Codes(NamedTuple):
    """What is shown of a person, or of a class."""

    noc: str
    region: str
    years_band: str

    def cover(self, finer: "Codes") -> bool:
        """Whether these codes are true of whoever has finer ones."""
        return (
            self.noc in {ANY, finer.noc[: len(self.noc)]}
            and self.region in {ANY, finer.region, finer.region.partition("-")[0]}
            and self.years_band in {ANY, finer.years_band, YEARS_COARSE.get(finer.years_band)}
        )


class Node(NamedTuple):
    """How far each code is generalised: digits kept of the occupation, steps taken up for region and years, 0 to 2."""

    digits: int
    region: int
    years: int

    @property
    def only_occupation(self) -> bool:
        """Whether nothing else is left to lose: the next node drops a digit of the occupation."""
        return self.region == self.years == 2

    def generalise(self, codes: Codes) -> Codes:
        """Return the codes seen from this node; never finer than they were."""
        return Codes(codes.noc[: self.digits] or ANY, _place(codes.region, self.region), _years(codes, self.years))


def finest(record: Mapping[str, Any]) -> Codes:
    """Return the finest codes that may be shown of a record; what is missing or not a code counts as not said.

    What is coarse already, because it was shown so, stays as coarse.

    Examples
    --------
    >>> finest({"noc": "21300", "region": "AB-835", "years_band": "8"})
    Codes(noc='2130', region='AB-835', years_band='*')
    """
    noc, region, years = record.get("noc"), record.get("region"), record.get("years_band")
    known = isinstance(noc, str) and noc.isascii() and noc.isdigit() and len(noc) <= 5
    return Codes(
        noc[:FINEST_DIGITS] if known and isinstance(noc, str) else ANY,
        region if isinstance(region, str) and region.partition("-")[0] else ANY,
        years if isinstance(years, str) and years in {*YEARS_COARSE, *YEARS_COARSE.values()} else ANY,
    )


def _place(region: str, steps: int) -> str:
    return (region, region.partition("-")[0], ANY)[steps]


def _years(codes: Codes, steps: int) -> str:
    return (codes.years_band, YEARS_COARSE.get(codes.years_band, codes.years_band), ANY)[steps]


# Years give way first, then the region, the occupation last: it matters most to a match.
NODES: Final = tuple(Node(*steps) for steps in product((4, 3, 2, 1, 0), (0, 1, 2), (0, 1, 2)))
