"""Withdrawals: everybody who saw the record is told, and says that what it held is gone."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from federation.answers.network import WithdrawalNoticeAnswer, WithdrawalNoticePage
from hub.access.policy import Operation
from hub.api.rooms import Room
from hub.services import withdrawal_notices
from hub.services.actors import Actor
from hub.services.withdrawal_notices import NoticeView

withdrawals = Room(
    "withdrawals", "That somebody withdrew, and the word of who saw the record that nothing is left of it."
)


@withdrawals.lists("/withdrawals", Operation.WITHDRAWAL_READ, WithdrawalNoticePage)
def list_withdrawals(session: Session, actor: Actor) -> Sequence[NoticeView]:
    """List the notices to your organisation, open ones first, then those of your own withdrawals and who confirmed them."""
    return withdrawal_notices.listed(session, actor)


@withdrawals.moves("/withdrawals/<name:notice>/acknowledge", Operation.WITHDRAWAL_CONFIRM, WithdrawalNoticeAnswer)
def acknowledge_withdrawal(session: Session, actor: Actor, notice: str) -> NoticeView:
    """Say that what your organisation held is gone: only who was told. Saying it again changes nothing."""
    return withdrawal_notices.acknowledge(session, actor, notice)
