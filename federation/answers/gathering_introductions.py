"""What the organisations of a gathering sign, and the sealed introductions between them."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, page_of
from federation.answers.gatherings import KINDS, ROLES, STATES


class PlaceAnswer(Answer):
    """One of your own people, and the name that the others may know of it: contacts and withdrawals are told by place."""

    place = fields.String(required=True)
    pseudonym = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class QuestionAnswer(Answer):
    """What every organisation of a gathering says yes to: the same for all, and never changed.

    ``organisations`` are all with people in it, with how many; in a group the numbers are null. ``mentor`` is the organisation
    of a group's mentor; ``size`` counts members. ``word`` and ``signed`` are your own, ``mine`` your people still in it.
    """

    gathering = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    organisations = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    mentor = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True)
    word = fields.String(required=True)
    signed = fields.Boolean(required=True)
    mine = fields.List(fields.Nested(PlaceAnswer), required=True)


class GatheringIntroductionAnswer(Answer):
    """A sealed introduction within a gathering: who seals, who opens, every signed yes, and the receipt once it was opened.

    ``acceptances`` are told as long as one is needed; ``people`` are your own still in it.
    """

    gathering = fields.String(required=True)
    state = fields.String(required=True)
    sender = fields.String(required=True)
    recipient = fields.String(required=True)
    mine = fields.String(required=True, validate=validate.OneOf(("sender", "recipient")))
    people = fields.List(fields.Nested(PlaceAnswer), required=True)
    acceptances = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    receipt = fields.String(required=True, allow_none=True)


GatheringIntroductionPage: Final = page_of(GatheringIntroductionAnswer)
