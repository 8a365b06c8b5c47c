"""What the hub found for a mentee, and what two organisations made of it."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from federation.answers.base import Answer, Day, NameAnswer, Parts, TextsAnswer, page_of

BANDS: Final = ("strong", "good", "possible")
LEFT_OPEN: Final = ("declined", "expired", "withdrawn", "no_longer_available", "late", "left_open")
"""Why nobody is asked about a mentee any more: see the words of the pages."""


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


class CardAnswer(Answer):
    """One side of a pair as the other may see it (trust.md, disclosure ladder)."""

    noc = fields.String(required=True)
    region = fields.String(required=True)
    years_band = fields.String(required=True)
    shared_languages = fields.List(fields.String(), required=True)


class DecidedAnswer(Answer):
    """Each side's word: waiting, accepted or declined."""

    mentee_side = fields.String(required=True)
    mentor_side = fields.String(required=True)


class ProposalAnswer(Answer):
    """A proposal as one party sees it."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    format = fields.String(attribute="program")
    mine = fields.String(required=True, validate=validate.OneOf(("mentee", "mentor", "both")))
    mentee_organisation = fields.String(required=True, attribute="mentee_organisation_id")
    mentee_organisation_name = fields.String()
    mentor_organisation = fields.String(required=True, attribute="mentor_organisation_id")
    mentor_organisation_name = fields.String()
    my_pseudonym = fields.String(allow_none=True)
    my_pseudonyms = fields.Dict(keys=fields.String(), values=fields.String())
    mentee = fields.Nested(CardAnswer, allow_none=True, attribute="mentee_card")
    mentor = fields.Nested(CardAnswer, allow_none=True, attribute="mentor_card")
    points = fields.Integer(required=True)
    band = fields.String()
    parts = Parts()
    reasons = fields.Nested(TextsAnswer, required=True)
    decided = fields.Nested(DecidedAnswer, required=True)
    allowed = fields.List(fields.String())
    decline_reason = fields.String(allow_none=True)
    declined_before = Day(allow_none=True)
    round = fields.String(allow_none=True, attribute="round_id")
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Read both sides' words off the view itself; of an owner of both people, name the mentee."""
        if attr == "decided":
            return obj
        if attr == "my_pseudonym":
            pseudonyms: Mapping[str, str] = obj.my_pseudonyms
            return pseudonyms.get("mentee") or pseudonyms.get("mentor")
        return super().get_attribute(obj, attr, default)


class ShareAnswer(Answer):
    """One organisation's part of a round; of others, counts below five are withheld (null)."""

    organisation = fields.String(required=True, attribute="organisation_id")
    name = fields.String(required=True)
    mentees = fields.Integer(allow_none=True)
    placed_alone = fields.Integer(allow_none=True)
    placed = fields.Integer(allow_none=True)
    placed_across = fields.Integer(allow_none=True)
    mentors_lent = fields.Integer(allow_none=True)
    mine = fields.Boolean(required=True)


class AlternativeAnswer(Answer):
    """The same round under another policy, in network totals; ``worse_off`` counts organisations below alone."""

    name = fields.String(required=True)
    placed = fields.Integer(required=True)
    placed_across = fields.Integer(required=True)
    points = fields.Integer(required=True)
    worse_off = fields.Integer(required=True)


class RoundAnswer(Answer):
    """A round: network totals, the certificate that proves it, and each organisation's part."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    program = fields.String(required=True)
    policy = fields.Dict(required=True)
    digest = fields.String(required=True)
    mentees = fields.Integer(required=True)
    mentors = fields.Integer(required=True)
    pairs = fields.Integer(required=True)
    placed = fields.Integer(required=True)
    placed_across = fields.Integer(required=True)
    points = fields.Integer(required=True)
    certificate = fields.Dict(required=True)
    shares = fields.List(fields.Nested(ShareAnswer), required=True)
    alternatives = fields.List(fields.Nested(AlternativeAnswer))
    created_at = fields.AwareDateTime(required=True)
    published_at = fields.AwareDateTime(allow_none=True)


class OpenMenteeAnswer(Answer):
    """An own mentee whom nobody is asked about any more, and how it came to be."""

    pseudonym = fields.String(required=True)
    because = fields.String(required=True, validate=validate.OneOf(LEFT_OPEN))


class RepairPairAnswer(Answer):
    """One pair that a repair asks about or takes back, for one of its sides; pseudonyms are the reader's own people only.

    With whom, and why, is told by the proposal once somebody said yes: until then another organisation is null.
    """

    mentee_organisation = fields.String(required=True, allow_none=True, attribute="mentee_organisation_id")
    mentee_organisation_name = fields.String(allow_none=True)
    mentor_organisation = fields.String(required=True, allow_none=True, attribute="mentor_organisation_id")
    mentor_organisation_name = fields.String(allow_none=True)
    my_pseudonyms = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    band = fields.String(required=True, validate=validate.OneOf(BANDS))


class RepairOfferAnswer(Answer):
    """One repair: what it gains, and the pairs it would ask about and take back. ``picture`` says to what a yes is said."""

    kind = fields.String(required=True, validate=validate.OneOf(("no_move", "exact")))
    picture = fields.String(required=True)
    placements = fields.Integer(required=True)
    refused = fields.String(required=True, allow_none=True, validate=validate.OneOf(("below_alone", "net_balance")))
    below = fields.List(fields.String(), required=True)
    asked = fields.List(fields.Nested(RepairPairAnswer), required=True)
    taken_back = fields.List(fields.Nested(RepairPairAnswer), required=True)
    asked_elsewhere = fields.Integer(required=True)
    taken_back_elsewhere = fields.Integer(required=True)


class RepairAnswer(Answer):
    """What became of a round for one organisation, and what would repair it; nothing happens without a yes."""

    round = fields.String(required=True, attribute="round_id")
    open = fields.List(fields.Nested(OpenMenteeAnswer), required=True)
    offers = fields.List(fields.Nested(RepairOfferAnswer), required=True)


class RepairMadeAnswer(Answer):
    """What a yes did: how many proposals are asked, and how many that nobody had answered were superseded."""

    round = fields.String(required=True, attribute="round_id")
    kind = fields.String(required=True)
    asked = fields.Integer(required=True)
    superseded = fields.Integer(required=True)


ProposalPage: Final = page_of(ProposalAnswer)
RoundPage: Final = page_of(RoundAnswer)
