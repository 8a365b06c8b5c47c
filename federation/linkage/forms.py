"""The forms a field takes inside a token, what each weighs, and which forms are bound together.

A facet is one independent thing two records can agree on. Weights are tenths of a bit: how much rarer a chance agreement
is than a true one, in the sense of Fellegi and Sunter (1969). No token but those of a phone, an e-mail address or an
identifier stands on one facet: counting a token must not tell how common a surname or a birthday is.
"""

from typing import Final

NAMES, BIRTH, STREET, POSTAL, LOCALITY, PHONE, EMAIL, IDENTIFIER = range(8)

FORMS: Final[dict[str, tuple[int, int]]] = {
    "names": (NAMES, 160),
    "names_spelling": (NAMES, 150),
    "names_sound": (NAMES, 120),
    "name": (NAMES, 70),
    "initials": (NAMES, 40),
    "birth": (BIRTH, 140),
    "birth_part": (BIRTH, 80),
    "street": (STREET, 110),
    "street_sound": (STREET, 100),
    "street_name": (STREET, 70),
    "postal": (POSTAL, 80),
    "locality": (LOCALITY, 70),
    "locality_sound": (LOCALITY, 60),
    "phone": (PHONE, 150),
    "email": (EMAIL, 180),
    "identifier": (IDENTIFIER, 250),
}
"""Form: its facet and the weight of agreeing in it."""

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "+".join(forms): forms
    for forms in (
        ("names", "birth"),
        ("names", "birth_part"),
        ("names", "street"),
        ("names", "street_name"),
        ("names", "postal"),
        ("names", "locality"),
        ("names_spelling", "birth"),
        ("names_spelling", "postal"),
        ("names_sound", "birth"),
        ("names_sound", "birth_part"),
        ("names_sound", "street_sound"),
        ("names_sound", "postal"),
        ("names_sound", "locality_sound"),
        ("name", "birth"),
        ("name", "street_sound"),
        ("name", "postal"),
        ("name", "phone"),
        ("initials", "birth", "postal"),
        ("birth", "street_sound"),
        ("birth", "street_name"),
        ("birth", "postal"),
        ("birth", "locality_sound"),
        ("birth", "phone"),
        ("street", "postal"),
        ("street", "locality_sound"),
        ("street_sound", "postal"),
        ("phone",),
        ("email",),
        ("identifier",),
    )
}
"""Kind of token: the forms it binds."""

NEW_YEAR_LESS: Final = 110
"""How much less a birthday on 1 January weighs: registries write it for people whose birthday is not known."""
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
