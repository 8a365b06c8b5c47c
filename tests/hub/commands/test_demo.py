"""The demonstration says in a sentence what a person can do about it when it cannot go on."""

import click
import pytest

from federation.connection import HubUnreachable
from hub.commands.demo import silence_in_words


def test_a_hub_that_does_not_answer_in_time_is_no_traceback():
    with pytest.raises(click.ClickException, match=r"did not answer.*busy\?.*once more"), silence_in_words():
        raise HubUnreachable("http://127.0.0.1:8000 did not answer (ReadTimeout): try again later")


def test_a_fault_of_ours_stays_a_fault():
    with pytest.raises(KeyError), silence_in_words():
        raise KeyError("ours")
