"""One person as an organisation shares them, and the receipt."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from federation.document_fields import DIGEST_PATTERN, PSEUDONYM_PATTERN, Document, code, codes, whole

YEARS_BANDS: Final = ("0-2", "3-5", "6-10", "11-20", "21+")
CLB_SKILLS: Final = ("listening", "speaking", "reading", "writing")
MAX_SEATS: Final = 20


class ClbDocument(Document):
    """Canadian Language Benchmarks (English) or NCLC (French), 1 to 12 per skill."""

    language = fields.String(required=True, validate=validate.OneOf(("en", "fr")))
    listening = whole(1, 12, required=True)
    speaking = whole(1, 12, required=True)
    reading = whole(1, 12, required=True)
    writing = whole(1, 12, required=True)
    assessed_on = fields.Date(load_default=None, allow_none=True)


class ReadinessDocument(Document):
    """Readiness is a record, not a gate: each program has its own policy (R1)."""

    clb = fields.Nested(ClbDocument, load_default=None, allow_none=True)
    certification = code("certification", load_default="not_needed")
    documents = code("documents", load_default="complete")
    commitment = code("commitment", load_default="unconfirmed")


class ConsentDocument(Document):
    """Receipt of a consent the agency holds: purposes as separate flags, hash of the notice shown, dates."""

    purposes = codes("consent_purposes", required=True)
    notice_version = fields.String(required=True, validate=validate.Regexp(DIGEST_PATTERN))
    given_on = fields.Date(required=True)
    until = fields.Date(required=True)

    @validates_schema
    def check_dates(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a consent that ends before it starts."""
        if data["until"] < data["given_on"]:
            raise ValidationError("A consent cannot end before it was given.", "until")


class ProfileDocument(Document):
    """One person as an organisation shares them: codes and bands only (trust.md, disclosure ladder)."""

    MENTOR_ONLY: ClassVar[frozenset[str]] = frozenset({"seats", "strengths", "donated", "resting_until"})
    MENTEE_ONLY: ClassVar[frozenset[str]] = frozenset({"target_noc", "needs", "readiness", "waiting_since"})

    kind = fields.String(required=True, validate=validate.OneOf(("mentor", "mentee")))
    noc = code("noc", required=True)
    years_band = fields.String(required=True, validate=validate.OneOf(YEARS_BANDS))
    region = code("region", required=True)
    languages = codes("languages", most=20, required=True)
    formats = codes("formats", required=True)
    modes = codes("modes", required=True)
    slots = codes("slots")
    interests = codes("interests")
    working_styles = codes("working_styles")
    goals = codes("topics")
    origin = code("countries", load_default=None, allow_none=True)
    consent = fields.Nested(ConsentDocument, required=True)
    confirmed_on = fields.Date(required=True)

    seats = whole(0, MAX_SEATS)
    strengths = codes("topics", load_default=None)
    donated = fields.Boolean(truthy={True}, falsy={False})
    # The first day on which they may be matched again.
    resting_until = fields.Date(load_default=None, allow_none=True)

    target_noc = code("noc", allow_none=True)
    needs = codes("topics", load_default=None)
    readiness = fields.Nested(ReadinessDocument)
    waiting_since = fields.Date()

    @validates_schema(pass_original=True)
    def check_kind(self, data: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Refuse a mentor's field on a mentee and the other way round, and origin without its consent."""
        foreign = self.MENTEE_ONLY if data["kind"] == "mentor" else self.MENTOR_ONLY
        errors = {name: [f"A {data['kind']} has no such field."] for name in sorted(foreign & original.keys())}
        if data["kind"] == "mentor" and "seats" not in original:
            errors["seats"] = ["Say how many mentees this mentor can take, 0 or more."]
        if data.get("origin") and "origin" not in data["consent"]["purposes"]:
            errors["origin"] = ["Leave origin out, or record consent for the purpose 'origin'."]
        if errors:
            raise ValidationError(errors)

    @post_load
    def complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Fill the kind's own optional fields, and drop the other kind's."""
        mentor = {"seats": 1, "strengths": [], "donated": False, "resting_until": None}
        mentee = {"target_noc": None, "needs": [], "readiness": ReadinessDocument().load({}), "waiting_since": None}
        own, other = (mentor, mentee) if data["kind"] == "mentor" else (mentee, mentor)
        shared = {name: value for name, value in data.items() if name not in other}
        return {name: value if shared.get(name) is None else shared[name] for name, value in own.items()} | {
            name: value for name, value in shared.items() if name not in own
        }


class ProfileReceipt(Document):
    """What the hub answers when a profile was taken in.

    ``reference`` stands for the person where the pseudonym must not stay: in the audit log, and in ``mentee.withdrew``.
    """

    pseudonym = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("shared", "replaced")))
    version = fields.Integer(required=True)
    updated_at = fields.AwareDateTime(required=True)
    reference = fields.String()


class BulkLine(Document):
    """One line of a bulk push (NDJSON)."""

    pseudonym = fields.String(required=True, validate=validate.Regexp(PSEUDONYM_PATTERN))
    profile = fields.Dict(required=True)
