"""A score, a refusal or a step as sentences, in English and French, from the same trace.

Nothing is scored that cannot be said: every (part, level) has a template in both languages, and a test holds the table to
it. Names of codes come from the caller, because this layer reads no files.
"""

from graph.reasons.nobody import nobody_because
from graph.reasons.sentences import LOCALES, Locale, every_key, fit_sentences, next_step_sentence, refusal_sentence
from graph.reasons.steps import NextStep, every_missing_item, next_steps

__all__ = [
    "LOCALES",
    "Locale",
    "NextStep",
    "every_key",
    "every_missing_item",
    "fit_sentences",
    "next_step_sentence",
    "next_steps",
    "nobody_because",
    "refusal_sentence",
]
