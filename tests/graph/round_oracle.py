"""Small rounds to try, and their best answer by integer programming: shares nothing with the code under test."""

from itertools import product

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from graph.rounds import RoundPolicy, RoundProblem

POLICIES = [
    RoundPolicy(objective, fair, balance)
    for objective, fair, balance in product(("most_mentees", "total_fit"), (True, False), (None, 0, 1))
]


@st.composite
def round_problems(draw, least=0):
    """Small pools of three organisations, some mentors donated (-1) or owned by organisation 3, which has no mentees."""
    mentees, mentors = draw(st.integers(least, 6)), draw(st.integers(least, 6))
    everyone = list(product(range(mentees), range(mentors)))
    pairs = draw(st.lists(st.sampled_from(everyone), unique=True)) if everyone else []
    column = lambda size, low, high: draw(st.lists(st.integers(low, high), min_size=size, max_size=size))  # noqa: E731
    donated = draw(st.none() | st.lists(st.booleans(), min_size=mentors, max_size=mentors))
    return RoundProblem(
        mentee=[mentee for mentee, _ in pairs],
        mentor=[mentor for _, mentor in pairs],
        points=column(len(pairs), 1, 100),
        seats=column(mentors, 0, 3),
        mentee_organisation=column(mentees, 0, 2),
        mentor_organisation=column(mentors, -1, 3),
        donated=None if donated is None else np.array(donated, dtype=bool),
        organisations=4,
    )


def most(problem, worth, *rules, credits=0):
    """The most worth a choice of pairs can have, by integer programming: nothing shared with the code under test.

    ``rules`` are (rows, least, most) over the pairs and, behind them, ``credits`` whole numbers from 0 that earn nothing.
    """
    if not problem.pairs:
        return 0
    answer = _answer(problem, worth, rules, credits)
    assert answer.success
    return round(-answer.fun)


def possible(problem, bounds, balance):
    """Whether any round places so many mentees of each organisation under a net balance, by integer programming."""
    if not problem.pairs:
        return not np.any(bounds)
    rules, credits = balance_rules(problem, balance)
    return _answer(problem, problem.points, [*rules, (rows_of(problem)[0], bounds, np.inf)], credits).success


def _answer(problem, worth, rules, credits):
    by_mentee = np.equal.outer(np.arange(problem.mentees), problem.mentee)
    by_mentor = np.equal.outer(np.arange(problem.mentors), problem.mentor)
    seated = [(by_mentee, 0, 1), (by_mentor, 0, problem.seats), *rules]
    size = problem.pairs + credits
    constraints = [
        LinearConstraint(np.pad(rows.astype(float), ((0, 0), (0, size - rows.shape[1]))), least, most)
        for rows, least, most in seated
    ]
    upper = np.append(np.ones(problem.pairs), np.full(credits, problem.mentees))
    earned = np.append(np.asarray(worth, dtype=float), np.zeros(credits))
    return milp(-earned, constraints=constraints, integrality=np.ones(size), bounds=Bounds(0, upper))


def rows_of(problem):
    """Per organisation: which pairs place its mentees, which of those cost it nothing (donated), which use its mentors."""
    numbers = np.arange(problem.organisations)
    home = np.array(problem.mentor_organisation)
    home[~np.isin(home, problem.mentee_organisation)] = -1
    if problem.donated is not None:
        home[problem.donated] = -1
    receives = np.equal.outer(numbers, problem.mentee_organisation[problem.mentee]).astype(int)
    lends = np.equal.outer(numbers, home[problem.mentor]).astype(int)
    return receives, receives * (home[problem.mentor] < 0), lends


def alone_by_milp(problem):
    receives, _, lends = rows_of(problem)
    return [most(problem, receives[number] * lends[number]) for number in range(problem.organisations)]


def balance_rules(problem, limit):
    """The rules of a net balance, none without one, and how many gifts to credit they count: one number an organisation."""
    if limit is None:
        return [], 0
    receives, gifts, lends = rows_of(problem)
    account = np.hstack((receives - lends, -np.eye(problem.organisations)))
    given = np.append(gifts.sum(axis=0), -np.ones(problem.organisations))[np.newaxis]
    return [(account, -limit, limit), (given, 0, 0)], problem.organisations


def best_by_milp(problem, policy):
    """(placed, points) of the best round, placements settled before points are looked at."""
    receives, _, _ = rows_of(problem)
    rules, credits = balance_rules(problem, policy.net_balance)
    if policy.individual_rationality:
        rules.append((receives, alone_by_milp(problem), np.inf))
    if policy.objective == "total_fit":
        return None, most(problem, problem.points, *rules, credits=credits)
    everyone = np.ones((1, problem.pairs))
    placed = most(problem, everyone[0], *rules, credits=credits)
    return placed, most(problem, problem.points, *rules, (everyone, placed, placed), credits=credits)
