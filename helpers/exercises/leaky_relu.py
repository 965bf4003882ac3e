"""Notebook 06: the gradients of PReLU, and dead units counted, in one batch and over many."""

import numpy as np
from .checking import Wrong, call, exercise


@exercise(
    "The slope learns from examples on the negative side only, and can leave 0: PReLU revives its own dead units."
)
def check_prelu_gradients(prelu_gradients):
    """A function of (x, slope, arriving gradient) that returns the gradients for x and for the slope."""
    x, arriving = np.array([-2.0, -0.5, 0.0, 1.0, 3.0]), np.array([1.0, -3.0, 2.0, 5.0, -1.0])
    for slope in (0.0, 0.25):
        found = call(prelu_gradients, x, slope, arriving)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise Wrong(
                "return two things: the gradient for x, an array like x, and the gradient for the slope."
            )
        for_x, for_slope = found
        if np.shape(for_x) != x.shape or np.shape(for_slope) != ():
            shapes = f"{np.shape(for_x)} and {np.shape(for_slope)}"
            raise Wrong(
                f"5 numbers went in and shapes {shapes} came out. Each x has a gradient; the slope, one for all."
            )
        if not np.allclose(for_x, arriving * np.where(x > 0, 1.0, slope)):
            raise Wrong(
                f"slope {slope}: the gradient for x is not right. By what is `arriving` multiplied on each side?"
            )
        if not np.isclose(for_slope, -0.5):
            hint = "On which side does the slope change the output, and by how much? Then sum over the examples."
            raise Wrong(
                f"slope {slope}: the gradient for the slope is {float(for_slope):.3g}. {hint}"
            )


@exercise("A unit is dead only if no example wakes it, and NaN is not a sign of life.")
def check_count_dead(count_dead):
    """A function from pre-activations (examples, units) to the number of units at or below 0 for all examples."""
    z = np.array([[-1.0, 2.0, 0.0, -3.0], [-2.0, -9.0, -1.0, -3.0], [-0.5, -9.0, 0.0, 0.1]])
    for name, values, expected in (
        ("three examples and four units, of which the first and third are dead", z, 2),
        ("a network without dead units", np.abs(z) + 1, 0),
        ("a network of which all units are dead", -np.abs(z), 4),
    ):
        found = float(call(count_dead, values))
        if found != expected:
            raise Wrong(
                f"for {name} it gives {found:g}. Look down each column; is 0 above 0, and is one enough?"
            )
    if not np.isnan(float(call(count_dead, np.where(z > 1, np.nan, z)))):
        raise Wrong(
            "a diverged network, with NaN in z, gets a number. What does NaN <= 0 give, and what NaN > 0?"
        )


@exercise("All batches have a say: a unit that reacts to one image in 10,000 is alive.")
def check_dead_over_batches(dead_over_batches):
    """Find the bug: a function from a list of arrays (examples, units) to the number of units dead in all."""
    one = np.array([[-1.0, 1.0, -2.0]])
    two = np.array([[-1.0, -1.0, 3.0], [-2, -3, -1]])
    three = np.full((1, 3), -1.0)
    cases = ([one, two, three], 1), ([two, three], 2), ([three, one], 2), ([three], 3)
    for batches, expected in cases:
        found = float(call(dead_over_batches, batches))
        if found != expected:
            hint = "With how many silent batches does the buggy counter call a unit dead, and how many should it take?"
            raise Wrong(
                f"for {len(batches)} batches with {expected} dead units in all it gives {found:g}. {hint}"
            )
