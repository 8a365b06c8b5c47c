"""Withdrawals: everybody who saw the record is told, and says that what it held is gone."""

from flask import Response

from federation.answers.network import WithdrawalNoticeAnswer, WithdrawalNoticePage
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed, once, written
from hub.api.rooms import Room
from hub.services import withdrawal_notices

withdrawals = Room(
    "withdrawals", "That somebody withdrew, and the word of who saw the record that nothing is left of it."
)


@withdrawals.route("/withdrawals")
@requires(Operation.WITHDRAWAL_READ)
@withdrawals.response(200, WithdrawalNoticePage)
def list_withdrawals() -> Response:
    """List the notices to your organisation, open ones first, then those of your own withdrawals and who confirmed them."""
    with database().reading() as session:
        return listed(WithdrawalNoticePage(), withdrawal_notices.listed(session, current_actor()))


@withdrawals.route("/withdrawals/<name:notice>/acknowledge", methods=["POST"])
@requires(Operation.WITHDRAWAL_CONFIRM)
@withdrawals.response(200, WithdrawalNoticeAnswer)
def acknowledge_withdrawal(notice: str) -> Response:
    """Say that what your organisation held is gone: only who was told. Saying it again changes nothing."""
    actor = current_actor()
    return once(
        lambda session: written(WithdrawalNoticeAnswer(), withdrawal_notices.acknowledge(session, actor, notice))
    )
