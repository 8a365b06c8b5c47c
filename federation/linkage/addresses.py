"""A street, a place and a postal code in the forms tokens are made of."""

import re
from typing import Final

from federation.linkage.forms import Values, weighed
from federation.linkage.scripts import joined, romanise
from federation.linkage.sound import sound

STREET_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "street st str road rd avenue ave av drive dr crescent cres cr place pl court ct crt boulevard blvd boul bd lane ln "
        "circuit cct terrace tce terr close cl way rue chemin ch rang trail parade pde north south east west n s e w nw ne "
        "sw se nord sud est ouest o",
    )
)
"""Words of a street that are left away: they are abbreviated in too many ways."""
END: Final = 4
"""Letters at either end of a name of a place."""
SHORTEST_CODE: Final = 4


def street_forms(text: str) -> Values:
    """Return a street's forms: by sound with its number, by either end with its number, by sound alone."""
    words = [word for word in romanise(text).split() if word not in STREET_WORDS]
    numbers = " ".join(sorted(word for word in words if word[0].isdigit()))
    name = "".join(word for word in words if not word[0].isdigit())
    numbered = bool(name and numbers)
    return {
        "street": weighed("street", [f"{numbers} {sound(name)}"] if numbered else []),
        "street_end": weighed("street_end", [f"{numbers} {end}" for end in _ends(name)] if numbered else []),
        "street_name": weighed("street_name", [sound(name)]),
    }


def place_forms(locality: str, postal_code: str) -> Values:
    """Return the forms of a locality and of a postal code; the first three characters of one name a district only."""
    name, code = joined(locality), joined(postal_code)
    if len(code) < SHORTEST_CODE:
        code = ""
    return {
        "locality": weighed("locality", [sound(name)]),
        "locality_end": weighed("locality_end", _ends(name)),
        "postal": weighed("postal", [code]),
        "postal_swap": weighed("postal_swap", ["".join(sorted(code))]),
    }


def _ends(name: str) -> tuple[str, ...]:
    """Return the start and the end of a name: one slip of the pen leaves one of them whole."""
    return (f"{name[:END]}-", f"-{name[-END:]}") if name else ()
