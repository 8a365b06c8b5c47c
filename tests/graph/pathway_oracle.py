"""Small catalogues to plan over, a replay of plans week by week, and every possible plan: shares no code with the planner."""

from hypothesis import strategies as st

from graph.pathways import Intake, Item, Learner, Program

SKILLS = ("speaking", "writing")
LETTERS = ("assessment", "bridging", "certification")
ITEMS = [Item("clb", skill, level) for skill in SKILLS for level in (5, 6, 7)]
ITEMS += [Item("credential", letter) for letter in LETTERS]
items = st.sampled_from(ITEMS)


def has(clb, letters, item):
    return item.code in letters if item.kind == "credential" else clb.get(item.code, -1) >= item.level


def learn(clb, letters, gives):
    """Return what is held after a program, without touching what was held before."""
    taught = {
        skill: max([clb.get(skill, 0), *(i.level for i in gives if i.code == skill)]) for skill in {*clb, *SKILLS}
    }
    return taught, letters | {item.code for item in gives if item.kind == "credential"}


def faults(plan, learner, goal, catalogue, *, start_week=0, horizon=156, ceiling=None):
    """Live through a plan, one week after the other, and return what is wrong with it."""
    clb, letters, region = dict(learner.clb), set(learner.credentials), learner.region
    waiting, attending, spent, wrong = list(plan.steps), None, 0, []
    for week in range(start_week, start_week + plan.weeks + 1):
        if attending and week == attending.intake.start_week + attending.intake.weeks:
            clb, letters = learn(clb, letters, attending.program.gives)
            attending = None
        if not waiting or waiting[0].intake.start_week != week:
            continue
        step = waiting.pop(0)
        if attending:
            wrong.append("two programs at once")
        if step.program not in catalogue or step.intake not in step.program.intakes:
            wrong.append("not in the catalogue")
        if not all(any(has(clb, letters, item) for item in group) for group in step.program.requires):
            wrong.append("a requirement is not met")
        if step.intake.seats < 1:
            wrong.append("no seat")
        if step.intake.region and step.intake.region != region:
            wrong.append("somewhere else")
        attending, spent = step, spent + step.intake.cost_cents
    wrong += ["never attended"] if waiting or attending else []
    wrong += ["goal not reached"] if not all(has(clb, letters, item) for item in goal) else []
    wrong += ["past the horizon"] if start_week + plan.weeks > horizon else []
    wrong += ["cost told wrongly"] if spent != plan.cost_cents else []
    wrong += ["too dear"] if ceiling is not None and spent > ceiling else []
    return wrong


def every_way(learner, goal, catalogue, *, start_week=0, horizon=156, ceiling=None):
    """Yield (weeks, cents) of every order of intakes that reaches the goal: exponential, for small catalogues."""
    stack = [(start_week, 0, dict(learner.clb), frozenset(learner.credentials))]
    while stack:
        now, spent, clb, letters = stack.pop()
        if all(has(clb, letters, item) for item in goal):
            yield now - start_week, spent
        for program in catalogue:
            if not all(any(has(clb, letters, item) for item in group) for group in program.requires):
                continue
            for intake in program.intakes:
                end, paid = intake.start_week + intake.weeks, spent + intake.cost_cents
                late = intake.start_week < now or end > horizon or (ceiling is not None and paid > ceiling)
                if not late and intake.seats and intake.region in (None, learner.region):
                    stack.append((end, paid, *learn(clb, letters, program.gives)))


@st.composite
def catalogues(draw, most=5):
    """Programs with up to two OR-groups and up to three dated intakes; some full, some elsewhere, cycles allowed."""
    found = []
    for number in range(draw(st.integers(0, most))):
        intakes = [
            Intake(
                f"{number}-{place}",
                draw(st.integers(0, 12)),
                draw(st.integers(1, 8)),
                draw(st.sampled_from([1, 9, 0])),
                draw(st.sampled_from([0, 100, 250])),
                draw(st.sampled_from([None, None, "AB", "AB", "BC"])),
            )
            for place in range(draw(st.integers(0, 3)))
        ]
        requires = tuple(tuple(draw(st.lists(items, min_size=1, max_size=2))) for _ in range(draw(st.integers(0, 2))))
        gives = tuple(draw(st.lists(items, min_size=1, max_size=2)))
        provider = draw(st.sampled_from(["norquest", "bow"]))
        found.append(Program(f"p{number}", provider, "course", requires, gives, tuple(intakes)))
    return found


learners = st.builds(
    Learner,
    st.dictionaries(st.sampled_from(SKILLS), st.integers(4, 6)),
    st.frozensets(st.sampled_from(LETTERS), max_size=1),
    st.just("AB"),
)


@st.composite
def questions(draw):
    """A learner, a goal and a catalogue: mostly goals that something in the catalogue gives."""
    catalogue = draw(catalogues())
    taught = [item for program in catalogue for item in program.gives] or ITEMS
    goal = draw(st.lists(st.sampled_from(taught) | items, min_size=1, max_size=2))
    return draw(learners), goal, catalogue
