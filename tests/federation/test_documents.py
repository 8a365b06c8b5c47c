"""Documents on the wire: every field has one shape, nothing else comes through, every fault is told with its place."""

from typing import Any

import pytest

from federation import documents
from federation.document_fields import known_code
from federation.documents import Document, ReferralDocument, read
from federation.problems import Problem
from tests.federation.document_faults import faults, without

NAME, HANDLE = "mentee-0001", "h" * 22
OTHERS: list[tuple[Document, dict[str, Any]]] = [
    (documents.BulkLine(), {"pseudonym": NAME, "profile": {}}),
    (documents.EnrolmentDocument(), {"enrolment_token": "t" * 20, "jwks": {"keys": []}}),
    (documents.ProposalDocument(), {"mentee": NAME, "handle": HANDLE}),
    (documents.AcceptanceDocument(), {"acceptance": None}),
    (documents.DeclineDocument(), {"reason": "schedule"}),
    (documents.RepairDocument(), {"kind": "no_move", "picture": "ab" * 32}),
    (documents.KeyStatementDocument(), {"statement": "s" * 20}),
    (documents.EnvelopeDocument(), {"envelope": "e" * 20}),
    (documents.AcknowledgementDocument(), {"receipt": "r" * 20}),
    (documents.ReferralDocument(), {"mentee": NAME, "program": "p", "step": None}),
    (documents.ReferralEventDocument(), {"event": "declined", "reason": "no_capacity", "outcome": None}),
]


@pytest.mark.parametrize(("document", "good"), OTHERS, ids=lambda value: type(value).__name__)
def test_every_other_document_reads_what_is_good_and_nothing_else(document: Document, good: dict[str, Any]):
    assert read(document, good) == good
    assert "/email" in faults(document, good | {"email": "x"}, "unknown-field")
    for name, field in document.fields.items():
        assert f"/{name}" in faults(document, good | {name: 3.5})
        assert not field.required or f"/{name}" in faults(document, without(good, name))


@pytest.mark.parametrize("name", ["short", "x" * 65, "with space", "mentee-0001\n", "Élodie-0001", "../../etc", ""])
def test_a_pseudonym_is_opaque_from_end_to_end(name: str):
    for document in (documents.ProposalDocument(), documents.ReferralDocument()):
        assert "/mentee" in faults(
            document, {"mentee": name, "handle": HANDLE, "program": "p"} | {"x": 1}, "unknown-field"
        )
    assert "/pseudonym" in faults(documents.BulkLine(), {"pseudonym": name, "profile": {}})
    assert "/handle" in faults(documents.ProposalDocument(), {"mentee": NAME, "handle": name[:15]})


def test_there_is_no_such_list_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        known_code("shoe_sizes")("42")


def test_a_referrals_step_is_a_code_because_another_organisation_reads_it():
    read(ReferralDocument(), {"mentee": "mentee-0001", "program": "p", "step": "language"})

    with pytest.raises(Problem) as refused:
        read(ReferralDocument(), {"mentee": "mentee-0001", "program": "p", "step": "Amina, call 780-555-0100"})

    assert refused.value.kind == "invalid-fields"
    assert "Amina" not in str(refused.value.document())
