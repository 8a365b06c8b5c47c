"""What became of an agreed pair, as either of its organisations sees it."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, page_of

STATES: Final = ("exploring", "agreed", "active", "completed", "ended_early")


class PartnershipAnswer(Answer):
    """A partnership as one party sees it: of the two people, your own by pseudonym, of the other whose they are.

    ``created_at`` is when both sides had said yes, ``ended_at`` null while it runs. ``end_reason`` is the code of an early end,
    null where one of the two withdrew.
    """

    id = fields.String(required=True)
    proposal = fields.String(required=True, attribute="proposal_id")
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    format = fields.String(required=True, attribute="program")
    mine = fields.String(required=True, validate=validate.OneOf(("mentee", "mentor", "both")))
    mentee_organisation = fields.String(required=True, attribute="mentee_organisation_id")
    mentee_organisation_name = fields.String()
    mentor_organisation = fields.String(required=True, attribute="mentor_organisation_id")
    mentor_organisation_name = fields.String()
    my_pseudonyms = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    allowed = fields.List(fields.String(), required=True)
    end_reason = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


PartnershipPage: Final = page_of(PartnershipAnswer)
