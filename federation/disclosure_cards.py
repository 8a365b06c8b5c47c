"""What a suggestion may show of a mentor beside her organisation: the codes of her class, or coarser (trust.md, section 2).

A class holds k people of several organisations, and a suggestion names one of them: the two together would point at fewer. So
the people of one organisation are grouped once more, by what their classes show, until each group holds k of them.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from federation.disclosure_epochs import publish_after
from federation.disclosure_lattice import ANY, Codes

COARSEST: Final = Codes(ANY, ANY, ANY)


def card_codes(
    classes: Sequence[Codes],
    owners: Sequence[str],
    k: int,
    *,
    before: Sequence[Codes | None] | None = None,
    people: Sequence[Hashable] | None = None,
) -> tuple[Codes, ...]:
    """Return for each person the codes that may stand beside the name of her organisation.

    Parameters
    ----------
    classes
        What the class of each person shows; the coarsest codes where she is withheld.
    owners
        The organisation of each, in the same order.
    k
        Fewest people of one organisation that a card is true of.
    before
        What the last epoch's card showed of each; ``None``: the organisation alone, or she is new. Nothing: a first epoch.
    people
        As in :func:`federation.disclosure.publish`.

    Notes
    -----
    Inside one organisation its own people are all there are to hide among, and it knows them anyway: k is enough, rule R asks
    for no more. Who is left over, and everyone of an organisation of fewer than k, is shown with the organisation alone.
    """
    found = [COARSEST] * len(classes)
    by_owner: dict[str, list[int]] = defaultdict(list)
    for position, owner in enumerate(owners):
        by_owner[owner].append(position)
    for members in by_owner.values():
        shown = [classes[one]._asdict() for one in members]
        earlier = [_still_true(before[one] if before else None, classes[one]) for one in members]
        known = None if people is None else [people[one] for one in members]
        epoch = publish_after(earlier, shown, [owners[one] for one in members], k, people=known)
        for cell in epoch.classes:
            for place in cell.members:
                found[members[place]] = Codes(**cell.shown)
    return tuple(found)


def _still_true(codes: Codes | None, shown: Codes) -> Mapping[str, str] | None:
    return codes._asdict() if codes is not None and codes.cover(shown) else None
