"""Notebook 11: wrong answers to its exercises."""

import keras
from exercise_tests import ExerciseTests


def descend(w, gradients, epochs, rate, beta, forgets="never"):
    """Momentum that sets its velocity to 0 "never", in "each epoch" or in "each step"."""
    v = 0.0
    for _ in range(epochs):
        v = 0.0 if forgets == "each epoch" else v
        for gradient in gradients:
            v = (0.0 if forgets == "each step" else beta * v) - rate * gradient(w)
            w = w + v
    return w


def with_sgd(learning_rate, momentum=0.0, epochs=60, batch_size=1000):
    """An answer to the second exercise."""

    def train_sixty_steps(network, images, labels):
        sgd = keras.optimizers.SGD(learning_rate, momentum=momentum)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(sgd, loss=loss)
        network.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
        return network

    return train_sixty_steps


def with_adam(network, images, labels):
    network.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    network.fit(images, labels, batch_size=1000, epochs=60, verbose=0)
    return network


def another_network(network, images, labels):
    return with_sgd(0.3, 0.9)(keras.models.clone_model(network), images, labels)


WRONG_ANSWERS = {
    "check_train_with_momentum": {
        "the bug": lambda w, g, epochs, rate, beta: descend(w, g, epochs, rate, beta, "each epoch"),
        "anew in each step": lambda w, g, epochs, rate, beta: descend(
            w, g, epochs, rate, beta, "each step"
        ),
        "one epoch only": lambda w, g, epochs, rate, beta: descend(w, g, 1, rate, beta),
        "rate applied twice": lambda w, g, epochs, rate, beta: descend(w, g, epochs, rate**2, beta),
        "uphill": lambda w, g, epochs, rate, beta: descend(w, g, epochs, -rate, beta),
    },
    "check_sixty_steps": {
        "plain descent near its best rate": with_sgd(0.7),
        "plain descent at the effective rate": with_sgd(3.0),
        "momentum as it is usually set": with_sgd(0.01, 0.9),
        "a coefficient too high": with_sgd(0.3, 0.99),
        "many small batches": with_sgd(0.03, 0.9, batch_size=32),
        "too few steps": with_sgd(0.3, 0.9, epochs=6),
        "another optimizer": with_adam,
        "another network": another_network,
        "not trained": lambda network, images, labels: network,
        "the history": lambda network, images, labels: network.name,
    },
}


class TestMomentum(ExerciseTests):
    notebook = "11_momentum"
    wrong_answers = WRONG_ANSWERS
