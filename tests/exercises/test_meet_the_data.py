"""Notebook 00: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests

WRONG_ANSWERS = {
    "check_to_symmetric": {
        "unit scale": lambda pixels: pixels / 255,
        "not moved": lambda pixels: pixels / 127.5,
        "whole numbers overflow": lambda pixels: (pixels - np.uint8(128)) / 127.5,
        "moved by one level too many": lambda pixels: (pixels - 128.0) / 127,
        "bent": lambda pixels: 2 * (pixels / 255) ** 2 - 1,
        "one number": lambda pixels: np.float64(1.0),
        "stops": lambda pixels: pixels.no_such_method(),
    },
    "check_majority_accuracy": {
        "always a tenth": lambda labels: 0.1,
        "the class, not its share": lambda labels: np.bincount(labels).argmax(),
        "the count, not the share": lambda labels: np.bincount(labels).max(),
        "first class": lambda labels: np.mean(labels == 0),
    },
    "check_honest_accuracy": {
        "the bug": lambda validation, test: np.max(validation),
        "the test set chooses": lambda validation, test: np.max(test),
        "the last epoch": lambda validation, test: test[-1],
        "validation at the best test epoch": lambda validation, test: validation[np.argmax(test)],
    },
}


class TestMeetTheData(ExerciseTests):
    notebook = "00_meet_the_data"
    wrong_answers = WRONG_ANSWERS
