"""From what an agency knows to what others may see, in two steps.

Before it leaves: one record is generalised to what the hub may hold (occupation to four digits, or five where a program needs
them; years to a band, place to a region). Before it is browsed: records are published as classes of people (:func:`publish`,
whose home is disclosure.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from federation.disclosure import CellClass, Epoch, publish
from federation.vocabularies import load as load_vocabularies

__all__ = ["CellClass", "Epoch", "generalise", "publish", "years_band"]

HELD_DIGITS: Final = 4
MOST_DIGITS: Final = 5
BAND_STARTS: Final = ((21, "21+"), (11, "11-20"), (6, "6-10"), (3, "3-5"), (0, "0-2"))


def generalise(record: Mapping[str, Any], digits: int = HELD_DIGITS) -> dict[str, Any]:
    """Return a profile without what is finer than the hub holds.

    ``noc`` and ``target_noc`` keep at most ``digits`` digits, ``years`` becomes ``years_band``, and ``city`` or ``fsa`` becomes
    ``region``; anything else stays as it is, for the document to accept or refuse.

    Examples
    --------
    >>> generalise({"noc": "21300", "years": 8, "city": "Edmonton"})
    {'noc': '2130', 'years_band': '6-10', 'region': 'AB-835'}
    """
    kept = {name: value for name, value in record.items() if name not in {"years", "city", "fsa", "province"}}
    for name in ("noc", "target_noc"):
        if isinstance(kept.get(name), str):
            kept[name] = kept[name][:digits]
    if "years" in record:
        kept["years_band"] = years_band(int(record["years"]))
    if record.keys() & {"city", "fsa", "province"}:
        region = load_vocabularies().region_of(
            city=record.get("city"), fsa=record.get("fsa"), province=record.get("province")
        )
        kept["region"] = region or ""
    return kept


def years_band(years: int) -> str:
    """Return the band of a number of years.

    Raises
    ------
    ValueError
        Fewer than 0.
    """
    for start, band in BAND_STARTS:
        if years >= start:
            return band
    raise ValueError(f"{years} years: 0 or more are needed")
