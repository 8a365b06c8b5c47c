"""What a request stands on: the database and the settings of the running application."""

from typing import Any, cast

from flask import current_app

from hub.access.provider_documents import ProviderDocuments
from hub.database import Database
from hub.settings import Settings

EXTENSION = "passerelle"


def database() -> Database:
    """Return the application's database."""
    return cast(Database, _parts()["database"])


def settings() -> Settings:
    """Return the application's settings."""
    return cast(Settings, _parts()["settings"])


def provider_documents() -> ProviderDocuments:
    """Return what this process knows of identity providers."""
    return cast(ProviderDocuments, _parts().setdefault("provider_documents", ProviderDocuments()))


def _parts() -> dict[str, Any]:
    parts: dict[str, Any] = current_app.extensions[EXTENSION]
    return parts
