"""A made-up pool of newcomers: frequent surnames, families, birthdays on 1 January, names in other scripts and orders.

Two agencies write down the same people; the second one spells, orders and knows things differently. Seeded, so that every
run sees the same people; the names are common ones, the people are nobody.
"""

import random
import re
from dataclasses import dataclass

Record = dict[str, object]

# A name as the first agency writes it, and as the second may: another table, another script.
GIVEN = [
    ("Muhammad", "محمد"), ("Ahmad", "Ahmed"), ("Yousef", "Youssef"), ("Fatima", "فاطمة"), ("Mariam", "Maryam"),
    ("Serhii", "Сергій"), ("Oleksandr", "Олександр"), ("Yuliia", "Yuliya"), ("Iryna", "Irina"), ("Dmytro", "Дмитро"),
    ("Gurpreet", "ਗੁਰਪ੍ਰੀਤ"), ("Harjit", "Harjeet"), ("Minsu", "민수"), ("Giorgos", "Γιώργος"), ("Selam", "ሰላም"),
    ("Nasrin", "Nasreen"), ("Thi Lan", "Thị Lan"), ("José", "Jose"), ("Zeynep", "Zeynep"), ("Abdirahman", "Abdurahman"),
    ("Kateryna", "Katerina"), ("Olha", "Olha"), ("Habib", "حبيب"), ("Samira", "Sameera"), ("Bilal", "بلال"),
]  # fmt: skip
FAMILY = [
    ("Singh", "ਸਿੰਘ"), ("Kaur", "Kaur"), ("Nguyen", "Nguyễn"), ("Ali", "علي"), ("Hussein", "Hussain"), ("Khan", "Khan"),
    ("Mohamed", "Mohammed"), ("Hassan", "حسن"), ("Kim", "김"), ("Haddad", "حداد"), ("Kovalenko", "Коваленко"),
    ("Shevchenko", "Шевченко"), ("Papadopoulos", "Παπαδόπουλος"), ("Tesfaye", "ተስፋዬ"), ("Yousefi", "یوسفی"),
    ("Warsame", "Warsameh"), ("Çelik", "Celik"), ("Núñez", "Nunez"), ("Al-Rashid", "الرشيد"), ("Bondarenko", "Бондаренко"),
]  # fmt: skip
STREETS = ["Jasper Avenue", "Whyte Ave", "Stony Plain Rd", "Kingsway", "Fort Road", "Gateway Blvd", "Calgary Trail"]
SYLLABLES = re.findall("..", "badafigahajokalimaminanoparesahitavayazazu")
TOWNS = ["Edmonton", "Calgary", "Red Deer", "Lethbridge"]
LISTED_SHARE = 0.5
"""The other names and streets are strings of syllables, so that most are rare, as they are."""
NEW_YEAR_SHARE = 0.15
FAMILY_SHARE = 0.3


@dataclass(frozen=True)
class Person:
    """Names in both writings, and the rest as the first agency has it."""

    given: tuple[str, str]
    family: tuple[str, str]
    rest: Record


def people(number: int, seed: int) -> list[Person]:
    """Draw persons, three in ten of them spouses or siblings of the one before: same surname, home and telephone."""
    draw = random.Random(seed)
    drawn: list[Person] = []
    for _ in range(number):
        born = f"{draw.randrange(1950, 2006)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        born = f"{born[:4]}-01-01" if draw.random() < NEW_YEAR_SHARE else born
        given = _name(draw, GIVEN)
        before = drawn[-1] if drawn and draw.random() < FAMILY_SHARE else None
        if before and given != before.given:
            drawn.append(Person(given, before.family, {**before.rest, "birth_date": born, "emails": _email(draw)}))
        else:
            rest = {**_home(draw), "birth_date": born, "emails": _email(draw)}
            drawn.append(Person(given, _name(draw, FAMILY), rest))
    return drawn


def _name(draw: random.Random, listed: list[tuple[str, str]]) -> tuple[str, str]:
    """Draw a listed name, or a rare one that both agencies write alike."""
    return draw.choice(listed) if draw.random() < LISTED_SHARE else (_rare(draw),) * 2


def _rare(draw: random.Random) -> str:
    """String two to four syllables together."""
    return "".join(draw.choice(SYLLABLES) for _ in range(draw.randrange(2, 5))).title()


def _home(draw: random.Random) -> Record:
    """Draw an address and a telephone number."""
    code = "".join(
        draw.choice(letters) for letters in ("T", "0123456789", "ABCEGHJKLM", "0123456789", "ABCEGHJK", "0123456789")
    )
    street = draw.choice(STREETS) if draw.random() < LISTED_SHARE else f"{_rare(draw)} Street"
    return {
        "street": f"{draw.randrange(1, 15_000)} {street}",
        "locality": draw.choice(TOWNS),
        "postal_code": code,
        "phones": f"780{draw.randrange(2_000_000, 9_999_999)}",
    }


def _email(draw: random.Random) -> str:
    """Draw an address."""
    return f"person{draw.randrange(10**9)}@example.org"


def first(person: Person) -> Record:
    """What the first agency wrote down."""
    return {"given_names": person.given[0], "family_names": person.family[0], **person.rest}


def second(person: Person, draw: random.Random) -> Record:
    """What the second agency wrote down: other writing, order, home, telephone; fields that nobody asked for."""
    names = [draw.choice(person.given), draw.choice(person.family)]
    if draw.random() < 0.2:
        names.reverse()
    rest = dict(person.rest)
    if draw.random() < 0.25:
        rest.update({key: value for key, value in _home(draw).items() if key != "phones"})
    if draw.random() < 0.2:
        rest["phones"] = _home(draw)["phones"]
    for field in ("emails", "phones", "street", "birth_date"):
        if draw.random() < (0.02 if field == "birth_date" else 0.2):
            del rest[field]
    return {"given_names": names[0], "family_names": names[1], **rest}
