"""Reference client: what an organisation's system says to a hub, and what it hears back.

Every method is one operation of the API. A refusal comes back as the :class:`Problem` the hub raised; a hub that cannot be
reached as :class:`HubUnreachable`. Every call has a time-out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import httpx

from federation.client_gatherings import GatheringCalls
from federation.client_matching import MatchingCalls
from federation.client_sharing import SharingCalls
from federation.connection import HubUnreachable
from federation.hub_answers import parsed, raise_problem
from federation.problems import Problem

__all__ = ["HubClient", "HubUnreachable"]

BULK_LINES: Final = 200
# The hub stores line by line and answers all of them together: on a small or busy machine that takes more than one call's time.
BULK_TIMEOUT: Final = httpx.Timeout(90, connect=5)
NDJSON: Final = {"Content-Type": "application/x-ndjson"}


class HubClient(GatheringCalls, MatchingCalls, SharingCalls):
    """One organisation's system at one hub; made as :class:`federation.connection.HubConnection` says."""

    def resource_metadata(self) -> dict[str, Any]:
        """Return what the hub tells everyone about its API (RFC 9728), and how precise its programs need occupations."""
        url = f"{self.base_url}/.well-known/oauth-protected-resource"
        answer = self._request("GET", url)
        raise_problem(answer)
        return parsed(answer)

    # -- people ---------------------------------------------------------------------------------------------------------

    def share_profile(self, pseudonym: str, profile: Mapping[str, Any]) -> dict[str, Any]:
        """Share or replace one de-identified person; return the receipt."""
        return self._call("PUT", f"/profiles/{pseudonym}", json=dict(profile))

    def share_profiles(self, people: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
        """Share many people; yield one result a person, in order: ``receipt`` or ``problem``."""
        lines = (json.dumps({"pseudonym": pseudonym, "profile": profile}) for pseudonym, profile in people)
        while part := list(islice(lines, BULK_LINES)):
            yield from self._bulk(part)

    def _bulk(self, lines: list[str]) -> Iterator[dict[str, Any]]:
        response = self._ask("POST", "/profiles/bulk", NDJSON, content="\n".join(lines), timeout=BULK_TIMEOUT)
        for line in response.text.splitlines():
            if line:
                yield json.loads(line)

    def profile(self, pseudonym: str) -> dict[str, Any]:
        """Return one of our own profiles as the hub holds it."""
        return self._call("GET", f"/profiles/{pseudonym}")

    def profiles(self) -> Iterator[dict[str, Any]]:
        """Yield all our own profiles, page by page."""
        return self._pages("/profiles")

    def withdraw(self, pseudonym: str) -> None:
        """Withdraw one person: hidden and erased at once."""
        self._call("DELETE", f"/profiles/{pseudonym}")

    def link_profile(self, pseudonym: str, tokens: Iterable[Mapping[str, Any]]) -> None:
        """Send the keyed tokens of one of our people, in place of those sent before; none erases them."""
        self._call("PUT", f"/profiles/{pseudonym}/linkage", json={"tokens": list(tokens)})

    def duplicates(self) -> list[dict[str, Any]]:
        """Return pairs of a person of ours and another that may be one person."""
        return list(self._pages("/duplicates"))

    def confirm_duplicate(self, duplicate: str) -> dict[str, Any]:
        """Say for our side that the two are one person."""
        return self._call("POST", f"/duplicates/{duplicate}/confirm")

    def reject_duplicate(self, duplicate: str) -> dict[str, Any]:
        """Say for our side that the two are two people."""
        return self._call("POST", f"/duplicates/{duplicate}/reject")

    # -- matching -------------------------------------------------------------------------------------------------------

    def search_pool(self, **criteria: str) -> dict[str, Any]:
        """Search the shared pool by noc, region, language, kind: classes, never rows."""
        return self._call("GET", "/pool", params=criteria)

    def recommendations(self, pseudonym: str) -> dict[str, Any]:
        """Return the best mentors for one of our mentees, with reasons."""
        return self._call("GET", f"/mentees/{pseudonym}/recommendations")

    def pathway(self, pseudonym: str) -> dict[str, Any]:
        """Return plans for one of our mentees."""
        return self._call("GET", f"/mentees/{pseudonym}/pathway")

    def propose(self, mentee: str, handle: str) -> dict[str, Any]:
        """Ask for the mentor behind a handle."""
        return self._call("POST", "/proposals", json={"mentee": mentee, "handle": handle})

    def peer_pairs(self) -> list[dict[str, Any]]:
        """Return the peers suggested to our mentees; each pair has a handle to propose it by."""
        return list(self._call("GET", "/peers/pairs")["pairs"])

    def proposals(self) -> list[dict[str, Any]]:
        """Return the proposals we are a party of."""
        return list(self._pages("/proposals"))

    def proposal(self, proposal: str) -> dict[str, Any]:
        """Return one proposal."""
        return self._call("GET", f"/proposals/{proposal}")

    def accept(self, proposal: str, acceptance: str | None = None) -> dict[str, Any]:
        """Say yes for our side, signed where an introduction will be sealed."""
        return self._call("POST", f"/proposals/{proposal}/accept", json={"acceptance": acceptance})

    def decline(self, proposal: str, reason: str) -> dict[str, Any]:
        """Say no for our side, with a coded reason."""
        return self._call("POST", f"/proposals/{proposal}/decline", json={"reason": reason})

    def partnerships(self) -> list[dict[str, Any]]:
        """Return what became of our agreed pairs."""
        return list(self._pages("/partnerships"))

    def partnership(self, partnership: str) -> dict[str, Any]:
        """Return one partnership."""
        return self._call("GET", f"/partnerships/{partnership}")

    def complete_partnership(self, partnership: str) -> dict[str, Any]:
        """Say that the two have done what they set out to do."""
        return self._call("POST", f"/partnerships/{partnership}/complete")

    def end_partnership(self, partnership: str, reason: str) -> dict[str, Any]:
        """Say that the two stop before, with a coded reason."""
        return self._call("POST", f"/partnerships/{partnership}/end", json={"reason": reason})

    def rounds(self) -> list[dict[str, Any]]:
        """Return the rounds."""
        return list(self._pages("/rounds"))

    def round(self, round_id: str) -> dict[str, Any]:
        """Return our own organisation's result of one round, and the network's totals."""
        return self._call("GET", f"/rounds/{round_id}")

    # -- introductions --------------------------------------------------------------------------------------------------

    def publish_keys(self, statement: str) -> dict[str, Any]:
        """Publish our next key statement."""
        return self._call("PUT", "/keys", json={"statement": statement})

    def keys(self, organisation: str) -> list[str]:
        """Return another organisation's key statements, oldest first."""
        return [str(statement) for statement in self._call("GET", f"/organisations/{organisation}/keys")["statements"]]

    def introductions(self) -> list[dict[str, Any]]:
        """Return introductions we send or receive."""
        return list(self._pages("/introductions"))

    def put_envelope(self, proposal: str, envelope: str) -> dict[str, Any]:
        """Hand a sealed introduction over."""
        return self._call("PUT", f"/introductions/{proposal}/envelope", json={"envelope": envelope})

    def envelope(self, proposal: str) -> str:
        """Fetch a sealed introduction meant for us."""
        return str(self._call("GET", f"/introductions/{proposal}/envelope")["envelope"])

    def acknowledge(self, proposal: str, receipt: str) -> dict[str, Any]:
        """Send our signed receipt; the hub then deletes the envelope."""
        return self._call("POST", f"/introductions/{proposal}/acknowledge", json={"receipt": receipt})

    # -- withdrawals ----------------------------------------------------------------------------------------------------

    def withdrawals(self) -> list[dict[str, Any]]:
        """Return the notices to us, open ones first, and those of our own withdrawals."""
        return list(self._pages("/withdrawals"))

    def acknowledge_withdrawal(self, notice: str) -> dict[str, Any]:
        """Say that what we held of somebody who withdrew is gone; saying it again changes nothing."""
        return self._call("POST", f"/withdrawals/{notice}/acknowledge")

    # -- programs, referrals, network -----------------------------------------------------------------------------------

    def organisations(self) -> list[dict[str, Any]]:
        """Return the members of the network."""
        return list(self._pages("/organisations"))

    def programs(self) -> list[dict[str, Any]]:
        """Return the catalogue of programs."""
        return list(self._pages("/programs"))

    def program(self, program: str) -> dict[str, Any]:
        """Return one program with its intakes."""
        return self._call("GET", f"/programs/{program}")

    def refer(self, mentee: str, program: str, step: str | None = None) -> dict[str, Any]:
        """Send one of our mentees to a program."""
        return self._call("POST", "/referrals", json={"mentee": mentee, "program": program, "step": step})

    def referrals(self) -> list[dict[str, Any]]:
        """Return referrals we sent or received."""
        return list(self._pages("/referrals"))

    def referral(self, referral: str) -> dict[str, Any]:
        """Return one referral."""
        return self._call("GET", f"/referrals/{referral}")

    def referral_event(self, referral: str, event: str, **details: str) -> dict[str, Any]:
        """Assert one fact about a referral; ``reason`` or ``outcome`` where the event needs one."""
        return self._call("POST", f"/referrals/{referral}/events", json={"event": event, **details})

    def events(self, after: int = 0) -> dict[str, Any]:
        """Return our numbered events above ``after``."""
        return self._call("GET", "/events", params={"after": str(after)})

    def all_events(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """Yield every event of ours above ``after``, page by page, oldest first.

        Raises
        ------
        Problem
            ``bad-request``: the hub repeats or reorders events; what was yielded before it stands.
        """
        while items := self.events(after)["items"]:
            for event in items:
                if event["number"] <= after:
                    raise Problem("bad-request", "The hub's events are out of order: stop, and phone the operator.")
                after = event["number"]
                yield event

    def audit_head(self, kept: str | None = None) -> dict[str, Any]:
        """Return the end of the audit chain, the hub's key, and whether ``kept`` (NUMBER:HASH) still stands on the chain."""
        return self._call("GET", "/audit/head", params={"head": kept} if kept else {})
