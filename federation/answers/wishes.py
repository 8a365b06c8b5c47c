"""What an organisation asks of the rounds to come about one pair."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, page_of


class WishAnswer(Answer):
    """A pair asked of the rounds to come, or ruled out; the mentor by the card that was shown.

    ``not_kept``: why the last round could not keep a pin.
    """

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("pin", "forbid")))
    because = fields.String(required=True, allow_none=True)
    organisation_name = fields.String(allow_none=True)
    noc = fields.String(required=True)
    region = fields.String(required=True)
    years_band = fields.String(required=True)
    not_kept = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


WishPage: Final = page_of(WishAnswer)
