"""What a round accepts: every bad column is refused, and the first offender is named."""

from dataclasses import replace

import numpy as np
import pytest

from graph.flow import InfeasibleFlowError
from graph.rounds import RoundPolicy, RoundProblem, solve_round

GOOD = {
    "mentee": [0, 1],
    "mentor": [0, 1],
    "points": [50, 60],
    "seats": [1, 1],
    "mentee_organisation": [0, 1],
    "mentor_organisation": [0, -1],
}


class TestBadInput:
    @pytest.mark.parametrize(
        ("column", "entries", "said"),
        [
            ("points", [50, 0], r"points\[1\] is 0: a whole number from 1 to 100"),
            ("points", [101, 0], r"points\[0\] is 101"),
            ("points", [50.0, float("nan")], r"points\[1\] is nan: a whole number"),
            ("points", [50.0, float("inf")], r"points\[1\] is inf: a whole number"),
            ("points", [50.0, 60.5], r"points\[1\] is 60.5: a whole number"),
            ("points", [50.0, 60.0], r"points\[0\] is 50.0: a column of integers is needed, not of float64"),
            ("points", [True, True], r"points\[0\] is True: a column of integers is needed, not of bool"),
            ("points", ["50", "60"], r"points\[0\] is '50': a whole number"),
            ("points", [None, 60], r"points\[0\] is None: a whole number"),
            ("points", [[50, 60]], "points has 2 dimensions"),
            ("points", [50], "points has 1 entries, mentee has 2"),
            ("seats", [1, -1], r"seats\[1\] is -1: a whole number from 0"),
            ("seats", [1, 1.5], r"seats\[1\] is 1.5: a whole number"),
            ("seats", [1, 2**31], r"seats\[1\] is 2147483648"),
            ("seats", [1, 2**64], r"seats\[1\] is 18446744073709551616: overflow"),
            ("seats", np.array([1, 2**64 - 1], dtype=np.uint64), r"seats\[1\] is 18446744073709551615"),
            ("seats", [1, 1, 1], "mentor_organisation has 2 entries, seats has 3"),
            ("mentee", [0, 2], r"mentee\[1\] is 2: a whole number from 0 to 1"),
            ("mentee", [-1, 0], r"mentee\[0\] is -1"),
            ("mentor", [0, 2], r"mentor\[1\] is 2: a whole number from 0 to 1"),
            ("mentor", [0], "mentor has 1 entries, mentee has 2"),
            ("mentee_organisation", [0, -1], r"mentee_organisation\[1\] is -1: unknown organisation"),
            ("mentor_organisation", [0, -2], r"mentor_organisation\[1\] is -2: unknown organisation"),
            ("mentor_organisation", [0, 10**9], r"mentor_organisation\[1\] is 1000000000: unknown organisation"),
            ("donated", [0, 1], "donated has type int64"),
            ("donated", np.array([True]), "donated has 1 entries, seats has 2"),
            ("rounds_waited", [0, -1], r"rounds_waited\[1\] is -1"),
            ("rounds_waited", [0], "rounds_waited has 1 entries, mentee_organisation has 2"),
            ("organisations", 1, r"mentee_organisation\[1\] is 1: unknown organisation, numbers run from 0 to 0"),
            ("organisations", 10**7, "1000000 is the most"),
            ("organisations", 2.0, "organisations is 2.0: a whole number"),
        ],
    )
    def test_the_first_offender_is_named(self, column, entries, said):
        with pytest.raises(ValueError, match=said):
            RoundProblem(**{**GOOD, column: entries})

    def test_a_pair_given_twice_is_named_where_it_comes_back(self):
        with pytest.raises(ValueError, match=r"pair 2 \(mentee 0, mentor 1\) was given before"):
            RoundProblem([0, 1, 0, 1], [1, 0, 1, 0], [5, 6, 7, 8], [1, 1], [0, 0], [0, 0])

    def test_a_pair_of_a_pool_without_people_names_nobody(self):
        with pytest.raises(ValueError, match=r"mentee\[0\] is 0: there is nobody by that number"):
            RoundProblem([0], [0], [50], [], [], [])

    @pytest.mark.parametrize(
        ("setting", "said"),
        [
            ({"objective": "fewest"}, "objective 'fewest': choose one of most_mentees, total_fit"),
            ({"individual_rationality": 1}, "individual_rationality is 1"),
            ({"net_balance": -1}, "net_balance is -1"),
            ({"net_balance": 0.5}, "net_balance is 0.5"),
            ({"net_balance": True}, "net_balance is True"),
            ({"longest_wait": -1}, "longest_wait is -1"),
        ],
    )
    def test_a_policy_that_says_nothing_is_refused(self, setting, said):
        with pytest.raises(ValueError, match=said):
            RoundPolicy(**setting)

    def test_numbers_too_large_to_add_up_are_refused_before_solving(self):
        waited = RoundProblem(**{**GOOD, "rounds_waited": [0, 2**31 - 1]})
        many = replace(
            waited, mentee_organisation=np.zeros(100_000, int), seats=[10**6, 1], rounds_waited=[2**31 - 1] * 100_000
        )

        assert solve_round(waited, RoundPolicy(longest_wait=2**31 - 1)).placed == 2
        with pytest.raises(ValueError, match="overflow"):
            solve_round(many, RoundPolicy(longest_wait=2**31 - 1))

    def test_a_problem_cannot_be_changed_behind_its_back(self):
        points = np.array([50, 60])
        problem = RoundProblem(**{**GOOD, "points": points})
        points[0] = 99

        assert problem.points.tolist() == [50, 60]
        with pytest.raises(ValueError, match="read-only"):
            problem.points[0] = 99


class TestPromises:
    @pytest.mark.parametrize(("promised", "said"), [([1], "promised has 1 entries"), ([0, -1], r"promised\[1\] is -1")])
    def test_a_promise_for_each_organisation_is_a_count(self, promised: list[int], said: str):
        with pytest.raises(ValueError, match=said):
            RoundProblem(**GOOD, promised=promised)

    def test_a_promise_nobody_can_keep_is_no_round(self):
        with pytest.raises(InfeasibleFlowError):
            solve_round(RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 0], [0], promised=[2]))

    def test_a_promise_takes_the_place_of_what_each_could_do_alone(self):
        problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])

        assert solve_round(problem).mentor_of.tolist() == [0, -1]
        assert solve_round(replace(problem, promised=[0, 1])).mentor_of.tolist() == [-1, 0]
