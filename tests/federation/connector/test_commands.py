"""``passerelle connector`` as a small agency types it, against a hub that listens on a real port."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, select

from federation.client import HubClient
from federation.command_line import build
from federation.connector import exchange, keyring
from federation.connector.store import CONTACT, Store
from federation.key_chains import issue_statement
from federation.keys import generate_keys
from hub.database import Database
from hub.models import AuditEntry, Profile, WithdrawalNotice, utcnow
from hub.services import clients, withdrawals
from hub.settings import load_settings
from hub.worker import hand_out_due
from tests.hub.people import TESTS, coordinator
from tests.hub.services.matches import ask

ROOT = Path(__file__).resolve().parents[3]
MENTORS = str(ROOT / "tests/data/mentor-match/small_mentors.csv")
MAPPING = str(ROOT / "config/connector/mentor_match_mentors.toml")
Type = Callable[..., Result]


@pytest.fixture
def agency(tmp_path: Path) -> Type:
    """Type a connector command in an agency's folder."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(build(), ["connector", "--folder", str(tmp_path / "agency"), *words])

    return run


@pytest.fixture
def registered(agency: Type, address: str, enrol: Callable[[str], str]) -> Type:
    agency("init")
    ended = agency("register", "--organisation", "eriec", "--hub", address, "--token", enrol("eriec"))
    assert ended.exit_code == 0, ended.output
    return agency


def test_a_dry_run_shows_what_would_leave_and_sends_nothing(agency: Type):
    ended = agency("dry-run", MENTORS, "--mapping", MAPPING)

    assert ended.exit_code == 0
    assert ended.stdout.count('"kind": "mentor"') == 50
    assert "50 people can be shared, 0 faults" in ended.output
    assert "gov.uk" not in ended.output


def sheet_of_one(folder: Path) -> tuple[str, str]:
    """One mentor whose agency knows the whole occupation."""
    sheet, mapping = folder / "one.csv", folder / "one.toml"
    sheet.write_text("email address,job\nx@example.org,21231\n", encoding="utf-8")
    said = Path(MAPPING).read_text(encoding="utf-8")
    head, _, rest = said.partition("drop = [")
    head, rest = head + "drop = []\n", rest.partition("]\n")[2]
    contact = rest.replace('name = ["first name", "last name"]\n', "")
    mapping.write_text(head + contact.partition("[columns")[0] + '[columns.job]\nfield = "noc"\n', encoding="utf-8")
    return str(sheet), str(mapping)


def test_what_leaves_and_what_the_hub_then_holds_is_as_precise_as_its_program_needs_and_as_was_shown(
    registered: Type, tmp_path: Path, hub_people: Database
):
    sheet, mapping = sheet_of_one(tmp_path)

    shown = registered("dry-run", sheet, "--mapping", mapping)
    pushed = registered("push", sheet, "--mapping", mapping)

    assert '"noc": "21231"' in shown.stdout
    assert "5 digits for people in one_to_one" in shown.output
    assert "The hub took 1 profiles." in pushed.output
    with hub_people.reading() as session:
        assert session.scalars(select(Profile.noc)).all() == ["21231"]


def test_before_any_hub_was_asked_a_dry_run_shows_four_digits_and_says_so(agency: Type, tmp_path: Path):
    sheet, mapping = sheet_of_one(tmp_path)

    shown = agency("dry-run", sheet, "--mapping", mapping)

    assert '"noc": "2123"' in shown.stdout
    assert "no program of the hub is known to need the fifth" in shown.output


def test_a_spreadsheet_is_pushed_once_and_again_harmlessly(registered: Type):
    first = registered("push", MENTORS, "--mapping", MAPPING)
    again = registered("push", MENTORS, "--mapping", MAPPING)

    assert "The hub took 50 profiles." in first.output
    assert "The hub took 0 profiles." in again.output


def test_faulty_rows_stop_the_push_unless_the_good_ones_are_wanted(registered: Type, tmp_path: Path):
    sheet = tmp_path / "mentors.csv"
    sheet.write_text(Path(MENTORS).read_text(encoding="utf-8").replace(",DDaT,", ",Falconry,", 1))

    stopped = registered("push", str(sheet), "--mapping", MAPPING)
    pushed = registered("push", str(sheet), "--mapping", MAPPING, "--keep-good")

    assert (stopped.exit_code, pushed.exit_code) == (1, 0)
    assert "line 2, profession" in stopped.output
    assert "Nothing was sent" in stopped.output
    assert "The hub took 49 profiles." in pushed.output
    assert "Falconry" not in stopped.output + pushed.output


def test_polling_sealing_and_opening_with_nothing_to_do_says_so(registered: Type):
    assert registered("poll").exit_code == 0
    assert "0 introductions sealed." in registered("seal").output
    assert "0 introductions opened." in registered("open").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("push", MENTORS, "--mapping", MAPPING), "init first"),
        (("poll",), "init first"),
        (("dry-run", "absent.csv", "--mapping", MAPPING), "no file"),
        (("dry-run", MENTORS, "--mapping", "absent.toml"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(agency: Type, words: tuple[str, ...], said: str):
    ended = agency(*words)

    assert ended.exit_code == 1
    assert said in ended.output
    assert "Traceback" not in ended.output


def test_a_folder_that_is_not_registered_and_a_hub_that_is_away_are_said(agency: Type):
    assert agency("init").exit_code == 0
    assert agency("init").exit_code == 1

    assert "connector register" in agency("seal").output
    away = agency("register", "--organisation", "eriec", "--hub", "http://127.0.0.1:1", "--token", "x" * 30)

    assert away.exit_code == 1
    assert "did not answer" in away.output


def test_a_refusal_of_the_hub_is_said_in_its_words(registered: Type):
    ended = registered("accept", "none-at-all")

    assert ended.exit_code == 1
    assert "Traceback" not in ended.output
    assert registered("safety-number", "criec").exit_code == 1


def test_keys_are_rotated_by_a_command_and_a_backup_is_asked_for(registered: Type):
    ended = registered("rotate-keys")

    assert "Key statement 2 is published" in ended.output
    assert "Back up the folder again" in ended.output


@pytest.mark.parametrize(
    ("days", "said"), [(0, ""), (59, ""), (61, "In 28 days others refuse"), (91, "Others refuse your")]
)
def test_polling_reminds_of_keys_that_end_and_rotating_renews_them(
    registered: Type, tmp_path: Path, days: int, said: str
):
    store = Store(tmp_path / "agency")
    store.keep("statements", [issue_statement(store.keys, [], utcnow() - timedelta(days=days))])

    polled = registered("poll")

    assert polled.exit_code == 0
    assert ("rotate-keys" in polled.output) == bool(said)
    assert said in polled.output


def test_a_renewed_key_is_what_others_see_over_the_wire(
    registered: Type, address: str, enrol: Callable[[str], str], tmp_path: Path
):
    store = Store(tmp_path / "agency")
    before = store.keys
    other = ["connector", "--folder", str(tmp_path / "other")]
    CliRunner().invoke(build(), [*other, "init"])
    joined = CliRunner().invoke(
        build(), [*other, "register", "--organisation", "criec", "--hub", address, "--token", enrol("criec")]
    )
    assert joined.exit_code == 0

    assert registered("rotate-keys").exit_code == 0

    reader = Store(tmp_path / "other")
    with exchange.connect(reader) as client:
        seen = keyring.view_of(reader, client, "eriec", utcnow())
    assert (seen.seq, seen.identity.thumbprint()) == (2, before.identity.thumbprint())
    assert seen.encryption.thumbprint() == store.keys.encryption.thumbprint() != before.encryption.thumbprint()


def test_a_safety_number_that_was_heard_wrong_confirms_nothing(
    registered: Type, address: str, enrol: Callable[[str], str], tmp_path: Path
):
    other = ["connector", "--folder", str(tmp_path / "other")]
    CliRunner().invoke(build(), [*other, "init"])
    CliRunner().invoke(
        build(), [*other, "register", "--organisation", "criec", "--hub", address, "--token", enrol("criec")]
    )

    read = CliRunner().invoke(build(), [*other, "safety-number", "eriec"]).output
    wrong = registered("safety-number", "criec", "--heard", "1" * 60)
    right = registered("safety-number", "criec", "--heard", read)

    assert (wrong.exit_code, right.exit_code) == (1, 0)
    assert "The numbers differ" in wrong.output
    assert "The numbers are equal" in right.output


def with_linkage(folder: Path) -> str:
    """The mentors' mapping with their names for tokens."""
    said = Path(MAPPING).read_text(encoding="utf-8")
    path = folder / "linkage.toml"
    table = '[linkage]\ngiven_names = ["first name"]\nfamily_names = ["last name"]\nemails = ["email address"]\n\n'
    path.write_text(said.replace("[constants]", table + "[constants]"), encoding="utf-8")
    return str(path)


def test_a_linkage_key_is_made_at_one_agency_and_set_at_another(agency: Type, tmp_path: Path):
    agency("init")
    made = agency("linkage-key", "make")
    key, said = made.stdout.splitlines()[0], made.output
    check = said.rpartition("check is ")[2].strip(".\n ")

    other = ["connector", "--folder", str(tmp_path / "other")]
    CliRunner().invoke(build(), [*other, "init"])
    kept = CliRunner().invoke(build(), [*other, "linkage-key", "set"], input=key + "\n")

    assert (made.exit_code, kept.exit_code) == (0, 0)
    assert check in kept.output
    assert key not in kept.output


def test_a_wrong_or_another_linkage_key_is_said_in_a_sentence(agency: Type, tmp_path: Path):
    agency("init")
    folder = ["connector", "--folder", str(tmp_path / "agency"), "linkage-key", "set"]
    wrong = CliRunner().invoke(build(), folder, input="our secret\n")
    agency("linkage-key", "make")
    again = agency("linkage-key", "make")
    replaced = agency("linkage-key", "make", "--replace")

    assert [ended.exit_code for ended in (wrong, again, replaced)] == [1, 1, 0]
    assert "our secret" not in wrong.output
    assert "--replace" in again.output


def test_tokens_go_with_the_push_once_there_is_a_key(registered: Type, tmp_path: Path):
    mapping = with_linkage(tmp_path)

    keyless = registered("push", MENTORS, "--mapping", mapping)
    registered("linkage-key", "make")
    first, again = (registered("push", MENTORS, "--mapping", mapping) for _ in range(2))

    assert "there is no linkage key" in keyless.output
    assert "Keyed tokens of 50 people were sent." in first.output
    assert "Keyed tokens" not in again.output
    assert "emails, family_names, given_names" in registered("dry-run", MENTORS, "--mapping", mapping).output


def test_the_heads_of_the_audit_log_are_kept_by_polling_and_printed_to_compare(registered: Type, hub_people: Database):
    settings = load_settings({}, secret="s" * 40)
    before = registered("audit-heads").output
    assert hand_out_due(hub_people, settings, utcnow()) == 1
    polled = registered("poll")
    kept = registered("audit-heads")

    assert "poll first" in before
    assert (polled.exit_code, "audit.head" in polled.output) == (0, False)
    assert re.search(r"^\d{4}-\d\d-\d\d  \d+:[0-9a-f]{64}$", kept.output, re.MULTILINE)
    assert "still holds the last of them" in kept.output


def test_a_log_that_was_cut_ends_the_poll_with_a_sentence(registered: Type, hub_people: Database):
    hand_out_due(hub_people, load_settings({}, secret="s" * 40), utcnow())
    registered("poll")
    hub_people.run(lambda session: session.execute(delete(AuditEntry)))

    cut = registered("audit-heads")
    anew = registered("audit-heads", "--start-anew")

    assert (cut.exit_code, anew.exit_code) == (1, 0)
    assert "it was cut or made anew" in cut.output.replace("\n", " ")


def test_polling_deletes_the_contact_of_who_withdrew_and_names_what_the_agency_wrote_itself(
    registered: Type, hub_people: Database, tmp_path: Path
):
    proposal, store = ask(hub_people), Store(tmp_path / "agency")
    store.keep(CONTACT + proposal, {"name": "Omar Haddad"})
    hub_people.run(lambda session: withdrawals.withdraw(session, coordinator("arec"), "mentor-0001"))

    polled, again = registered("poll"), registered("poll")

    assert (polled.exit_code, again.exit_code) == (0, 0)
    assert f"its line begins with {proposal}" in " ".join(polled.output.split())
    assert "Omar" not in polled.output
    assert "withdrew" not in again.output
    assert store.contacts() == {}
    with hub_people.reading() as session:
        assert session.scalars(select(WithdrawalNotice.acknowledged_by)).one() == "system"


def test_a_system_that_may_not_confirm_deletes_all_the_same_and_says_so(
    agency: Type, address: str, hub_people: Database, tmp_path: Path
):
    scope = "profiles:read profiles:write introductions:read events:read audit:read organisations:read"
    agency("init")
    store, proposal = Store(tmp_path / "agency"), ask(hub_people)
    keys = generate_keys("eriec")
    token = hub_people.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", scope, 1))
    client = HubClient.register(address, token, keys.client)
    keyring.keep_keys(store, keys)
    store.keep("hub", {"base_url": address, "client_id": client.client_id})
    store.keep(CONTACT + proposal, {"name": "Omar Haddad"})
    hub_people.run(lambda session: withdrawals.withdraw(session, coordinator("arec"), "mentor-0001"))

    polled = agency("poll")

    assert polled.exit_code == 0, polled.output
    assert "has not the scope introductions:write" in " ".join(polled.output.split())
    assert store.contacts() == {}
