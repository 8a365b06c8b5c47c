"""Is this code known, and what is it called in this language? The one reader of config/vocabularies."""

from federation.vocabularies.entries import LanguageKinship, Name, Occupation, Place, Regulator, Related
from federation.vocabularies.vocabularies import ALIASES, FOLDER, Vocabularies, load

__all__ = [
    "ALIASES",
    "FOLDER",
    "LanguageKinship",
    "Name",
    "Occupation",
    "Place",
    "Regulator",
    "Related",
    "Vocabularies",
    "load",
]
