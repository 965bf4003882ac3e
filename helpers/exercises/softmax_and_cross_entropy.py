"""Notebook 07: softmax and cross-entropy for logits of any size, and the gradient with one softmax too many."""

import numpy as np
import scipy.special
from .checking import Wrong, call, exercise, require_shape


@exercise(
    "Subtracting each row's highest logit changes no probability, and no power can overflow any more."
)
def check_stable_softmax(stable_softmax):
    """A function from logits (examples, classes) of any size to probabilities, row by row."""
    logits = np.array([[2.0, 1, -1], [1000, 999, 0], [-1000, -999, 0], [-1000, -1001, -1001]])
    with np.errstate(all="ignore"):  # an overflow is a wrong answer here, not a warning
        found = np.asarray(call(stable_softmax, logits))
    require_shape(found, (4, 3), "logits of shape (4, 3)", "Give a probability for each.")
    if not np.isfinite(found).all():
        row = logits[~np.isfinite(found).all(axis=1)][0].tolist()
        raise Wrong(
            f"the row {row} gives NaN or infinity. Which number, subtracted from this row, makes its top 0?"
        )
    if not np.allclose(found.sum(axis=1), 1):
        raise Wrong(
            f"the rows have the sums {found.sum(axis=1).round(3)}. Over which axis must the sum go? keepdims?"
        )
    if not np.allclose(found, scipy.special.softmax(logits, axis=1)):
        raise Wrong(
            "every row has the sum 1, but the probabilities are not those of softmax. Compare with e^z / sum."
        )


@exercise(
    "The loss of a logit that is 2,000 too low is 2,000: no probability was formed, so nothing underflowed."
)
def check_cross_entropy(cross_entropy):
    """A function from logits (examples, classes) and labels (examples,) to the mean cross-entropy."""
    for name, logits, labels in (
        ("ordinary logits", [[2.0, 1, -1], [0, 3, 1]], [0, 2]),
        ("logits of 1000", [[1000.0, 999, 0], [0, 1000, 1000]], [1, 1]),
        ("a true class whose probability underflows", [[2000.0, 0, 0], [0, 0, 5]], [1, 2]),
    ):
        logits, labels = np.array(logits), np.array(labels)
        expected = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(2), labels]
        with np.errstate(all="ignore"):  # an overflow is a wrong answer here, not a warning
            found = np.asarray(call(cross_entropy, logits, labels))
        if found.shape != ():
            raise Wrong(
                f"for {name} it gives shape {found.shape}. The mean over images is a single number."
            )
        if not np.isfinite(found):
            raise Wrong(
                f"for {name} it gives {found}. Take the highest logit of each row out of the sum first."
            )
        if np.isclose(found, expected.sum()):
            raise Wrong(
                f"for {name} it gives the sum over images. The mean does not depend on how many there are."
            )
        if not np.isclose(found, expected.mean()):
            raise Wrong(
                f"for {name} it gives {found:.3g} instead of {expected.mean():.3g}. Check -z_t + ln(sum) by hand."
            )


@exercise(
    "One softmax: probability minus truth, divided by the batch; 0 for an image that is right beyond doubt."
)
def check_mean_gradient(mean_gradient):
    """Find the bug: the gradient of the mean cross-entropy with respect to logits (examples, classes)."""
    logits, labels = np.array([[2.0, 1, -1, 0], [0, 3, 1, -2], [30, 0, 0, 0]]), np.array([0, 2, 0])
    difference = scipy.special.softmax(logits, axis=1) - np.eye(4)[labels]
    found = np.asarray(call(mean_gradient, logits, labels))
    require_shape(found, (3, 4), "3 x 4 logits", "Every logit has its own derivative.")
    if np.abs(found[2]).max() > 1e-6:
        raise Wrong(
            f"an image that is right beyond doubt gets {found[2].round(2)}, and should get 0. Count the softmaxes."
        )
    for factor, hint in (
        (-1, "the sign is turned round"),
        (3, "that is the sum over images, not the mean"),
    ):
        if np.allclose(found, factor * difference / 3):
            raise Wrong(
                f"{hint}. Check one image by hand: probability minus truth, divided by the size of the batch."
            )
    if not np.allclose(found, difference / 3):
        raise Wrong(
            "an image that is right beyond doubt gets 0, as it should, but the others differ from (p - y) / batch."
        )
