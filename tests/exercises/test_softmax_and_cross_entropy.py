"""Notebook 07: wrong answers to its exercises."""

from helpers import exercises

import keras
import numpy as np
import scipy.special
import tensorflow as tf
from exercise_tests import ExerciseTests


def softmax(scores):
    return scipy.special.softmax(scores, axis=1)


def highest_of_all(scores, y):
    powers = np.exp(scores - scores.max())
    return (powers / powers.sum(axis=1, keepdims=True) - y) / len(y)


def no_highest(scores, y):
    powers = np.exp(scores)
    return (powers / powers.sum(axis=1, keepdims=True) - y) / len(y)


def trained(epochs=5, optimizer=None, loss="sparse_categorical_crossentropy", rows=False):
    """An answer to exercise 2 that compiles and fits the network that it is given."""

    def bring_back(network, images, labels):
        sgd = keras.optimizers.SGD(0.1)
        network.compile(optimizer() if optimizer else sgd, loss, steps_per_execution=50)
        y = np.eye(10, dtype="float32")[labels] if rows else labels
        network.fit(images, y, batch_size=32, epochs=epochs, verbose=0)
        return network

    return bring_back


def another_network(network, images, labels):
    network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(10, activation="softmax"))
    return trained(1)(network, images, labels)


def without_softmax(network, images, labels):
    network.layers[-1].activation = keras.activations.linear
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return trained(1, loss=loss)(network, images, labels)


WRONG_ANSWERS = {
    "check_batch_gradient": {
        "the bug": lambda z, y: scipy.special.softmax(z) - y,
        "the bug, divided": lambda z, y: (scipy.special.softmax(z) - y) / len(y),
        "down the columns": lambda z, y: (scipy.special.softmax(z, axis=0) - y) / len(y),
        "sum over images": lambda z, y: softmax(z) - y,
        "mean over classes, too": lambda z, y: (softmax(z) - y) / z.size,
        "the push": lambda z, y: (y - softmax(z)) / len(y),
        "softmax twice": lambda z, y: (softmax(softmax(z)) - y) / len(y),
        "averaged away": lambda z, y: np.mean(softmax(z) - y, axis=0),
        "highest of the whole batch": highest_of_all,
        "overflows": no_highest,
    },
    "check_lost_digits": {
        "not trained": lambda network, images, labels: network,
        "softmax twice again": trained(loss=tf.nn.softmax_cross_entropy_with_logits, rows=True),
        "Adam": trained(1, optimizer=keras.optimizers.Adam),
        "momentum": trained(1, optimizer=lambda: keras.optimizers.SGD(0.1, momentum=0.9)),
        "steps too long": trained(1, optimizer=lambda: keras.optimizers.SGD(1.0)),
        "steps too short": trained(1, optimizer=lambda: keras.optimizers.SGD(0.001)),
        "too many epochs": trained(6),
        "another network": another_network,
        "without softmax": without_softmax,
    },
}


class TestSoftmaxAndCrossEntropy(ExerciseTests):
    notebook = "07_softmax_and_cross_entropy"
    wrong_answers = WRONG_ANSWERS


def test_lost_digits_also_come_back_in_three_epochs(capsys):
    exercises.check_lost_digits(trained(3))
    assert capsys.readouterr().out.startswith("Right.")
