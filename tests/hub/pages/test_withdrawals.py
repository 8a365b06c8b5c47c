"""Who was shown somebody who withdrew says on the inbox that nothing is left; the owner and the operator see how it stands."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from hub.database import Database
from hub.models import Client, WithdrawalNotice, new_id, utcnow
from hub.reach import acting_for, declared
from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World

Visit = Callable[[str], Visitor]
BUTTON = "What we had is deleted"


def buttons(page: Page) -> int:
    return sum(BUTTON in one.text for one in page.root.all("button"))


def grow_old(hub: Database, hours: int) -> None:
    """Each notice by whom it was told to: nobody else may change it, the hub neither."""
    older = update(WithdrawalNotice).values(withdrawn_at=utcnow() - timedelta(hours=hours))
    with hub.transaction() as session:
        for told in ("eriec", "criec"):
            with declared(session, acting_for(told)):
                session.execute(older)


@ON_BOTH
def test_each_notice_is_confirmed_by_one_button_and_gone_from_the_inbox(
    visit: Visit, world: World, hub: Database
) -> None:
    amina = visit("amina")
    page = amina.open("/")
    assert f"/proposals/{world.declined}" in page.links()
    assert "Nothing waits on you." not in page.source
    assert buttons(page) == 2

    for left in (1, 0):
        page = amina.send(page.form("/acknowledge"))
        assert (page.address, buttons(page)) == ("/", left)
        assert "sees that you confirmed" in page.notices[0]

    with hub.reading() as session:
        told = select(WithdrawalNotice.acknowledged_by).where(WithdrawalNotice.told_id == "eriec")
        assert session.scalars(told).all() == ["coordinator", "coordinator"]


def test_sent_twice_it_is_noted_once_and_shown_as_noted(visit: Visit) -> None:
    amina = visit("amina")
    form = amina.open("/").form("/acknowledge")

    assert [amina.send(form).address for _ in range(2)] == ["/", "/"]


def test_who_has_a_system_is_asked_only_for_what_it_left_undone(visit: Visit, hub: Database) -> None:
    client = Client(id=new_id(), organisation_id="eriec", jwks={"keys": []}, scope="events:read")
    hub.run(lambda session: session.add(client))

    assert buttons(visit("amina").open("/")) == 0

    grow_old(hub, 25)
    assert buttons(visit("amina").open("/")) == 2


def test_an_auditor_reads_the_notices_and_confirms_none(visit: Visit) -> None:
    page = visit("aude").open("/")

    assert "Somebody withdrew" in page.source
    assert buttons(page) == 0


def test_the_owner_sees_on_its_audit_page_how_many_were_told_and_how_many_confirmed(
    visit: Visit, hub: Database
) -> None:
    claire = visit("claire").speak("en")

    def counts() -> list[str]:
        (table,) = [one for one in visit("aude").open("/audit").root.all("table") if "nothing is left" in one.text]
        return [cell.text for cell in table.all("td")][1:]

    assert counts() == ["1", "0"]
    claire.send(claire.open("/").form("/acknowledge"))
    assert counts() == ["1", "1"]


@ON_BOTH
def test_an_operator_sees_who_owes_how_many_after_a_day_and_nothing_of_the_notices(visit: Visit, hub: Database) -> None:
    assert "Every withdrawal was confirmed within 24 hours" in visit("olga").open("/").source

    grow_old(hub, 25)

    (table,) = [one for one in visit("olga").open("/").root.all("table") if "not confirmed" in one.text]
    rows = [[cell.text for cell in row.all("td")][:2] for row in table.all("tr")[1:]]
    assert [number for _, number in rows] == ["2", "1"]
    assert "(ERIEC)" in rows[0][0]
    assert "/proposals/" not in visit("olga").open("/").source
