"""The calls of the reference client about groups, pairs and circles, and the introductions within them."""

from typing import Any

from federation.connection import HubConnection


class GatheringCalls(HubConnection):
    """What :class:`federation.client.HubClient` can ask about gatherings."""

    def gatherings(self) -> list[dict[str, Any]]:
        """Return the groups, pairs and circles we are in or were invited to."""
        return list(self._pages("/gatherings"))

    def gathering(self, gathering: str) -> dict[str, Any]:
        """Return one group, pair or circle."""
        return self._call("GET", f"/gatherings/{gathering}")

    def propose_gathering(self, kind: str, handle: str) -> dict[str, Any]:
        """Invite everybody in a suggested group, pair or circle."""
        return self._call("POST", "/gatherings", json={"kind": kind, "handle": handle})

    def accept_gathering(self, gathering: str) -> dict[str, Any]:
        """Say yes to a group, pair or circle for our own people."""
        return self._call("POST", f"/gatherings/{gathering}/accept", json={})

    def decline_gathering(self, gathering: str, reason: str) -> dict[str, Any]:
        """Say no to a group, pair or circle, with a coded reason: it is over for everybody."""
        return self._call("POST", f"/gatherings/{gathering}/decline", json={"reason": reason})

    def withdraw_gathering(self, gathering: str) -> dict[str, Any]:
        """Take our invitation to a group, pair or circle back, for everybody."""
        return self._call("POST", f"/gatherings/{gathering}/withdraw", json={})

    def leave_gathering(self, gathering: str) -> dict[str, Any]:
        """Take our own people out of an agreed group, pair or circle; it goes on among the others."""
        return self._call("POST", f"/gatherings/{gathering}/leave", json={})

    def end_gathering(self, gathering: str) -> dict[str, Any]:
        """End an agreed group, pair or circle, for everybody in it."""
        return self._call("POST", f"/gatherings/{gathering}/end", json={})

    def gathering_question(self, gathering: str) -> dict[str, Any]:
        """Return what every organisation in a group, pair or circle says yes to, and our own people in it."""
        return self._call("GET", f"/gatherings/{gathering}/question")

    def sign_gathering(self, gathering: str, acceptance: str) -> dict[str, Any]:
        """Sign our yes to a group, pair or circle, said before or by this."""
        return self._call("POST", f"/gatherings/{gathering}/sign", json={"acceptance": acceptance})

    def gathering_introductions(self) -> list[dict[str, Any]]:
        """Return introductions we send or receive within groups, pairs and circles."""
        return list(self._pages("/gathering-introductions"))

    def put_gathering_envelope(self, gathering: str, recipient: str, envelope: str) -> dict[str, Any]:
        """Hand over what we sealed for one organisation."""
        path = f"/gathering-introductions/{gathering}/{recipient}/envelope"
        return self._call("PUT", path, json={"envelope": envelope})

    def gathering_envelope(self, gathering: str, sender: str) -> str:
        """Fetch what one organisation sealed for us."""
        return str(self._call("GET", f"/gathering-introductions/{gathering}/{sender}/envelope")["envelope"])

    def acknowledge_gathering(self, gathering: str, sender: str, receipt: str) -> dict[str, Any]:
        """Send our signed receipt to one organisation; the hub then deletes the envelope."""
        path = f"/gathering-introductions/{gathering}/{sender}/acknowledge"
        return self._call("POST", path, json={"receipt": receipt})
