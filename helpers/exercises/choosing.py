"""Notebook 16: stratified folds by hand, and the baseline to beat."""

import functools

import keras
import numpy as np
from .. import data, models
from .checking import Wrong, call, exercise, require_shape


@exercise(
    "Every fold is a small copy of the whole: as many of each class as can be, and no example twice."
)
def check_stratified_folds(stratified_folds):
    """From labels and a number of folds to the number of the fold, from 0, that holds out each example."""
    uneven = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [40, 25, 10]))
    for labels, k in ((uneven, 5), (np.repeat(np.arange(10), 30), 5), (np.tile([0, 1, 2], 40), 3)):
        folds = np.asarray(call(stratified_folds, labels, k))
        require_shape(folds, labels.shape, f"{len(labels)} labels", "Return one fold an example.")
        if set(np.unique(folds)) != set(range(k)):
            raise Wrong(
                f"the folds are called {np.unique(folds).tolist()}: with {k} of them use 0 to {k - 1}, and all."
            )
        for label in np.unique(labels):
            counts = np.array([np.sum(folds[labels == label] == fold) for fold in range(k)])
            if np.ptp(counts) > 1:
                raise Wrong(
                    f"the {counts.sum()} examples of class {label} are spread over {k} folds as "
                    f"{counts.tolist()}. Deal out the examples of each class one by one, as one deals cards."
                )


@exercise(
    "More right than the baseline, in no more steps, on images that had no part in the training."
)
def check_beat_the_baseline(train):
    """A function from training images and labels to a trained network that ends in logits.

    Its budget is the baseline's number of training steps, as the network's optimizer counts them: what costs time, and
    the same on every machine.
    """
    fashion = data.load_fashion_mnist()
    network = call(lambda: train(fashion.x_train, fashion.y_train))  # read-only: not copied
    if not isinstance(network, keras.Model):
        raise Wrong(f"your function returns {type(network).__name__}. Return the network, trained.")
    logits = network.predict(fashion.x_test, batch_size=1000, verbose=0)
    if logits.shape != (len(fashion.x_test), 10):
        raise Wrong(
            f"for 10,000 images your network answers with shape {logits.shape}; it should be (10000, 10)."
        )
    if logits.min() >= 0 and np.allclose(logits.sum(axis=1), 1, atol=1e-3):
        raise Wrong(
            "your network ends in softmax: the ten numbers sum to 1. Let it end in logits (notebook 07)."
        )
    steps = _steps(network)
    if steps == 0:
        raise Wrong(
            "your network counts no training steps. Compile it, train it with fit, and return it."
        )
    allowed, to_beat = _baseline()
    if steps > allowed:
        hint = (
            "What costs time is above all the number of steps. How many images may one step hold?"
        )
        raise Wrong(f"it took {steps:,} steps, and the baseline {allowed:,}. {hint}")
    accuracy = 100 * models.accuracy(network, fashion.x_test, fashion.y_test)
    if not accuracy > to_beat:
        hint = "Choose rate, batch size and schedule on validation images (notebook 13), then come back."
        raise Wrong(
            f"it gets {accuracy:.1f} % of the test images right, the baseline {to_beat:.1f} %. {hint}"
        )


@functools.cache
def _baseline():
    """S0's network as posted, after two epochs: its steps, and its accuracy on the test images in %."""
    fashion = data.load_fashion_mnist()
    network = models.build_mlp((128, 64), seed=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, steps_per_execution=50)
    network.fit(fashion.x_train, fashion.y_train, batch_size=32, epochs=2, shuffle=False, verbose=0)
    return _steps(network), 100 * models.accuracy(network, fashion.x_test, fashion.y_test)


def _steps(network):
    """How many steps the network's optimizer has made; 0 for a network that was not compiled."""
    optimizer = getattr(network, "optimizer", None)
    return int(optimizer.iterations) if optimizer else 0
