"""The pages say what a no would mean to the mentee's side, and to nobody else; a declined question leads to the repair."""

from collections.abc import Callable

from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Visitor
from tests.hub.pages.world import World

Visit = Callable[[str], Visitor]


def told(visit: Visit, who: str, address: str) -> str:
    page = visit(who).open(address)
    assert page.status == 200
    return " ".join(page.root.one("main").text.split())


@ON_BOTH
class TestWhatANoWouldMean:
    def test_the_mentee_s_side_reads_it_of_each_own_pair_and_in_counts_of_its_own(
        self, visit: Visit, world: World
    ) -> None:
        page = told(visit, "amina", f"/rounds/{world.round}")

        assert page.count("If the answer is no: another mentor stands by") >= 5
        assert "If the answer is no, for your own mentees: another mentor stands by: 6 As things stood" in page

    def test_so_does_the_page_of_a_question_that_is_open_and_of_one_that_is_not_it_does_not(
        self, visit: Visit, world: World
    ) -> None:
        assert "If the answer is no Another mentor stands by: a free seat is enough" in told(
            visit, "amina", f"/proposals/{world.open}"
        )
        assert "If the answer is no" not in told(visit, "amina", f"/proposals/{world.agreed}")

    def test_the_mentor_s_side_reads_nothing_of_it(self, visit: Visit, world: World) -> None:
        for address in (f"/rounds/{world.round}", f"/proposals/{world.open}", f"/proposals/{world.declined}"):
            page = told(visit, "hodan", address)
            assert "the answer is no" not in page
            assert "stands by" not in page
            assert "What would repair the round" not in page

    def test_a_question_that_was_declined_leads_the_mentee_s_side_to_the_repair(
        self, visit: Visit, world: World
    ) -> None:
        page = visit("amina").open(f"/proposals/{world.declined}")

        links = {one.get("href"): one.text.strip() for one in page.root.all("a")}
        assert links[f"/rounds/{world.round}/repair"] == "What would repair the round for your mentee"

    def test_an_operator_reads_totals_in_fives(self, visit: Visit, world: World) -> None:
        page = told(visit, "olga", f"/hub/rounds/{world.round}/repair")

        assert "If the answer is no, as things stood when the round was made" in page
        assert "another mentor stands by 10" in page or "another mentor stands by 15" in page
        assert "nobody yet < 5" in page
