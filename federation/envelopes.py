"""Sealed envelopes: a JWS by the sender's identity inside a JWE for the recipient, padded to one size for each kind.

The kind stands in the protected header, which the encryption authenticates, and the sender signs another ``typ`` for each: an
envelope of one kind passes for none of another, whoever carries it.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey

from federation.keys import CLOCK_SKEW, OrganisationKeys
from federation.problems import Problem

ALGORITHMS: Final = ["ECDH-ES+A256KW", "A256GCM"]
ENVELOPE_DAYS: Final = 14
# A proposal is open for two weeks by default and its introduction for two more; a yes is worth nothing after that.
ACCEPTANCE_DAYS: Final = 60
OF_PROPOSAL: Final = "passerelle-envelope"
OF_GATHERING: Final = "passerelle-gathering-envelope"
PADDED_BYTES: Final = {OF_PROPOSAL: 6144, OF_GATHERING: 24_576}
"""Every plaintext of a kind has this size: no length of a name, no number of people can be read off an envelope."""


def enclose(signed: str, recipient: ECKey, kind: str) -> str:
    """Return what was signed as an envelope (compact JWE) for the recipient's key alone.

    Raises
    ------
    ValueError
        It is longer than every envelope of this kind.
    """
    if len(signed) > PADDED_BYTES[kind]:
        raise ValueError(f"an envelope of this kind holds {PADDED_BYTES[kind]} bytes")
    header = {"alg": ALGORITHMS[0], "enc": ALGORITHMS[1], "typ": kind}
    return jwe.encrypt_compact(header, signed.encode().ljust(PADDED_BYTES[kind]), recipient, algorithms=ALGORITHMS)


def disclose(envelope: str, keys: OrganisationKeys, now: datetime, kind: str) -> tuple[str, ECKey]:
    """Return what is inside and the key that opened it: an envelope on its way keeps the key it was sealed for.

    Raises
    ------
    Problem
        ``invalid-signature``: not for us, changed on the way, or of another kind; one that names none is a proposal's.
    """
    for key in keys.opening(now):
        try:
            opened = jwe.decrypt_compact(envelope, key, algorithms=ALGORITHMS)
            found = (opened.plaintext or b"").decode("ascii").rstrip()
        except UnsupportedAlgorithmError as error:
            raise stop("it was sealed by an algorithm that is not on our list") from error
        except (JoseError, ValueError, TypeError):
            continue
        if opened.protected.get("typ", OF_PROPOSAL) != kind:
            raise stop("it was made for another occasion")
        return found, key
    raise stop("it was not sealed for us, or was changed on the way")


def is_current(signed: Mapping[str, Any], now: datetime) -> bool:
    """Whether a signed object has both its dates, and now lies between them."""
    issued, expires = signed.get("iat"), signed.get("exp")
    if not (isinstance(issued, int) and isinstance(expires, int)):
        return False
    return issued - CLOCK_SKEW.total_seconds() <= now.timestamp() <= expires


def digest(text: str) -> str:
    """Return the SHA-256, in hex, of a signed or sealed text as it travels."""
    return hashlib.sha256(text.encode()).hexdigest()


def stop(what: str) -> Problem:
    """Return the refusal of an envelope that cannot be trusted."""
    return Problem("invalid-signature", f"This introduction cannot be trusted: {what}. Nothing was shown.")
