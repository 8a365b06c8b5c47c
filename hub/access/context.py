"""What a request stands on: the database and the settings of the running application."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy.orm import Session

from hub.access.provider_documents import ProviderDocuments
from hub.database import Database
from hub.settings import Settings

EXTENSION = "passerelle"
S = TypeVar("S")
V = TypeVar("V")


def database() -> Database:
    """Return the application's database."""
    return cast(Database, _parts()["database"])


def solve_then_show(solve: Callable[[Session], S], show: Callable[[Session, S], V]) -> V:
    """Return what ``show`` makes of what ``solve`` found: seconds of solving only read, and hold up nobody who writes."""
    with database().reading() as session:
        solved = solve(session)
    return database().run(lambda session: show(session, solved))


def settings() -> Settings:
    """Return the application's settings."""
    return cast(Settings, _parts()["settings"])


def provider_documents() -> ProviderDocuments:
    """Return what this process knows of identity providers."""
    return cast(ProviderDocuments, _parts().setdefault("provider_documents", ProviderDocuments()))


def _parts() -> dict[str, Any]:
    parts: dict[str, Any] = current_app.extensions[EXTENSION]
    return parts
