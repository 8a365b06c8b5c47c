"""Every document on the wire, version 1.

A schema says what it admits; it never touches a database or a request. Unknown keys are refused, so an ``email`` sent by
mistake fails before anything is stored or logged. Codes are checked against the vocabularies.
"""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from federation.document_fields import HANDLE_PATTERN, PSEUDONYM_PATTERN, Document, code, read, whole
from federation.linkage.documents import MAX_LINKAGE_TOKENS, LinkageDocument
from federation.profile_documents import CLB_SKILLS, MAX_SEATS, YEARS_BANDS, BulkLine, ProfileDocument, ProfileReceipt

__all__ = [
    "APART_BECAUSE",
    "CLB_SKILLS",
    "MAX_LINKAGE_TOKENS",
    "MAX_SEATS",
    "MOST_LOCAL_DAYS",
    "PSEUDONYM_PATTERN",
    "REFERRED_STEPS",
    "YEARS_BANDS",
    "AcceptanceDocument",
    "AcknowledgementDocument",
    "BulkLine",
    "DeclineDocument",
    "Document",
    "EnrolmentDocument",
    "EnvelopeDocument",
    "GatheringDocument",
    "KeyStatementDocument",
    "LinkageDocument",
    "ProfileDocument",
    "ProfileReceipt",
    "ProposalDocument",
    "ReferralDocument",
    "ReferralEventDocument",
    "RepairDocument",
    "SharingDocument",
    "WishDocument",
    "code",
    "read",
]

APART_BECAUSE: Final = ("our_choice", "reporting_line", "conflict_of_interest")
"""Why a coordinator rules a pair out; with the last two it cannot be proposed by hand either."""
MOST_LOCAL_DAYS: Final = 90
"""A quarter: whoever found nobody nearby by then should not wait for the network any longer."""
REFERRED_STEPS: Final = ("language", "credential")
"""The steps of a plan that a program answers for."""


class EnrolmentDocument(Document):
    """A system registers its public keys with the single-use token an operator issued."""

    enrolment_token = fields.String(required=True, validate=validate.Length(min=20, max=200))
    jwks = fields.Dict(required=True)


class ProposalDocument(Document):
    """Ask another organisation for one pair: our mentee, and the handle a recommendation showed."""

    mentee = fields.String(required=True, validate=validate.Regexp(PSEUDONYM_PATTERN))
    handle = fields.String(required=True, validate=validate.Regexp(HANDLE_PATTERN))


class WishDocument(Document):
    """What the rounds to come are asked about one pair: it must be, or it must not; and why not."""

    kind = fields.String(required=True, validate=validate.OneOf(("pin", "forbid")))
    handle = fields.String(required=True, validate=validate.Regexp(HANDLE_PATTERN))
    because = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(APART_BECAUSE))

    @validates_schema
    def check_reason(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a reason beside a pin: it says why a pair must not be."""
        if data["kind"] == "pin" and data["because"] is not None:
            raise ValidationError("Leave this out: only a pair that is ruled out has a reason.", "because")


class AcceptanceDocument(Document):
    """One side's yes. Systems that will seal sign it with the organisation's identity key (compact JWS)."""

    acceptance = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8192))


class GatheringDocument(Document):
    """Invite everybody in a suggested group, pair or circle, by the handle the suggestion carried."""

    kind = fields.String(required=True, validate=validate.OneOf(("group", "pair", "circle")))
    handle = fields.String(required=True, validate=validate.Regexp(HANDLE_PATTERN))


class SignedYesDocument(Document):
    """One organisation's yes to a gathering, signed with its identity key (compact JWS)."""

    acceptance = fields.String(required=True, validate=validate.Length(min=20, max=8192))


class DeclineDocument(Document):
    """One side's no, with a coded reason."""

    reason = code("pair_decline_reasons", required=True)


class EndDocument(Document):
    """Why a partnership ends early: a code, and nobody's fault."""

    reason = code("end_reasons", required=True)


class RepairDocument(Document):
    """A yes to one repair of a round, as it was seen: ``picture`` is what the look at it said."""

    kind = fields.String(required=True, validate=validate.OneOf(("no_move", "exact")))
    picture = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class KeyStatementDocument(Document):
    """The next statement of an organisation's key chain, a compact JWS; ``~`` joins countersignatures to a replacement."""

    statement = fields.String(required=True, validate=validate.Length(min=20, max=16384))


class SharingDocument(Document):
    """How long your organisation looks near first for each mentee, in days from when she began to wait; 0: not at all."""

    local_first_days = whole(0, MOST_LOCAL_DAYS, required=True)


class EnvelopeDocument(Document):
    """A sealed introduction, a compact JWE; the hub cannot read it."""

    envelope = fields.String(required=True, validate=validate.Length(min=20, max=65536))


class AcknowledgementDocument(Document):
    """The recipient's signed receipt, a compact JWS; the hub then deletes the envelope."""

    receipt = fields.String(required=True, validate=validate.Length(min=20, max=8192))


class ReferralDocument(Document):
    """Send one person to another organisation's program."""

    mentee = fields.String(required=True, validate=validate.Regexp(PSEUDONYM_PATTERN))
    program = fields.String(required=True, validate=validate.Length(max=64))
    # A code and never a text: the other organisation reads it.
    step = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(REFERRED_STEPS))


class ReferralEventDocument(Document):
    """One observable fact about a referral, asserted by the side that saw it."""

    event = code("referral_events", required=True)
    reason = code("decline_reasons", load_default=None, allow_none=True)
    outcome = code("referral_outcomes", load_default=None, allow_none=True)
