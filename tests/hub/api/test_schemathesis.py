"""The whole API against its own description: what it promises, sent and broken, and every answer held to it.

Ten requests a kind and operation; ``FUZZ_EXAMPLES`` asks for more. The answers of the authorisation matrix are held to the
description as well (tests/hub/access/test_matrix.py).
"""

import json
import os
from collections import Counter
from random import Random
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.hub.access.matrix_world import Arena, arena

__all__ = ["arena"]
EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "10"))
GENTLE: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
# Codes of vocabularies and consent of today are more than a schema says; tokens and proofs have tests of their own.
BEYOND: Final = [checks.positive_data_acceptance, checks.ignored_auth]
# A push answers 200 and says line by line what was refused.
LINE_BY_LINE: Final = "POST /api/v1/profiles/bulk"


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    return (json.dumps(value) + "\n").encode()


def known(arena: Arena) -> dict[str, list[str]]:
    """Things that are there, by the name they have in addresses, so that not every answer is 404."""
    kinds = {"pseudonym": "person", "proposal": "sealed", "duplicate": "duplicate", "referral": "referral"}
    kinds |= {"round_id": "round", "program": "program", "organisation": "organisation", "gathering": "gathering"}
    kinds |= {"notice": "notice", "wish": "wished", "agreement": "agreement", "partnership": "partnership"}
    return {name: [named["id"] for _, named in arena.things[kind].values()] for name, kind in kinds.items()}


@pytest.fixture
def api(arena: Arena) -> Any:
    arena.stand("whole")
    arena.state = "touched"
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", arena.app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name)
def test_no_request_is_a_fault_and_every_answer_is_as_described(arena: Arena, api: Any, mode: GenerationMode) -> None:
    system, there, met = arena.systems["eriec"], known(arena), Counter[int]()
    whole = mode is GenerationMode.POSITIVE

    def ask(case: Any, dice: Random) -> None:
        for name in case.path_parameters or {} if whole else ():
            if dice.random() < 0.5:
                case.path_parameters[name] = dice.choice(there[name])
        answer = case.call(headers=system.signed(case.method.upper(), case.formatted_path))
        met[answer.status_code] += 1
        by_line = [checks.negative_data_rejection] if case.operation.label == LINE_BY_LINE else []
        case.validate_response(answer, excluded_checks=[*BEYOND, *by_line])

    for found in api.get_all_operations():
        if whole or _can_be_broken(found.ok()):
            cases = found.ok().as_strategy(generation_mode=mode)
            GENTLE(given(case=cases, dice=st.randoms(use_true_random=False))(ask))()

    assert met.total() >= EXAMPLES * 10
    assert met[200] > (EXAMPLES * 3 if whole else 0)


def _can_be_broken(operation: Any) -> bool:
    """Whether it takes anything: what takes nothing cannot be asked wrongly."""
    return bool(operation.body or operation.query or operation.path_parameters or operation.headers)
