"""The door for systems: parse, ask access, open the transaction, answer. One noun a file."""

from flask import Flask


def register(app: Flask) -> None:
    """Add every noun, the description and the API browser to the application."""
    from hub.api import browser, description
    from hub.api.audit import audit
    from hub.api.bulk import bulk
    from hub.api.duplicates import duplicates
    from hub.api.events import events
    from hub.api.gathering_introductions import gathering_introductions
    from hub.api.gatherings import gatherings
    from hub.api.introductions import introductions
    from hub.api.mentees import mentees
    from hub.api.organisations import organisations
    from hub.api.partnerships import partnerships
    from hub.api.peers import peers
    from hub.api.pool import pool
    from hub.api.profiles import profiles
    from hub.api.programs import programs
    from hub.api.proposals import proposals
    from hub.api.referrals import referrals
    from hub.api.rounds import rounds
    from hub.api.sharing import sharing
    from hub.api.wishes import wishes
    from hub.api.withdrawals import withdrawals

    rooms = (
        profiles,
        bulk,
        duplicates,
        pool,
        mentees,
        peers,
        wishes,
        proposals,
        gathering_introductions,
        gatherings,
        partnerships,
        introductions,
        withdrawals,
        organisations,
        sharing,
        programs,
        referrals,
        rounds,
        events,
        audit,
    )
    description.register(app, rooms)
    browser.register(app)
