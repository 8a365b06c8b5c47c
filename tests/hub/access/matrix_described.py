"""Hold an answer of the API to what the OpenAPI document promises: its status, its media type, its shape."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator


class Described:
    """The document, and what it says of one door and status."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.validators: dict[str, Draft202012Validator] = {}

    def faults(self, method: str, rule: str, status: int, media_type: str, text: str) -> list[str]:
        """What an answer is that the document does not promise; nothing when it keeps to it."""
        operation = self.document["paths"][re.sub(r"<name:(\w+)>", r"{\1}", rule)][method.lower()]
        # Every refusal has one shape, described once for all that are not named.
        promised = operation["responses"].get(str(status) if status < 400 else _refusal(operation, status))
        if promised is None:
            return [f"status {status} is not described"]
        content = self._resolved(promised).get("content")
        if content is None:
            return [f"{media_type} where nothing is described"] if text else []
        if media_type not in content:
            return [f"{media_type} is not described"]
        lines = text.splitlines() if media_type.endswith("ndjson") else [text]
        check = self._validator(content[media_type]["schema"])
        return [
            f"{error.json_path} {error.message[:80]}" for line in lines for error in check.iter_errors(json.loads(line))
        ]

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        name = part.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self.document["components"]["responses"][name] if name else part
        return found

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = Draft202012Validator({**schema, "components": self.document["components"]})
        return self.validators[key]


def _refusal(operation: dict[str, Any], status: int) -> str:
    return str(status) if str(status) in operation["responses"] else "default"
