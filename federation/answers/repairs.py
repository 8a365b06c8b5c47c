"""What became of a round, and what would repair it."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer
from federation.answers.cards import BANDS

LEFT_OPEN: Final = ("declined", "expired", "withdrawn", "over", "no_longer_available", "late", "left_open")
"""Why nobody is asked about a mentee any more: see the words of the pages."""


class OpenMenteeAnswer(Answer):
    """An own mentee whom nobody is asked about any more, and how it came to be."""

    pseudonym = fields.String(required=True)
    because = fields.String(required=True, validate=validate.OneOf(LEFT_OPEN))


class RepairPairAnswer(Answer):
    """One pair that a repair asks about or takes back, for one of its sides; pseudonyms are the reader's own people only.

    With whom, and why, is told by the proposal once somebody said yes: until then another organisation is null.
    """

    mentee_organisation = fields.String(required=True, allow_none=True, attribute="mentee_organisation_id")
    mentee_organisation_name = fields.String(allow_none=True)
    mentor_organisation = fields.String(required=True, allow_none=True, attribute="mentor_organisation_id")
    mentor_organisation_name = fields.String(allow_none=True)
    my_pseudonyms = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    band = fields.String(required=True, validate=validate.OneOf(BANDS))


class RepairOfferAnswer(Answer):
    """One repair: what it gains, and the pairs it would ask about and take back. ``picture`` says to what a yes is said."""

    kind = fields.String(required=True, validate=validate.OneOf(("no_move", "exact")))
    picture = fields.String(required=True)
    placements = fields.Integer(required=True)
    refused = fields.String(required=True, allow_none=True, validate=validate.OneOf(("below_alone", "net_balance")))
    below = fields.List(fields.String(), required=True)
    asked = fields.List(fields.Nested(RepairPairAnswer), required=True)
    taken_back = fields.List(fields.Nested(RepairPairAnswer), required=True)
    asked_elsewhere = fields.Integer(required=True)
    taken_back_elsewhere = fields.Integer(required=True)


class RepairAnswer(Answer):
    """What became of a round for one organisation, and what would repair it; nothing happens without a yes."""

    round = fields.String(required=True, attribute="round_id")
    open = fields.List(fields.Nested(OpenMenteeAnswer), required=True)
    offers = fields.List(fields.Nested(RepairOfferAnswer), required=True)


class RepairMadeAnswer(Answer):
    """What a yes did: how many proposals are asked, and how many that nobody had answered were superseded."""

    round = fields.String(required=True, attribute="round_id")
    kind = fields.String(required=True)
    asked = fields.Integer(required=True)
    superseded = fields.Integer(required=True)
