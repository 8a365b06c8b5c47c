"""The words of every reason, refusal and step: one table, English and French side by side."""

from collections.abc import Mapping
from typing import Final

from graph.rules import Rule, Situation

Text = Mapping[str, str]


def _text(english: str, french: str) -> Text:
    return {"en": english, "fr": french}


FIT_TEXTS: Final[Mapping[tuple[str, str], Text]] = {
    ("occupation", "same"): _text("Same occupation: {first}.", "Même profession : {first}."),
    ("occupation", "same_group"): _text("Same group of occupations: {first}.", "Même groupe de professions : {first}."),
    ("occupation", "hierarchy"): _text(
        "Close occupations: {first} and {second} (NOC hierarchy).",
        "Professions proches : {first} et {second} (hiérarchie de la CNP).",
    ),
    ("occupation", "hierarchy_distant"): _text(
        "Distant occupations of one family: {first} and {second} (NOC hierarchy).",
        "Professions éloignées d'une même famille : {first} et {second} (hiérarchie de la CNP).",
    ),
    ("occupation", "official"): _text(
        "Related: {first} → {second} (NOC, see also).", "Professions liées : {first} → {second} (CNP, voir aussi)."
    ),
    ("occupation", "official_distant"): _text(
        "Distantly related: {first} → {second} (NOC, see also).",
        "Professions liées de loin : {first} → {second} (CNP, voir aussi).",
    ),
    ("occupation", "official_in_part"): _text(
        "Related in part of the group: {first} → {second} (NOC, see also).",
        "Professions liées pour une partie du groupe : {first} → {second} (CNP, voir aussi).",
    ),
    ("occupation", "official_in_part_distant"): _text(
        "Distantly related in part of the group: {first} → {second} (NOC, see also).",
        "Professions liées de loin pour une partie du groupe : {first} → {second} (CNP, voir aussi).",
    ),
    ("occupation", "onet"): _text(
        "Related: {first} → {second} (derived from O*NET).", "Professions liées : {first} → {second} (d'après O*NET)."
    ),
    ("occupation", "onet_distant"): _text(
        "Distantly related: {first} → {second} (derived from O*NET).",
        "Professions liées de loin : {first} → {second} (d'après O*NET).",
    ),
    ("occupation", "onet_in_part"): _text(
        "Related in part of the group: {first} → {second} (derived from O*NET).",
        "Professions liées pour une partie du groupe : {first} → {second} (d'après O*NET).",
    ),
    ("occupation", "onet_in_part_distant"): _text(
        "Distantly related in part of the group: {first} → {second} (derived from O*NET).",
        "Professions liées de loin pour une partie du groupe : {first} → {second} (d'après O*NET).",
    ),
    ("occupation", "little"): _text(
        "Different occupations: {first} and {second}.", "Professions différentes : {first} et {second}."
    ),
    ("culture", "strong"): _text(
        "Shared cultural background, with consent.", "Origine culturelle commune, avec consentement."
    ),
    ("culture", "some"): _text(
        "A language community in common, with consent.", "Communauté linguistique commune, avec consentement."
    ),
    ("culture", "little"): _text("Different backgrounds: counted for little.", "Origines différentes : comptent peu."),
    ("culture", "not_stated"): _text(
        "Background not stated: counted as neutral.", "Origine non précisée : compte comme neutre."
    ),
    ("interests", "strong"): _text("Interests in common: {facts}.", "Intérêts communs : {facts}."),
    ("interests", "some"): _text("An interest in common: {facts}.", "Un intérêt commun : {facts}."),
    ("interests", "little"): _text("No interest in common.", "Aucun intérêt commun."),
    ("interests", "not_stated"): _text(
        "Interests not stated: counted as neutral.", "Intérêts non précisés : compte comme neutre."
    ),
    ("way_of_working", "strong"): _text("Same way of working: {facts}.", "Même façon de travailler : {facts}."),
    ("way_of_working", "some"): _text("Similar way of working: {facts}.", "Façon de travailler semblable : {facts}."),
    ("way_of_working", "little"): _text("Different ways of working.", "Façons de travailler différentes."),
    ("way_of_working", "not_stated"): _text(
        "Way of working not stated: counted as neutral.", "Façon de travailler non précisée : compte comme neutre."
    ),
    ("goals", "strong"): _text(
        "The mentor is strong where help is needed: {facts}.", "Le mentor est fort là où il faut : {facts}."
    ),
    ("goals", "some"): _text(
        "The mentor helps with part of the needs: {facts}.", "Le mentor aide pour une partie des besoins : {facts}."
    ),
    ("goals", "little"): _text(
        "None of the needs is among the mentor's strengths.", "Aucun des besoins n'est une force du mentor."
    ),
    ("goals", "not_stated"): _text(
        "Needs or strengths not stated: counted as neutral.", "Besoins ou forces non précisés : compte comme neutre."
    ),
    ("goals", "shared"): _text("Goals in common: {facts}.", "Objectifs communs : {facts}."),
    ("goals", "shared_not_stated"): _text(
        "Own goals not stated: counted as neutral.", "Objectifs propres non précisés : compte comme neutre."
    ),
    ("language", "more"): _text("Languages in common: {facts}.", "Langues communes : {facts}."),
    ("language", "one"): _text("Language in common: {facts}.", "Langue commune : {facts}."),
    ("language", "none"): _text("No language in common.", "Aucune langue commune."),
    ("language", "not_stated"): _text("Languages not stated.", "Langues non précisées."),
    ("language", "kin"): _text(
        "The mentor speaks a language close to one the mentee speaks: {facts}.",
        "Le mentor parle une langue proche d'une langue que parle la personne mentorée : {facts}.",
    ),
    ("place", "same"): _text("Same area: {first}.", "Même région : {first}."),
    ("place", "near"): _text("Nearby areas: {first} and {second}.", "Régions voisines : {first} et {second}."),
    ("place", "province"): _text("Same province: {first} and {second}.", "Même province : {first} et {second}."),
    ("place", "province_only"): _text(
        "Same province: {first}; the area is not said.", "Même province : {first} ; la région n'est pas précisée."
    ),
    ("place", "far"): _text("Another province, meeting online: {second}.", "Autre province, en ligne : {second}."),
    ("experience", "ahead"): _text("A helpful step ahead in experience.", "Une longueur d'avance utile en expérience."),
    ("experience", "far_ahead"): _text(
        "The mentor is far ahead in experience.", "Le mentor a beaucoup plus d'expérience."
    ),
    ("experience", "level"): _text("Comparable experience.", "Expérience comparable."),
    ("experience", "behind"): _text(
        "The mentor has somewhat less experience.", "Le mentor a un peu moins d'expérience."
    ),
    ("experience", "far_behind"): _text(
        "The mentor has much less experience.", "Le mentor a beaucoup moins d'expérience."
    ),
    ("availability", "strong"): _text("Free times in common: {facts}.", "Plages libres communes : {facts}."),
    ("availability", "some"): _text("A free time in common: {facts}.", "Une plage libre commune : {facts}."),
    ("availability", "little"): _text("No free time in common yet.", "Aucune plage libre commune pour l'instant."),
    ("availability", "not_stated"): _text(
        "Free times not stated: counted as neutral.", "Plages non précisées : compte comme neutre."
    ),
}

REFUSAL_TEXTS: Final[Mapping[Rule | Situation, Text]] = {
    Situation.NO_MENTOR: _text("No mentor is shared yet.", "Aucun mentor n'est encore partagé."),
    Situation.ALREADY_PLACED: _text(
        "The mentee is already placed: no seat is left to fill.",
        "La personne mentorée est déjà jumelée : aucune place ne reste à pourvoir.",
    ),
    Rule.SELF: _text("May be the same person.", "Il peut s'agir de la même personne."),
    Rule.NO_SEAT: _text("No seat is free.", "Aucune place n'est libre."),
    Rule.RESTING: _text("The mentor is resting between mentees.", "Le mentor fait une pause entre deux jumelages."),
    Rule.NO_COMMON_LANGUAGE: _text("No working language in common.", "Aucune langue de travail commune."),
    Rule.FORMAT: _text("No format or way to meet in common.", "Aucun format ni mode de rencontre commun."),
    Rule.NOT_READY: _text("Not ready yet for this program.", "Pas encore prêt pour ce programme."),
    Rule.REPORTING_LINE: _text("One reports to the other.", "L'une des personnes relève de l'autre."),
    Rule.CONFLICT_OF_INTEREST: _text("A conflict of interest is declared.", "Un conflit d'intérêts est déclaré."),
    Rule.COMPETITOR: _text("They compete for the same business or post.", "Elles sont en concurrence."),
    Rule.DECLINED: _text("This pair was declined recently.", "Ce jumelage a été refusé récemment."),
    Rule.NO_AGREEMENT: _text("No sharing agreement covers this.", "Aucune entente de partage ne couvre ceci."),
    Rule.NO_CONSENT: _text("No consent covers this.", "Aucun consentement ne couvre ceci."),
    Rule.STALE: _text("A profile was not confirmed lately.", "Un profil n'a pas été confirmé récemment."),
    Rule.LOCAL_WINDOW: _text(
        "Mentors of the province come first, for now.", "Les mentors de la province d'abord, pour l'instant."
    ),
    Rule.DIRECTION: _text(
        "In reverse mentoring the mentor is the junior one, and strong on a topic asked for.",
        "En mentorat inversé, le mentor est le plus junior, et fort sur un sujet demandé.",
    ),
    Rule.FORBIDDEN: _text("A coordinator set this pair apart.", "Une personne coordonnatrice a écarté ce jumelage."),
}

# Where what is missing can be named, it is.
LACKING_TEXTS: Final[Mapping[Rule, Text]] = {
    Rule.NO_COMMON_LANGUAGE: _text(
        "The language in common is not at working level yet: {missing}.",
        "La langue commune n'a pas encore le niveau de travail : {missing}.",
    ),
    Rule.NOT_READY: _text(
        "Not ready yet for this program: {missing}.", "Pas encore prêt pour ce programme : {missing}."
    ),
    Rule.LOCAL_WINDOW: _text(
        "Mentors of the province come first; the whole network is asked {missing}.",
        "Les mentors de la province d'abord ; tout le réseau est sollicité {missing}.",
    ),
}

MISSING_TEXTS: Final[Mapping[str, Text]] = {
    "listening": _text("CLB listening {needs} (now {has})", "NCLC compréhension de l'oral {needs} (actuel : {has})"),
    "speaking": _text("CLB speaking {needs} (now {has})", "NCLC expression orale {needs} (actuel : {has})"),
    "reading": _text("CLB reading {needs} (now {has})", "NCLC compréhension de l'écrit {needs} (actuel : {has})"),
    "writing": _text("CLB writing {needs} (now {has})", "NCLC expression écrite {needs} (actuel : {has})"),
    "certification": _text("certification", "la certification"),
    "documents": _text("complete documents", "des documents complets"),
    "commitment": _text("a confirmed commitment", "un engagement confirmé"),
    "online": _text("meetings online", "des rencontres en ligne"),
    "in_person": _text("meetings in person", "des rencontres en personne"),
    "format": _text("the format of this program", "le format de ce programme"),
    "tomorrow": _text("from tomorrow", "dès demain"),
    "days": _text("in {needs} days", "dans {needs} jours"),
}

STEP_TEXTS: Final[Mapping[tuple[Rule | None, str], Text]] = {
    # No rule: whatever the rule, the step says what is missing.
    (None, "one"): _text("With {change}, one mentor opens up.", "Avec {change}, un mentor devient possible."),
    (None, "many"): _text(
        "With {change}, {count} mentors open up.", "Avec {change}, {count} mentors deviennent possibles."
    ),
    (Rule.NO_SEAT, "one"): _text(
        "One more mentor fits as soon as a seat is free.", "Un autre mentor convient dès qu'une place se libère."
    ),
    (Rule.NO_SEAT, "many"): _text(
        "{count} more mentors fit as soon as a seat is free.",
        "{count} autres mentors conviennent dès qu'une place se libère.",
    ),
    (Rule.RESTING, "one"): _text("One more mentor fits after a rest.", "Un autre mentor convient après une pause."),
    (Rule.RESTING, "many"): _text(
        "{count} more mentors fit after a rest.", "{count} autres mentors conviennent après une pause."
    ),
    # Nothing to do but wait: the step says how long.
    (Rule.LOCAL_WINDOW, "one"): _text(
        "One more mentor opens up {change}, when the whole network is asked.",
        "Un autre mentor devient possible {change}, quand tout le réseau est sollicité.",
    ),
    (Rule.LOCAL_WINDOW, "many"): _text(
        "{count} more mentors open up {change}, when the whole network is asked.",
        "{count} autres mentors deviennent possibles {change}, quand tout le réseau est sollicité.",
    ),
    (Rule.NO_COMMON_LANGUAGE, "one"): _text(
        "With a working language in common, one mentor opens up.",
        "Avec une langue de travail commune, un mentor devient possible.",
    ),
    (Rule.NO_COMMON_LANGUAGE, "many"): _text(
        "With a working language in common, {count} mentors open up.",
        "Avec une langue de travail commune, {count} mentors deviennent possibles.",
    ),
}
