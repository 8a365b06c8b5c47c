"""What a round was solved from, kept so that anyone may solve it again and get the same bytes."""

import hashlib
import io
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import rfc8785
from sqlalchemy.orm import Session

from federation.problems import Problem
from federation.vocabularies import FOLDER as VOCABULARIES
from graph.rounds import RoundPolicy, RoundProblem, RoundResult, round_faults, solve_round
from hub.models import Round, RoundInput
from hub.settings import CONFIG

COLUMNS: Final = tuple(field.name for field in fields(RoundProblem) if field.init)
SOURCES: Final = {
    "scoring": CONFIG / "scoring.toml",
    "programs": CONFIG / "programs.toml",
    "vocabularies": VOCABULARIES / "SHA256SUMS",
}


@dataclass(frozen=True, slots=True)
class Replay:
    """A round solved again: whether inputs and outcome are the same bytes, and every reason to doubt the proof."""

    round_id: str
    same_inputs: bool
    same_outcome: bool
    faults: tuple[str, ...]
    sources_changed: tuple[str, ...]
    placed: int
    points: int

    @property
    def holds(self) -> bool:
        """Whether the round of record is the one its inputs give, and proven."""
        return self.same_inputs and self.same_outcome and not self.faults


class UnprovenRoundError(Exception):
    """A solver gave a round that the independent check refuses."""


def sources() -> dict[str, str]:
    """Return digests of the weights, templates and vocabularies in force."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in SOURCES.items()}


def whole_digest(result: RoundResult, said: dict[str, str]) -> str:
    """Return the digest of record: the solver's inputs and policy, and what the points came from."""
    return hashlib.sha256(rfc8785.dumps({"problem": result.certificate.digest, "sources": said})).hexdigest()


def outcome(result: RoundResult) -> str:
    """Return the digest of who was placed with whom: mentors by mentee, 64 bits each, little-endian."""
    return hashlib.sha256(result.mentor_of.astype("<i8").tobytes()).hexdigest()


def demand_proof(problem: RoundProblem, policy: RoundPolicy, result: RoundResult) -> None:
    """Refuse a round that its own certificate does not prove, before anybody hears of it. O(pairs), and one matching.

    Raises
    ------
    UnprovenRoundError
        Naming every doubt: the engine is wrong, and that is for us to mend.
    """
    faults = round_faults(problem, policy, result)
    if faults:
        raise UnprovenRoundError(f"{result.certificate.engine}: {'; '.join(faults)}")


def record(round_id: str, problem: RoundProblem, result: RoundResult) -> RoundInput:
    """Return the row that keeps a round's inputs: row numbers and points, nobody's id."""
    return RoundInput(round_id=round_id, columns=packed(problem), sources=sources(), outcome=outcome(result))


def packed(problem: RoundProblem) -> bytes:
    """Return a problem's columns, compressed; a column that was not given is left out."""
    given: dict[str, Any] = {
        name: np.asarray(value) for name in COLUMNS if (value := getattr(problem, name)) is not None
    }
    kept = io.BytesIO()
    np.savez_compressed(kept, **given)
    return kept.getvalue()


def unpacked(columns: bytes) -> RoundProblem:
    """Return the problem that :func:`packed` was given. Nothing in the file can run: it holds plain arrays only."""
    with np.load(io.BytesIO(columns), allow_pickle=False) as read:
        values: dict[str, Any] = {name: read[name] for name in read.files}
    if "organisations" in values:
        values["organisations"] = int(values["organisations"])
    return RoundProblem(**values)


def replay(session: Session, round_id: str) -> Replay:
    """Solve a round of record again and compare it with what was kept.

    Cost: that of the round. The proof is checked too, without the solver.

    Raises
    ------
    Problem
        ``not-found`` for a round that is not there, or was solved before inputs were kept.
    """
    found, kept = session.get(Round, round_id), session.get(RoundInput, round_id)
    if found is None or kept is None:
        raise Problem("not-found", "Check the round's id: passerelle round list")
    problem, policy = unpacked(kept.columns), RoundPolicy(**found.policy)
    result = solve_round(problem, policy)
    now = sources()
    return Replay(
        round_id=round_id,
        same_inputs=whole_digest(result, kept.sources) == found.digest,
        same_outcome=outcome(result) == kept.outcome,
        faults=round_faults(problem, policy, result),
        sources_changed=tuple(sorted(name for name in now if now[name] != kept.sources.get(name))),
        placed=result.placed,
        points=result.points,
    )
