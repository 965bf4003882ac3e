"""Notebook 15: the size behind a convolution, a loss with one softmax too many, and max-pooling backwards."""

import numpy as np
import scipy.special
from .checking import Wrong, call, exercise, hint_for


@exercise(
    "5,408 values without padding, 6,272 with it: a size that is written down twice can disagree with itself."
)
def check_flatten_size(flatten_size):
    """Find the bug: from side, filters and padding to the values behind a 3 x 3 convolution and 2 x 2 pooling."""
    for side, filters, padding in (
        (28, 32, "valid"),
        (28, 32, "same"),
        (15, 8, "same"),
        (15, 8, "valid"),
        (9, 1, "same"),
    ):
        places = side if padding == "same" else side - 2
        expected, found = (places // 2) ** 2 * filters, call(flatten_size, side, filters, padding)
        if found == expected:
            continue
        case = f'for {side} x {side} pixels, {filters} filters and padding "{padding}" it gives {found}'
        if found == places**2 * filters:
            raise Wrong(f"{case}: that is before the pooling.")
        if found * filters == expected:
            raise Wrong(f"{case}: that is one filter's share.")
        if padding == "same" and found == ((side - 2) // 2) ** 2 * filters:
            raise Wrong(
                f"{case}, as without padding. In how many places does the padded filter fit?"
            )
        raise Wrong(
            f"{case}. In how many places does the filter fit in a row, and what does pooling leave of these?"
        )


@exercise(
    "A perfect answer costs 0, a blind guess ln 10, and the worst answer 16.1, where Keras clips."
)
def check_loss_of_probabilities(loss_of_probabilities):
    """Find the bug: from probabilities (images, classes) and labels to the mean cross-entropy, clipped at 1e-7."""
    certain, blind = np.eye(10)[[3, 8]], np.full((2, 10), 0.1)
    mixed = np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]])
    for name, outputs, labels in (
        ("two perfect answers", certain, [3, 8]),
        ("two blind guesses among ten classes", blind, [0, 7]),
        ("three answers that give the truth 0.3, 0.8 and 0.25", mixed, [1, 1, 0]),
        ("a perfect answer and one that gives the truth 0", certain, [3, 0]),
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            found = call(loss_of_probabilities, outputs, np.array(labels))
        found = np.asarray(found, dtype=float)
        if found.shape != ():
            raise Wrong(
                f"it returns shape {found.shape}. Return one number, the mean over the images."
            )
        images = range(len(labels))
        losses = -np.log(np.maximum(outputs[images, labels], 1e-7))
        twice = -np.log(scipy.special.softmax(outputs, axis=1)[images, labels])
        if np.isclose(found, losses.mean(), atol=1e-5):
            continue
        if np.isclose(found, twice.mean(), atol=1e-5):
            raise Wrong(
                f"for {name} it gives {found:.2f}: that is the bug itself. Which lines are a second softmax?"
            )
        if np.isclose(found, losses.sum(), atol=1e-5):
            raise Wrong(
                f"for {name} it gives {found:.2f}: the sum over the images. Return their mean."
            )
        if not np.isfinite(found):
            raise Wrong(
                f"for {name} it gives {found}. What is the logarithm of 0, and how does Keras avoid it?"
            )
        raise Wrong(
            f"for {name} it gives {found:.4g} instead of {losses.mean():.4g}. Minus the logarithm of which number?"
        )


@exercise(
    "The largest of four gets the whole slope, the others nothing: pooling switches paths, and weighs none."
)
def check_pool_gradient(pool_gradient):
    """From values (height, width) and slopes at the pooled values to the slopes at the values."""
    generator = np.random.default_rng(15)
    for height, width in ((2, 2), (4, 6)):
        values = generator.normal(size=(height, width))
        upstream = generator.normal(size=(height // 2, width // 2))
        found = np.asarray(call(pool_gradient, values, upstream), dtype=float)
        if found.shape != values.shape:
            raise Wrong(
                f"values of shape {values.shape} have slopes of shape {found.shape}. Give each value a slope."
            )
        highest = values.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3))
        block = np.ones((2, 2))
        wide, largest = np.kron(upstream, block), values == np.kron(highest, block)
        expected = wide * largest
        right = np.isclose(found, expected)
        if right.all():
            continue
        shared, as_relu = wide / 4, wide * (values > 0)
        mistakes = {
            "all four values of a block get the slope. Which of them changes the pooled value if it moves?": wide,
            "the slope is shared among four: that is the way back through a mean. Through a maximum?": shared,
            "the right values, but the slope that arrives from above is missing.": largest,
            "all that is positive gets the slope: that is ReLU. What decides in pooling?": as_relu,
        }
        row, column = np.argwhere(~right)[0]
        other = (
            f"in values of shape {values.shape} the one in row {row}, column {column} has the slope "
            f"{found[row, column]:.3g} instead of {expected[row, column]:.3g}. Is it the largest of its four?"
        )
        raise Wrong(hint_for(found, mistakes, other))
