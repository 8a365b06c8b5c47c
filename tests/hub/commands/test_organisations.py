"""``passerelle organisation``: members, agreements and the people who sign in."""

import re

import pytest

from hub.database import Database
from hub.services import coordinators


def test_a_member_is_added_as_it_was_typed(terminal):
    told = terminal.done(
        "organisation", "add", "eriec", "ERIEC [/bold] [edmonton]", "--kind", "agency", "--region", "AB-835"
    )

    assert "ERIEC [/bold] [edmonton] is now a member as eriec." in told
    assert "ERIEC [/bold] [edmonton]" in str(terminal.rows()["organisation"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "eriec", "Again", "--kind", "agency", "--region", "AB"), "eriec is a member already"),
        (("add", "Two Words", "Name", "--kind", "agency", "--region", "AB"), "Small letters"),
        (("agree", "arec", "nobody"), "nobody is not a member"),
        (("agree", "arec", "arec"), "two parties"),
        (("agree", "arec", "eriec"), "already"),
        (("agree", "arec", "eriec", "--from", "2026-05-01", "--until", "2026-04-30"), "no earlier than it starts"),
        (("suspend", "nobody"), "no such member"),
        (("reinstate", "arec"), "no such member under suspension"),
        (("local-first", "nobody", "7"), "nobody is not a member"),
        (("end-agreement", "eriec", "nobody"), "by no agreement"),
        (("coordinator", "nobody", "amina"), "Add the organisation first"),
    ],
)
def test_what_cannot_be_is_refused_in_words(two_members, words: tuple[str, ...], said: str):
    assert said in two_members.refused("organisation", *words)


@pytest.mark.parametrize(
    "words",
    [
        ("add", "a", "A", "--kind", "tribe", "--region", "AB"),
        ("add", "a", "A", "--kind", "agency", "--region", "TX"),
        ("agree", "arec", "eriec", "--from", "tomorrow"),
        ("local-first", "eriec", "91"),
        ("local-first", "eriec", "soon"),
        ("coordinator", "eriec", "amina", "--role", "king"),
    ],
)
def test_what_is_no_choice_is_refused_as_usage(two_members, words: tuple[str, ...]):
    before = two_members.rows()

    assert two_members.type("organisation", *words).exit_code == 2
    assert two_members.rows() == before


def test_the_password_printed_once_signs_in_and_is_kept_nowhere(two_members):
    told = two_members.done("organisation", "coordinator", "eriec", "amina", "--locale", "fr")

    password = re.search(r"amina may sign in with: (\S+)", told).group(1)
    assert password not in str(two_members.rows())
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    with database.reading() as session:
        account = coordinators.find_account(session, "amina")
    database.close()
    assert coordinators.password_holds(account, password)
    assert not coordinators.password_holds(account, password + "x")


def test_an_account_whose_phone_and_password_are_lost_starts_over(two_members):
    two_members.done("organisation", "coordinator", "eriec", "amina")
    first = two_members.rows()["coordinator"]

    told = two_members.done("organisation", "coordinator", "eriec", "amina", "--reset")

    assert re.search(r"amina may sign in with: (\S+)", told)
    assert len(two_members.rows()["coordinator"]) == len(first)
    assert two_members.rows()["coordinator"] != first


@pytest.mark.parametrize("words", [("arec", "amina"), ("eriec", "nobody")])
def test_an_account_that_is_not_there_cannot_start_over(two_members, words: tuple[str, ...]):
    two_members.done("organisation", "coordinator", "eriec", "amina")
    before = two_members.rows()

    assert two_members.type("organisation", "coordinator", *words, "--reset").exit_code == 1
    assert two_members.rows() == before


def test_a_member_is_suspended_and_let_in_again(two_members):
    before = two_members.rows()["organisation"]

    assert "passerelle organisation reinstate arec" in " ".join(
        two_members.done("organisation", "suspend", "arec").split()
    )
    assert two_members.rows()["organisation"] != before
    two_members.done("organisation", "reinstate", "arec")
    assert two_members.rows()["organisation"] == before


def test_a_member_looks_near_first_for_some_days_and_no_longer(two_members):
    assert "eriec looks near first for 14 days" in " ".join(
        two_members.done("organisation", "local-first", "eriec", "14").split()
    )
    assert "14" in next(row for row in two_members.rows()["organisation"] if "'eriec'" in row)
    assert "at once" in two_members.done("organisation", "local-first", "eriec", "0")


def test_an_agreement_is_ended_at_once(two_members):
    before = two_members.rows()["agreement"]

    assert "arec no longer shares its mentors with eriec." in two_members.done(
        "organisation", "end-agreement", "arec", "eriec"
    )
    assert two_members.rows()["agreement"] != before
    assert "by no agreement" in two_members.refused("organisation", "end-agreement", "arec", "eriec")
