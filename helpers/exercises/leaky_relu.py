"""Notebook 06: dead units counted over many batches, and pixels with which no unit dies."""

import keras
import numpy as np
from .. import data
from .checking import Wrong, array, call, exercise, number, training_images

RATE = 0.5
EPOCHS = 3
LOWEST_ACCURACY = 0.75


@exercise("All batches have a say: a unit that is on for one image in 10,000 is alive.")
def check_dead_over_batches(dead_over_batches):
    """Find the bug: a function from a list of arrays (examples, units) to the number of units dead in all."""
    one = np.array([[-1.0, 1.0, -2.0]])
    two = np.array([[-1.0, -1.0, 3.0], [-2, -3, -1]])
    three = np.full((1, 3), -1.0)
    cases = ([one, two, three], 1), ([two, three], 2), ([three, one], 2), ([three], 3)
    for batches, expected in cases:
        copies = [batch.copy() for batch in batches]
        found = number(call(dead_over_batches, copies), "one number, how many units are dead")
        if found != expected:
            hint = "In how many batches is a unit silent when the buggy counter calls it dead? In how many must it be?"
            raise Wrong(
                f"for some lists of batches its number is right, and for one of {len(batches)} it is not: "
                f"{found:g}. {hint}"
            )


@exercise(
    "The rate is as high as before, and no unit dies: no step carries all images to the far side of a hinge."
)
def check_save_the_units(prepare):
    """A function of pixels and training images, (..., 28, 28) each, that returns pixels which kill no unit at 0.5."""
    images, labels, unseen, unseen_labels = training_images(data.load_fashion_mnist, 10_000, 2_000)
    prepared = _prepared(prepare, images, images)
    network = _network()
    history = network.fit(prepared, labels, batch_size=32, epochs=EPOCHS, verbose=0)
    if not np.isfinite(history.history["loss"][-1]):
        raise Wrong(
            "training diverged: the loss is no number any more. Are your pixels larger than before? Look at the "
            "bracket in the formula of the fatal step."
        )
    kernel, bias = network.layers[1].get_weights()
    dead = np.sum(np.all(prepared.reshape(-1, 784) @ kernel + bias <= 0, axis=0))
    if dead:
        raise Wrong(
            f"dead units: {dead} of 128, after training with your pixels. Look at the formula of the fatal step: what "
            "about the pixels makes all images push alike, and what makes the push so long?"
        )
    accuracy = network.evaluate(
        _prepared(prepare, unseen, images), unseen_labels, batch_size=1000, verbose=0
    )[1]
    if not accuracy >= LOWEST_ACCURACY:
        raise Wrong(
            f"no unit is dead, but only {accuracy:.0%} of the validation images are right. A network must still be "
            "able to see its images, and the training and the validation images must be treated alike."
        )


def _prepared(prepare, pixels, training_images):
    """What `prepare` returns as float32, or Wrong."""
    found = call(prepare, pixels, training_images)
    wanted = f"an array of as many pixels as it got, of shape {pixels.shape}"
    return array(found, pixels.shape, wanted).astype("float32")


def _network():
    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
    network.add(keras.layers.Dense(128, activation="relu"))
    network.add(keras.layers.Dense(64, activation="relu"))
    network.add(keras.layers.Dense(10))
    network.compile(
        keras.optimizers.SGD(RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=50,
        jit_compile=False,
    )
    return network
