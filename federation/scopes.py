"""OAuth scopes: what an organisation's system may be allowed to do. One home; the hub's policy and the client read it."""

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One permission an organisation's system can hold."""

    PROFILES_READ = "profiles:read"
    PROFILES_WRITE = "profiles:write"
    POOL_SEARCH = "pool:search"
    MATCHING_READ = "matching:read"
    PROPOSALS_READ = "proposals:read"
    PROPOSALS_WRITE = "proposals:write"
    INTRODUCTIONS_READ = "introductions:read"
    INTRODUCTIONS_WRITE = "introductions:write"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_WRITE = "organisations:write"
    PROGRAMS_READ = "programs:read"
    REFERRALS_READ = "referrals:read"
    REFERRALS_WRITE = "referrals:write"
    EVENTS_READ = "events:read"
    AUDIT_READ = "audit:read"


ALL_SCOPES: Final = frozenset(scope.value for scope in Scope)
# What a peer's resource server may ask the authorisation server itself (RFC 7662). Granted by name when it is enrolled, never
# by default, and carried by no token: it opens nothing on the API.
INTROSPECT: Final = "tokens:introspect"
GRANTABLE: Final = ALL_SCOPES | {INTROSPECT}


def parse_scope(text: str, known: frozenset[str] = ALL_SCOPES) -> frozenset[str]:
    """Split a space-separated scope string (RFC 6749, 3.3); ``known`` is ``GRANTABLE`` where a system is enrolled.

    Raises
    ------
    ValueError
        A scope that does not exist; the message names it.
    """
    asked = frozenset(text.split())
    unknown = sorted(asked - known)
    if unknown:
        raise ValueError(f"unknown scope: {unknown[0]}")
    return asked


def format_scope(scopes: frozenset[str]) -> str:
    """Write scopes as RFC 6749 wants them, in one order on every machine."""
    return " ".join(sorted(scopes))
