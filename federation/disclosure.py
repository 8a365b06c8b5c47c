"""What browse may show: classes of people, never rows (trust.md, section 2).

Local lattice recoding: walk generalisations from fine to coarse; at each, publish every group of records that satisfies rule
R; the rest goes on to the next; leftovers are matchable, not browsable.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation.disclosure_lattice import ANY, NODES, Codes, finest
from federation.disclosure_rule import Holders, satisfies_rule_r, shows_nobody

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
    _refuse(len(records), owners, k, people)
    people = range(len(records)) if people is None else people
    pool = _Pool(owners, people, k, 2 if stricter else 1)
    left: dict[Codes, list[int]] = defaultdict(list)
    for position, record in enumerate(records):
        left[finest(record)].append(position)
    classes = _recode(left, pool)
    cells = (CellClass(tuple(sorted(members)), codes._asdict()) for codes, members in sorted(classes.items()))
    return Epoch(tuple(cells), tuple(sorted(position for members in left.values() for position in members)))


def _refuse(size: int, owners: Sequence[str], k: int, people: Sequence[Hashable] | None) -> None:
    if k < 2:
        raise ValueError(f"k is {k}: a class of one is a person")
    if size != len(owners):
        raise ValueError(f"{size} records, {len(owners)} owners: one each is needed")
    if people is not None and size != len(people):
        raise ValueError(f"{size} records, {len(people)} people: one each is needed")


class _Pool:
    """Who holds whom, and the rule they must satisfy."""

    def __init__(self, owners: Sequence[str], people: Sequence[Hashable], k: int, colluders: int) -> None:
        holders: dict[Hashable, set[str]] = defaultdict(set)
        for person, owner in zip(people, owners, strict=True):
            holders[person].add(owner)
        self.holders: Mapping[Hashable, Holders] = {person: frozenset(known) for person, known in holders.items()}
        self.people, self.k, self.colluders = people, k, colluders

    def may_show(self, members: Sequence[int]) -> bool:
        """Whether rule R holds for the people behind these records."""
        if len(members) < self.k:
            return False
        inside = {self.people[position] for position in members}
        return shows_nobody(Counter(self.holders[one] for one in inside), self.k, colluders=self.colluders)


def _recode(left: dict[Codes, list[int]], pool: _Pool) -> dict[Codes, list[int]]:
    """Move groups that may be shown out of ``left`` into classes by their codes, from the finest node to the coarsest.

    A group whose codes are already those of a class (a person who only said her province, say) joins it: the sum of two
    groups that satisfy the rule satisfies it, and the rest is tried together with the class.
    """
    classes: dict[Codes, list[int]] = {}
    for node in NODES:
        groups: dict[Codes, list[Codes]] = defaultdict(list)
        for codes in left:
            groups[node.generalise(codes)].append(codes)
        for shown, parts in groups.items():
            members = [*classes.get(shown, ()), *_positions(left, parts)]
            if pool.may_show(members):
                classes[shown] = members
                for codes in parts:
                    del left[codes]
    return classes


def _positions(left: Mapping[Codes, list[int]], parts: Iterable[Codes]) -> Iterable[int]:
    return (position for codes in parts for position in left[codes])


def size_bucket(size: int) -> str:
    """Return the size as browse says it: 5-9, 10-19, 20+."""
    return "20+" if size >= 20 else "10-19" if size >= 10 else "5-9"


def covers(shown: str, code: str) -> bool:
    """Whether a shown occupation or region is the code asked for, or holds it, or is held by it."""
    return shown == ANY or shown.startswith(code) or code.startswith(shown)
