"""Version 1 on the wire: what was published is still read, still said, and has not been edited."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema

from federation import documents, strict_json
from federation.answers import (
    gathering_introductions,
    gatherings,
    network,
    partnerships,
    pathways,
    peers,
    profiles,
    programs,
    proposals,
    recommendations,
    repairs,
    rounds,
    wishes,
)
from federation.documents import read
from federation.problems import Problem
from hub.app import create_app
from hub.database import Database
from hub.settings import load_settings

FOLDER = Path(__file__).resolve().parents[2] / "federation" / "examples" / "v1"
REQUESTS: dict[str, type[documents.Document]] = {
    "acceptance": documents.AcceptanceDocument,
    "acknowledgement": documents.AcknowledgementDocument,
    "decline": documents.DeclineDocument,
    "end": documents.EndDocument,
    "enrolment": documents.EnrolmentDocument,
    "envelope": documents.EnvelopeDocument,
    "gathering": documents.GatheringDocument,
    "key_statement": documents.KeyStatementDocument,
    "linkage": documents.LinkageDocument,
    "profile_mentee": documents.ProfileDocument,
    "profile_mentor": documents.ProfileDocument,
    "profile_mentor_resting": documents.ProfileDocument,
    "proposal": documents.ProposalDocument,
    "referral": documents.ReferralDocument,
    "referral_event": documents.ReferralEventDocument,
    "repair": documents.RepairDocument,
    "sharing": documents.SharingDocument,
    "signed_yes": documents.SignedYesDocument,
    "wish": documents.WishDocument,
}
ANSWERS: dict[str, type[Schema]] = {
    "audit_check": network.AuditCheckAnswer,
    "audit_page": network.AuditPage,
    "duplicate": profiles.DuplicateAnswer,
    "duplicate_page": profiles.DuplicatePage,
    "envelope": network.EnvelopeAnswer,
    "event_page": network.EventPage,
    "gathering": gatherings.GatheringAnswer,
    "gathering_introduction_page": gathering_introductions.GatheringIntroductionPage,
    "gathering_page": gatherings.GatheringPage,
    "gathering_question": gathering_introductions.QuestionAnswer,
    "introduction_page": network.IntroductionPage,
    "key_chain": network.KeyChainAnswer,
    "organisation_page": network.OrganisationPage,
    "groups": peers.GroupsAnswer,
    "partnership": partnerships.PartnershipAnswer,
    "partnership_page": partnerships.PartnershipPage,
    "pathway": pathways.PathwayAnswer,
    "peer_circles": peers.CirclesAnswer,
    "peer_pairs": peers.PairsAnswer,
    "pool": profiles.PoolAnswer,
    "problem_not-found": network.ProblemAnswer,
    "problem_unknown-field": network.ProblemAnswer,
    "profile_mentee": profiles.ProfileAnswer,
    "profile_mentor": profiles.ProfileAnswer,
    "profile_receipt": documents.ProfileReceipt,
    "program": programs.ProgramAnswer,
    "proposal": proposals.ProposalAnswer,
    "proposal_page": proposals.ProposalPage,
    "recommendations": recommendations.RecommendationsAnswer,
    "referral": programs.ReferralAnswer,
    "repair": repairs.RepairAnswer,
    "repair_made": repairs.RepairMadeAnswer,
    "round": rounds.RoundAnswer,
    "sharing": network.SharingAnswer,
    "shown_page": profiles.ShownPage,
    "wish": wishes.WishAnswer,
    "wish_page": wishes.WishPage,
    "withdrawal_page": network.WithdrawalNoticePage,
}
NOT_OURS = {"token"}  # RFC 6749 says what it holds.


def example(kind: str, name: str) -> Any:
    return strict_json.load((FOLDER / kind / f"{name}.json").read_bytes())


def test_what_was_published_has_not_been_edited_and_nothing_is_unlisted():
    listed = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text("ascii").splitlines())
    present = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.json")}

    assert listed.keys() == present.keys()
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in present.items()} == listed


def test_every_golden_document_is_read_by_a_schema():
    assert {path.stem for path in (FOLDER / "requests").iterdir()} == REQUESTS.keys()
    assert {path.stem for path in (FOLDER / "answers").iterdir()} == ANSWERS.keys() | NOT_OURS


@pytest.mark.parametrize("name", REQUESTS)
def test_a_published_request_is_still_accepted(name: str):
    document = example("requests", name)

    loaded = read(REQUESTS[name](), document)

    assert document.keys() <= loaded.keys()


@pytest.mark.parametrize("name", REQUESTS)
def test_a_key_that_is_not_ours_is_still_refused(name: str):
    with pytest.raises(Problem) as refused:
        read(REQUESTS[name](), {**example("requests", name), "surname": "Planted"})

    assert refused.value.kind == "unknown-field"


@pytest.mark.parametrize("name", ANSWERS)
def test_a_published_answer_still_means_the_same_to_a_reader(name: str):
    document = example("answers", name)

    missing = _required(ANSWERS[name]()) - document.keys()
    unknown = document.keys() - ANSWERS[name]().fields.keys()

    assert (missing, unknown) == (set(), set())
    assert ANSWERS[name]().validate(document) == {}


def test_every_answer_schema_of_the_api_has_a_golden_document_or_is_part_of_one(sqlite_database: Database):
    settings = load_settings({}, secret="s" * 40)
    api = create_app(settings, sqlite_database).test_client().get("/api/v1/openapi.json").get_json()
    golden = {schema.__name__ for schema in (*ANSWERS.values(), *REQUESTS.values())}
    pages = {"ProfilePage", "ProgramPage", "ReferralPage", "RoundPage"}
    lines_and_items = {"BulkAnswer", "BulkLine", "IntroductionAnswer", "WithdrawalNoticeAnswer"}
    lines_and_items |= {"GatheringIntroductionAnswer"}

    assert _bodies(api) - golden == pages | lines_and_items


def _required(schema: Schema) -> set[str]:
    return {name for name, field in schema.fields.items() if field.required}


def _bodies(api: dict[str, Any]) -> set[str]:
    """Schemas that stand for a whole body, not for a part of one."""
    text = json.dumps(
        [
            body["content"]
            for path in api["paths"].values()
            for method in path.values()
            if isinstance(method, dict)
            for body in [method.get("requestBody"), *method.get("responses", {}).values()]
            if body and "content" in body
        ]
    )
    return set(re.findall(r'"#/components/schemas/(\w+)"', text))
