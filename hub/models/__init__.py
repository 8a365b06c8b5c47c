"""Remembers: what the hub keeps, one noun a file. Importing this package makes every table known."""

from hub.models.agreement import Agreement
from hub.models.alert import Alert
from hub.models.arrival import ArrivalCount
from hub.models.audit import AuditEntry, AuditHead
from hub.models.base import Base, new_id, new_secret, utcnow
from hub.models.client import AccessToken, Client, Enrolment, UsedAssertion
from hub.models.coordinator import (
    AuthenticatorApp,
    Coordinator,
    Passkey,
    RecoveryCode,
    SignIn,
    SignInAttempt,
    SignInStep,
)
from hub.models.epoch import Epoch, PoolClass, PoolMember
from hub.models.gathering import Gathering, GatheringMember, GatheringParty
from hub.models.gathering_introduction import GatheringIntroduction
from hub.models.identity_provider import IdentityProvider, ProviderErrand, ProviderIdentity
from hub.models.introduction import Introduction, KeyStatement
from hub.models.invitation import Invitation
from hub.models.linkage import LinkageTokens, PossibleDuplicate
from hub.models.mentee_link import MenteeLink, MenteeWord
from hub.models.organisation import Organisation
from hub.models.outbox import IdempotentAnswer, OutboxMessage
from hub.models.partnership import Partnership
from hub.models.profile import ConsentReceipt, Profile, Tombstone, WithdrawalCount
from hub.models.program import Intake, Program
from hub.models.proposal import Proposal
from hub.models.recommendation import Exposure, Recommendation
from hub.models.referral import Referral, ReferralEvent
from hub.models.round import Round, RoundAlternative, RoundInput, RoundShare, RoundWish
from hub.models.stand_in import StandIn
from hub.models.withdrawal_notice import WithdrawalNotice

__all__ = [
    "AccessToken", "Agreement", "Alert", "ArrivalCount", "AuditEntry", "AuditHead", "AuthenticatorApp", "Base",
    "Client", "ConsentReceipt", "Coordinator", "Enrolment", "Epoch", "Exposure", "Gathering", "GatheringIntroduction",
    "GatheringMember", "GatheringParty", "IdempotentAnswer", "IdentityProvider", "Intake", "Introduction", "Invitation",
    "KeyStatement", "LinkageTokens", "MenteeLink", "MenteeWord", "Organisation", "OutboxMessage", "Partnership",
    "Passkey", "PoolClass", "PoolMember", "PossibleDuplicate", "Profile", "Program", "Proposal", "ProviderErrand",
    "ProviderIdentity", "Recommendation", "RecoveryCode", "Referral", "ReferralEvent", "Round", "RoundAlternative",
    "RoundInput", "RoundShare", "RoundWish", "SignIn", "SignInAttempt", "SignInStep", "StandIn", "Tombstone",
    "UsedAssertion", "WithdrawalCount", "WithdrawalNotice", "new_id", "new_secret", "utcnow",
]  # fmt: skip
