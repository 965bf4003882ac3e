"""Notebook 12: wrong answers to its exercises."""

import itertools

import numpy as np
from exercise_tests import ExerciseTests


def counted_adam(gradients, counts):
    m, v, found = 0.0, 0.0, []
    for t, g in zip(counts, gradients, strict=False):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        with np.errstate(divide="ignore", invalid="ignore"):
            m_hat, v_hat = np.divide([m, v], [1 - 0.9**t, 1 - 0.999**t])
            found.append(m_hat / (np.sqrt(v_hat) + 1e-7))
    return found


WRONG_ANSWERS = {
    "check_adam_updates": {
        "the bug": lambda gradients: counted_adam(gradients, itertools.repeat(1)),
        "counted from 0": lambda gradients: counted_adam(gradients, itertools.count(0)),
        "counted from 2": lambda gradients: counted_adam(gradients, itertools.count(2)),
        "no correction": lambda gradients: counted_adam(gradients, itertools.repeat(10**6)),
        "only the last": lambda gradients: counted_adam(gradients, itertools.count(1))[-1],
    },
    "check_adam_direction": {
        "the bug": lambda m, v, epsilon: m / np.sqrt(v) + epsilon,
        "no epsilon": lambda m, v, epsilon: m / np.sqrt(v),
        "as in RMSprop": lambda m, v, epsilon: m / np.sqrt(v + epsilon),
        "no root": lambda m, v, epsilon: m / (v + epsilon),
        "added above": lambda m, v, epsilon: (m + epsilon) / (np.sqrt(v) + epsilon),
    },
    "check_adamw_step": {
        "no decay": lambda w, update, rate, decay: w - rate * update,
        "without the rate": lambda w, update, rate, decay: w - rate * update - decay * w,
        "wrong sign": lambda w, update, rate, decay: w - rate * update + rate * decay * w,
        "change only": lambda w, update, rate, decay: rate * update + rate * decay * w,
        "decays the update": lambda w, update, rate, decay: w - rate * (1 - decay) * update,
        "same amount": lambda w, update, rate, decay: w - rate * (update + decay),
    },
}


class TestAdam(ExerciseTests):
    notebook = "12_adam"
    wrong_answers = WRONG_ANSWERS
