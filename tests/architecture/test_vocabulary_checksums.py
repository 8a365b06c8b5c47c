"""The shipped vocabularies are the ones whose provenance is written down."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "config" / "vocabularies"


def listed() -> dict[str, str]:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_every_file_is_listed_and_unchanged():
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.iterdir()
        if path.name != "SHA256SUMS"
    }

    assert found == listed()


def test_every_file_has_its_provenance():
    provenance = (FOLDER / "PROVENANCE.md").read_text(encoding="utf-8")

    for name in listed():
        assert name in provenance or name in {"PROVENANCE.md", "editions.toml"}
