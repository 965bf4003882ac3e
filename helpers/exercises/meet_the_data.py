"""Notebook 00: pixels scaled by hand, the accuracy of no idea, and a "test accuracy" that is none."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "0 goes to -1, 255 to 1, and a straight line lies between: a change of scale moves and stretches, no more."
)
def check_to_symmetric(to_symmetric):
    """A function from uint8 pixels to floats in [-1, 1]."""
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    scaled = np.asarray(call(to_symmetric, pixels))
    require_shape(scaled, (16, 16), "16 x 16 pixels", "Scale every pixel, keep the shape.")
    low, high = float(scaled.min()), float(scaled.max())
    if (low, high) == (0, 1):
        raise Wrong(
            "black gives 0 and white 1. That is the scale 'unit': stretch it to twice as wide, then move it."
        )
    if not np.allclose([low, high], [-1, 1], atol=1e-6):
        raise Wrong(
            f"the values go from {low:.3g} to {high:.3g}. What must happen to 0, and what to 255?"
        )
    if not np.allclose(scaled, pixels / 127.5 - 1.0, atol=1e-6):
        raise Wrong(
            "the ends are right but not what lies between. Is your rule a straight line, computed in floats?"
        )


@exercise(
    "An accuracy means something only beside this baseline: 0.1 for ten equal classes, more for unequal ones."
)
def check_majority_accuracy(majority_accuracy):
    """A function from labels to the accuracy of always answering the most frequent one."""
    skewed = np.array([3, 3, 3, 1, 0, 3, 2, 3])
    for kind, labels, expected in (
        ("ten equally frequent classes", np.repeat(np.arange(10), 7), 0.1),
        (f"the labels {skewed.tolist()}", skewed, 5 / 8),
    ):
        found = float(call(majority_accuracy, labels))
        if not np.isclose(found, expected):
            raise Wrong(
                f"for {kind} it gives {found:.3g}. Count the most frequent class; what share of all is that?"
            )


@exercise(
    "Validation chooses the epoch, the test set judges it once: 0.87, where the buggy function published 0.90."
)
def check_honest_accuracy(honest_accuracy):
    """Find the bug: from accuracies by epoch on validation and test data to the one number to publish."""
    validation, test = np.array([0.80, 0.88, 0.90, 0.89]), np.array([0.79, 0.89, 0.87, 0.88])
    found = float(call(honest_accuracy, validation, test))
    mistakes = {
        "that is the best validation accuracy, the bug itself: the epoch was chosen for being good on it": 0.90,
        "that is the best test accuracy: now the test set chose the epoch, and no longer judges it": 0.89,
        "that is the test accuracy after the last epoch; nobody had chosen that epoch": 0.88,
    }
    if not np.isclose(found, 0.87):
        hint = hint_for(found, mistakes, f"it gives {found:.3g}")
        raise Wrong(f"{hint}. Which set chooses, and which one judges the choice?")
