"""``passerelle serve`` and ``worker``: a port that is taken is told before a server starts; the worker does its turn."""

import socket

import pytest
from sqlalchemy import text

from hub.commands.serving import refuse_taken_port
from hub.database import Database
from hub.settings import UnsafeSettings, load_settings


@pytest.fixture
def taken_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_taken_port_is_refused_with_a_clear_sentence(terminal, taken_port: int):
    terminal.environment = {"PASSERELLE_ISSUER": f"http://127.0.0.1:{taken_port}"}

    told = terminal.refused("serve", "--port", str(taken_port))

    assert f"Port {taken_port} on 127.0.0.1 cannot be used" in told
    assert "Stop the other program, or choose another port" in told


def test_a_port_is_free_again_once_the_other_program_stopped(taken_port: int):
    settings = load_settings({}, secret="s" * 40, port=taken_port)
    with pytest.raises(UnsafeSettings, match=str(taken_port)):
        refuse_taken_port(settings)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert refuse_taken_port(load_settings({}, secret="s" * 40, port=free)) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "99999"), "port is 99999"),
        (("--workers", "0"), "workers is 0"),
        (("--host", "0.0.0.0"), "put TLS in front"),
    ],
)
def test_what_is_unsafe_or_cannot_be_is_refused_before_anything_listens(terminal, words: tuple[str, ...], said: str):
    assert said in terminal.refused("serve", *words)


def test_the_worker_does_what_is_due_once(two_members):
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    columns = (
        "id, mentee_organisation_id, mentor_organisation_id, state, mentee_side, mentor_side, points, parts, reasons,"
        " program, pinned"
    )
    late = (
        f"INSERT INTO proposal ({columns}, created_at, updated_at, expires_at) VALUES ('1', 'eriec', 'arec', 'proposed', \
        'waiting', 'waiting', 1, '{{}}', '{{}}', 'one_to_one', false, '2026-01-01', '2026-01-01', '2026-01-02')"
    )
    database.run(lambda session: session.execute(text(late)))
    database.close()

    two_members.done("worker", "--once")

    assert "'expired'" in " ".join(two_members.rows()["proposal"])
    told = two_members.rows()["outbox_message"]
    assert sum("proposal.expired" in one for one in told) == 2
    rows = two_members.rows()
    two_members.done("worker", "--once")
    assert two_members.rows() == rows
