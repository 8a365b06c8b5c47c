"""Secrets that have to be read again are kept sealed (AES-256-GCM) with a key made from the hub's secret.

A copy of the database alone opens none of them, and each opens only for the purpose and the owner it was sealed for.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.settings import Settings

NONCE_BYTES: Final = 12


def seal(text: str, purpose: str, owner: str, settings: Settings) -> str:
    """Return a text as it is stored: nonce and box in base64url, bound to what it is for and whose it is."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = _box(settings.secret, purpose).encrypt(nonce, text.encode(), owner.encode())
    return urlsafe_b64encode(nonce + box).decode()


def unseal(sealed: str, purpose: str, owner: str, settings: Settings) -> str | None:
    """Return a text, or nothing when it was sealed with another key, for another purpose or another owner, or never."""
    try:
        raw = urlsafe_b64decode(sealed)
        opened = _box(settings.secret, purpose).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError):
        return None
    return opened.decode()


@cache
def _box(secret: str, purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return AESGCM(derived)
