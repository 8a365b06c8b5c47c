"""Scopes: written in one order, read back whole, and none that does not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.scopes import ALL_SCOPES, GRANTABLE, INTROSPECT, Scope, format_scope, parse_scope
from hub.access.policy import POLICY


@given(st.frozensets(st.sampled_from(sorted(ALL_SCOPES))), st.randoms())
def test_scopes_are_read_as_they_were_written_in_any_order(scopes: frozenset[str], order):
    shuffled = order.sample(sorted(scopes), len(scopes))

    assert parse_scope(format_scope(scopes)) == parse_scope("  ".join(shuffled * 2)) == scopes
    assert format_scope(frozenset(shuffled)) == format_scope(scopes)


@pytest.mark.parametrize("unknown", ["profiles:everything", "admin", "PROFILES:READ", "profiles:read,pool:search"])
def test_a_scope_that_does_not_exist_is_named(unknown: str):
    with pytest.raises(ValueError, match=f"^unknown scope: {unknown}$"):
        parse_scope(f"pool:search {unknown}")


def test_nothing_asked_is_nothing_given():
    assert parse_scope("") == parse_scope(" \n") == frozenset()


def test_every_scope_opens_something():
    assert {rule.scope for rule in POLICY.values() if rule.scope} == set(Scope)


def test_introspection_is_granted_by_name_and_never_part_of_all_scopes():
    assert parse_scope(INTROSPECT, GRANTABLE) == {INTROSPECT}
    with pytest.raises(ValueError, match="tokens:introspect"):
        parse_scope(INTROSPECT)
