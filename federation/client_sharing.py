"""The calls of the reference client about what we share with whom, and what the log says of it."""

from collections.abc import Iterator
from typing import Any

from federation.connection import HubConnection


class SharingCalls(HubConnection):
    """What :class:`federation.client.HubClient` can ask about agreements and the log."""

    def sharing(self) -> dict[str, Any]:
        """Return for how many days our mentees look near first, and the agreements we are a side of."""
        return self._call("GET", "/sharing")

    def look_near_first(self, days: int) -> dict[str, Any]:
        """Let our mentees be matched near first for some days from when each began to wait; 0: not at all."""
        return self._call("PUT", "/sharing", json={"local_first_days": days})

    def end_agreement(self, agreement: str) -> dict[str, Any]:
        """End an agreement we are a side of, at once; open questions under it end too."""
        return self._call("POST", f"/sharing/agreements/{agreement}/withdraw", json={})

    def audit_entries(self) -> Iterator[dict[str, Any]]:
        """Yield what we did and what others did about it, newest first."""
        return self._pages("/audit")

    def shown(self) -> list[dict[str, Any]]:
        """Return which organisations were recommended how many of our mentors, by week."""
        return list(self._pages("/audit/shown"))
