"""Members of the network, their keys, sealed introductions, events, and refusals."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, page_of


class ProblemAnswer(Answer):
    """A refusal (RFC 9457): what kind, and what to do next."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String()
    errors = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))


class ClientAnswer(Answer):
    """A registered system: who it is now, and where to ask for tokens."""

    client_id = fields.String(required=True)
    organisation = fields.String(required=True)
    scope = fields.String(required=True)
    token_endpoint = fields.String(required=True)
    issuer = fields.String(required=True)


class OrganisationAnswer(Answer):
    """A member of the network."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    region = fields.String()


class AgreementAnswer(Answer):
    """A sharing agreement you are a side of: ``receiving`` may be matched with the mentors of ``sharing``."""

    id = fields.String(required=True)
    sharing = fields.String(required=True, attribute="sharing_id")
    receiving = fields.String(required=True, attribute="receiving_id")
    mine = fields.String(required=True, validate=validate.OneOf(("sharing", "receiving")))
    state = fields.String(required=True, validate=validate.OneOf(("to_come", "current", "over", "withdrawn")))
    starts_on = Day(required=True)
    ends_on = Day(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class SharingAnswer(Answer):
    """What your organisation decided about sharing: days of looking near first, and its agreements."""

    local_first_days = fields.Integer(required=True)
    agreements = fields.List(fields.Nested(AgreementAnswer), required=True)


class KeyChainAnswer(Answer):
    """An organisation's key statements, oldest first, as it signed them."""

    statements = fields.List(fields.String(), required=True)


class IntroductionAnswer(Answer):
    """A sealed introduction: who seals, who opens, both signed acceptances, and the receipt once it was opened."""

    proposal = fields.String(required=True)
    state = fields.String(required=True)
    sender = fields.String(required=True)
    recipient = fields.String(required=True)
    mine = fields.String(required=True, validate=validate.OneOf(("sender", "recipient")))
    my_pseudonym = fields.String(allow_none=True)
    acceptances = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
    receipt = fields.String(allow_none=True)


class EnvelopeAnswer(Answer):
    """A sealed introduction, for its recipient to open."""

    envelope = fields.String(required=True)


class WithdrawalNoticeAnswer(Answer):
    """That somebody withdrew whose record an organisation saw, and its word that what it held is gone.

    ``mine`` is "told" or "owner". Nobody is named; by ``proposals`` and ``places`` (in gatherings), shown to who was told, it
    finds the contact it was given. Notices of one withdrawal share ``withdrawn_at``.
    """

    id = fields.String(required=True)
    mine = fields.String(required=True, validate=validate.OneOf(("told", "owner")))
    told = fields.String(required=True)
    proposals = fields.List(fields.String(), required=True)
    places = fields.List(fields.String())
    withdrawn_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)


class EventAnswer(Answer):
    """One numbered event of an organisation's feed: ids and codes only."""

    number = fields.Integer(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    at = fields.AwareDateTime(required=True, attribute="created_at")
    data = fields.Dict(required=True)


class EventPage(Answer):
    """Events in order; poll again with ``after`` set to ``next``."""

    items = fields.List(fields.Nested(EventAnswer), required=True)
    next = fields.Integer(required=True)


class AuditHeadAnswer(Answer):
    """The end of the chain: keep it, and later the network operator can be asked whether it still stands."""

    number = fields.Integer(required=True)
    entry_hash = fields.String(required=True)


class AuditCheckAnswer(AuditHeadAnswer):
    """The end of the chain, whether the head you asked about still stands on it, and the key the hub signs heads with (JWK).

    Keep the key at the first answer; the same one signs every ``audit.head`` event of your feed.
    """

    stands = fields.Boolean(required=True, allow_none=True)
    key = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class AuditEntryAnswer(Answer):
    """One entry of the audit log.

    Of your own you are told everything: ``entry_hash`` is the SHA-256 of the canonical JSON (RFC 8785) of number, at, actor,
    organisation, operation, subject, outcome and previous. Of others' entries about what you are party to you are told the
    organisation (null: the hub) and what it did, not who.
    """

    number = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    organisation = fields.String(required=True, allow_none=True)
    operation = fields.String(required=True)
    subject = fields.String(required=True)
    outcome = fields.String(required=True)
    mine = fields.Boolean(required=True)
    actor = fields.String(required=True, allow_none=True)
    person = fields.String(required=True, allow_none=True)
    previous_hash = fields.String(required=True, allow_none=True)
    entry_hash = fields.String(required=True, allow_none=True)


class AuditPage(page_of(AuditEntryAnswer)):  # type: ignore[misc]
    """Entries, newest first, and the end of the whole chain now."""

    head = fields.Nested(AuditHeadAnswer, required=True)


OrganisationPage: Final = page_of(OrganisationAnswer)
IntroductionPage: Final = page_of(IntroductionAnswer)
WithdrawalNoticePage: Final = page_of(WithdrawalNoticeAnswer)
