"""That what an organisation had of somebody who withdrew is gone: its word, where no system of its own says it."""

from flask import flash, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.access.policy import Operation, requires
from hub.pages.frame import pages
from hub.pages.moves import run
from hub.services import withdrawal_notices


@pages.post("/withdrawals/<notice_id>/acknowledge")
@requires(Operation.WITHDRAWAL_CONFIRM)
def confirm_withdrawal(notice_id: str) -> Response:
    """Say for the reader's organisation that nothing is left; the inbox shows the notice no more."""
    run(withdrawal_notices.acknowledge, notice_id)
    flash(_("Noted. The organisation that shared the person sees that you confirmed."))
    return redirect("/", 303)
