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


def momentum(weights, gradient, memory, t):
    memory["v"] = 0.9 * memory.get("v", 0.0) - gradient
    return weights + memory["v"]


def own_adam(rate, epsilon=1e-7, beta_1=0.9):
    def step(weights, gradient, memory, t):
        memory["m"] = beta_1 * memory.get("m", 0.0) + (1 - beta_1) * gradient
        memory["v"] = 0.999 * memory.get("v", 0.0) + 0.001 * gradient**2
        m_hat, v_hat = memory["m"] / (1 - beta_1**t), memory["v"] / (1 - 0.999**t)
        return weights - rate * m_hat / (np.sqrt(v_hat) + epsilon)

    return step


WRONG_ANSWERS = {
    "check_adam_updates": {
        "the bug": lambda gradients: counted_adam(gradients, itertools.repeat(1)),
        "counted from 0": lambda gradients: counted_adam(gradients, itertools.count(0)),
        "counted from 2": lambda gradients: counted_adam(gradients, itertools.count(2)),
        "no correction": lambda gradients: counted_adam(gradients, itertools.repeat(10**6)),
        "only the last": lambda gradients: counted_adam(gradients, itertools.count(1))[-1],
    },
    "check_own_optimizer": {
        "plain descent": lambda weights, gradient, memory, t: weights - 3 * gradient,
        "momentum": momentum,
        "Keras' default rate": own_adam(0.001),
        "a tenfold rate": own_adam(0.1),
        "uphill": own_adam(-0.02),
        "large epsilon": own_adam(0.02, epsilon=0.1),
        "the update only": lambda weights, gradient, memory, t: 0.01 * np.sign(gradient),
        "one number": lambda weights, gradient, memory, t: np.mean(weights - gradient),
        "not a number": lambda weights, gradient, memory, t: weights * np.nan,
    },
}


class TestAdam(ExerciseTests):
    notebook = "12_adam"
    wrong_answers = WRONG_ANSWERS
