"""A round: what it gives the network, and each organisation."""

from typing import Final

from marshmallow import fields

from federation.answers.base import Answer, page_of


class ShareAnswer(Answer):
    """One organisation's part of a round; of others, counts below five are withheld (null)."""

    organisation = fields.String(required=True, attribute="organisation_id")
    name = fields.String(required=True)
    mentees = fields.Integer(allow_none=True)
    placed_alone = fields.Integer(allow_none=True)
    placed = fields.Integer(allow_none=True)
    placed_across = fields.Integer(allow_none=True)
    mentors_lent = fields.Integer(allow_none=True)
    mine = fields.Boolean(required=True)


class AlternativeAnswer(Answer):
    """The same round under another policy, in network totals; ``worse_off`` counts organisations below alone.

    Of ``no_windows``, the round if nobody looked near first, totals are null where they differ by fewer than five people.
    """

    name = fields.String(required=True)
    placed = fields.Integer(required=True, allow_none=True)
    placed_across = fields.Integer(required=True, allow_none=True)
    points = fields.Integer(required=True, allow_none=True)
    worse_off = fields.Integer(required=True)


class RoundAnswer(Answer):
    """A round: network totals, the certificate that proves it, and each organisation's part.

    ``alternatives`` come some time after the round itself: none are there while they are being compared.
    """

    id = fields.String(required=True)
    state = fields.String(required=True)
    program = fields.String(required=True)
    policy = fields.Dict(required=True)
    digest = fields.String(required=True)
    mentees = fields.Integer(required=True)
    mentors = fields.Integer(required=True)
    pairs = fields.Integer(required=True)
    placed = fields.Integer(required=True)
    placed_across = fields.Integer(required=True)
    points = fields.Integer(required=True)
    certificate = fields.Dict(required=True)
    shares = fields.List(fields.Nested(ShareAnswer), required=True)
    alternatives = fields.List(fields.Nested(AlternativeAnswer))
    created_at = fields.AwareDateTime(required=True)
    published_at = fields.AwareDateTime(allow_none=True)


RoundPage: Final = page_of(RoundAnswer)
