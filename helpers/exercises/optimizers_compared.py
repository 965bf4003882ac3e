"""Notebook 13: a sweep over learning rates whose optimizer remembers, and 422 steps with a rate that need not stay."""

import functools

import keras
import numpy as np
from .. import data, evidence, models
from .checking import TRAINING, Wrong, array, call, describe, exercise, hint_for, stored_images

SWEPT = (1.0, 0.003)
IMAGES, BATCH = 54_000, 128


@exercise(
    "Each rate now begins with an optimizer that remembers nothing; the order of the rates no longer matters."
)
def check_sweep(sweep):
    """Find the bug: from a network, images, labels and rates to the loss of Adam at each rate."""
    images, labels = _digits()
    network = _small_network()
    found = call(sweep, network, images, labels, list(SWEPT), seconds=TRAINING)
    found = array(found, (2,), "one loss per rate, in their order: two numbers")
    expected = _losses(images, labels, SWEPT)
    if np.allclose(found, expected, rtol=0.02):
        return
    mistakes = {
        "that is the bug itself. What does Adam still remember of the first rate when the second begins?": _losses(
            images, labels, SWEPT, fresh_optimizer=False
        ),
        "the second rate begins where the first one ended. Which weights should it begin with?": _losses(
            images, labels, SWEPT, fresh_weights=False
        ),
        "both rates give one loss, that of Adam's default. Does your optimizer get the rate?": _losses(
            images, labels, (0.001, 0.001)
        ),
        "these are the right losses in the wrong order. Keep the order of the rates.": expected[
            ::-1
        ],
    }
    other = (
        f"the losses at {SWEPT[0]:g} and {SWEPT[1]:g} are {found[0]:.3g} and {found[1]:.3g}. Only one line is in the "
        "wrong place; leave the others as they are."
    )
    raise Wrong(hint_for(found, mistakes, other, rtol=0.02))


@functools.cache
def _digits():
    """1,000 images, pixels from 0 to 1, and their labels."""
    images, labels = stored_images("mnist", 1_000)
    return images.astype("float32") / 255, labels.copy()


def _small_network():
    return models.build_mlp((32,), "relu", seed=0)


def _losses(images, labels, rates, fresh_weights=True, fresh_optimizer=True):
    """The loss of one epoch of Adam at each rate; False keeps what the rate before has left."""
    network = _small_network()
    start = network.get_weights()
    losses = []
    for rate in rates:
        if fresh_optimizer or not losses:
            network.compile(
                keras.optimizers.Adam(),
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            )
        if fresh_weights:
            network.set_weights(start)
        network.optimizer.learning_rate = rate
        run = network.fit(images, labels, batch_size=100, shuffle=False, verbose=0)
        losses.append(run.history["loss"][-1])
    return np.array(losses)


@exercise("In as many steps no ReLU run of the study's grid got as far: none changed its rate.")
def check_own_schedule(my_optimizer):
    """From the number of steps to a Keras optimizer that trains S3's network well in so many steps."""
    steps = -(-IMAGES // BATCH)
    optimizer = call(my_optimizer, steps)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise Wrong(
            f"your function returns {describe(optimizer)}. Return a Keras optimizer, such as "
            "keras.optimizers.SGD(0.01)."
        )
    fashion = data.load_fashion_mnist(seed=0)
    network = _sheet_network()
    network.compile(
        optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=50,
        jit_compile=True,
    )
    network.fit(fashion.x_train, fashion.y_train, batch_size=BATCH, epochs=1, verbose=0)
    right = 100 * models.accuracy(network, fashion.x_validation, fashion.y_validation)
    grid = evidence.grid("relu")
    highest = grid.validation_accuracy[grid.epoch == 1].max()
    if not right > highest:
        raise Wrong(
            f"{right:.1f} % of the validation images are right, and the best run of the study has {highest:.1f} %. "
            + _why(right, optimizer)
        )


def _sheet_network():
    """S3's network with ReLU for pixels from 0 to 1, which it takes to -1 to 1."""
    keras.utils.set_random_seed(0)
    start = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    layers = [keras.Input((28, 28)), keras.layers.Rescaling(2, offset=-1), keras.layers.Flatten()]
    for units in (256, 128):
        layers.append(keras.layers.Dense(units, "relu", kernel_initializer=start))
    layers.append(keras.layers.Dense(10, kernel_initializer=start))
    return keras.Sequential(layers)


def _why(right, optimizer):
    """A hint for an accuracy that is too low."""
    if right < 50:
        return (
            "It has hardly learned, or is beyond its cliff: is the rate near its optimizer's best?"
        )
    if isinstance(optimizer.get_config()["learning_rate"], float):
        return "Your rate does not change. What would smaller steps do near the end?"
    return (
        "Your rate changes. Is it near 0 after the last step? Then try a peak three times as large."
    )
