"""Small pools and the knowledge they stand on, for tests of matching."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from graph.eligibility import Eligibility
from graph.knowledge import KinLanguages, Knowledge, Occupation, Place, Related
from graph.people import Clb, Columns, Mentee, Mentor, Pool, Readiness
from graph.readiness import ReadinessPolicy
from graph.rules import Circumstances, Rule
from graph.scoring import ScoringWeights

CODES = (
    "2",
    "21",
    "213",
    "2130",
    "21300",
    "21301",
    "2131",
    "21310",
    "3",
    "31",
    "313",
    "3130",
    "31301",
    "7",
    "70",
    "700",
    "7001",
    "70010",
)
WEIGHTS = ScoringWeights(
    {
        "occupation": 34,
        "culture": 14,
        "interests": 11,
        "way_of_working": 9,
        "goals": 8,
        "language": 7,
        "place": 6,
        "experience": 6,
        "availability": 5,
    }
)
KNOWLEDGE = Knowledge.build(
    [Occupation(code, code[:-1] or None) for code in CODES],
    [Related("21300", "70010", 60, "onet"), Related("21310", "21300", 80, "official")],
    [KinLanguages("hi", "ur", 80, "curated"), KinLanguages("fa", "fa-AF", 90, "curated")],
    [
        Place("AB", None),
        Place("AB-835", "AB", 53.55, -113.47),
        Place("AB-825", "AB", 51.05, -114.09),
        Place("AB-830", "AB", 52.27, -113.80),
        Place("ON", None),
        Place("ON-535", "ON", 43.71, -79.40),
        Place("ON-537", "ON", 43.25, -79.85),
    ],
)
REGIONS = ("AB", "AB-835", "AB-825", "AB-830", "ON", "ON-535", "ON-537")
LANGUAGES = ("en", "fr", "hi", "ur", "fa", "fa-AF")
TOPICS = ("networking", "resume", "interview", "leadership")
INTERESTS = ("music", "nature", "sports", "books")
STYLES = ("direct", "listening", "structured")
SLOTS = ("mon_evening", "tue_evening", "sat_morning", "sun_afternoon")
BANDS = ("0-2", "3-5", "6-10", "11-20", "21+")


def a_mentor(identifier: str = "m1", **changes: Any) -> Mentor:
    base: dict[str, Any] = {
        "id": identifier,
        "organisation": "arec",
        "noc": "2130",
        "region": "AB-835",
        "years_band": "11-20",
        "languages": frozenset({"en"}),
    }
    return Mentor(**base | changes)


def a_mentee(identifier: str = "e1", **changes: Any) -> Mentee:
    base: dict[str, Any] = {
        "id": identifier,
        "organisation": "eriec",
        "noc": "2130",
        "region": "AB-835",
        "years_band": "6-10",
        "languages": frozenset({"en"}),
        "readiness": Readiness(Clb("en", 8, 8, 8, 8), commitment="confirmed"),
    }
    return Mentee(**base | changes)


def with_clb(listening: int, speaking: int, reading: int = 8, **others: Any) -> dict[str, Any]:
    return {"readiness": Readiness(Clb("en", listening, speaking, reading, 8), **others)}


def circumstances(**changes: Any) -> Circumstances:
    base: dict[str, Any] = {"agreements": frozenset({("arec", "eriec"), ("eriec", "arec")})}
    return Circumstances(**base | changes)


def rules(mentors: list[Mentor], mentees: list[Mentee], **changes: Any) -> Eligibility:
    return Eligibility.build(Pool.build(mentors, mentees, KNOWLEDGE), circumstances(**changes), KNOWLEDGE)


def drawn_pool(mentors: int, mentees: int, seed: int) -> Eligibility:
    """The rules over a large pool drawn at random: every column on its own from a few hundred people."""
    random = np.random.default_rng(seed)
    some_of = {name: tuple(frozenset(random.choice(codes, size)) for size in (0, 1, 1, 2, 3)) for name, codes in SETS}
    sample = [_someone(a_mentor, f"s{number:03}", random, some_of) for number in range(200)]
    asking = [_someone(a_mentee, f"e{number:03}", random, some_of) for number in range(mentees)]
    pool = Pool.build(sample, asking, KNOWLEDGE)
    ids = np.array([f"m{number:07}" for number in range(mentors)])
    drawn = {name: pool.mentor.rows(random.integers(200, size=mentors)) for name in vars(pool.mentor)}
    columns = Columns(**{name: getattr(column, name) for name, column in drawn.items()})
    return Eligibility.build(pool.with_columns(ids, columns, KNOWLEDGE), circumstances(), KNOWLEDGE)


def _someone(build: Any, identifier: str, random: Any, some_of: dict[str, Any]) -> Any:
    sets = {name: choices[random.integers(len(choices))] for name, choices in some_of.items()}
    return build(
        identifier,
        organisation=str(random.choice(("eriec", "arec", "criec"))),
        noc=str(random.choice(("2130", "2131", "21300", "3130", "7001"))),
        region=str(random.choice(REGIONS)),
        years_band=str(random.choice(BANDS)),
        modes=frozenset(random.choice(("online", "in_person"), 2)),
        origin=random.choice((None, "IN", "IR")),
        purposes=frozenset({"share", "origin", str(random.choice(("match_across_regions", "referral")))}),
        seats=int(random.integers(0, 4)),
        **{**sets, "languages": sets["languages"] | {str(random.choice(("en", "fr", "hi")))}},
    )


SETS = (
    ("languages", LANGUAGES),
    ("slots", SLOTS),
    ("interests", INTERESTS),
    ("working_styles", STYLES),
    ("goals", TOPICS),
)
POLICY = ReadinessPolicy({"listening": 7, "speaking": 7}, documents_complete=True)


def some(codes: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(codes))


@st.composite
def crowds(draw: st.DrawFn, mentors: int = 6, mentees: int = 2, **around: Any) -> Eligibility:
    """The rules over a random pool, with some pairs set apart."""
    left = [draw(people("mentor", f"m{number}")) for number in range(mentors)]
    right = [draw(people("mentee", f"e{number}")) for number in range(mentees)]
    pairs = st.tuples(st.sampled_from([one.id for one in right]), st.sampled_from([one.id for one in left]))
    apart = {rule: draw(st.frozensets(pairs, max_size=2)) for rule in (Rule.DECLINED, Rule.FORBIDDEN)}
    around = {"pairs_apart": apart, "format": draw(st.sampled_from(FORMATS)), **around}
    return rules(left, right, **around)  # type: ignore[arg-type]


FORMATS = ("one_to_one", "one_to_one", "reverse")


@st.composite
def people(draw: st.DrawFn, kind: str, identifier: str) -> Mentor | Mentee:
    common: dict[str, Any] = {
        "organisation": draw(st.sampled_from(("eriec", "arec", "criec"))),
        "noc": draw(st.sampled_from(("2130", "2131", "3130", "7001"))),
        "region": draw(st.sampled_from(REGIONS)),
        "years_band": draw(st.sampled_from(BANDS)),
        "languages": draw(st.frozensets(st.sampled_from(LANGUAGES), min_size=1)),
        "formats": draw(some(("one_to_one", "group", "reverse"))),
        "modes": draw(some(("online", "in_person"))),
        "slots": draw(some(SLOTS)),
        "interests": draw(some(INTERESTS)),
        "working_styles": draw(some(STYLES)),
        "goals": draw(some(TOPICS)),
        "origin": draw(st.sampled_from((None, "IN", "IR"))),
        "purposes": draw(some(("share", "match_across_regions", "origin"))),
        "seats": draw(st.integers(0, 2)),
        "stale": draw(st.booleans()),
    }
    topics = draw(some(TOPICS))
    if kind == "mentor":
        return a_mentor(identifier, **common, strengths=topics, resting=draw(st.booleans()))
    levels = {skill: draw(st.integers(1, 12)) for skill in ("listening", "speaking", "reading", "writing")}
    clb = draw(st.sampled_from((None, Clb("en", **levels))))
    readiness = Readiness(clb, documents=draw(st.sampled_from(("complete", "missing"))))
    local = draw(st.sampled_from((0, 0, 1, 9)))
    return a_mentee(identifier, **common, needs=topics, readiness=readiness, local_days=local)
