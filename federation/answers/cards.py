"""One side of a pair as the other may see it, and how well the two fit in a word."""

from typing import Final

from marshmallow import fields

from federation.answers.base import Answer

BANDS: Final = ("strong", "good", "possible")


class CardAnswer(Answer):
    """One side of a pair as the other may see it (trust.md, disclosure ladder)."""

    noc = fields.String(required=True)
    region = fields.String(required=True)
    years_band = fields.String(required=True)
    shared_languages = fields.List(fields.String(), required=True)
