"""Notebook 05: wrong answers to its exercises."""

import numpy as np
from exercise_tests import ExerciseTests


def standard(x, of):
    return (x - of.mean()) / of.std()


def trained(rule):
    """An answer that trains with a learning rate made from the largest pixel."""

    def answer(model, images, labels, largest_pixel):
        model.optimizer.learning_rate = rule(largest_pixel)
        model.fit(images, labels, batch_size=100, verbose=0)
        return model

    return answer


WRONG_ANSWERS = {
    "check_standardize": {
        "the bug": lambda train, test: (standard(train, train), standard(test, test)),
        "both together": lambda train, test: tuple(
            standard(part, np.append(train, test)) for part in (train, test)
        ),
        "test left as it is": lambda train, test: (standard(train, train), test),
        "only one": lambda train, test: standard(train, train),
        "own mean, common deviation": lambda train, test: tuple(
            (part - part.mean()) / train.std() for part in (train, test)
        ),
    },
    "check_train_on_camera": {
        "the default rate": trained(lambda largest: 0.01),
        "a rate that suits one camera": trained(lambda largest: 1e-5),
        "rate not squared": trained(lambda largest: 0.3 / largest),
        "too short": trained(lambda largest: 1e-3 / largest**2),
        "not trained": lambda model, images, labels, largest: model,
        "only one line": lambda model, images, labels, largest: model.fit(
            images, labels, batch_size=100, verbose=0
        ),
    },
}


class TestInputScale(ExerciseTests):
    notebook = "05_input_scale"
    wrong_answers = WRONG_ANSWERS
