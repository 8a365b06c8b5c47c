"""Weights of parts: the one rule of every table that shares a hundred among named parts."""

from collections.abc import Mapping, Sequence


def check_weights(weights: Mapping[str, int], parts: Sequence[str]) -> None:
    """Refuse weights that do not share exactly 100 among the parts.

    Raises
    ------
    ValueError
        A part missing or unknown, a weight that is not a whole number from 0, or a sum other than 100.

    Examples
    --------
    >>> check_weights({"place": 60, "language": 40}, ("place", "language"))
    """
    if set(weights) != set(parts):
        raise ValueError(f"weights name {sorted(weights)}; the parts are {sorted(parts)}")
    for part, weight in weights.items():
        if type(weight) is not int or weight < 0:
            raise ValueError(f"weight of {part} is {weight!r}: a whole number from 0 is needed")
    if sum(weights.values()) != 100:
        raise ValueError(f"weights sum to {sum(weights.values())}: 100 is needed")
