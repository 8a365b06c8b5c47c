"""HTML doors for people: parse, check, act, answer. Every page works without JavaScript, in English and French."""

from flask import Flask


def register(app: Flask) -> None:
    """Add every page to the application."""
    from hub.pages import (  # views put themselves on the blueprint
        about,
        account,
        audit,
        duplicates,
        frame,
        groups,
        home,
        mentee_links,
        mentees,
        network,
        pool,
        programs,
        proposals,
        referrals,
        rounds,
        sign_in,
    )

    views = (
        about,
        account,
        audit,
        duplicates,
        groups,
        home,
        mentee_links,
        mentees,
        network,
        pool,
        programs,
        proposals,
        referrals,
        rounds,
        sign_in,
    )
    frame.install(app, views)
