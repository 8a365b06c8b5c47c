"""Programs of the catalogue, and referrals to them."""

from typing import Any, Final

from marshmallow import fields

from federation.answers.base import Answer, Day, NameAnswer, page_of


class IntakeAnswer(Answer):
    """When a program starts, and what is free."""

    id = fields.String(required=True)
    starts_on = Day(required=True)
    weeks = fields.Integer(required=True)
    seats = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    cost_cents = fields.Integer(required=True)
    region = fields.String(allow_none=True)


class ProgramAnswer(Answer):
    """A program of the catalogue, with its source and the last day it was known to be true."""

    id = fields.String(required=True)
    organisation = fields.String(allow_none=True, attribute="organisation_id")
    provider = fields.String(required=True)
    names = fields.Nested(NameAnswer, required=True)
    description = fields.Dict(keys=fields.String(), values=fields.String())
    stream = fields.String(required=True, allow_none=True)
    url = fields.String(allow_none=True)
    requires = fields.List(fields.List(fields.Dict()), required=True)
    """Every group is needed; of one group, any item will do."""
    gives = fields.List(fields.Dict(), required=True)
    weekly_hours = fields.Integer(allow_none=True)
    languages = fields.List(fields.String())
    last_true_on = Day(allow_none=True)
    source = fields.String(allow_none=True)
    intakes = fields.List(fields.Nested(IntakeAnswer), required=True)


class FactAnswer(Answer):
    """One fact about a referral: what, by which organisation, when."""

    event = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class Facts(fields.List[Any]):
    """The history of a referral, kept as (event, by, at)."""

    def __init__(self, **options: Any) -> None:
        """Hold facts."""
        super().__init__(fields.Nested(FactAnswer), **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        facts = [{"event": event, "by": by, "at": at} for event, by, at in value]
        return super()._serialize(facts, attr, obj, **kwargs)


class ReferralAnswer(Answer):
    """A referral as one party sees it. ``person`` is the sender's pseudonym, or the receiver's one-time reference."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    mine = fields.String(required=True)
    sender = fields.String(required=True, attribute="sender_id")
    sender_name = fields.String()
    receiver = fields.String(required=True, attribute="receiver_id")
    receiver_name = fields.String()
    program = fields.String(required=True, attribute="program_id")
    program_names = fields.Nested(NameAnswer)
    person = fields.String(required=True)
    step = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    allowed = fields.List(fields.String(), required=True)
    history = Facts(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(allow_none=True)


ProgramPage: Final = page_of(ProgramAnswer)
ReferralPage: Final = page_of(ReferralAnswer)
