"""``passerelle duplicates``: compares now, says how many are new and names nobody."""

from hub.database import Database
from tests.hub.duplicates.agencies import AMINA, know


def test_comparing_says_how_many_are_new_and_nothing_else(two_members):
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    for organisation in ("eriec", "arec"):
        know(database, organisation, f"{organisation}-amina", AMINA)
    database.close()

    assert two_members.done("duplicates", "find").strip() == "1 new possible duplicates."
    assert two_members.done("duplicates", "find").strip() == "0 new possible duplicates."


def test_the_worker_compares_too(two_members):
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    for organisation in ("eriec", "arec"):
        know(database, organisation, f"{organisation}-amina", AMINA)
    database.close()

    two_members.done("worker", "--once")

    assert "0 new" in two_members.done("duplicates", "find")


def test_an_unmigrated_database_is_refused_in_words(untouched):
    untouched.folder.mkdir()
    (untouched.folder / "secret.key").write_text("s" * 40, encoding="ascii")

    result = untouched.type("duplicates", "find")

    assert (result.exit_code, "passerelle db upgrade" in " ".join(result.output.split())) == (1, True)
