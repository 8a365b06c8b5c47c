"""What is wrong with a document, by the place of each fault."""

from typing import Any

import pytest

from federation.documents import Document, read
from federation.problems import Problem


def faults(document: Document, payload: Any, kind: str = "invalid-fields") -> dict[str, str]:
    with pytest.raises(Problem) as problem:
        read(document, payload)
    assert problem.value.kind == kind
    return {error.pointer: error.detail for error in problem.value.errors}


def without(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}
