"""Notebook 09: the depth at which a gradient is gone, one step of backpropagation, and sizes that compare."""

import numpy as np
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "Five sigmoid layers leave less than a thousandth of a gradient even at the steepest point of every one."
)
def check_layers_until(layers_until):
    """A function from the factor of a layer and a bound to the number of layers that bring 1 below the bound."""
    for slope, bound, expected in (
        (1 / 4, 1e-3, 5),
        (1 / 4, 1e-6, 10),
        (0.5, 0.25, 3),
        (0.9, 0.5, 7),
    ):
        found = float(call(layers_until, slope, bound))
        if found != expected:
            before = f"{slope:g} ** {expected - 1} is {slope ** (expected - 1):.3g}, not below"
            after = f"{slope:g} ** {expected} is {slope**expected:.3g}, below"
            raise Wrong(
                f"for slope {slope:g} and bound {bound:g} it gives {found:g}; but {before}, and {after}."
            )


@exercise("That is the whole of backpropagation; a deeper network repeats it, once a layer.")
def check_one_layer_back(one_layer_back):
    """A function from delta (n, k), kernel (j, k) and tanh activations (n, j) to the delta of the tanh layer."""
    generator = np.random.default_rng(0)
    delta, kernel, z = (generator.normal(size=shape) for shape in ((5, 3), (3, 3), (5, 3)))
    found = np.asarray(call(one_layer_back, delta, kernel, np.tanh(z)), dtype=float)
    if found.shape != (5, 3):
        raise Wrong(
            f"the result has shape {found.shape}: one number an image and unit of the tanh layer, (5, 3)."
        )
    back, slope = delta @ kernel.T, 1 - np.tanh(z) ** 2
    not_turned = (delta @ kernel) * slope
    tanh_twice = back * (1 - np.tanh(np.tanh(z)) ** 2)
    mistakes = {
        "the way through the kernel is right. What does the slope of tanh do to it?": back,
        "forward it is x @ kernel. On the way back the kernel is turned.": not_turned,
        "tanh was applied twice: the activations are outputs of tanh already.": tanh_twice,
    }
    if not np.allclose(found, back * slope):
        other = "the numbers differ from the formula: delta through the kernel, turned, times the slope of tanh."
        raise Wrong(hint_for(found, mistakes, other))


@exercise(
    "Norms grow with the number of weights; the root mean square does not, so layers of any size compare."
)
def check_typical_sizes(typical_sizes):
    """Find the bug: a function from a list of gradient arrays to the root mean square of each."""
    signs = np.where(np.indices((784, 256)).sum(axis=0) % 2, 0.01, -0.01)
    found = np.asarray(call(typical_sizes, [signs, signs[:128, :10], 2 * signs[0]]), dtype=float)
    require_shape(found, (3,), "three arrays", "Return one number for each array.")
    if np.allclose(found, 0):
        raise Wrong(
            "all sizes are 0, though no gradient is: positive and negative ones must not cancel."
        )
    if not np.allclose(found, [0.01, 0.01, 0.02]):
        sizes = ", ".join(f"{size:.3g}" for size in found)
        raise Wrong(
            f"all entries are ±0.01, ±0.01 and ±0.02, and it gives {sizes}. How does a norm grow with size?"
        )
