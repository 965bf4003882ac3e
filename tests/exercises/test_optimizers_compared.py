"""Notebook 13: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def settings(rate, sgd, momentum):
    return {
        "SGD": {"learning_rate": rate, "momentum": sgd},
        "momentum": {"learning_rate": rate, "momentum": momentum},
    }


def cosine(done):
    return (1 + np.cos(np.pi * done)) / 2


def done_after_warm_up(step, steps):
    return max(step / steps - 0.1, 0) / 0.9


WRONG_ANSWERS = {
    "check_both_settings": {
        "the bug": lambda rate: settings(rate, 0.9, 0.9),
        "neither has any": lambda rate: settings(rate, 0.0, 0.0),
        "the wrong one": lambda rate: settings(rate, 0.9, 0.0),
        "another rate": lambda rate: settings(rate / 10, 0.0, 0.9),
        "one dictionary": lambda rate: {"learning_rate": rate, "momentum": 0.9},
    },
    "check_choose_rate": {
        "NaN is the largest": lambda a, rates: rates[a.mean(axis=0).argmax()],
        "only the lucky seeds": lambda a, rates: rates[
            np.ma.masked_invalid(a).mean(axis=0).argmax()
        ],
        "best single run": lambda a, rates: rates[np.nan_to_num(a).max(axis=0).argmax()],
        "zero instead of guessing": lambda a, rates: rates[np.nan_to_num(a).mean(axis=0).argmax()],
        "no rate that diverged": lambda a, rates: rates[np.nan_to_num(a).min(axis=0).argmax()],
        "its place, not the rate": lambda a, rates: np.nan_to_num(a, nan=0.1).mean(axis=0).argmax(),
    },
    "check_warm_up_cosine": {
        "no warm-up": lambda step, steps, peak: peak * cosine(step / steps),
        "cosine from the start": lambda step, steps, peak: (
            peak * min(10 * step / steps, cosine(step / steps))
        ),
        "a straight line down": lambda step, steps, peak: (
            peak * min(10 * step / steps, 1 - done_after_warm_up(step, steps))
        ),
        "a quarter of the wave": lambda step, steps, peak: (
            peak * min(10 * step / steps, np.cos(np.pi / 2 * done_after_warm_up(step, steps)))
        ),
        "not times the peak": lambda step, steps, peak: min(
            10 * step / steps, cosine(done_after_warm_up(step, steps))
        ),
        "a tenth of the peak at first": lambda step, steps, peak: (
            peak * min(0.1 + 9 * step / steps, cosine(done_after_warm_up(step, steps)))
        ),
    },
}


class TestOptimizersCompared(ExerciseTests):
    notebook = "13_optimizers_compared"
    wrong_answers = WRONG_ANSWERS
