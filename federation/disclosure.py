"""What browse may show: classes of people, never rows (trust.md, section 2).

Local lattice recoding: walk generalisations from fine to coarse; at each, publish every group of records that satisfies rule
R; the rest goes on to the next; leftovers are matchable, not browsable.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation.disclosure_lattice import ANY, finest
from federation.disclosure_recoding import Groups, Guard, positions, recode
from federation.disclosure_rule import satisfies_rule_r

__all__ = ["ANY", "CellClass", "Epoch", "Record", "covers", "publish", "satisfies_rule_r", "size_bucket"]

Record = Mapping[str, Any]


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


def publish(
    records: Sequence[Record],
    owners: Sequence[str],
    k: int,
    *,
    people: Sequence[Hashable] | None = None,
    stricter: bool = False,
) -> Epoch:
    """Return classes in which nobody can be told apart, not even by a member that knows its own people.

    Parameters
    ----------
    records
        One mapping a record with ``noc`` (1 to 5 digits), ``region``, ``years_band``; a code that is missing or unknown is
        shown as ``*``. Other fields (languages, origin) are never shown.
    owners
        The organisation of each record, in the same order.
    k
        Smallest size of a class: 5 among organisations under agreement, 11 wider, 20 where more is shown.
    people
        Who each record is about, in the same order, where confirmed duplicates exist; a person counts once, and as known to
        every organisation that holds a record of hers. Nothing: every record is another person.
    stricter
        Hold rule R also against any two organisations that put their own people together.

    Raises
    ------
    ValueError
        k below 2, or not one owner (or one person) a record.

    Notes
    -----
    Rule R: size at least k, and for each contributing organisation the others' people number 0 or at least k: k − 1 cloned
    profiles then single nobody out, as plain k-anonymity would let them. Records with the same codes share one fate, so the
    order of the input changes nothing, and no two classes show the same codes.
    O(records + distinct codes · generalisations); measured in tests/benchmarks/bench_disclosure.py.

    Examples
    --------
    >>> someone = [{"noc": "2130", "region": "AB-835", "years_band": "6-10"}] * 6
    >>> publish(someone, ["a"] * 6, 5).classes[0].shown
    {'noc': '2130', 'region': 'AB-835', 'years_band': '6-10'}
    """
    one_each(records, owners)
    left: Groups = defaultdict(list)
    for position, record in enumerate(records):
        left[finest(record)].append(position)
    classes: Groups = {}
    recode(left, classes, Guard(owners, k, people, stricter=stricter))
    return epoch_of(classes, left)


def one_each(records: Sequence[object], owners: Sequence[object]) -> None:
    """Refuse lists of different lengths.

    Raises
    ------
    ValueError
        Not one owner a record.
    """
    if len(records) != len(owners):
        raise ValueError(f"{len(records)} records, {len(owners)} owners: one each is needed")


def epoch_of(classes: Groups, left: Groups) -> Epoch:
    """Return groups as an epoch, in the order of their codes."""
    cells = (CellClass(tuple(sorted(members)), codes._asdict()) for codes, members in sorted(classes.items()))
    return Epoch(tuple(cells), tuple(sorted(positions(left))))


def size_bucket(size: int) -> str:
    """Return the size as browse says it: 5-9, 10-19, 20+."""
    return "20+" if size >= 20 else "10-19" if size >= 10 else "5-9"


def covers(shown: str, code: str) -> bool:
    """Whether a shown occupation or region is the code asked for, or holds it, or is held by it."""
    return shown == ANY or shown.startswith(code) or code.startswith(shown)
