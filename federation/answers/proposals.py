"""One pair that one organisation asked another for, as either of them sees it."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, Parts, TextsAnswer, page_of
from federation.answers.cards import CardAnswer

STAND_INS: Final = ("free", "moving", "nobody")
"""What becomes of a mentee after a no: another mentor by a free seat, one if others move, or nobody yet."""


class DecidedAnswer(Answer):
    """Each side's word: waiting, accepted or declined."""

    mentee_side = fields.String(required=True)
    mentor_side = fields.String(required=True)


class ProposalAnswer(Answer):
    """A proposal as one party sees it.

    ``stand_in`` is for the mentee's organisation alone, null to the other: what becomes of her if the answer is no, as things
    stood when the round was made. Null also where it is not known.
    """

    id = fields.String(required=True)
    state = fields.String(required=True)
    format = fields.String(attribute="program")
    mine = fields.String(required=True, validate=validate.OneOf(("mentee", "mentor", "both")))
    mentee_organisation = fields.String(required=True, attribute="mentee_organisation_id")
    mentee_organisation_name = fields.String()
    mentor_organisation = fields.String(required=True, attribute="mentor_organisation_id")
    mentor_organisation_name = fields.String()
    my_pseudonym = fields.String(allow_none=True)
    my_pseudonyms = fields.Dict(keys=fields.String(), values=fields.String())
    mentee = fields.Nested(CardAnswer, allow_none=True, attribute="mentee_card")
    mentor = fields.Nested(CardAnswer, allow_none=True, attribute="mentor_card")
    points = fields.Integer(required=True)
    band = fields.String()
    parts = Parts()
    reasons = fields.Nested(TextsAnswer, required=True)
    decided = fields.Nested(DecidedAnswer, required=True)
    allowed = fields.List(fields.String())
    decline_reason = fields.String(allow_none=True)
    declined_before = Day(allow_none=True)
    round = fields.String(allow_none=True, attribute="round_id")
    stand_in = fields.String(allow_none=True, validate=validate.OneOf(STAND_INS))
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read both sides' words off the view itself; of an owner of both people, name the mentee."""
        if attr == "decided":
            return obj
        if attr == "my_pseudonym":
            pseudonyms: Mapping[str, str] = obj.my_pseudonyms
            return pseudonyms.get("mentee") or pseudonyms.get("mentor")
        return super().get_attribute(obj, attr, default)


ProposalPage: Final = page_of(ProposalAnswer)
