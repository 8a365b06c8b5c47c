"""What every answer shares: tolerant readers, days, texts in two languages, parts of a score, pages."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields


class Answer(Schema):
    """Base of all answers."""

    class Meta:
        """Let a newer hub say more."""

        unknown = EXCLUDE


class Day(fields.Date):
    """A date. Views may hold it already written: records kept as JSON do."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value if isinstance(value, str) else super()._serialize(value, attr, obj, **kwargs)


class TextsAnswer(Answer):
    """Sentences for people, in both languages."""

    en = fields.List(fields.String(), required=True)
    fr = fields.List(fields.String(), required=True)


class NameAnswer(Answer):
    """What something is called, in both languages."""

    en = fields.String(required=True)
    fr = fields.String(required=True)


class PartAnswer(Answer):
    """What one criterion gave, in whole points."""

    name = fields.String(required=True)
    points = fields.Integer(required=True)
    maximum = fields.Integer(required=True)


class Parts(fields.List[Any]):
    """Parts of a score, best known as a list; proposals keep them as a mapping from name to points and maximum."""

    def __init__(self, **options: Any) -> None:
        """Hold parts."""
        super().__init__(fields.Nested(PartAnswer), **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if isinstance(value, Mapping):
            value = [{"name": name, **part} for name, part in value.items()]
        return super()._serialize(value, attr, obj, **kwargs)


def page_of(item: type[Answer]) -> type[Answer]:
    """Return the schema of a page: ``items``, and the cursor of the next page or null."""
    name = item.__name__.removesuffix("Answer") + "Page"
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
        "__doc__": "One page; ask again with the cursor in next until it is null.",
    }
    return type(name, (Answer,), members)
