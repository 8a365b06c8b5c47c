"""How long others take our keys, and what stays agreed when theirs were replaced: told from this folder alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from federation.connector import keyring
from federation.connector.store import Store
from federation.key_chains import issue_statement
from federation.keys import generate_keys
from federation.pins import Pins
from federation.problems import Problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "agency")
    keyring.keep_keys(store, generate_keys("eriec").rotated(NOW))
    return store


def test_keys_are_kept_with_those_given_up(store: Store):
    assert store.keys.organisation == "eriec"
    assert len(store.keys.retired) == 1


def test_the_days_left_are_whole_days_of_the_newest_statement_and_fall_below_nought(store: Store):
    assert keyring.days_left(store, NOW) is None
    first = issue_statement(store.keys, [], NOW - timedelta(days=30))
    store.keep("statements", [first, issue_statement(store.keys, [first], NOW)])

    later = {0: 90, 1: 89, 86_400: 89, 86_401: 88, 90 * 86_400: 0, 90 * 86_400 + 1: -1}
    assert {seconds: keyring.days_left(store, NOW + timedelta(seconds=seconds)) for seconds in later} == later


def test_what_was_agreed_before_a_lost_key_was_replaced_is_over_and_later_it_holds(store: Store):
    store.keep_pins(Pins(moved={"criec": AT}))

    keyring.require_agreed_since(store, "criec", AT)
    keyring.require_agreed_since(store, "arec", 0)
    with pytest.raises(Problem, match="before criec replaced") as refused:
        keyring.require_agreed_since(store, "criec", AT - 1)
    assert refused.value.kind == "no-longer-available"
