"""Local lattice recoding: from groups of like records to classes that satisfy rule R, finest first."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from federation.disclosure_lattice import ANY, NODES, Codes, Node
from federation.disclosure_rule import Holders, shows_nobody

Groups = dict[Codes, list[int]]
"""Positions of records by codes: the finest that may be shown, or those of a class."""


class Guard:
    """Who holds whom, and the rule a class must satisfy."""

    def __init__(self, owners: Sequence[str], k: int, people: Sequence[Hashable] | None, *, stricter: bool) -> None:
        """Take the same arguments as :func:`federation.disclosure.publish`.

        Raises
        ------
        ValueError
            k below 2, or not one person a record.
        """
        if k < 2:
            raise ValueError(f"k is {k}: a class of one is a person")
        if people is not None and len(people) != len(owners):
            raise ValueError(f"{len(owners)} records, {len(people)} people: one each is needed")
        self.people = range(len(owners)) if people is None else people
        holders: dict[Hashable, set[str]] = defaultdict(set)
        for person, owner in zip(self.people, owners, strict=True):
            holders[person].add(owner)
        self.holders: Mapping[Hashable, Holders] = {person: frozenset(known) for person, known in holders.items()}
        self.k, self.colluders = k, 2 if stricter else 1

    def may_show(self, members: Sequence[int]) -> bool:
        """Whether rule R holds for the people behind these records."""
        if len(members) < self.k:
            return False
        inside = {self.people[position] for position in members}
        return shows_nobody(Counter(self.holders[one] for one in inside), self.k, colluders=self.colluders)


def recode(left: Groups, classes: Groups, guard: Guard, nodes: Iterable[Node] = NODES) -> None:
    """Move groups that may be shown out of ``left`` into ``classes``, node after node, from the finest to the coarsest.

    1. At each node a group is tried together with the class that already shows its codes (of people who only said their
       province, say): the sum of two groups that satisfy the rule satisfies it too.
    2. Before a digit of the occupation is lost, a group that is too small takes in the smallest class of its occupation:
       place and years of those few are worth less to a match than the digit (docs/benchmarks/disclosure.md).

    Groups of one node share neither people nor classes, so their order does not matter.
    """
    for node in nodes:
        groups: dict[Codes, list[Codes]] = defaultdict(list)
        for codes in left:
            groups[node.generalise(codes)].append(codes)
        for shown, parts in groups.items():
            members = [*classes.get(shown, ()), *positions(left, parts)]
            near = _near(node, shown, classes) if node.only_occupation else []
            taken = _taken_in(members, near, classes, guard)
            if taken or guard.may_show(members):
                classes[shown] = members + (classes.pop(taken) if taken else [])
                for codes in parts:
                    del left[codes]


def _near(node: Node, shown: Codes, classes: Groups) -> list[Codes]:
    """Return classes of a group's occupation, or at the coarsest node all of them: the vaguest and smallest first."""
    found = (codes for codes in classes if codes != shown and (codes.noc == shown.noc or not node.digits))
    return sorted(found, key=lambda codes: (codes.noc != ANY, len(codes.noc), len(classes[codes]), codes))


def _taken_in(members: list[int], near: list[Codes], classes: Groups, guard: Guard) -> Codes | None:
    """Return the class a group must take in to be shown, if it must and there is one that helps."""
    if not near or guard.may_show(members):
        return None
    return next((codes for codes in near if guard.may_show(members + classes[codes])), None)


def positions(groups: Groups, parts: Iterable[Codes] | None = None) -> Iterable[int]:
    """Yield the positions in some groups, or in all."""
    return (position for codes in (groups if parts is None else parts) for position in groups[codes])
