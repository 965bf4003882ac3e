"""Notebook 15: wrong answers to its exercises."""

import numpy as np
import scipy.special
from exercise_tests import ExerciseTests


def places(side, padding):
    return side if padding == "same" else side - 2


def truth(p, labels):
    return p[np.arange(len(labels)), labels]


def widen(upstream):
    return upstream.repeat(2, axis=0).repeat(2, axis=1)


WRONG_ANSWERS = {
    "check_flatten_size": {
        "the bug": lambda side, filters, padding: ((side - 2) // 2) ** 2 * filters,
        "padding only": lambda side, filters, padding: (side // 2) ** 2 * filters,
        "no pooling": lambda side, filters, padding: places(side, padding) ** 2 * filters,
        "one filter": lambda side, filters, padding: (places(side, padding) // 2) ** 2,
        "left-over column kept": lambda side, filters, padding: (
            -((-places(side, padding) // 2) ** 2) * filters
        ),
        "the post's number": lambda side, filters, padding: 5408,
    },
    "check_loss_of_probabilities": {
        "the bug": lambda p, labels: (
            -np.log(truth(scipy.special.softmax(p, axis=1), labels)).mean()
        ),
        "not clipped": lambda p, labels: -np.log(truth(p, labels)).mean(),
        "clipped too high": lambda p, labels: -np.log(np.maximum(truth(p, labels), 1e-3)).mean(),
        "the sum": lambda p, labels: -np.log(np.maximum(truth(p, labels), 1e-7)).sum(),
        "one a row": lambda p, labels: -np.log(np.maximum(truth(p, labels), 1e-7)),
        "no logarithm": lambda p, labels: 1 - truth(p, labels).mean(),
        "the answer, not the truth": lambda p, labels: -np.log(p.max(axis=1)).mean(),
    },
    "check_pool_gradient": {
        "everyone": lambda values, upstream: widen(upstream),
        "shared": lambda values, upstream: widen(upstream) / 4,
        "as ReLU": lambda values, upstream: widen(upstream) * (values > 0),
        "largest of all": lambda values, upstream: (
            widen(upstream) * (values >= np.sort(values, axis=None)[-upstream.size])
        ),
        "always the first": lambda values, upstream: np.kron(upstream, [[1, 0], [0, 0]]),
        "too small": lambda values, upstream: upstream,
    },
}


class TestUnderTheHood(ExerciseTests):
    notebook = "15_under_the_hood"
    wrong_answers = WRONG_ANSWERS
