"""Notebook 08: wrong answers to its exercises."""

from helpers import exercises

import numpy as np
import pytest
from exercise_tests import ExerciseTests

AHEAD = np.array([0.5, 0.9, 0.7, 1.1, 0.4])
MIXED = np.array([0.5, -0.9, 0.7, 1.1, -0.4])

WRONG_ANSWERS = {
    "check_own_comparison": {
        "the sign of the mean": lambda seeds: (MIXED, "better"),
        "the sign of a negative mean": lambda seeds: (-MIXED, "worse"),
        "one ahead in all five, undecided": lambda seeds: (AHEAD, "undecided"),
        "the wrong side": lambda seeds: (AHEAD, "worse"),
        "the other wrong side": lambda seeds: (-AHEAD, "better"),
        "another word": lambda seeds: (AHEAD, "significant"),
        "shares": lambda seeds: (AHEAD / 100, "better"),
        "accuracies": lambda seeds: (97 + AHEAD, "better"),
        "the mean only": lambda seeds: (AHEAD.mean(), "better"),
        "one seed five times": lambda seeds: (0 * AHEAD + 0.5, "better"),
        "ReLU against itself": lambda seeds: (0 * AHEAD, "undecided"),
        "diverged": lambda seeds: (AHEAD * np.nan, "undecided"),
        "no conclusion": lambda seeds: AHEAD,
    },
    "check_fair_differences": {
        "the bug": lambda new_network, train, seeds: [
            -train(network, 0.001) + train(network, 0.003) for network in map(new_network, seeds)
        ],
        "other seeds": lambda new_network, train, seeds: [
            train(new_network(seed + 1), 0.003) - train(new_network(seed), 0.001) for seed in seeds
        ],
        "wrong sign": lambda new_network, train, seeds: [
            train(new_network(seed), 0.001) - train(new_network(seed), 0.003) for seed in seeds
        ],
        "only the mean": lambda new_network, train, seeds: 0.5,
        "one rate twice": lambda new_network, train, seeds: [
            train(new_network(seed), 0.001) - train(new_network(seed), 0.001) for seed in seeds
        ],
    },
}


class TestActivationsCompared(ExerciseTests):
    notebook = "08_activations_compared"
    wrong_answers = WRONG_ANSWERS

    @pytest.mark.parametrize(
        ("differences", "conclusion"),
        [(AHEAD, "better"), (-AHEAD, "worse"), (MIXED, "undecided"), (-MIXED, "undecided")],
    )
    def test_a_conclusion_that_follows_is_right(self, differences, conclusion, capsys):
        exercises.check_own_comparison(lambda seeds: (differences, conclusion))
        assert capsys.readouterr().out.startswith("Right.")
