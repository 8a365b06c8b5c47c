"""Ways from what a mentee holds to a mentor."""

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, NameAnswer, TextsAnswer


class StepAnswer(Answer):
    """One step of a plan, with its earliest dates."""

    kind = fields.String(required=True)
    program = fields.String(allow_none=True, attribute="program_id")
    intake = fields.String(allow_none=True, attribute="intake_id")
    names = fields.Nested(NameAnswer, required=True)
    provider = fields.String(allow_none=True)
    organisation = fields.String(allow_none=True, attribute="organisation_id")
    starts_on = Day(allow_none=True)
    ends_on = Day(allow_none=True)
    cost_cents = fields.Integer(allow_none=True)
    seats_left = fields.Integer(allow_none=True)
    reasons = fields.Nested(TextsAnswer, required=True)


class PlanAnswer(Answer):
    """One way from what is held to the goal."""

    weeks = fields.Integer(required=True)
    cost_cents = fields.Integer(required=True)
    steps = fields.List(fields.Nested(StepAnswer), required=True)


class PathwayAnswer(Answer):
    """Plans, none dominated by another; or why there is none."""

    status = fields.String(required=True, validate=validate.OneOf(("found", "capped", "none", "not_needed")))
    plans = fields.List(fields.Nested(PlanAnswer), required=True)
    because = fields.Nested(TextsAnswer, required=True)
