"""The one JSON loader at every door: what it accepts, every database and every peer can hold.

Python's own loader accepts NaN, duplicate keys, lone surrogates and unbounded depth. Each of these has either two meanings
on two systems or ends in a 500; so they are refused here, before anything is looked at.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from federation.problems import Problem

MAX_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 64
# Control characters (NUL breaks PostgreSQL text) and lone surrogates (cannot be encoded), tab and line breaks aside.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def load(body: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Return the JSON value of a UTF-8 body.

    Raises
    ------
    Problem
        ``body-too-large``, or ``malformed-json`` naming the place.

    Notes
    -----
    Linear in the size of the body.
    """
    if len(body) > max_bytes:
        raise Problem("body-too-large", f"Send at most {max_bytes} bytes in one request; split larger batches.")
    try:
        text = body.decode("utf-8")
        _check_depth(text)
        value = json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_no_constant, parse_int=_small_int, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _malformed(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:
        raise _malformed(str(error)) from error
    for string in _strings(value):
        if _FORBIDDEN.search(string):
            raise _malformed("a text holds a control character or a lone surrogate")
    return value


def load_object(body: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Return the JSON object of a UTF-8 body.

    Raises
    ------
    Problem
        As :func:`load`, and ``malformed-json`` for a value that is no object.
    """
    value = load(body, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise _malformed("an object is needed")
    return value


def _malformed(where: str) -> Problem:
    return Problem("malformed-json", f"Correct the JSON and send it again: {where}.")


def _check_depth(text: str) -> None:
    """Bound nesting before parsing: brackets inside texts are skipped."""
    depth = 0
    # A text that never ends counts to the end, so that no quote is looked at twice: linear for whatever is sent.
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', text, re.DOTALL):
        mark = token.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"nested deeper than {MAX_DEPTH} levels at character {token.start()}")
        elif mark in "]}":
            depth -= 1


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:40]!r} stands twice in one object")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _small_int(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise ValueError("a whole number does not fit in 64 bits")
    return int(digits)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:20]} is out of range")
    return number


def _strings(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, dict):
            yield from current
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
