"""Every document on the wire, version 1.

A schema says what it admits; it never touches a database or a request. Unknown keys are refused, so an ``email`` sent by
mistake fails before anything is stored or logged. Codes are checked against the vocabularies.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from federation.linkage.forms import KINDS, full_weight
from federation.problems import FieldError, Problem, field_errors
from federation.vocabularies import load as load_vocabularies

# Python's $ also matches before a line break at the end; the look-ahead refuses it and is known to every dialect.
PSEUDONYM_PATTERN: Final = r"^[A-Za-z0-9_-]{8,64}$(?!\n)"
HANDLE_PATTERN: Final = r"^[A-Za-z0-9_-]{16,64}$(?!\n)"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}$(?!\n)"
SHORT_DIGEST_PATTERN: Final = r"^[0-9a-f]{32}$(?!\n)"
YEARS_BANDS: Final = ("0-2", "3-5", "6-10", "11-20", "21+")
CLB_SKILLS: Final = ("listening", "speaking", "reading", "writing")
MAX_SEATS: Final = 20
APART_BECAUSE: Final = ("our_choice", "reporting_line", "conflict_of_interest")
"""Why a coordinator rules a pair out; with the last two it cannot be proposed by hand either."""
REFERRED_STEPS: Final = ("language", "credential")
"""The steps of a plan that a program answers for."""
MAX_LINKAGE_TOKENS: Final = 1_000


class Document(Schema):
    """Base of all documents: strict keys, ordered output."""

    class Meta:
        """Refuse what is not ours."""

        unknown = RAISE


def read(schema: Document, payload: Any) -> dict[str, Any]:
    """Validate one document; every fault at once, each with its JSON pointer.

    Raises
    ------
    Problem
        ``unknown-field`` when a key is not ours (it wins: it may be personal data), else ``invalid-fields``.
    """
    try:
        loaded: dict[str, Any] = schema.load(payload)
    except ValidationError as error:
        raise _refusal(field_errors(error.messages)) from error
    return loaded


def _refusal(errors: list[FieldError]) -> Problem:
    unknown = [error for error in errors if error.detail == UNKNOWN]
    if unknown:
        detail = "Remove the fields listed and send again. Names, contacts and free text never leave your organisation."
        return Problem("unknown-field", detail, errors=errors)
    return Problem("invalid-fields", "Correct the fields listed and send again; nothing was stored.", errors=errors)


UNKNOWN: Final = "Unknown field."


def known_code(vocabulary: str) -> Callable[[str], None]:
    """Return a validator that refuses codes the vocabulary does not hold. The value is not repeated: it may be a name."""

    def check(value: str) -> None:
        if not load_vocabularies().has(vocabulary, value):
            raise ValidationError(f"Not a code of the {vocabulary} vocabulary; see config/vocabularies.")

    return check


def code(vocabulary: str, **options: Any) -> fields.String:
    """Return a field that holds one code of a vocabulary."""
    return fields.String(validate=[validate.Length(max=40), known_code(vocabulary)], **options)


def codes(vocabulary: str, *, most: int = 40, **options: Any) -> "fields.List[str]":
    """Return a field that holds a set of codes, without repeats."""
    if not options.get("required"):
        options.setdefault("load_default", list)
    return fields.List(code(vocabulary), validate=[validate.Length(max=most), _no_repeats], **options)


def _no_repeats(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError("The same code stands twice.")


def whole(low: int, high: int, **options: Any) -> fields.Integer:
    """Return a field for a whole number in a closed range; texts and fractions are refused."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **options)


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

    MENTOR_ONLY: ClassVar[frozenset[str]] = frozenset({"seats", "strengths", "donated"})
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
        mentor = {"seats": 1, "strengths": [], "donated": False}
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


class LinkageTokenDocument(Document):
    """One keyed token of a person: which forms it binds, 128 bits in hexadecimal, at most the weight of its kind."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(KINDS), error="Not a kind of token."))
    digest = fields.String(required=True, validate=validate.Regexp(SHORT_DIGEST_PATTERN))
    weight = whole(1, max(map(full_weight, KINDS)), required=True)

    @validates_schema
    def check_weight(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a token that claims to say more than its kind can."""
        most = full_weight(data["kind"])
        if data["weight"] > most:
            raise ValidationError(f"A token of this kind weighs at most {most}.", "weight")


class LinkageDocument(Document):
    """All keyed tokens of one person, in place of those sent before; none erases them (federation.linkage)."""

    tokens = fields.List(
        fields.Nested(LinkageTokenDocument), required=True, validate=validate.Length(max=MAX_LINKAGE_TOKENS)
    )

    @validates_schema
    def check_repeats(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a token that stands twice."""
        if len({(token["kind"], token["digest"]) for token in data["tokens"]}) != len(data["tokens"]):
            raise ValidationError("The same token stands twice.", "tokens")


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


class DeclineDocument(Document):
    """One side's no, with a coded reason."""

    reason = code("pair_decline_reasons", required=True)


class RepairDocument(Document):
    """A yes to one repair of a round, as it was seen: ``picture`` is what the look at it said."""

    kind = fields.String(required=True, validate=validate.OneOf(("no_move", "exact")))
    picture = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class KeyStatementDocument(Document):
    """The next statement of an organisation's key chain, a compact JWS; ``~`` joins countersignatures to a replacement."""

    statement = fields.String(required=True, validate=validate.Length(min=20, max=16384))


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
