"""Every refusal the network can give: one registry (RFC 9457).

A refusal is a row here. Its ``detail`` tells the caller what to do next; its title stays the same for every occurrence.
Anything raised that is not a :class:`Problem` is our own bug and stays a 500.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:passerelle:problem:"
FIELD_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,39}", re.ASCII)
NOT_SHOWN: Final = "(not shown)"


class ProblemType(NamedTuple):
    """One kind of refusal: HTTP status, and its title in both languages."""

    status: int
    title_en: str
    title_fr: str


REGISTRY: Final[Mapping[str, ProblemType]] = {
    "malformed-json": ProblemType(
        400, "The body is not JSON we accept", "Le corps n'est pas du JSON que nous acceptons"
    ),
    "bad-request": ProblemType(400, "The request cannot be understood", "La requête est incompréhensible"),
    "bad-cursor": ProblemType(
        400, "The page cursor is not one of ours", "Le curseur de page n'est pas l'un des nôtres"
    ),
    "not-signed-in": ProblemType(401, "A valid access token is needed", "Un jeton d'accès valide est requis"),
    "scope-missing": ProblemType(403, "The token does not carry the scope", "Le jeton ne porte pas la portée voulue"),
    "not-allowed": ProblemType(403, "This role may not do that", "Ce rôle ne permet pas cette action"),
    "organisation-suspended": ProblemType(403, "The organisation is suspended", "L'organisme est suspendu"),
    "not-found": ProblemType(404, "There is nothing here for you", "Il n'y a rien ici pour vous"),
    "method-not-allowed": ProblemType(405, "That method is not spoken here", "Cette méthode n'est pas acceptée ici"),
    "not-acceptable": ProblemType(406, "We cannot answer in that form", "Nous ne pouvons répondre sous cette forme"),
    "conflict": ProblemType(409, "Someone moved first", "Quelqu'un est passé avant"),
    "illegal-move": ProblemType(409, "That step is not possible from here", "Cette étape n'est pas possible d'ici"),
    "no-seat": ProblemType(409, "The mentor has no seat left", "Le mentor n'a plus de place"),
    "no-longer-available": ProblemType(409, "No longer available", "N'est plus disponible"),
    "already-referred": ProblemType(409, "Already referred there", "Déjà orienté vers ce programme"),
    "already-proposed": ProblemType(409, "Already proposed", "Déjà proposé"),
    "mentee-taken": ProblemType(409, "The mentee already has a mentor", "La personne a déjà un mentor"),
    "withdrawn": ProblemType(409, "The person withdrew", "La personne s'est retirée"),
    "program-full": ProblemType(409, "The program has no seat left", "Le programme n'a plus de place"),
    "key-chain-broken": ProblemType(
        409, "The key statement does not follow", "La déclaration de clés ne s'enchaîne pas"
    ),
    "envelope-not-due": ProblemType(
        409, "No sealed introduction is due here", "Aucune présentation scellée n'est due ici"
    ),
    "stale-version": ProblemType(412, "The record changed meanwhile", "La fiche a changé entre-temps"),
    "body-too-large": ProblemType(413, "The body is too large", "Le corps est trop volumineux"),
    "unsupported-media-type": ProblemType(415, "That media type is not spoken", "Ce type de média n'est pas accepté"),
    "invalid-fields": ProblemType(422, "Some fields cannot be accepted", "Certains champs ne peuvent être acceptés"),
    "unknown-field": ProblemType(422, "A field that is not ours was sent", "Un champ inconnu a été envoyé"),
    "consent-missing": ProblemType(
        422, "No current consent covers this", "Aucun consentement en vigueur ne couvre ceci"
    ),
    "idempotency-mismatch": ProblemType(422, "Same key, other request", "Même clé, autre requête"),
    "not-eligible": ProblemType(422, "These two may not be matched", "Ces deux personnes ne peuvent être jumelées"),
    "invalid-signature": ProblemType(422, "A signature does not hold", "Une signature ne tient pas"),
    "enrolment-refused": ProblemType(
        422, "The enrolment token cannot be used", "Le jeton d'inscription est inutilisable"
    ),
    "budget-spent": ProblemType(429, "This week's budget is spent", "Le budget de la semaine est épuisé"),
    "too-many-requests": ProblemType(429, "Too many requests", "Trop de requêtes"),
    "internal": ProblemType(500, "Something broke on our side", "Une erreur est survenue de notre côté"),
    "busy": ProblemType(503, "Busy, try again shortly", "Occupé, réessayez sous peu"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be accepted: JSON pointer (RFC 6901) and what to do about it."""

    pointer: str
    detail: str


class Problem(Exception):
    """A refusal: a row of the registry with what this caller should do next.

    Raises
    ------
    KeyError
        The kind is not in the registry.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Remember the refusal; ``retry_after`` is in seconds."""
        self.type = REGISTRY[kind]
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(f"{kind}: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive pickling: workers hand problems across processes."""
        return _rebuild, (self.kind, self.detail, self.errors, self.extra, self.retry_after)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.type.status

    def title(self, locale: str = "en") -> str:
        """The constant title in English or French."""
        return self.type.title_fr if locale == "fr" else self.type.title_en

    def document(self, locale: str = "en", instance: str | None = None) -> dict[str, Any]:
        """Return the RFC 9457 members, ready for JSON."""
        members: dict[str, Any] = {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title(locale),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            members["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in self.errors]
        if instance:
            members["instance"] = instance
        return self.extra | members


def _rebuild(
    kind: str, detail: str, errors: Sequence[FieldError], extra: Mapping[str, Any], retry_after: int | None
) -> Problem:
    return Problem(kind, detail, errors=errors, extra=extra, retry_after=retry_after)


def from_document(document: Mapping[str, Any]) -> Problem:
    """Read a problem another system answered; an unknown type becomes ``bad-request`` with its detail kept."""
    kind = str(document.get("type", "")).removeprefix(TYPE_PREFIX)
    listed = document.get("errors")
    errors = [
        FieldError(str(item.get("pointer", "")), str(item.get("detail", "")))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, Mapping)
    ]
    known = {"type", "title", "status", "detail", "errors", "instance"}
    extra = {str(key): value for key, value in document.items() if key not in known}
    detail = str(document.get("detail") or document.get("title") or "The other side refused without saying why.")
    return Problem(kind if kind in REGISTRY else "bad-request", detail, errors=errors, extra=extra)


def pointer(*parts: str | int) -> str:
    """Build a JSON pointer (RFC 6901) from keys and positions."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def field_errors(messages: Any, *path: str | int) -> list[FieldError]:
    """Flatten marshmallow's nested messages into one error a field, each with its JSON pointer.

    A key that looks like no field's name is not repeated: somebody may have put a person's name there.

    Examples
    --------
    >>> field_errors({"seats": ["Must be 0 to 20."]})
    [FieldError(pointer='/seats', detail='Must be 0 to 20.')]
    """
    if isinstance(messages, Mapping):
        return [error for key, value in messages.items() for error in field_errors(value, *_step(path, key))]
    if isinstance(messages, list):
        return [error for value in messages for error in field_errors(value, *path)]
    return [FieldError(pointer(*path), str(messages))]


def _step(path: tuple[str | int, ...], key: str | int) -> tuple[str | int, ...]:
    if key == "_schema":
        return path
    return (*path, key if isinstance(key, int) or FIELD_NAME.fullmatch(key) else NOT_SHOWN)
