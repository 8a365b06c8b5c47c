"""The words for everyone in no group, no pair and no circle: English and French side by side, numbers filled in."""

from collections.abc import Mapping
from typing import Final

from graph.circles import Apart, WhyApart
from graph.groups_reasons import LeftOut, WhyNot
from graph.peers import Alone

Text = Mapping[str, str]


def _text(english: str, french: str) -> Text:
    return {"en": english, "fr": french}


GROUP_TEXTS: Final[Mapping[WhyNot, Text]] = {
    WhyNot.NOBODY: _text("No mentor can be met yet.", "Aucun mentor ne peut être rencontré pour l'instant."),
    WhyNot.BELOW_FLOOR: _text(
        "Every mentor is below the least fit of this program; the best fit is {number}.",
        "Tous les mentors sont sous le seuil du programme ; le meilleur résultat est {number}.",
    ),
    WhyNot.OTHER_PROFESSION: _text(
        "No mentor who fits leads groups of this profession.",
        "Aucun mentor qui convient n'anime de groupe de cette profession.",
    ),
    WhyNot.NO_SEATS: _text(
        "No mentor who fits takes as many people as a group has.",
        "Aucun mentor qui convient ne prend autant de personnes qu'un groupe en compte.",
    ),
    WhyNot.NO_SHARED_LANGUAGE: _text(
        "No language in common with a mentor who fits.", "Aucune langue commune avec un mentor qui convient."
    ),
    WhyNot.NO_SHARED_SLOT: _text(
        "No free time in common with a mentor who fits.", "Aucune plage libre commune avec un mentor qui convient."
    ),
    WhyNot.TOO_FEW: _text(
        "Too few for a group: with the same mentor, language and time at most {number}.",
        "Trop peu de personnes pour un groupe : au plus {number} avec le même mentor, la même langue et la même plage.",
    ),
    WhyNot.OTHERS_PLACED: _text(
        "A group was possible, but the groups formed serve the whole better.",
        "Un groupe était possible, mais les groupes formés servent mieux l'ensemble.",
    ),
}

PAIR_TEXTS: Final[Mapping[Alone, Text]] = {
    Alone.NOBODY: _text("No peer can be met yet.", "Aucun pair ne peut être rencontré pour l'instant."),
    Alone.ONLY_COMPETITORS: _text(
        "All peers compete for the same business or post.",
        "Tous les pairs sont en concurrence pour la même entreprise ou le même poste.",
    ),
    Alone.BELOW_FLOOR: _text(
        "All peers are too alike or too different.", "Tous les pairs sont trop semblables ou trop différents."
    ),
    Alone.OTHERS_PAIRED: _text(
        "Everyone who fits is in a pair that serves the whole better.",
        "Toutes les personnes qui conviennent sont dans une paire qui sert mieux l'ensemble.",
    ),
}

CIRCLE_TEXTS: Final[Mapping[WhyApart, Text]] = {
    WhyApart.NOBODY: PAIR_TEXTS[Alone.NOBODY],
    WhyApart.ONLY_COMPETITORS: PAIR_TEXTS[Alone.ONLY_COMPETITORS],
    WhyApart.NO_COMMON_TIME: _text(
        "No peer shares both a language and a free time.",
        "Aucun pair n'a à la fois une langue et une plage libre communes.",
    ),
    WhyApart.BELOW_FLOOR: _text(
        "All peers are too alike or too different; the best fit is {fit}.",
        "Tous les pairs sont trop semblables ou trop différents ; le meilleur résultat est {fit}.",
    ),
    WhyApart.OUTLIER: _text(
        "In the circle that suits best this person would stand alone: a fit of {fit}, where the next lowest has {next_fit}.",
        "Dans le cercle qui convient le mieux, cette personne serait isolée : un résultat de {fit}, contre {next_fit} pour la suivante.",
    ),
    WhyApart.NO_ROOM: _text("A circle would suit, but it is full.", "Un cercle conviendrait, mais il est complet."),
    WhyApart.NO_CIRCLE: _text(
        "No circle goes with this person as a whole, or nobody there could facilitate.",
        "Aucun cercle ne convient dans son ensemble, ou personne ne pourrait y animer.",
    ),
}

PAIR_OFFERED: Final = _text("A pair is offered instead.", "Une paire est proposée à la place.")


def why_not_in_a_group(one: LeftOut) -> dict[str, str]:
    """Return the reason in each language.

    Examples
    --------
    >>> why_not_in_a_group(LeftOut(4, WhyNot.BELOW_FLOOR, 35))["en"]
    'Every mentor is below the least fit of this program; the best fit is 35.'
    """
    return {language: text.format(number=one.number) for language, text in GROUP_TEXTS[one.reason].items()}


def why_not_in_a_pair(reason: Alone) -> dict[str, str]:
    """Return the reason in each language.

    Examples
    --------
    >>> why_not_in_a_pair(Alone.NOBODY)["fr"]
    "Aucun pair ne peut être rencontré pour l'instant."
    """
    return dict(PAIR_TEXTS[reason])


def why_not_in_a_circle(one: Apart) -> dict[str, str]:
    """Return the reason in each language, and that a pair is offered where one is.

    Examples
    --------
    >>> why_not_in_a_circle(Apart(1, WhyApart.NO_ROOM, partner=3))["en"]
    'A circle would suit, but it is full. A pair is offered instead.'
    """
    said = {
        language: text.format(fit=one.fit, next_fit=one.next_fit) for language, text in CIRCLE_TEXTS[one.reason].items()
    }
    return {
        language: f"{text} {PAIR_OFFERED[language]}" if one.partner >= 0 else text for language, text in said.items()
    }
