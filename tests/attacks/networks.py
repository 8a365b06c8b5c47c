"""Seeded networks to attack and to measure: unequal agencies, skewed occupations, people near their agency's city.

Everyone is made up. Occupations are all unit groups of NOC 2021 under a Zipf law, or (easier to hide in) the demonstration's
65 with their weights; regions follow recent immigrants by province, then a Zipf law over the province's metropolitan areas.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from federation.deidentify import Epoch, publish
from federation.vocabularies import load as load_vocabularies
from hub.settings import CONFIG

BANDS = (("0-2", 20), ("3-5", 22), ("6-10", 28), ("11-20", 22), ("21+", 8))
ORIGINS = (
    ("IN", 30),
    ("PH", 16),
    ("CN", 12),
    ("NG", 8),
    ("SY", 7),
    ("IR", 6),
    ("FR", 5),
    ("UA", 5),
    ("BR", 4),
    ("ER", 1),
)


@dataclass(frozen=True)
class Network:
    """People as the hub holds them, and the organisation of each."""

    records: list[dict[str, Any]]
    owners: list[str]

    def published(self, k: int, *, stricter: bool = False) -> Epoch:
        return publish(self.records, self.owners, k, stricter=stricter)

    def without(self, gone: set[int]) -> "Network":
        kept = [place for place in range(len(self.records)) if place not in gone]
        return Network([self.records[place] for place in kept], [self.owners[place] for place in kept])

    def joined(self, others: "Network") -> "Network":
        return Network(self.records + others.records, self.owners + others.owners)


@lru_cache(maxsize=8)
def network(people: int, organisations: int = 12, seed: int = 1, *, demonstration: bool = False) -> Network:
    """Draw a network; agencies are unequal by a Zipf law and seven people in ten live in their agency's region."""
    random = Random(seed)
    occupations, cumulated = _demonstrated() if demonstration else _all_occupations()
    drawn_occupations = random.choices(occupations, cum_weights=cumulated, k=people)
    owners = random.choices(range(organisations), cum_weights=falling(organisations, 0.9), k=people)
    homes = [_region(random) for _ in range(organisations)]
    records = [
        {
            "noc": noc,
            "region": homes[owner] if random.random() < 0.7 else _region(random),
            "years_band": _drawn(random, BANDS),
            "languages": ["en"],
            "origin": _drawn(random, ORIGINS),
        }
        for noc, owner in zip(drawn_occupations, owners, strict=True)
    ]
    return Network(records, [f"org-{owner:02}" for owner in owners])


def _all_occupations() -> tuple[list[str], list[float]]:
    codes = [code for code, found in load_vocabularies().occupations.items() if found.level == 5]
    Random(0).shuffle(codes)
    return codes, falling(len(codes), 1.0)


def _demonstrated() -> tuple[list[str], list[float]]:
    weights = {code: float(found["w"]) for code, found in _distributions()["occupation_noc2021"].items()}
    return list(weights), list(accumulate(weights.values()))


@lru_cache(maxsize=1)
def _distributions() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CONFIG / "demo" / "generator_distributions.json").read_text(encoding="utf-8"))
    return read


def falling(number: int, power: float) -> list[float]:
    """Return cumulative weights of a Zipf law over ranks 1 to ``number``."""
    return list(accumulate(1 / rank**power for rank in range(1, number + 1)))


def _drawn(random: Random, choices: Sequence[tuple[str, int]]) -> str:
    return random.choices([one for one, _ in choices], [weight for _, weight in choices])[0]


def _region(random: Random) -> str:
    provinces, cumulated, areas = _places()
    province = random.choices(provinces, cum_weights=cumulated)[0]
    inside = areas.get(province, ())
    if not inside or random.random() < 0.1:
        return province
    return random.choices(inside, cum_weights=falling(len(inside), 1.0))[0]


@lru_cache(maxsize=1)
def _places() -> tuple[list[str], list[float], dict[str, list[str]]]:
    shares: dict[str, float] = _distributions()["province"]
    areas: dict[str, list[str]] = {}
    for code, place in sorted(load_vocabularies().places.items()):
        if place.parent:
            areas.setdefault(place.parent, []).append(code)
    return list(shares), list(accumulate(shares.values())), areas
