"""``passerelle epoch``: publishes what may be browsed, and says in figures what that is."""

from hub.database import Database
from tests.hub.people import mentor, share


def fill(terminal, people: int) -> None:
    database = Database(f"sqlite:///{terminal.folder}/passerelle.sqlite3")
    for number in range(people):
        share(database, "arec", f"mentor-{number:04d}", mentor())
    database.close()


def test_publishing_says_how_many_are_shown_and_how_many_are_not(two_members):
    fill(two_members, 6)

    told = " ".join(two_members.done("epoch", "publish").split())

    assert told == "Epoch 1: 1 classes of 5 or more, 6 people, 0 withheld"


def test_publishing_if_due_publishes_once(two_members):
    fill(two_members, 5)

    assert "Epoch 1" in two_members.done("epoch", "publish", "--if-due")
    assert "Nothing to publish yet." in two_members.done("epoch", "publish", "--if-due")
    assert "Epoch 2" in two_members.done("epoch", "publish")


def test_an_unmigrated_database_is_refused_in_words(untouched):
    untouched.folder.mkdir()
    (untouched.folder / "secret.key").write_text("s" * 40, encoding="ascii")

    result = untouched.type("epoch", "publish")

    assert (result.exit_code, "passerelle db upgrade" in " ".join(result.output.split())) == (1, True)
