"""Examples of the API description: invented people, real codes. A test holds each to its schema."""

from typing import Any, Final

CONSENT: Final[dict[str, Any]] = {
    "purposes": ["share", "match_across_regions", "referral"],
    "notice_version": "5f0c3a1d9b7e4c2a8d6f1e0b3c5a7d9e2f4b6c8d0a1e3f5b7c9d1e2f3a4b5c6d",
    "given_on": "2026-10-05",
    "until": "2027-10-05",
}
MENTEE: Final[dict[str, Any]] = {
    "kind": "mentee",
    "noc": "2130",
    "target_noc": "2130",
    "years_band": "6-10",
    "region": "AB-835",
    "languages": ["en", "fa-AF"],
    "formats": ["one_to_one"],
    "modes": ["online", "in_person"],
    "slots": ["tue_evening", "sat_morning"],
    "interests": ["community", "technology"],
    "working_styles": ["structured"],
    "goals": ["licensure"],
    "needs": ["networking", "professional_language"],
    "readiness": {
        "clb": {
            "language": "en",
            "listening": 7,
            "speaking": 7,
            "reading": 8,
            "writing": 6,
            "assessed_on": "2026-06-12",
        },
        "certification": "missing",
        "documents": "complete",
        "commitment": "confirmed",
    },
    "waiting_since": "2026-10-05",
    "consent": CONSENT,
    "confirmed_on": "2026-11-02",
}
RECEIPT: Final[dict[str, Any]] = {
    "pseudonym": "eriec-Qm7Xw2",
    "kind": "mentee",
    "state": "replaced",
    "version": 3,
    "updated_at": "2026-11-02T16:20:00+00:00",
    "reference": "7c1d6a52-0b8e-4c1f-9a55-3f0e6d2b8a10",
}
LINKAGE: Final[dict[str, Any]] = {
    "tokens": [{"kind": "names+birth", "digest": "5b0e9c1a7d3f42868b1c0d9e2f3a4b5c", "weight": 300}]
}
PROPOSAL: Final = {"mentee": "eriec-Qm7Xw2", "handle": "Zk3v9TqP1mXh7LwRc5bNyA"}
WISH: Final = {"kind": "forbid", "handle": "Zk3v9TqP1mXh7LwRc5bNyA", "because": "reporting_line"}
GATHERING: Final = {"kind": "pair", "handle": "3e7a91c04d5b2f68" * 4}
DECLINE: Final = {"reason": "no_capacity"}
END: Final = {"reason": "work_found"}
REPAIR: Final = {"kind": "no_move", "picture": "9d0f6a53c1e27b48" * 4}
REFERRAL: Final = {"mentee": "eriec-Qm7Xw2", "program": "clb-8-evening"}
REFERRAL_EVENT: Final = {"event": "accepted"}
BULK_RESULT: Final[dict[str, Any]] = {"line": 1, "pseudonym": "eriec-Qm7Xw2", "status": 200, "receipt": RECEIPT}
BULK_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/x-ndjson": {
            "schema": {"$ref": "#/components/schemas/BulkLine"},
            "example": {"pseudonym": "eriec-Qm7Xw2", "profile": MENTEE},
        }
    },
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "urn:passerelle:problem:unknown-field",
    "title": "A field that is not ours was sent",
    "status": 422,
    "detail": "Remove the fields listed and send again. Names, contacts and free text never leave your organisation.",
    "errors": [{"pointer": "/email", "detail": "Unknown field."}],
}
