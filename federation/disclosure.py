"""What browse may show: classes of people, never rows (trust.md, section 2).

Local lattice recoding: walk generalisations from fine to coarse; at each, publish every group of records that satisfies rule
R; the rest goes on to the next; leftovers are matchable, not browsable.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Record = Mapping[str, Any]
YEARS_COARSE: Final[Mapping[str, str]] = {"0-2": "0-5", "3-5": "0-5", "6-10": "6+", "11-20": "6+", "21+": "6+"}
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class CellClass:
    """One published class: positions of its records, and the codes shown for all of them."""

    members: tuple[int, ...]
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What may be browsed until the next epoch: classes, and positions of records that are not browsable."""

    classes: tuple[CellClass, ...]
    withheld: tuple[int, ...]


def publish(records: Sequence[Record], owners: Sequence[str], k: int) -> Epoch:
    """Return classes in which nobody can be told apart, not even by a member that knows its own people.

    Parameters
    ----------
    records
        One mapping a person with ``noc`` (1 to 5 digits), ``region``, ``years_band``; other fields are never shown.
    owners
        The organisation of each record, in the same order.
    k
        Smallest size of a class: 5 among organisations under agreement.

    Raises
    ------
    ValueError
        k below 2, or not one owner a record.

    Notes
    -----
    Rule R: size at least k, and for each contributing organisation the others' records number 0 or at least k: k − 1 cloned
    profiles then single nobody out, as plain k-anonymity would let them. O(records · generalisations).

    Examples
    --------
    >>> people = [{"noc": "2130", "region": "AB-835", "years_band": "6-10"}] * 6
    >>> publish(people, ["a"] * 6, 5).classes[0].shown
    {'noc': '2130', 'region': 'AB-835', 'years_band': '6-10'}
    """
    if k < 2:
        raise ValueError(f"k is {k}: a class of one is a person")
    if len(records) != len(owners):
        raise ValueError(f"{len(records)} records, {len(owners)} owners: one each is needed")
    left = list(range(len(records)))
    classes: list[CellClass] = []
    for generalise in LATTICE:
        groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for position in left:
            groups[generalise(records[position])].append(position)
        kept = {
            key: members for key, members in groups.items() if satisfies_rule_r([owners[one] for one in members], k)
        }
        classes += [
            CellClass(tuple(members), dict(zip(("noc", "region", "years_band"), key, strict=True)))
            for key, members in sorted(kept.items())
        ]
        published = {position for members in kept.values() for position in members}
        left = [position for position in left if position not in published]
    return Epoch(tuple(classes), tuple(left))


def satisfies_rule_r(owners: Sequence[str], k: int) -> bool:
    """Whether a group of records with these owners may be shown."""
    size = len(owners)
    return size >= k and all(size - own in {0} or size - own >= k for own in Counter(owners).values())


def size_bucket(size: int) -> str:
    """Return the size as browse says it: 5-9, 10-19, 20+."""
    return "20+" if size >= 20 else "10-19" if size >= 10 else "5-9"


def covers(shown: str, code: str) -> bool:
    """Whether a shown occupation or region is the code asked for, or holds it, or is held by it."""
    return shown == ANY or shown.startswith(code) or code.startswith(shown)


def _node(digits: int, region: str, years: str) -> Callable[[Record], tuple[str, str, str]]:
    def generalise(record: Record) -> tuple[str, str, str]:
        places = {"region": record["region"], "province": str(record["region"]).partition("-")[0], ANY: ANY}
        bands = {"band": record["years_band"], "coarse": YEARS_COARSE[record["years_band"]], ANY: ANY}
        return str(record["noc"])[:digits], places[region], bands[years]

    return generalise


# From the finest to the coarsest: years give way first, then the region, the occupation last (it matters most to a match).
LATTICE: Final = tuple(
    _node(digits, region, years)
    for digits in (4, 3, 2, 1)
    for region in ("region", "province", ANY)
    for years in ("band", "coarse", ANY)
)
