"""May they? One table, default deny: operation x role -> reach, and the OAuth scope a system needs for it.

A role without an entry is refused. A view without an operation, and without a reason to be public, stops the start-up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from flask import Flask, g

from federation.problems import Problem
from federation.scopes import Scope
from hub.access import acting, refusals
from hub.access.identity import current_actor, current_holder, demand_second_factor, is_api_request
from hub.access.mentee_links import is_mentee_request
from hub.services.actors import Actor

P = ParamSpec("P")
R = TypeVar("R")


class Reach(StrEnum):
    """How far an allowed operation reaches; the services hold to it with the actor's organisation."""

    SELF = "self"
    OWN = "own"
    PARTY = "party"
    NETWORK_DEIDENTIFIED = "network_deidentified"
    ANY = "any"


class Operation(StrEnum):
    """Everything a door can ask for: noun, verb."""

    PROFILE_SHARE = "profile.share"
    PROFILE_READ = "profile.read"
    PROFILE_WITHDRAW = "profile.withdraw"
    LINKAGE_SEND = "linkage.send"
    DUPLICATE_READ = "duplicate.read"
    DUPLICATE_DECIDE = "duplicate.decide"
    POOL_SEARCH = "pool.search"
    RECOMMENDATION_READ = "recommendation.read"
    PEER_READ = "peer.read"
    PATHWAY_READ = "pathway.read"
    PROPOSAL_MAKE = "proposal.make"
    PROPOSAL_READ = "proposal.read"
    PROPOSAL_DECIDE = "proposal.decide"
    PARTNERSHIP_READ = "partnership.read"
    PARTNERSHIP_END = "partnership.end"
    GATHERING_MAKE = "gathering.make"
    GATHERING_READ = "gathering.read"
    GATHERING_DECIDE = "gathering.decide"
    KEY_PUBLISH = "key.publish"
    ORGANISATION_READ = "organisation.read"
    SHARING_READ = "sharing.read"
    SHARING_CHANGE = "sharing.change"
    INTRODUCTION_READ = "introduction.read"
    INTRODUCTION_SEAL = "introduction.seal"
    INTRODUCTION_OPEN = "introduction.open"
    INTRODUCTION_ACKNOWLEDGE = "introduction.acknowledge"
    WITHDRAWAL_READ = "withdrawal.read"
    WITHDRAWAL_CONFIRM = "withdrawal.confirm"
    PROGRAM_READ = "program.read"
    REFERRAL_SEND = "referral.send"
    REFERRAL_READ = "referral.read"
    REFERRAL_RECORD = "referral.record"
    ROUND_READ = "round.read"
    ROUND_REPAIR = "round.repair"
    ROUND_WATCH = "round.watch"
    NETWORK_READ = "network.read"
    EVENT_READ = "event.read"
    HOME_READ = "home.read"
    ACCOUNT_KEEP = "account.keep"
    EXPOSURE_READ = "exposure.read"
    AUDIT_READ = "audit.read"
    COORDINATOR_READ = "coordinator.read"
    COORDINATOR_INVITE = "coordinator.invite"
    COORDINATOR_CONFIRM = "coordinator.confirm"
    COORDINATOR_CHANGE = "coordinator.change"
    COORDINATOR_END = "coordinator.end"
    MENTEE_LINK_ISSUE = "mentee_link.issue"
    MENTEE_PAGE_READ = "mentee_page.read"
    MENTEE_WORD_SAY = "mentee_word.say"
    CONSENT_WITHDRAW = "consent.withdraw"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: who reaches how far, and with which scope a system asks. No scope: not for systems."""

    scope: Scope | None
    reach: Mapping[str, Reach]


def _row(scope: Scope | None, **reach: Reach) -> Rule:
    return Rule(scope, reach)


SELF, OWN, PARTY, NETWORK, ANY = Reach.SELF, Reach.OWN, Reach.PARTY, Reach.NETWORK_DEIDENTIFIED, Reach.ANY
POLICY: Final[Mapping[Operation, Rule]] = {
    Operation.PROFILE_SHARE: _row(Scope.PROFILES_WRITE, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.PROFILE_READ: _row(Scope.PROFILES_READ, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.PROFILE_WITHDRAW: _row(Scope.PROFILES_WRITE, system=OWN, coordinator=OWN, organisation_admin=OWN),
    # Tokens are made where the contacts are: only an organisation's own system has them.
    Operation.LINKAGE_SEND: _row(Scope.PROFILES_WRITE, system=OWN),
    Operation.DUPLICATE_READ: _row(Scope.PROFILES_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    Operation.DUPLICATE_DECIDE: _row(Scope.PROFILES_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    Operation.POOL_SEARCH: _row(Scope.POOL_SEARCH, system=NETWORK, coordinator=NETWORK, organisation_admin=NETWORK),
    Operation.RECOMMENDATION_READ: _row(Scope.MATCHING_READ, system=OWN, coordinator=OWN, organisation_admin=OWN),
    # Peers of one's own people; of others' people only cards, within the week's budget.
    Operation.PEER_READ: _row(Scope.MATCHING_READ, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.PATHWAY_READ: _row(Scope.MATCHING_READ, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.PROPOSAL_MAKE: _row(Scope.PROPOSALS_WRITE, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.PROPOSAL_READ: _row(
        Scope.PROPOSALS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    Operation.PROPOSAL_DECIDE: _row(Scope.PROPOSALS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    # What a proposal becomes, by the same scopes.
    Operation.PARTNERSHIP_READ: _row(
        Scope.PROPOSALS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    Operation.PARTNERSHIP_END: _row(Scope.PROPOSALS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    # Groups, pairs and circles, by the same scopes: a system that proposes pairs of mentee and mentor proposes these.
    Operation.GATHERING_MAKE: _row(Scope.PROPOSALS_WRITE, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.GATHERING_READ: _row(
        Scope.PROPOSALS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    Operation.GATHERING_DECIDE: _row(Scope.PROPOSALS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    Operation.KEY_PUBLISH: _row(Scope.INTRODUCTIONS_WRITE, system=OWN),
    Operation.ORGANISATION_READ: _row(
        Scope.ORGANISATIONS_READ, system=ANY, coordinator=ANY, organisation_admin=ANY, auditor=ANY, operator=ANY
    ),
    Operation.SHARING_READ: _row(
        Scope.ORGANISATIONS_READ, system=OWN, coordinator=OWN, organisation_admin=OWN, auditor=OWN
    ),
    # How far one's mentees and mentors go binds the whole organisation: its administrators decide it.
    Operation.SHARING_CHANGE: _row(Scope.ORGANISATIONS_WRITE, system=OWN, organisation_admin=OWN),
    Operation.INTRODUCTION_READ: _row(
        Scope.INTRODUCTIONS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    # Sealing and opening happen in the agency's connector, never in a page of the hub (trust.md).
    Operation.INTRODUCTION_SEAL: _row(Scope.INTRODUCTIONS_WRITE, system=PARTY),
    Operation.INTRODUCTION_OPEN: _row(Scope.INTRODUCTIONS_READ, system=PARTY),
    Operation.INTRODUCTION_ACKNOWLEDGE: _row(Scope.INTRODUCTIONS_WRITE, system=PARTY),
    # That what one held of somebody who withdrew is gone: a contact may lie in a drawer, so people may say it too.
    Operation.WITHDRAWAL_READ: _row(
        Scope.INTRODUCTIONS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    Operation.WITHDRAWAL_CONFIRM: _row(
        Scope.INTRODUCTIONS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY
    ),
    Operation.PROGRAM_READ: _row(
        Scope.PROGRAMS_READ, system=ANY, coordinator=ANY, organisation_admin=ANY, auditor=ANY, operator=ANY
    ),
    Operation.REFERRAL_SEND: _row(Scope.REFERRALS_WRITE, system=OWN, coordinator=OWN, organisation_admin=OWN),
    Operation.REFERRAL_READ: _row(
        Scope.REFERRALS_READ, system=PARTY, coordinator=PARTY, organisation_admin=PARTY, auditor=PARTY
    ),
    Operation.REFERRAL_RECORD: _row(Scope.REFERRALS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    Operation.ROUND_READ: _row(
        Scope.MATCHING_READ, system=NETWORK, coordinator=NETWORK, organisation_admin=NETWORK, auditor=NETWORK
    ),
    # A yes to what one's own open mentees need; whoever it asks still says yes or no.
    Operation.ROUND_REPAIR: _row(Scope.PROPOSALS_WRITE, system=PARTY, coordinator=PARTY, organisation_admin=PARTY),
    # Drafts, and how a published round stands: totals of the network, nobody's pair.
    Operation.ROUND_WATCH: _row(None, operator=ANY),
    Operation.NETWORK_READ: _row(None, coordinator=NETWORK, organisation_admin=NETWORK, auditor=NETWORK),
    Operation.EVENT_READ: _row(Scope.EVENTS_READ, system=OWN),
    # The first page: a member's inbox, or what an operator watches; each service holds to who acts.
    Operation.HOME_READ: _row(None, coordinator=ANY, organisation_admin=ANY, auditor=ANY, operator=ANY),
    # One's own password, factors and sessions.
    Operation.ACCOUNT_KEEP: _row(None, coordinator=SELF, organisation_admin=SELF, auditor=SELF, operator=SELF),
    Operation.EXPOSURE_READ: _row(
        Scope.PROFILES_READ, system=OWN, coordinator=OWN, organisation_admin=OWN, auditor=OWN
    ),
    # A colleague's every step stands in it: for those who answer for the organisation, not for each other.
    Operation.AUDIT_READ: _row(Scope.AUDIT_READ, system=OWN, organisation_admin=OWN, auditor=OWN),
    # Colleagues' accounts are their administrators' to keep. To operators the services show administrators alone: an
    # organisation that lost its last one gets another, and says itself which roles its people hold.
    Operation.COORDINATOR_READ: _row(None, organisation_admin=OWN, operator=ANY),
    Operation.COORDINATOR_INVITE: _row(None, organisation_admin=OWN, operator=ANY),
    Operation.COORDINATOR_CONFIRM: _row(None, organisation_admin=OWN, operator=ANY),
    Operation.COORDINATOR_CHANGE: _row(None, organisation_admin=OWN),
    Operation.COORDINATOR_END: _row(None, organisation_admin=OWN, operator=ANY),
    # Shown once, to be given to a person by a person: a system would keep it.
    Operation.MENTEE_LINK_ISSUE: _row(None, coordinator=OWN, organisation_admin=OWN),
    # A mentee's own page: what is hers, and nothing of anybody else.
    Operation.MENTEE_PAGE_READ: _row(None, mentee=SELF),
    Operation.MENTEE_WORD_SAY: _row(None, mentee=SELF),
    Operation.CONSENT_WITHDRAW: _row(None, mentee=SELF),
}

OPERATION_MARK: Final = "passerelle_operation"
PUBLIC_MARK: Final = "passerelle_public"


def requires(operation: Operation) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view with its operation and let only those in whom the table admits, before anything is read or parsed."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                acting.let_in(admit(operation))
                return view(*args, **kwargs)
            except Problem as problem:
                refusals.record(operation.value, problem, kwargs)
                raise

        guarded.__dict__[OPERATION_MARK] = operation
        return guarded

    return guard


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a view as open to anyone, with the reason."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__[PUBLIC_MARK] = reason
        return view

    return mark


def admit(operation: Operation) -> Actor:
    """Return the actor when the table lets them; identity first, then role, then scope.

    Raises
    ------
    Problem
        ``not-signed-in``, ``organisation-suspended``, ``not-allowed`` or ``scope-missing``.
    """
    actor = current_actor()
    if not allows(operation, actor):
        raise Problem("not-allowed", f"Ask your organisation's administrator for a role that may {operation.value}.")
    if operation is not Operation.ACCOUNT_KEEP and not is_api_request() and not is_mentee_request():
        demand_second_factor()
    scope = POLICY[operation].scope
    if is_api_request() and (scope is None or scope.value not in current_holder().scope):
        needed = g.missing_scope = scope.value if scope else "none"
        raise Problem("scope-missing", f"Ask for a token with the scope {needed}.", extra={"scope": needed})
    return actor


def allows(operation: Operation, actor: Actor) -> bool:
    """Whether the table has an entry for the role, and the actor belongs to an organisation where the reach needs one."""
    reach = POLICY[operation].reach.get(actor.role)
    if reach is None:
        return False
    return reach in {ANY, SELF} or actor.organisation_id is not None


def check_every_route(app: Flask) -> None:
    """Refuse to open with an unguarded door.

    Raises
    ------
    RuntimeError
        Naming every route whose view has neither an operation of the table nor a reason to be public, and every operation
        without a row.
    """
    unguarded = [f"{rule.rule} ({rule.endpoint})" for rule in app.url_map.iter_rules() if not _guarded(app, rule)]
    without_row = [operation.value for operation in Operation if operation not in POLICY]
    if unguarded or without_row:
        raise RuntimeError(f"unguarded routes: {unguarded}; operations without a row: {without_row}")


def _guarded(app: Flask, rule: Any) -> bool:
    marks = vars(app.view_functions[rule.endpoint])
    if isinstance(marks.get(OPERATION_MARK), Operation):
        return True
    # Flask makes the views of a blueprint's static folder itself: files we ship, the same for everyone.
    static = rule.endpoint.rpartition(".")[2] == "static" and rule.rule.endswith("/<path:filename>")
    return bool(marks.get(PUBLIC_MARK)) or static
