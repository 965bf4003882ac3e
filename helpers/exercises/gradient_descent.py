"""Notebook 10: a range test that does not restore, and a learning rate for any batch size."""

import functools

import keras
import numpy as np
from .. import data, models
from .checking import TRAINING, Wrong, array, call, exercise, require_network, stored_images

IMAGES, EPOCHS = 1_000, 10
# For each batch size a training loss that a range of rates gets below; guessing is 2.3.
POSSIBLE = {500: 1.0, 50: 0.3, 5: 0.15}


@exercise("A copy of each array survives steps in place; a new list of the same arrays does not.")
def check_restoring_range_test(restoring_range_test):
    """Find the bug: from (weights, take_step, rates) to the losses; the weights stay as they were."""
    weights, rates = [np.array([1.0, -2.0]), np.array([[0.5]])], [0.1, 0.2, 0.4]
    before, arrays = [part.copy() for part in weights], list(weights)

    def take_step(weights, rate):
        loss = sum(np.sum(part**2) for part in weights)
        for part in weights:
            part -= 2 * rate * part
        return loss

    copies = [part.copy() for part in before]
    expected = [take_step(copies, rate) for rate in rates]
    losses = call(restoring_range_test, weights, take_step, rates)
    losses = array(losses, (3,), "one loss per rate: three numbers")
    if len(weights) != 2 or any(part is not old for part, old in zip(weights, arrays, strict=True)):
        raise Wrong(
            "the list holds other arrays now, and a network would not see them. Write into the old arrays."
        )
    if not all(np.array_equal(part, old) for part, old in zip(weights, before, strict=True)):
        raise Wrong(
            "the weights are not what they were. Which arrays does `saved` hold while steps are made in place?"
        )
    if np.allclose(losses, expected[0]):
        raise Wrong(
            "all losses are that of the first weights. Each step starts where the one before it ended."
        )
    if not np.allclose(losses, expected):
        raise Wrong(
            "the losses are not those that take_step returned, one after the other, from small rates on."
        )


@exercise(
    "In proportion to the batch while noise is the limit, then constant: a hundredfold range of batches trains well."
)
def check_train_in_batches(train_in_batches):
    """A function that trains a model for ten epochs in batches of a given size, at a rate that suits it."""
    images, labels = _digits()
    for batch_size, possible in POSSIBLE.items():
        model = _network()
        before = model.get_weights()[0]
        answer = call(train_in_batches, model, images, labels, batch_size, seconds=TRAINING)
        require_network(answer, (196,))
        steps = EPOCHS * IMAGES // batch_size
        optimizer = getattr(answer, "optimizer", None)
        taken = int(optimizer.iterations) if optimizer else 0
        if taken != steps:
            raise Wrong(
                f"ten epochs in batches of {batch_size} are {steps} steps, and your model took {taken}. "
                "Which arguments of fit set the size of a batch and the number of epochs?"
            )
        loss = answer.evaluate(images, labels, batch_size=IMAGES, verbose=0)
        if not loss < possible:
            moved = np.linalg.norm(answer.get_weights()[0] - before) / np.linalg.norm(before)
            raise Wrong(
                f"with batches of {batch_size} its loss is {loss:.2f}, and {possible} is possible. {_hint(moved)}"
            )


def _hint(moved):
    """On which side of the valley a model is whose kernel moved by so many times its size."""
    if not np.isfinite(moved) or moved > 1.5:
        return "The first kernel moved by more than its size: on which side of the valley are you?"
    return "The first kernel moved little: do so few steps allow longer ones?"


def _network():
    """The notebook's network, with other initial weights."""
    keras.utils.set_random_seed(4)  # also of the order of the images
    hidden = keras.layers.Dense(32, activation="relu")
    model = keras.Sequential([keras.Input((196,)), hidden, keras.layers.Dense(models.CLASSES)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), loss)
    return model


@functools.cache
def _digits():
    """1,000 test images of 196 pixels, and their labels."""
    images, labels = stored_images("mnist", IMAGES, "test")
    return data.halve(images / np.float32(255)).reshape(IMAGES, 196), labels.astype("int32")
