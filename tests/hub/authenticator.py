"""A small authenticator in software: makes and answers what a phone or a security key would (WebAuthn level 2, 6 and 8.7)."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey. Its public fields are what attackers change."""

    origin: str = "http://localhost:8000"
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    counts: bool = True
    handle: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any], **client: str) -> str:
        """The answer to ``navigator.credentials.create``."""
        self.handle = options["user"]["id"]
        identifier = len(self.credential_id).to_bytes(2) + self.credential_id
        statement = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(ATTESTED) + bytes(16) + identifier + self._public(),
        }
        said = self._client("webauthn.create", options["challenge"], client)
        return self._answer(clientDataJSON=said, attestationObject=cbor2.dumps(statement))

    def get(self, options: dict[str, Any], **client: str) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.count += int(self.counts)
        data = self._data()
        said = self._client("webauthn.get", options["challenge"], client)
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        answer = json.loads(self._answer(clientDataJSON=said, authenticatorData=data, signature=signature))
        answer["response"]["userHandle"] = self.handle
        return json.dumps(answer)

    def _data(self, more: int = 0) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _public(self) -> bytes:
        """The public key as COSE writes it (RFC 9053): EC2, ES256, P-256."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})

    def _client(self, kind: str, challenge: str, changes: dict[str, str]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changes).encode()

    def _answer(self, **response: bytes) -> str:
        identifier = encoded(self.credential_id)
        parts = {name: encoded(value) for name, value in response.items()}
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": parts})
