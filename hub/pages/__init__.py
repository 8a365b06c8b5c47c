"""HTML doors for people: parse, check, act, answer. Every page works without JavaScript, in English and French."""

from importlib import import_module
from typing import Final

from flask import Flask

VIEWS: Final = (
    "about",
    "account",
    "audit",
    "colleagues",
    "duplicates",
    "gatherings",
    "groups",
    "home",
    "hub_rounds",
    "joining",
    "mentee_links",
    "mentees",
    "network",
    "organisation_sign_in",
    "partnerships",
    "peers",
    "pool",
    "programs",
    "proposals",
    "referrals",
    "rounds",
    "sharing",
    "sign_in",
    "withdrawals",
)


def register(app: Flask) -> None:
    """Add every page to the application: importing a view puts it on the blueprint."""
    from hub.pages import frame

    frame.install(app, tuple(import_module(f"hub.pages.{name}") for name in VIEWS))
