"""A real hub whose answers to one member are changed on the way, as whoever runs it could change them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from federation.client import HubClient
from federation.connector import exchange, keyring
from federation.connector.exchange import ExchangeReport
from federation.connector.people import Person
from federation.connector.store import Store
from federation.key_chains import issue_statement
from federation.keys import OrganisationKeys
from hub.models import utcnow

HUB = "http://127.0.0.1:8000"
Lie = Callable[[Any], Any]


class LyingHub(httpx.BaseTransport):
    """What one member's system talks to: the honest hub, and the lies told to this member.

    ``sent`` holds every envelope this member ever tried to hand over.
    """

    def __init__(self, app: Flask) -> None:
        self._honest = httpx.WSGITransport(app=app)
        self._lies: list[tuple[str, Lie]] = []
        self._dropped: list[str] = []
        self.sent: list[str] = []

    def lie(self, asked: str, lie: Lie) -> None:
        """Change what is answered to requests whose "METHOD path" matches; the last lie goes last."""
        self._lies.append((asked, lie))

    def drop(self, asked: str) -> None:
        """Let requests whose "METHOD path" matches never arrive."""
        self._dropped.append(asked)

    def honest_again(self) -> None:
        self._lies.clear()
        self._dropped.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = f"{request.method} {request.url.path}"
        if re.search(r"PUT .*/envelope$", asked):
            self.sent.append(json.loads(request.read())["envelope"])
        if any(re.search(pattern + "$", asked) for pattern in self._dropped):
            raise httpx.ConnectError("never arrived", request=request)
        answer = self._honest.handle_request(request)
        lies = [lie for pattern, lie in self._lies if re.search(pattern + "$", asked)]
        if not lies:
            return answer
        body = json.loads(answer.read())
        for lie in lies:
            body = lie(body)
        return httpx.Response(200, json=body)


@dataclass
class Member:
    """One agency: its connector's store and client, and the hub as it sees it."""

    name: str
    store: Store
    client: HubClient
    hub: LyingHub

    @classmethod
    def join(cls, name: str, app: Flask, token: str, folder: Path) -> "Member":
        store, hub = Store.create(folder / name), LyingHub(app)
        client = exchange.register(store, name, HUB, token, utcnow(), httpx.Client(transport=hub))
        return cls(name, store, client, hub)

    def share(self, contact: dict[str, str], profile: dict[str, Any]) -> str:
        """Keep a person here and push the profile; return the pseudonym."""
        pseudonym = self.store.remember(Person(2, contact["email"], contact, profile))
        assert exchange.push(self.store, self.client).refused == ()
        return pseudonym

    def propose(self, pseudonym: str) -> str:
        handle = self.client.recommendations(pseudonym)["recommendations"][0]["handle"]
        return str(self.client.propose(pseudonym, handle)["id"])

    def accept(self, proposal: str) -> str:
        return str(exchange.accept(self.store, self.client, proposal, utcnow())["state"])

    def seal(self, days_later: int = 0) -> ExchangeReport:
        return exchange.seal_due(self.store, self.client, utcnow() + timedelta(days=days_later))

    def open(self, days_later: int = 0) -> ExchangeReport:
        return exchange.open_delivered(self.store, self.client, utcnow() + timedelta(days=days_later))

    def reads_to(self, other: "Member") -> None:
        """Read the safety number to the other by phone, who types it in."""
        heard = keyring.safety_number_with(self.store, self.client, other.name, utcnow())
        keyring.confirm_safety_number(other.store, other.client, self.name, heard, utcnow())

    def introduction(self, proposal: str) -> dict[str, Any]:
        return next(one for one in self.client.introductions() if one["proposal"] == proposal)


def invented(keys: OrganisationKeys, length: int = 1) -> list[str]:
    """A chain of key statements that is right in itself, by whoever holds these keys."""
    chain: list[str] = []
    for _ in range(length):
        chain.append(issue_statement(keys, chain, utcnow()))
    return chain


def showing(**changes: Any) -> Lie:
    """A list of introductions, each with these fields."""
    return lambda page: page | {"items": [one | changes for one in page["items"]]}


def hiding(proposal: str) -> Lie:
    """A list without one introduction."""
    return lambda page: page | {"items": [one for one in page["items"] if one["proposal"] != proposal]}
