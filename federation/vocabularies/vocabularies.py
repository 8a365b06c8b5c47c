"""Every code list, read from config/vocabularies: whether a code is known, and what it is called in a language."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from federation.vocabularies.entries import LanguageKinship, Name, Occupation, Place, Regulator, Related
from federation.vocabularies.titles import OccupationTitles, plain

FOLDER: Final = Path(__file__).resolve().parents[2] / "config" / "vocabularies"
# The tables of the Province of British Columbia write 00018 for five senior management groups.
ALIASES: Final = MappingProxyType({"00018": ("00011", "00012", "00013", "00014", "00015")})


class Vocabularies:
    """Every code list, read from one folder; parts are read when first asked for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Remember the folder; nothing is read yet."""
        self.folder = folder

    def has(self, vocabulary: str, code: str) -> bool:
        """Whether the vocabulary holds the code.

        Raises
        ------
        KeyError
            There is no such vocabulary.
        """
        return code in self._names(vocabulary)

    def label(self, vocabulary: str, code: str, locale: str) -> str:
        """Return the code's name in ``en`` or ``fr``; an unknown code comes back as itself."""
        name = self._names(vocabulary).get(code)
        return name.in_locale(locale) if name else code

    def codes(self, vocabulary: str) -> tuple[str, ...]:
        """Return every code in the order of the file, which is the order to show."""
        return tuple(self._names(vocabulary))

    def _names(self, vocabulary: str) -> Mapping[str, Name]:
        large = {"noc": "occupation_names", "region": "place_names", "languages": "languages", "countries": "countries"}
        if vocabulary in large:
            names: Mapping[str, Name] = getattr(self, large[vocabulary])
            return names
        return self._lists[vocabulary]

    @cached_property
    def _lists(self) -> Mapping[str, Mapping[str, Name]]:
        found: dict[str, dict[str, Name]] = {}
        for row in self._rows("codes.csv"):
            found.setdefault(row["vocabulary"], {})[row["code"]] = Name(row["en"], row["fr"])
        return found

    @cached_property
    def occupations(self) -> Mapping[str, Occupation]:
        """Every node of NOC 2021 by code."""
        return {
            row["code"]: Occupation(
                row["code"],
                int(row["level"]),
                row["parent"] or None,
                int(row["teer"]) if row["teer"] else None,
                Name(row["title_en"], row["title_fr"]),
            )
            for row in self._rows("occupations.csv")
        }

    @cached_property
    def occupation_names(self) -> Mapping[str, Name]:
        """Names of occupations by code."""
        return {code: occupation.name for code, occupation in self.occupations.items()}

    @cached_property
    def languages(self) -> Mapping[str, Name]:
        """Names of languages by BCP-47 code."""
        return {row["bcp47"]: Name(row["name_en"], row["name_fr"]) for row in self._rows("languages.csv")}

    @cached_property
    def countries(self) -> Mapping[str, Name]:
        """Names of countries by ISO 3166-1 code."""
        return {row["iso2"]: Name(row["name_en"], row["name_fr"]) for row in self._rows("countries.csv")}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """Provinces and metropolitan areas by region code."""
        found: dict[str, Place] = {}
        for row in self._rows("provinces.csv"):
            found[row["code"]] = Place(row["code"], None, Name(row["name_en"], row["name_fr"]), None, None)
        for row in self._rows("places_cma.csv"):
            code = f"{row['province']}-{row['cma_code']}"
            found[code] = Place(code, row["province"], Name(row["name"], row["name"]), row["lat"], row["lon"])
        return found

    @cached_property
    def place_names(self) -> Mapping[str, Name]:
        """Names of regions by code; an area's name carries its province."""
        return {
            code: Name(f"{place.name.en} ({place.parent})", f"{place.name.fr} ({place.parent})")
            if place.parent
            else place.name
            for code, place in self.places.items()
        }

    @cached_property
    def related(self) -> tuple[Related, ...]:
        """Directed relations between unit groups: official "see also" (60 points), then derived from O*NET (score)."""
        official = (
            ("official", row["from_noc"], row["to_noc"], 60) for row in self._rows("occupations_related_official.csv")
        )
        # Decimal text to whole points without a float: 0.266 -> 26.
        derived = (
            ("onet", row["from_noc"], row["to_noc"], _points(row["score"]))
            for row in self._rows("occupations_related_onet.csv")
        )
        return tuple(
            Related(first, second, points, source)
            for source, origin, target, points in (*official, *derived)
            for first in ALIASES.get(origin, (origin,))
            for second in ALIASES.get(target, (target,))
            if first != second
        )

    @cached_property
    def language_kinship(self) -> tuple[LanguageKinship, ...]:
        """The curated list; a table of interface fallbacks is not mutual intelligibility and is never used here."""
        return tuple(
            LanguageKinship(row["a"], row["b"], int(row["points"]), row["scope"], row["source"])
            for row in self._rows("languages_kinship.csv")
        )

    @cached_property
    def _regulators(self) -> tuple[Regulator, ...]:
        return tuple(
            Regulator(
                row["profession"],
                row["noc2021"],
                row["province"].removeprefix("CA-"),
                row["regulator"],
                tuple(row["typical_steps"].split(">")),
                verified=False,
            )
            for row in self._rows("regulators_unverified.csv")
        )

    def regulators(self, noc: str, province: str) -> tuple[Regulator, ...]:
        """Return what the unverified sample says of an occupation (or any below it) in a province."""
        return tuple(
            found
            for found in self._regulators
            if found.noc.startswith(noc) and found.province == province.partition("-")[0]
        )

    @cached_property
    def _region_of_fsa(self) -> Mapping[str, str]:
        return {row["fsa"]: row["province"] for row in self._rows("places_fsa.csv")}

    def region_of(self, *, city: str | None = None, fsa: str | None = None, province: str | None = None) -> str | None:
        """Return the region code of a city (by the name of its metropolitan area) or of a postal area; else the province.

        A postal area alone gives its province: its centroid is not a boundary, and a guess is worse than a wider area.
        """
        if city:
            wanted = plain(city)
            for code, place in self.places.items():
                parts = plain(place.name.en).replace("–", "-").split("-")
                if place.parent and wanted in {plain(place.name.en), *parts} and province in {None, place.parent}:
                    return code
        found = self._region_of_fsa.get((fsa or "").upper()[:3]) or province
        return found if found in self.places else None

    @cached_property
    def _titles(self) -> OccupationTitles:
        """Titles of every unit group in both languages, and example titles."""
        units = [occupation for occupation in self.occupations.values() if occupation.level == 5]
        titles = [(unit.code, title) for unit in units for title in (unit.name.en, unit.name.fr)]
        for row in self._rows("occupation_titles_en.csv"):
            titles += [(code, row["title_en"]) for code in ALIASES.get(row["noc"], (row["noc"],))]
        return OccupationTitles.of(titles)

    def occupation_search(self, text: str, locale: str, limit: int = 8) -> list[Occupation]:
        """Return unit groups whose titles hold every word typed, best first: a start of a title beats a middle.

        Accents and case do not matter. Example titles are English only (PROVENANCE.md); official titles are both.
        """
        return [self.occupations[code] for code in self._titles.search(text, limit)]

    @cached_property
    def levels(self) -> Mapping[int, Mapping[str, Any]]:
        """CLB levels 1 to 12; the CEFR column is indicative, never official."""
        read = json.loads((self.folder / "clb_levels.json").read_text(encoding="utf-8"))
        return {level["clb"]: level for level in read["levels"]}

    @cached_property
    def editions(self) -> Mapping[str, str]:
        """Edition of each vocabulary, for digests and attributions."""
        read = tomllib.loads((self.folder / "editions.toml").read_text(encoding="utf-8"))
        return {str(name): str(edition) for name, edition in read.items()}

    def _rows(self, file: str) -> Iterator[dict[str, str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


@lru_cache(maxsize=1)
def load() -> Vocabularies:
    """Return the vocabularies this release ships, read once."""
    return Vocabularies()


def _points(decimal: str) -> int:
    """Read "0.266" as 26 points of 100; at least 1."""
    whole, _, fraction = decimal.partition(".")
    return max(1, min(100, int(whole) * 100 + int((fraction + "00")[:2])))
