"""What every document stands on: strict keys, faults with their place, and fields for codes and whole numbers."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from federation.problems import FieldError, Problem, field_errors
from federation.vocabularies import load as load_vocabularies

# Python's $ also matches before a line break at the end; the look-ahead refuses it and is known to every dialect.
PSEUDONYM_PATTERN: Final = r"^[A-Za-z0-9_-]{8,64}$(?!\n)"
HANDLE_PATTERN: Final = r"^[A-Za-z0-9_-]{16,64}$(?!\n)"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}$(?!\n)"
SHORT_DIGEST_PATTERN: Final = r"^[0-9a-f]{32}$(?!\n)"


class Document(Schema):
    """Base of all documents: strict keys, ordered output."""

    class Meta:
        """Refuse what is not ours."""

        unknown = RAISE


def read(schema: Document, payload: Any) -> dict[str, Any]:
    """Validate one document; every fault at once, each with its JSON pointer.

    Raises
    ------
    Problem
        ``unknown-field`` when a key is not ours (it wins: it may be personal data), else ``invalid-fields``.
    """
    try:
        loaded: dict[str, Any] = schema.load(payload)
    except ValidationError as error:
        raise _refusal(field_errors(error.messages)) from error
    return loaded


def _refusal(errors: list[FieldError]) -> Problem:
    unknown = [error for error in errors if error.detail == UNKNOWN]
    if unknown:
        detail = "Remove the fields listed and send again. Names, contacts and free text never leave your organisation."
        return Problem("unknown-field", detail, errors=errors)
    return Problem("invalid-fields", "Correct the fields listed and send again; nothing was stored.", errors=errors)


UNKNOWN: Final = "Unknown field."


def known_code(vocabulary: str) -> Callable[[str], None]:
    """Return a validator that refuses codes the vocabulary does not hold. The value is not repeated: it may be a name."""

    def check(value: str) -> None:
        if not load_vocabularies().has(vocabulary, value):
            raise ValidationError(f"Not a code of the {vocabulary} vocabulary; see config/vocabularies.")

    return check


def code(vocabulary: str, **options: Any) -> fields.String:
    """Return a field that holds one code of a vocabulary."""
    return fields.String(validate=[validate.Length(max=40), known_code(vocabulary)], **options)


def codes(vocabulary: str, *, most: int = 40, **options: Any) -> "fields.List[str]":
    """Return a field that holds a set of codes, without repeats."""
    if not options.get("required"):
        options.setdefault("load_default", list)
    return fields.List(code(vocabulary), validate=[validate.Length(max=most), _no_repeats], **options)


def _no_repeats(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("The same code stands twice.")


def whole(low: int, high: int, **options: Any) -> fields.Integer:
    """Return a field for a whole number in a closed range; texts and fractions are refused."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **options)
