"""Notebook 08: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def around(middle, half):
    return middle - half, middle + half


WRONG_ANSWERS = {
    "check_first_epoch": {
        "counted from 0": lambda curve, target: np.argmax(curve >= target),
        "never reached is epoch 1": lambda curve, target: np.argmax(curve >= target) + 1,
        "above, not at": lambda curve, target: np.argmax(curve > target) + 1,
        "the best epoch": lambda curve, target: np.argmax(curve) + 1,
    },
    "check_interval_by_hand": {
        "not divided by the root of n": lambda a, b: around(
            np.mean(a - b), 2.776 * np.std(a - b, ddof=1)
        ),
        "ddof 0": lambda a, b: around(np.mean(a - b), 2.776 * np.std(a - b) / np.sqrt(5)),
        "1.96": lambda a, b: around(np.mean(a - b), 1.96 * np.std(a - b, ddof=1) / np.sqrt(5)),
        "not paired": lambda a, b: around(
            np.mean(a - b), 2.776 * np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / 5)
        ),
        "b - a": lambda a, b: around(np.mean(b - a), 2.776 * np.std(b - a, ddof=1) / np.sqrt(5)),
        "only the mean": lambda a, b: np.mean(a - b),
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
