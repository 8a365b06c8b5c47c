"""The words of every pathway step and obstacle, English and French side by side."""

from collections.abc import Mapping
from typing import Final

from graph.pathways.catalogue import Item
from graph.pathways.learners import Step
from graph.pathways.obstacles import Obstacle

Text = Mapping[str, str]
SKILL_NAMES: Final[Mapping[str, Text]] = {
    "listening": {"en": "listening", "fr": "compréhension de l'oral"},
    "speaking": {"en": "speaking", "fr": "expression orale"},
    "reading": {"en": "reading", "fr": "compréhension de l'écrit"},
    "writing": {"en": "writing", "fr": "expression écrite"},
}
OBSTACLES: Final[Mapping[str, Text]] = {
    "no_program": {
        "en": "No program in the catalogue gives {item}.",
        "fr": "Aucun programme du catalogue ne mène à : {item}.",
    },
    "full": {
        "en": "Every intake that gives {item} is full.",
        "fr": "Toutes les sessions qui mènent à {item} sont complètes.",
    },
    "elsewhere": {
        "en": "{item} is taught only elsewhere in person, not online.",
        "fr": "{item} ne s'enseigne qu'ailleurs en personne, pas en ligne.",
    },
    "too_late": {
        "en": "{item} starts too late to finish in time.",
        "fr": "{item} commence trop tard pour finir à temps.",
    },
    "too_dear": {
        "en": "What leads to {item} costs more than allowed.",
        "fr": "Ce qui mène à {item} coûte plus que permis.",
    },
    "no_order": {
        "en": "The programs that lead to {item} cannot be taken one after the other in time.",
        "fr": "Les programmes qui mènent à {item} ne peuvent être suivis l'un après l'autre à temps.",
    },
}
STEP: Final[Text] = {"en": "Gives {gives}.", "fr": "Donne {gives}."}
NEEDS: Final[Text] = {"en": "Needs {needs}.", "fr": "Exige {needs}."}
MENTOR: Final[Text] = {
    "en": "Then one-to-one mentoring: ready for the program's policy.",
    "fr": "Ensuite, le mentorat individuel : prêt selon la politique du programme.",
}
MENTOR_NAME: Final[Text] = {"en": "One-to-one mentoring", "fr": "Mentorat individuel"}
CREDENTIALS: Final[Mapping[str, Text]] = {
    "assessment": {"en": "a credential assessment", "fr": "une évaluation des titres"},
    "certification": {"en": "certification in the profession", "fr": "la certification dans la profession"},
}


def item_words(item: Item, locale: str) -> str:
    """Name one item: "CLB 7 speaking", "a credential assessment"."""
    if item.kind == "clb":
        return f"{'NCLC' if locale == 'fr' else 'CLB'} {item.level} {SKILL_NAMES[item.code][locale]}"
    base = item.code.partition("-")[0]
    return CREDENTIALS[base][locale] if base in CREDENTIALS else item.code


def step_sentences(step: Step, locale: str) -> tuple[str, ...]:
    """Say what a step gives and needs."""
    gives = _joined([item_words(item, locale) for item in step.program.gives], locale, "and")
    groups = [_joined([item_words(item, locale) for item in group], locale, "or") for group in step.program.requires]
    told = [STEP[locale].format(gives=gives)]
    if groups:
        told.append(NEEDS[locale].format(needs=_joined(groups, locale, "and")))
    return tuple(told)


def obstacle_sentence(obstacle: Obstacle, locale: str) -> str:
    """Say why no plan exists."""
    text = OBSTACLES[obstacle.reason][locale].format(item=item_words(obstacle.item, locale))
    return text[0].upper() + text[1:]


def _joined(words: list[str], locale: str, how: str) -> str:
    words = list(dict.fromkeys(words))
    link = {("and", "en"): " and ", ("and", "fr"): " et ", ("or", "en"): " or ", ("or", "fr"): " ou "}[how, locale]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + link + words[-1]
