"""From one epoch to the next, so that the difference between them shows nobody.

Publishing each epoch afresh is safe against whoever sees one of them only. Whoever sees two can subtract: one person joins,
one class grows, and the newcomer's codes are known. Hence newcomers appear in groups that satisfy rule R among themselves,
and a class that stands is split only into parts that each satisfy it.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence

from federation.disclosure import Epoch, Record, epoch_of, one_each
from federation.disclosure_lattice import ANY, Codes, finest
from federation.disclosure_recoding import Groups, Guard, positions, recode


def publish_after(
    before: Sequence[Mapping[str, str] | None],
    records: Sequence[Record],
    owners: Sequence[str],
    k: int,
    *,
    people: Sequence[Hashable] | None = None,
    stricter: bool = False,
) -> Epoch:
    """Return the epoch that follows another without telling who came.

    Parameters
    ----------
    before
        For each record the codes the last epoch showed of it, or ``None`` when it showed nothing (a newcomer, or withheld).
    records, owners, k, people, stricter
        As in :func:`federation.disclosure.publish`. Records that were withdrawn are simply not there any more.

    Raises
    ------
    ValueError
        k below 2, lists of different lengths, or codes that do not cover the record.

    Notes
    -----
    1. Classes that still satisfy rule R stand; each is split as finely as parts *and* remainder satisfy it.
    2. People of a class that no longer does are shown again, never finer than before.
    3. Newcomers, and whoever was withheld, form groups that satisfy rule R without anyone else; the rest waits.
    The price of 3: more people are withheld than by a fresh epoch, until enough of their kind have come.
    """
    one_each(records, owners)
    one_each(before, owners)
    guard = Guard(owners, k, people, stricter=stricter)
    standing, fallen, new = _sorted_out(before, records, guard)
    classes: Groups = {}
    for shown, members in standing.items():
        _merge(classes, _split(shown, members, records, guard))
    recode(fallen, classes, guard)
    arrived: Groups = {}
    recode(new, arrived, guard)
    _merge(classes, arrived)
    _merge(new, fallen)
    return epoch_of(classes, new)


def without(
    epoch: Epoch,
    gone: Collection[int],
    owners: Sequence[str],
    k: int,
    *,
    people: Sequence[Hashable] | None = None,
    stricter: bool = False,
) -> Epoch:
    """Return an epoch after withdrawals, at once: people leave, and a class that breaks rule R hides until the next.

    ``gone`` holds positions; everyone else keeps theirs, so ``owners`` and ``people`` are still the lists the epoch was
    published with.
    """
    guard = Guard(owners, k, people, stricter=stricter)
    classes: Groups = {}
    withheld: Groups = {Codes(ANY, ANY, ANY): [one for one in epoch.withheld if one not in gone]}
    for cell in epoch.classes:
        members = [one for one in cell.members if one not in gone]
        if guard.may_show(members):
            classes[Codes(**cell.shown)] = members
        else:
            _merge(withheld, {Codes(ANY, ANY, ANY): members})
    return epoch_of(classes, withheld)


def _sorted_out(
    before: Sequence[Mapping[str, str] | None], records: Sequence[Record], guard: Guard
) -> tuple[Groups, Groups, Groups]:
    """Return classes that stand, people of those that fell (by what was shown of them), and newcomers (by their codes)."""
    shown: Groups = defaultdict(list)
    new: Groups = defaultdict(list)
    for position, (codes, record) in enumerate(zip(before, records, strict=True)):
        if codes is None:
            new[finest(record)].append(position)
        else:
            shown[_covering(Codes(**codes), finest(record))].append(position)
    standing = {codes: members for codes, members in shown.items() if guard.may_show(members)}
    return standing, {codes: members for codes, members in shown.items() if codes not in standing}, new


def _covering(shown: Codes, finer: Codes) -> Codes:
    if not shown.cover(finer):
        raise ValueError(
            f"{tuple(shown)} was shown of a record that says {tuple(finer)}: a changed record is a newcomer"
        )
    return shown


def _split(shown: Codes, members: list[int], records: Sequence[Record], guard: Guard) -> Groups:
    """Return a class as parts that each satisfy the rule, the remainder included: it keeps the codes it had."""
    left: Groups = defaultdict(list)
    for position in members:
        left[finest(records[position])].append(position)
    parts: Groups = {}
    recode(left, parts, guard)
    finer = sorted(codes for codes in parts if codes != shown and shown.cover(codes))
    rest = [position for codes, group in parts.items() if codes not in finer for position in group]
    rest += positions(left)
    while finer and rest and not guard.may_show(rest):
        rest += parts[finer.pop()]
    return {codes: parts[codes] for codes in finer} | ({shown: rest} if rest else {})


def _merge(groups: Groups, others: Groups) -> None:
    for codes, members in others.items():
        groups[codes] = [*groups.get(codes, ()), *members]
