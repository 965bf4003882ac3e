"""Notebook 16: the baseline to beat, and a claim of the learner's own."""

import contextlib
import functools
import io
import numbers

import keras
import numpy as np
from .. import data, evidence, models
from .checking import (
    MANY_TRAININGS,
    TRAINING,
    Wrong,
    array,
    call,
    describe,
    exercise,
    require_network,
    stored_images,
)

SEEDS = tuple(range(3_000, 3_020))
MARGIN = 1  # points of accuracy: more than another order of the images brings the baseline


@exercise(
    "More right than the baseline, in no more steps, on images that had no part in the training."
)
def check_beat_the_baseline(train):
    """A function from training images and labels to a trained network that ends in logits.

    Its budget is the baseline's number of training steps, as the network's optimizer counts them: what costs time, and
    the same on every machine.
    """
    x, y, x_test, y_test = _small_images()
    network = call(train, x, y, seconds=TRAINING)
    require_network(network, (196,))
    logits = network.predict(x_test, batch_size=1000, verbose=0)
    if logits.shape != (len(x_test), 10):
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
    accuracy = 100 * models.accuracy(network, x_test, y_test)
    if accuracy < to_beat + MARGIN:
        hint = "Choose rate, batch size and schedule on validation images (notebook 13), then come back."
        raise Wrong(
            f"it gets {accuracy:.1f} % of the test images right, the baseline {to_beat:.1f} %: "
            f"a point more is wanted. {hint}"
        )


@functools.cache
def _small_images():
    """20,000 training images and the 10,000 test images of clothing, 196 pixels each, with their labels."""
    found = []
    for part, number in (("train", 20_000), ("test", 10_000)):
        images, labels = stored_images("fashion_mnist", number, part)
        found += [data.halve(images).reshape(-1, 196) / np.float32(255), labels]
    for part in found:
        part.flags.writeable = False
    return found


@functools.cache
def _baseline():
    """S0's network on the small images, after two epochs: its steps, and its accuracy on the test images in %."""
    x, y, x_test, y_test = _small_images()
    network = models.build_mlp((128, 64), input_shape=(196,), seed=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, steps_per_execution=50)
    network.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0)
    return _steps(network), 100 * models.accuracy(network, x_test, y_test)


def _steps(network):
    """How many steps the network's optimizer has made; 0 for a network that was not compiled."""
    optimizer = getattr(network, "optimizer", None)
    return int(optimizer.iterations) if optimizer else 0


@exercise("The claim, its measure and its δ were there before the numbers:", of_function=False)
def check_own_claim(parts):
    """A claim, the smallest difference that matters, and two functions of seeds that return one number per seed.

    What the study would say of the claim is printed below.
    """
    if not isinstance(parts, tuple) or len(parts) != 4:
        raise Wrong(
            "give the check four things: exercises.check_own_claim((claim, delta, ours, theirs)). It got "
            f"{describe(parts)}."
        )
    claim, delta, ours, theirs = parts
    if not isinstance(claim, str) or len(claim.split()) < 3:
        raise Wrong(
            f"the claim is {describe(claim)}. Write a sentence: which side is higher than which, in what?"
        )
    if not isinstance(delta, numbers.Real) or isinstance(delta, bool) or not 0 < delta < np.inf:
        raise Wrong(
            f"delta is {describe(delta)}. Which difference would be too small to matter? Give a number above 0."
        )
    values = [_numbers(name, side) for name, side in (("ours", ours), ("theirs", theirs))]
    if np.array_equal(*values):
        raise Wrong(
            "both sides give the same twenty numbers. In which one thing do ours and theirs differ?"
        )
    if delta > np.ptp(values):
        raise Wrong(
            f"all forty numbers are within {np.ptp(values):.2g}, and delta is {delta:g}. Are they in the same unit? An "
            "accuracy of 0.85 is 85 %, and one of 86 % a point more."
        )
    return f"“{claim}” {evidence.judge(*values, delta)}"


def _numbers(name, side):
    """What a side of a claim returns for SEEDS, one number each; raises Wrong if it does not."""
    if not callable(side):
        raise Wrong(f"{name} is {describe(side)}. Write a function of seeds.")
    with contextlib.redirect_stdout(io.StringIO()):  # without the bars and reports of the trainings
        values = call(side, SEEDS, seconds=MANY_TRAININGS)
    wanted = f"one number per seed: {len(SEEDS)} numbers"
    values = array(values, (len(SEEDS),), wanted, finite=False)
    if not np.all(np.isfinite(values)):
        raise Wrong(f"{name} returns numbers that are not finite. Did a training diverge?")
    if np.ptp(values) == 0:
        raise Wrong(f"{name} returns one number twenty times. Does each run start from its seed?")
    return values
