"""``passerelle operator``: a sign-in that belongs to no organisation."""

from sqlalchemy import select

from hub.database import Database
from hub.models import Coordinator
from hub.services import coordinators


def account(terminal, password: str) -> tuple[str, str | None, bool]:
    database = Database(f"sqlite:///{terminal.folder}/passerelle.sqlite3")
    with database.reading() as session:
        found = coordinators.find_account(session, "olga")
        row = session.scalars(select(Coordinator).where(Coordinator.username == "olga")).one()
        said = (row.role, row.organisation_id, coordinators.password_holds(found, password))
    database.close()
    return said


def test_an_operator_gets_a_password_once_and_belongs_to_nobody(two_members):
    told = two_members.done("operator", "olga", "--locale", "fr")

    assert account(two_members, told.split()[-1]) == ("operator", None, True)
    assert told.split()[-1] not in str(two_members.rows())
    assert "taken" in two_members.refused("operator", "olga")


def test_one_who_lost_everything_starts_over_and_a_member_s_account_does_not_by_this_way(two_members):
    first = two_members.done("operator", "olga").split()[-1]
    again = two_members.done("operator", "olga", "--reset").split()[-1]
    two_members.done("organisation", "coordinator", "eriec", "amina")

    assert account(two_members, again) == ("operator", None, True)
    assert account(two_members, first) == ("operator", None, False)
    assert two_members.refused("operator", "amina", "--reset")
