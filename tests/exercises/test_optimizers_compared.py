"""Notebook 13: wrong answers to its exercises."""

from helpers.exercises import optimizers_compared

import keras
from exercise_tests import ExerciseTests


def swept(**changes):
    """An answer that trains as the check does, but for `changes`."""

    def sweep(network, images, labels, rates):
        return optimizers_compared._losses(images, labels, rates, **changes)

    return sweep


def default_rate(network, images, labels, rates):
    return optimizers_compared._losses(images, labels, [0.001 for _ in rates])


def backwards(network, images, labels, rates):
    return optimizers_compared._losses(images, labels, rates)[::-1]


WRONG_ANSWERS = {
    "check_sweep": {
        "the bug": swept(fresh_optimizer=False),
        "weights not restored": swept(fresh_weights=False),
        "the optimizer's default": default_rate,
        "in the wrong order": backwards,
        "one loss only": lambda network, images, labels, rates: [0.5],
    },
    "check_own_schedule": {
        "Adam's default": lambda steps: keras.optimizers.Adam(),
        "SGD at a constant rate": lambda steps: keras.optimizers.SGD(0.1),
        "beyond the cliff": lambda steps: keras.optimizers.Adam(1.0),
        "a schedule that hardly changes": lambda steps: keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(0.01, 100 * steps)
        ),
        "a rate, no optimizer": lambda steps: 0.001,
    },
}


class TestOptimizersCompared(ExerciseTests):
    notebook = "13_optimizers_compared"
    wrong_answers = WRONG_ANSWERS
