"""Sealed secrets open for whom and what they were sealed for, with the hub's own secret, in every release."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from hub.services.sealing import seal, unseal
from hub.settings import Settings, load_settings

# Sealed by the first release with the secret below: whoever changes nonce, key or form locks everybody's second factor out.
SEALED = "bDZO0_u_EGyjfE594fQ-pIvPZAaGffGkhfmBvbMtEQwpCpU5zIDz55yhhMM="


@pytest.fixture
def ours(tmp_path: Path) -> Settings:
    return load_settings({}, secret="s" * 40, issuer="http://127.0.0.1:8000", instance_folder=str(tmp_path))


def test_what_an_earlier_release_sealed_opens(ours: Settings) -> None:
    assert unseal(SEALED, "second factor", "amina", ours) == "JBSWY3DPEHPK3PXP"


def test_what_is_sealed_opens_again_and_never_looks_the_same(ours: Settings) -> None:
    one, other = (seal("JBSWY3DPEHPK3PXP", "second factor", "amina", ours) for _ in range(2))

    assert one != other
    assert len(urlsafe_b64decode(one)) == 12 + len("JBSWY3DPEHPK3PXP") + 16
    assert unseal(one, "second factor", "amina", ours) == unseal(other, "second factor", "amina", ours)


@pytest.mark.parametrize(("purpose", "owner"), [("provider", "amina"), ("second factor", "farid"), ("", "")])
def test_for_another_purpose_or_owner_it_stays_shut(ours: Settings, purpose: str, owner: str) -> None:
    assert unseal(SEALED, purpose, owner, ours) is None


def test_with_another_secret_or_a_changed_letter_it_stays_shut(ours: Settings) -> None:
    raw = urlsafe_b64decode(SEALED)

    assert unseal(SEALED, "second factor", "amina", replace(ours, secret="t" * 40)) is None
    for place in (0, 11, 12, len(raw) - 1):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert unseal(urlsafe_b64encode(changed).decode(), "second factor", "amina", ours) is None
