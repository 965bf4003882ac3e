"""Notebook 00: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests
from sklearn.neighbors import KNeighborsClassifier


def choose_and_judge(chosen_by, judged_by, rates=(1, 3, 5, 9, 15), take=max):
    """An answer that chooses k on one of the three sets and judges it on another."""

    def answer(*arrays):
        sets = [(x.reshape(len(x), -1), y) for x, y in zip(arrays[::2], arrays[1::2], strict=True)]
        models = {k: KNeighborsClassifier(k).fit(*sets[0]) for k in rates}
        k = take(models, key=lambda number: models[number].score(*sets[chosen_by]))
        return k, models[k].score(*sets[judged_by])

    return answer


WRONG_ANSWERS = {
    "check_majority_accuracy": {
        "always a tenth": lambda labels: 0.1,
        "the class, not its share": lambda labels: np.bincount(labels).argmax(),
        "the count, not the share": lambda labels: np.bincount(labels).max(),
        "first class": lambda labels: np.mean(labels == 0),
    },
    "check_choose_and_judge": {
        "the test images choose": choose_and_judge(2, 2),
        "the worst": choose_and_judge(1, 2, take=min),
        "judged on the set that chose": choose_and_judge(1, 1),
        "judged on the training images": choose_and_judge(1, 0),
        "a k that was not asked for": choose_and_judge(1, 2, rates=(4,)),
        "one number only": lambda *arrays: 0.8,
        "stops": lambda *arrays: arrays[0].no_such_method(),
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
