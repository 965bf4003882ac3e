"""Notebook 03: tanh built from sigmoid, tanh's slope from its output, and outputs brought back to points."""

import numpy as np
import scipy.special
from .checking import Wrong, call, exercise, require_shape


@exercise(
    "One curve, two names: whatever a layer of tanh computes, a layer of sigmoid with other weights computes too."
)
def check_tanh_from_sigmoid(tanh_from_sigmoid):
    """A function from a sigmoid and an array to tanh of the array."""
    calls = []

    def sigmoid(values):
        calls.append(values)
        return scipy.special.expit(np.asarray(values, dtype=float))

    x = np.linspace(-4, 4, 17)
    found = np.asarray(call(tanh_from_sigmoid, sigmoid, x))
    if not calls:
        raise Wrong(
            "the sigmoid that was handed over is never called. Build tanh from it, without np.tanh or np.exp."
        )
    require_shape(found, x.shape, "17 numbers", "Treat every number, keep the shape.")
    middle, ends, slope = found[8], found[[0, -1]], (found[9] - found[7]) / (x[9] - x[7])
    if not np.isclose(middle, 0, atol=1e-6):
        raise Wrong(
            f"at 0 it gives {middle:.3g}, and tanh(0) is 0. Which of the three steps moves the curve?"
        )
    if not np.allclose(ends, np.tanh(x[[0, -1]]), atol=0.05):
        raise Wrong(
            f"the ends are {ends[0]:.3g} and {ends[1]:.3g} instead of nearly -1 and 1. How high is the curve?"
        )
    if not np.allclose(found, np.tanh(x), atol=1e-6):
        raise Wrong(
            f"around 0 it rises by {slope:.2f} per unit, tanh by {np.tanh(0.5) / 0.5:.2f}. How steep is it?"
        )


@exercise(
    "1 - output squared: 1 where the output is 0, nearly 0 where the unit is saturated. No input is needed."
)
def check_slope_of_tanh(slope_of_tanh):
    """Find the bug: a function from outputs of tanh to tanh's slope there."""
    x = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
    outputs, expected = np.tanh(x), 1 / np.cosh(x) ** 2
    found = np.asarray(call(slope_of_tanh, outputs))
    require_shape(found, outputs.shape, "five outputs", "Give one slope an output.")
    if np.allclose(found, 1 - np.tanh(outputs) ** 2):
        raise Wrong(
            "tanh is taken of something that is tanh(x) already. That is the bug: what is `output`?"
        )
    if np.allclose(found, outputs * (1 - outputs)):
        raise Wrong(
            "that is the slope of sigmoid from its output, and negative here. What is the formula for tanh?"
        )
    right = np.isclose(found, expected, atol=1e-9)
    if not right.all():
        k = int(np.argmin(right))
        raise Wrong(
            f"for the output {outputs[k]:.3f} it gives {found[k]:.3f} instead of {expected[k]:.3f}. "
            "Which term of the formula is tanh(x) squared, when tanh(x) is given?"
        )


@exercise(
    "-1 becomes the lowest training target, 0 the middle, 1 the highest: the way back undoes the way there."
)
def check_in_points(in_points):
    """Find the bug: from outputs in [-1, 1] and the training targets to predictions in the targets' unit."""
    targets = np.array([40.0, 300.0, 60.0, 100.0, 80.0])
    cases = {(-1.0, 0.0, 1.0): (40, 170, 300), (-0.5, 0.25): (105, 202.5), (0.5,): (235,)}
    for outputs, expected in cases.items():
        found = np.asarray(call(in_points, np.array(outputs), targets))
        count = len(outputs)
        require_shape(found, (count,), f"{count} outputs", "Give one number an output.")
        for output, value, right in zip(outputs, found, expected, strict=True):
            if not np.isclose(value, right):
                hint = "Where do the lowest and the highest output, -1 and 1, have to land, and where the middle?"
                raise Wrong(
                    f"for targets from 40 to 300, the output {output:g} becomes {value:.4g}. {hint}"
                )
