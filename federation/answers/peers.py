"""Groups, peer pairs and circles: suggestions over the whole network, of which each organisation sees its own part."""

from marshmallow import fields, validate

from federation.answers.base import Answer, TextsAnswer
from federation.answers.cards import BANDS, CardAnswer


class WaitingAnswer(Answer):
    """How many mentees wait: ``waiting_mine`` counted, ``waiting_others`` in fives (about so many), null below five.

    ``waiting`` is both together as far as may be told, null where that is nobody.
    """

    waiting = fields.Integer(allow_none=True, attribute="waiting.total")
    waiting_mine = fields.Integer(attribute="waiting.mine")
    waiting_others = fields.Integer(allow_none=True, attribute="waiting.others")


class MemberAnswer(Answer):
    """One of your own mentees in a group or circle, and the fit there."""

    pseudonym = fields.String(required=True)
    points = fields.Integer(required=True)


class LeftOutAnswer(Answer):
    """One of your own mentees who found no place, and why."""

    pseudonym = fields.String(required=True)
    because = fields.Nested(TextsAnswer, required=True)


class GroupAnswer(Answer):
    """A mentor and the mentees of a group: your own by pseudonym, the others as part of ``size``.

    No ``organisation_name``: this week's budget of people shown is spent, and nothing is told of the mentor.
    ``handle`` names the group to ``POST /gatherings``, for a day or two and to you alone; null where nothing is told.
    """

    organisation_name = fields.String(required=True, allow_none=True)
    noc = fields.String(required=True)
    region = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    slot = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True)
    mine = fields.List(fields.Nested(MemberAnswer), required=True)
    my_mentor = fields.String(allow_none=True)
    handle = fields.String(allow_none=True)


class GroupsAnswer(WaitingAnswer):
    """Small groups the network could form today; at most ``gap_permille`` thousandths below the best there is.

    ``formed`` counts groups with people of yours, ``placed`` mentees of yours in them; of others neither is told. Who waits:
    ``waiting_mine`` counted, ``waiting_others`` in fives (null below five), ``waiting`` both as far as may be told.
    """

    groups = fields.List(fields.Nested(GroupAnswer), required=True)
    left_out = fields.List(fields.Nested(LeftOutAnswer), required=True)
    formed = fields.Integer(required=True, allow_none=True)
    placed = fields.Integer(required=True, allow_none=True)
    gap_permille = fields.Integer(required=True)


class PartnerAnswer(Answer):
    """A peer as another organisation may see them; ``pseudonym`` only of your own."""

    organisation = fields.String(required=True, attribute="organisation_id")
    organisation_name = fields.String(required=True)
    card = fields.Nested(CardAnswer, required=True)
    band = fields.String(required=True, validate=validate.OneOf(BANDS))
    pseudonym = fields.String(allow_none=True)


class PairAnswer(Answer):
    """One of your mentees and a peer; no partner: this week's budget of people shown is spent.

    ``handle`` names the pair to ``POST /gatherings``; null for one that is offered in place of a circle, or not shown.
    """

    pseudonym = fields.String(required=True)
    points = fields.Integer(required=True)
    partner = fields.Nested(PartnerAnswer, allow_none=True)
    reasons = fields.Nested(TextsAnswer, required=True)
    handle = fields.String(allow_none=True)


class PairsAnswer(WaitingAnswer):
    """Peer pairs the network could form today. ``paired`` counts people of yours; of others it is not told.

    Who waits: ``waiting_mine`` counted, ``waiting_others`` in fives (null below five), ``waiting`` both as far as may be told.

    ``whole``: no other choice of pairs serves more people, or as many better; else only each one's best were looked at.
    """

    pairs = fields.List(fields.Nested(PairAnswer), required=True)
    alone = fields.List(fields.Nested(LeftOutAnswer), required=True)
    paired = fields.Integer(allow_none=True)
    whole = fields.Boolean(required=True)


class CircleAnswer(Answer):
    """A circle of peers: what all share, your own with their fit, and the others as far as the budget goes.

    ``handle`` names the circle to ``POST /gatherings``; null while somebody in it is not shown.
    """

    size = fields.Integer(required=True)
    languages = fields.List(fields.String(), required=True)
    slots = fields.List(fields.String(), required=True)
    mine = fields.List(fields.Nested(MemberAnswer), required=True)
    facilitator = fields.String(allow_none=True)
    others = fields.List(fields.Nested(PartnerAnswer), required=True)
    withheld = fields.Integer(required=True)
    handle = fields.String(allow_none=True)


class ApartAnswer(Answer):
    """One of your mentees in no circle: why, and the pair offered instead."""

    pseudonym = fields.String(required=True)
    because = fields.Nested(TextsAnswer, required=True)
    pair = fields.Nested(PairAnswer, allow_none=True)


class CirclesAnswer(WaitingAnswer):
    """Circles of peers the network could form today; ``bound`` says what is known of how good they are.

    ``placed`` counts people of yours; of others it is not told. Who waits: ``waiting_mine`` counted, ``waiting_others`` in
    fives (null below five), ``waiting`` both as far as may be told.
    """

    circles = fields.List(fields.Nested(CircleAnswer), required=True)
    apart = fields.List(fields.Nested(ApartAnswer), required=True)
    placed = fields.Integer(allow_none=True)
    bound = fields.Nested(TextsAnswer, required=True)
