"""What the vocabularies hold: names, occupations, places, and relations between them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """What a code is called, in English and French."""

    en: str
    fr: str

    def in_locale(self, locale: str) -> str:
        """Return the French name for ``fr``, the English one for anything else."""
        return self.fr if locale == "fr" and self.fr else self.en


@dataclass(frozen=True, slots=True)
class Occupation:
    """A node of NOC 2021: one to five digits; ``level`` 1 (broad category) to 5 (unit group)."""

    code: str
    level: int
    parent: str | None
    teer: int | None
    name: Name


@dataclass(frozen=True, slots=True)
class Place:
    """A province ("AB") or a census metropolitan area ("AB-835"), with its centre where one is known, in degrees."""

    code: str
    parent: str | None
    name: Name
    latitude: str | None
    longitude: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """A directed relation between two occupations; ``points`` 1 to 100."""

    origin: str
    target: str
    points: int
    source: str


@dataclass(frozen=True, slots=True)
class LanguageKinship:
    """Two languages whose speakers understand each other in part; ``scope`` is speaking, writing or both."""

    first: str
    second: str
    points: int
    scope: str
    source: str


@dataclass(frozen=True, slots=True)
class Regulator:
    """Who regulates a profession in a province. ``verified`` is false throughout this edition: never advice."""

    profession: str
    noc: str
    province: str
    regulator: str
    steps: tuple[str, ...]
    verified: bool
