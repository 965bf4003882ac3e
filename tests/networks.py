"""Small data and networks for the tests of training, and the plain loop that they are held against."""

from helpers import models

import keras
import numpy as np

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(70, 4)).astype("float32")  # in batches of 16 the last of five holds 6
Y = np.argmax(X @ RANDOM.normal(size=(4, 3)), axis=1)
VALIDATION = RANDOM.normal(size=(1_300, 4)).astype("float32"), RANDOM.integers(0, 3, 1_300)
IMAGES = RANDOM.normal(size=(20, 6, 6)).astype("float32")
LABELS = np.arange(20) % 3
OPTIONS = {"batch_size": 16, "epochs": 4}
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def mlp(seed=0, hidden_units=(5,), activation="tanh", **options):
    return models.build_mlp(
        hidden_units, activation, input_shape=(4,), outputs=3, seed=seed, **options
    )


def cnn(seed=0, filters=(2,), input_shape=(6, 6), **options):
    return models.build_cnn(filters, input_shape=input_shape, outputs=3, seed=seed, **options)


def sequential(*layers, input_shape=(4,)):
    """A function of a seed that makes a network of `layers`, functions without parameters."""

    def build(seed):
        keras.utils.set_random_seed(seed)
        made = [layer() for layer in layers]
        return keras.Sequential([keras.Input(input_shape), *made, keras.layers.Dense(3)])

    return build


def convolutional(pool_size=2, **options):
    """A function of a seed that makes a network with a convolution; `options` are Keras'."""
    layers = [lambda: keras.layers.Reshape((6, 6, 1)), lambda: keras.layers.Conv2D(2, 3, **options)]
    if pool_size:
        layers.append(lambda: keras.layers.MaxPooling2D(pool_size))
    return sequential(*layers, keras.layers.Flatten, input_shape=(6, 6))


def dense(**options):
    return lambda: keras.layers.Dense(5, **{"activation": "tanh", **options})


def plain_loop(
    model, optimizer, x=X, y=Y, epochs=4, batch_size=16, seed=0, loss=CROSS_ENTROPY, chosen=None
):
    """Train as a textbook would, a batch at a time; returns each epoch's loss and accuracy."""
    model.compile(optimizer, loss, metrics=["accuracy"], run_eagerly=True)
    chosen = np.arange(len(x)) if chosen is None else chosen
    generator, recorded = np.random.default_rng(seed), []
    for _ in range(epochs):
        sums, order = np.zeros(2), chosen[generator.permutation(len(chosen))]
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            sums += len(batch) * np.array(model.train_on_batch(x[batch], y[batch]), dtype=float)
        recorded.append(sums / len(order))
    return np.array(recorded)


def scores(model, x, y):
    """Mean loss and accuracy, in NumPy."""
    logits = np.asarray(model(x), dtype=np.float64)
    likelihood = logits[np.arange(len(y)), y] - np.log(np.exp(logits).sum(axis=1))
    return -likelihood.mean(), (logits.argmax(axis=1) == y).mean()


def assert_same_weights(one, other, tolerance=1e-5):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance, rtol=0)


def differ(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return any(not np.allclose(a, b, atol=1e-4) for a, b in pairs)


def shown(text):
    """What a terminal shows: after a carriage return the line is written over from its start."""
    lines = []
    for line in text.split("\n"):
        cells = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells).rstrip())
    return "\n".join(lines).strip()
