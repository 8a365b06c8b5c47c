"""Rule R: may this group of people be shown to members that know their own people?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations

Holders = frozenset[str]


def satisfies_rule_r(owners: Iterable[str], k: int, *, stricter: bool = False) -> bool:
    """Whether people with these owners, one each, may be shown as one class: see :func:`shows_nobody`."""
    return shows_nobody(Counter(frozenset((owner,)) for owner in owners), k, colluders=2 if stricter else 1)


def shows_nobody(people: Mapping[Holders, int], k: int, *, colluders: int = 1) -> bool:
    """Whether there are at least k people, and no organisation that takes its own away is left with 1 to k − 1.

    Parameters
    ----------
    people
        How many people each set of organisations holds; a person two agencies share counts once, under both.
    k
        Smallest number of people to hide among.
    colluders
        How many organisations may put together what they know: 1 is rule R, 2 its stricter form.

    Notes
    -----
    Taking the largest holders away leaves the fewest: where that is k or more, every other choice leaves more. Only where it
    is not are the coalitions tried one by one, and then at most k people stand between them, so they are few.
    """
    size = sum(people.values())
    if size < k:
        return False
    known: Counter[str] = Counter()
    for holders, number in people.items():
        known.update(dict.fromkeys(holders, number))
    if size - sum(number for _, number in known.most_common(colluders)) >= k:
        return True
    return all(
        _others(people, frozenset(coalition)) not in range(1, k)
        for together in range(1, colluders + 1)
        for coalition in combinations(known, together)
    )


def _others(people: Mapping[Holders, int], coalition: frozenset[str]) -> int:
    """Return how many people no member of the coalition holds."""
    return sum(number for holders, number in people.items() if not holders & coalition)
