"""What the hub found for a mentee."""

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, Parts, TextsAnswer
from federation.answers.cards import BANDS


class RecommendationAnswer(Answer):
    """A ranked suggestion; nobody has agreed. ``handle`` is good for one proposal by this organisation.

    The organisation is null where its name beside the codes would point at fewer than k mentors: the proposal tells it.
    ``declined_before``: the day on which these two last said no, once that has cooled off.
    """

    handle = fields.String(required=True)
    organisation = fields.String(required=True, allow_none=True, attribute="organisation_id")
    organisation_name = fields.String(allow_none=True)
    noc = fields.String(required=True)
    region = fields.String(required=True)
    years_band = fields.String()
    band = fields.String(required=True, validate=validate.OneOf(BANDS))
    points = fields.Integer(required=True)
    parts = Parts(required=True)
    reasons = fields.Nested(TextsAnswer, required=True)
    declined_before = Day(allow_none=True)


class RecommendationsAnswer(Answer):
    """The best mentors for one mentee, and where there are none, why and what would help."""

    mentee = fields.String(required=True, attribute="mentee.pseudonym")
    format = fields.String(attribute="program")
    recommendations = fields.List(fields.Nested(RecommendationAnswer), required=True)
    nobody_because = fields.Nested(TextsAnswer, required=True)
    next_steps = fields.Nested(TextsAnswer, required=True)
