"""The forms a field takes inside a token, what each weighs, and which forms are bound together.

A facet is one independent thing two records can agree on. Weights are tenths of a bit: how much rarer a chance agreement
is than a true one, in the sense of Fellegi and Sunter (1969). No token but those of a phone, an e-mail address or an
identifier stands on one facet: counting a token must not tell how common a surname or a birthday is.
"""

from collections.abc import Iterable
from typing import Final

Values = dict[str, dict[str, int]]
"""Form: each of its texts and that text's weight in tenths of a bit."""

NAMES, BIRTH, STREET, POSTAL, LOCALITY, PHONE, EMAIL, IDENTIFIER = range(8)
FACETS: Final = 8

FORMS: Final[dict[str, tuple[int, int]]] = {
    "names": (NAMES, 160),
    "names_spelling": (NAMES, 150),
    "names_sound": (NAMES, 120),
    "name": (NAMES, 70),
    "name_sound": (NAMES, 50),
    "initials": (NAMES, 40),
    "birth": (BIRTH, 140),
    "birth_part": (BIRTH, 80),
    "birth_year": (BIRTH, 30),
    "street": (STREET, 110),
    "street_end": (STREET, 80),
    "street_name": (STREET, 50),
    "postal": (POSTAL, 80),
    "postal_swap": (POSTAL, 60),
    "locality": (LOCALITY, 50),
    "locality_end": (LOCALITY, 40),
    "phone": (PHONE, 150),
    "email": (EMAIL, 180),
    "identifier": (IDENTIFIER, 250),
}
"""Form: its facet and the weight of agreeing in it. A birth date on 1 January, which registries write when the day is not
known, gives its year only."""

BOUND: Final = {
    "names": "birth birth_part birth_year street street_end street_name postal postal_swap locality locality_end",
    "names_spelling": "birth postal",
    "names_sound": "birth birth_part birth_year street postal_swap locality phone email",
    "name": "birth birth_part street street_end street_name postal_swap phone email",
    "name_sound": "birth street postal_swap",
    "birth": "street street_end street_name postal postal_swap locality locality_end phone",
    "birth_part": "street",
    "birth_year": "street phone",
    "street": "postal postal_swap locality locality_end",
    "street_end": "postal_swap locality",
}
"""A form, and the forms it is bound with, two by two."""
KINDS: Final[dict[str, tuple[str, ...]]] = {
    **{f"{form}+{other}": (form, other) for form, others in BOUND.items() for other in others.split()},
    **{alone: (alone,) for alone in ("phone", "email", "identifier")},
}
"""Kind of token: the forms it binds."""

FREQUENT_LESS: Final = 30
"""How much less a name weighs for each very frequent word in it."""


def full_weight(kind: str) -> int:
    """Return the weight of a kind of token before anything lowers it.

    Examples
    --------
    >>> full_weight("names+birth")
    300
    """
    return sum(FORMS[form][1] for form in KINDS[kind])


def weighed(form: str, texts: Iterable[str]) -> dict[str, int]:
    """Give each text that is not empty the weight of its form."""
    return {text: FORMS[form][1] for text in texts if text}
