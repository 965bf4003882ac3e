"""Notebook 10: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def epoch(w, gradient_of_one, order, size, rate, combine=np.mean):
    for first in range(0, len(order), size):
        batch = order[first : first + size]
        w = w - rate * combine([gradient_of_one(w, example) for example in batch], axis=0)
    return w


def range_test(weights, take_step, rates, saved=None):
    if saved is None:
        saved = [part.copy() for part in weights]
    losses = [take_step(weights, rate) for rate in rates]
    for part, old in zip(weights, saved, strict=True):
        part[...] = old
    return losses


def range_test_into_list(weights, take_step, rates):
    saved = [part.copy() for part in weights]
    losses = [take_step(weights, rate) for rate in rates]
    weights[:] = saved
    return losses


def squared_length(gradients):
    return np.sum(gradients.mean(axis=0) ** 2)


WRONG_ANSWERS = {
    "check_one_epoch": {
        "the sum": lambda w, g, order, size, rate: epoch(w, g, order, size, rate, combine=np.sum),
        "last batch forgotten": lambda w, g, order, size, rate: epoch(w, g, order[:4], size, rate),
        "not in order": lambda w, g, order, size, rate: epoch(w, g, sorted(order), size, rate),
        "one step": lambda w, g, order, size, rate: epoch(w, g, order, len(order), rate),
        "single examples": lambda w, g, order, size, rate: epoch(w, g, order, 1, rate),
        "first batch only": lambda w, g, order, size, rate: epoch(w, g, order[:size], size, rate),
        "uphill": lambda w, g, order, size, rate: epoch(w, g, order, size, -rate),
        "always at the first weights": lambda w, g, order, size, rate: (
            w + epoch(0 * w, lambda _, k: g(w, k), order, 2, 0.3)
        ),
        "one number": lambda w, g, order, size, rate: epoch(w, g, order, size, rate)[0],
    },
    "check_restoring_range_test": {
        "the bug": lambda weights, step, rates: range_test(weights, step, rates, list(weights)),
        "not put back": lambda weights, step, rates: [step(weights, rate) for rate in rates],
        "put back after each step": lambda weights, step, rates: [
            range_test(weights, step, [rate])[0] for rate in rates
        ],
        "put zeros back": lambda weights, step, rates: range_test(weights, step, rates, [0, 0]),
        "other arrays in the list": range_test_into_list,
        "large rates first": lambda weights, step, rates: range_test(weights, step, rates[::-1]),
        "last loss only": lambda weights, step, rates: range_test(weights, step, rates)[-1],
    },
    "check_noise_scale": {
        "upside down": lambda g: squared_length(g) / g.var(axis=0).sum(),
        "length not squared": lambda g: g.var(axis=0).sum() / np.sqrt(squared_length(g)),
        "mean of squares": lambda g: g.var(axis=0).sum() / np.mean(np.sum(g**2, axis=1)),
        "deviation": lambda g: g.std(axis=0).sum() / squared_length(g),
        "all mixed": lambda g: g.var() / squared_length(g),
        "one too few": lambda g: g.var(axis=0, ddof=1).sum() / squared_length(g),
        "variance only": lambda g: g.var(axis=0).sum(),
        "by column": lambda g: g.var(axis=0) / g.mean(axis=0) ** 2,
        "a guess": lambda g: 32.0,
    },
}


class TestGradientDescent(ExerciseTests):
    notebook = "10_gradient_descent"
    wrong_answers = WRONG_ANSWERS
