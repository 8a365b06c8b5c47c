"""The calls of the reference client about what may be suggested: wishes, groups, peers and repairs."""

from typing import Any

from federation.connection import HubConnection


class MatchingCalls(HubConnection):
    """What :class:`federation.client.HubClient` can ask about suggestions, and wish of the rounds to come."""

    def groups(self) -> dict[str, Any]:
        """Return the small groups suggested to our mentees, each with a handle to propose it by, and how many wait."""
        return self._call("GET", "/groups")

    def circles(self) -> dict[str, Any]:
        """Return the circles suggested to our mentees, each with a handle to propose it by, and how many wait."""
        return self._call("GET", "/peers/circles")

    def wishes(self, mentee: str) -> list[dict[str, Any]]:
        """Return what we asked of the rounds to come for one of our mentees."""
        return list(self._pages(f"/mentees/{mentee}/wishes"))

    def wish(self, mentee: str, handle: str, kind: str, because: str | None = None) -> dict[str, Any]:
        """Ask the rounds to come for the pair behind a handle (``pin``), or rule it out (``forbid``), with its reason."""
        reason = {} if because is None else {"because": because}
        return self._call("POST", f"/mentees/{mentee}/wishes", json={"handle": handle, "kind": kind} | reason)

    def take_wish_back(self, wish: str) -> None:
        """Take one of our wishes back."""
        self._call("DELETE", f"/wishes/{wish}")

    def withdraw_proposal(self, proposal: str) -> dict[str, Any]:
        """Take a proposal back, for everybody in it."""
        return self._call("POST", f"/proposals/{proposal}/withdraw", json={})

    def repair(self, round_id: str) -> dict[str, Any]:
        """Return how a published round stands today, and what would repair it for our mentees."""
        return self._call("GET", f"/rounds/{round_id}/repair")

    def make_repair(self, round_id: str, kind: str, picture: str) -> dict[str, Any]:
        """Say a person's yes to the repair they saw: ``no_move`` or ``exact``, with its ``picture``."""
        return self._call("POST", f"/rounds/{round_id}/repair", json={"kind": kind, "picture": picture})
