"""Groups, peer pairs and circles that organisations agree on, as one of them sees them."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, TextsAnswer, page_of
from federation.answers.cards import BANDS, CardAnswer

KINDS: Final = ("group", "pair", "circle")
STATES: Final = ("proposed", "agreed", "declined", "withdrawn", "expired", "ended", "left")
ROLES: Final = ("mentor", "member")


class PartyAnswer(Answer):
    """An organisation with people in it, and its word: waiting, accepted, declined or left."""

    organisation = fields.String(required=True, attribute="organisation_id")
    organisation_name = fields.String()
    word = fields.String(required=True)


class OwnPlaceAnswer(Answer):
    """One of your own people; ``points`` of 100 is the fit with the mentor, the partner or the others, null for a mentor."""

    pseudonym = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    points = fields.Integer(required=True, allow_none=True)
    facilitates = fields.Boolean()


class OtherPlaceAnswer(Answer):
    """Somebody else's person, as the suggestion showed them; ``band`` is null for a mentor."""

    organisation = fields.String(required=True, attribute="organisation_id")
    organisation_name = fields.String()
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    card = fields.Nested(CardAnswer, required=True)
    band = fields.String(required=True, allow_none=True, validate=validate.OneOf(BANDS))


class GatheringAnswer(Answer):
    """A group, pair or circle as one organisation sees it.

    ``size`` counts members, without a group's mentor; ``untold`` are others' members, told as a number alone. ``left`` are in
    it no more, by a withdrawal or with their organisation; ``too_few``: fewer are left than its kind needs, or the mentor is
    gone. To an organisation that left, the state is ``left``: of the others it is told nothing more.
    """

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    proposer = fields.String(required=True, attribute="proposer_id")
    proposer_name = fields.String()
    parties = fields.List(fields.Nested(PartyAnswer), required=True)
    size = fields.Integer(required=True)
    noc = fields.String(allow_none=True)
    languages = fields.List(fields.String(), required=True)
    slots = fields.List(fields.String(), required=True)
    mine = fields.List(fields.Nested(OwnPlaceAnswer), required=True)
    others = fields.List(fields.Nested(OtherPlaceAnswer), required=True)
    untold = fields.Integer(required=True)
    left = fields.Integer(required=True)
    too_few = fields.Boolean(required=True)
    reasons = fields.Nested(TextsAnswer, required=True)
    allowed = fields.List(fields.String())
    decline_reason = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


GatheringPage: Final = page_of(GatheringAnswer)
