"""Notebook 02: sigmoid's slope from its output, sigmoid without an overflow, and a backward pass with a bug."""

import numpy as np
import scipy.special
from .checking import Wrong, call, exercise, hint_for, require_shape


@exercise(
    "Backpropagation gets a unit's slope from its output for the price of one product: at most 1/4, at 1/2."
)
def check_slope_from_output(slope_from_output):
    """A function from outputs of sigmoid to its slopes at these places."""
    outputs = np.array([[0.5, 0.1, 0.9], [0.01, 0.7, 0.999]])
    slopes = np.asarray(call(slope_from_output, outputs))
    require_shape(slopes, (2, 3), "2 x 3 outputs", "Each output has its own slope.")
    if np.allclose(slopes, 1 - outputs**2):
        raise Wrong(
            "that is the slope of tanh in terms of its output. At an output of 0.5 sigmoid has slope 1/4."
        )
    if np.allclose(slopes, _slope(outputs)):
        raise Wrong(
            "you put the output through the sigmoid a second time. It has been through: use it as it is."
        )
    if not np.allclose(slopes, outputs * (1 - outputs), rtol=1e-6):
        raise Wrong(
            f"at an output of 0.5 it gives {slopes[0, 0]:.3g}, and at 0.1 {slopes[0, 1]:.3g}; it is 0.25 at 0.5, "
            "and the same at 0.1 as at 0.9. Split the derivative into two fractions: what is each of them?"
        )


@exercise("The same curve, with exp of numbers up to 0 only: no overflow however far out you ask.")
def check_stable_sigmoid(stable_sigmoid):
    """A function from an array of any size of numbers to their sigmoid, without an overflow on the way."""
    x = np.array([-1000.0, -30.0, -15.0, -1.0, 0.0, 1.0, 15.0, 1000.0])
    expected = scipy.special.expit(x)
    try:
        with np.errstate(over="raise", invalid="raise"):
            found = np.asarray(call(stable_sigmoid, x))
    except FloatingPointError:
        raise Wrong(
            "exp of a large positive number is still taken somewhere (np.where computes both of its branches). "
            "Which sign can you give to the exponent so that it never is?"
        ) from None
    require_shape(found, x.shape, "8 numbers", "Keep the shape.")
    wrong = ~np.isclose(found, expected, rtol=0, atol=1e-9)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise Wrong(
            f"sigmoid({x[k]:g}) is {found[k]:.6g} instead of {expected[k]:.6g}. No overflow, but another curve."
        )


@exercise(
    "It agrees with the slope of the loss itself: move a weight a little each way, and see what the loss does."
)
def check_sigmoid_kernel_gradient(kernel_gradient):
    """Find the bug: the gradient for the kernel of a sigmoid layer, from inputs, kernel and upstream gradient."""
    generator = np.random.default_rng(0)
    x, kernel, upstream = (generator.normal(size=size) for size in ((5, 4), (4, 3), (5, 3)))
    found = np.asarray(call(kernel_gradient, x, kernel, upstream))
    if found.shape != kernel.shape:
        raise Wrong(
            f"the kernel has shape {kernel.shape}, and shape {found.shape} came out: one number a weight."
        )
    z = x @ kernel
    a = scipy.special.expit(z)
    slope, slope_at_a = _slope(z), _slope(a)
    factors = {
        "that is the bug itself: a * (1 - a) is right for outputs a. What is z?": z * (1 - z),
        "the slope of the curve is missing: what does the chain rule put between upstream and x?": 1,
        "upstream is multiplied by the output. The chain rule asks for the slope.": a,
        "the slope is taken at the output of the sigmoid. At which place does the unit sit?": slope_at_a,
    }
    if not np.allclose(found, x.T @ (upstream * slope), rtol=1e-6):
        gradients = {hint: x.T @ (upstream * factor) for hint, factor in factors.items()}
        other = "moving each weight a little and watching the loss gives other numbers. Go through the chain rule."
        raise Wrong(hint_for(found, gradients, other))


def _slope(z):
    """The derivative of sigmoid."""
    return scipy.special.expit(z) * scipy.special.expit(-z)
