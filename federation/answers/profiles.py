"""A person as their owner shared them, and the shared pool as others see it."""

from typing import Final

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, NameAnswer, page_of

SIZES: Final = ("5-9", "10-19", "20+")
LIKELIHOODS: Final = ("possible", "likely", "very_likely")
WORDS: Final = ("possible", "confirmed", "rejected")


class ClbAnswer(Answer):
    """Canadian Language Benchmarks (English) or NCLC (French)."""

    language = fields.String(required=True)
    listening = fields.Integer(required=True)
    speaking = fields.Integer(required=True)
    reading = fields.Integer(required=True)
    writing = fields.Integer(required=True)
    assessed_on = Day(allow_none=True)


class ReadinessAnswer(Answer):
    """What a mentee holds and lacks."""

    clb = fields.Nested(ClbAnswer, allow_none=True)
    certification = fields.String()
    documents = fields.String()
    commitment = fields.String()


class ConsentAnswer(Answer):
    """The receipt of the consent the owner recorded."""

    purposes = fields.List(fields.String(), required=True)
    notice_version = fields.String(required=True)
    given_on = Day(required=True)
    until = Day(required=True)


class ProfileAnswer(Answer):
    """A person as their owner shared them, with what the hub added."""

    pseudonym = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("mentor", "mentee")))
    noc = fields.String(required=True)
    target_noc = fields.String(allow_none=True)
    years_band = fields.String(required=True)
    region = fields.String(required=True)
    origin = fields.String(allow_none=True)
    languages = fields.List(fields.String(), required=True)
    formats = fields.List(fields.String(), required=True)
    modes = fields.List(fields.String(), required=True)
    slots = fields.List(fields.String())
    interests = fields.List(fields.String())
    working_styles = fields.List(fields.String())
    goals = fields.List(fields.String())
    strengths = fields.List(fields.String())
    needs = fields.List(fields.String())
    readiness = fields.Nested(ReadinessAnswer, allow_none=True)
    donated = fields.Boolean()
    resting_until = Day(allow_none=True)
    waiting_since = Day(allow_none=True)
    confirmed_on = Day(required=True)
    consent = fields.Nested(ConsentAnswer, allow_none=True)
    seats = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    rounds_waited = fields.Integer()
    version = fields.Integer(required=True)
    updated_at = fields.AwareDateTime(required=True)


class BulkAnswer(Answer):
    """What became of one line of a bulk push."""

    line = fields.Integer(required=True)
    pseudonym = fields.String(allow_none=True)
    status = fields.Integer(required=True)
    receipt = fields.Dict()
    problem = fields.Dict()


class CellAnswer(Answer):
    """One class of the shared pool: never a person."""

    noc = fields.String(required=True)
    noc_title = fields.Nested(NameAnswer, allow_none=True)
    region = fields.String(required=True)
    years_band = fields.String(required=True)
    size = fields.String(required=True, validate=validate.OneOf(SIZES))
    available = fields.Boolean(required=True)
    handle = fields.String()


class PoolAnswer(Answer):
    """What a search of the shared pool shows: whole classes, sizes in steps."""

    cells = fields.List(fields.Nested(CellAnswer), required=True)
    matchable = fields.String(allow_none=True)
    withheld = fields.Boolean(required=True)
    epoch = fields.Integer(allow_none=True)
    withheld_note = fields.Nested(NameAnswer, allow_none=True)


class DuplicateAnswer(Answer):
    """Two people who may be one, as one side sees them; ``reference`` names the pair when the two sides speak.

    ``my_pseudonyms`` holds two where both are one's own. ``mine`` is one's own word, ``state`` what both words say.
    """

    id = fields.String(required=True)
    reference = fields.String(required=True)
    my_pseudonyms = fields.List(fields.String(), required=True)
    organisation = fields.String(required=True, attribute="organisation_id")
    organisation_name = fields.String()
    likelihood = fields.String(required=True, validate=validate.OneOf(LIKELIHOODS))
    state = fields.String(required=True, validate=validate.OneOf((*WORDS, "disputed")))
    mine = fields.String(required=True, validate=validate.OneOf(WORDS))
    allowed = fields.List(fields.String())
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


DuplicatePage: Final = page_of(DuplicateAnswer)


class ShownAnswer(Answer):
    """How many of your mentors another organisation was shown in a week; ``times`` below five is not said (null)."""

    organisation = fields.String(required=True, attribute="organisation_id")
    organisation_name = fields.String(required=True)
    week = Day(required=True)
    mentors = fields.Integer(required=True)
    times = fields.Integer(required=True, allow_none=True)


ProfilePage: Final = page_of(ProfileAnswer)
ShownPage: Final = page_of(ShownAnswer)
