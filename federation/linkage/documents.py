"""The keyed tokens of one person on the wire."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from federation.document_fields import SHORT_DIGEST_PATTERN, Document, whole
from federation.linkage.forms import KINDS, full_weight

MAX_LINKAGE_TOKENS: Final = 1_000


class LinkageTokenDocument(Document):
    """One keyed token of a person: which forms it binds, 128 bits in hexadecimal, at most the weight of its kind."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(KINDS), error="Not a kind of token."))
    digest = fields.String(required=True, validate=validate.Regexp(SHORT_DIGEST_PATTERN))
    weight = whole(1, max(map(full_weight, KINDS)), required=True)

    @validates_schema
    def check_weight(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a token that claims to say more than its kind can."""
        most = full_weight(data["kind"])
        if data["weight"] > most:
            raise ValidationError(f"A token of this kind weighs at most {most}.", "weight")


class LinkageDocument(Document):
    """All keyed tokens of one person, in place of those sent before; none erases them (federation.linkage)."""

    tokens = fields.List(
        fields.Nested(LinkageTokenDocument), required=True, validate=validate.Length(max=MAX_LINKAGE_TOKENS)
    )

    @validates_schema
    def check_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a token that stands twice."""
        if len({(token["kind"], token["digest"]) for token in data["tokens"]}) != len(data["tokens"]):
            raise ValidationError("The same token stands twice.", "tokens")
