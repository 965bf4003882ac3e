"""Notebook 17: wrong answers to its exercises."""

from exercise_tests import ExerciseTests

XOR = [(-1, -1, 0), (1, 1, 0), (-1, 1, 1), (1, -1, 1)]

WRONG_ANSWERS = {
    "check_spirals": {
        "the usual settings": lambda: {},
        "no activation": lambda: {"activation": "none", "optimizer": "Adam"},
        "another number": lambda: {"learning rate": 0.02},
        "Keras' name of a setting": lambda: {"units": 32},
        "no dictionary": lambda: ["Adam", 0.01],
    },
    "check_own_points": {
        "a line tells them apart": lambda: [(-1, 0, 0), (-0.5, 0, 0), (0.5, 0, 1), (1, 0, 1)],
        "two classes in one place": lambda: [*XOR, (1, 1, 1), (-1, 1, 0), (-1, -1, 1), (1, -1, 0)],
        "one class": lambda: [(0, 0, 1), (1, 1, 1)],
        "too many": lambda: 4 * XOR,
        "outside": lambda: [(0, 0, 1), (2, 2, 0)],
        "no class": lambda: [(0, 0), (1, 1)],
        "a third class": lambda: [*XOR, (0, 0, 2)],
    },
}


class TestPlayground(ExerciseTests):
    notebook = "17_playground"
    wrong_answers = WRONG_ANSWERS
