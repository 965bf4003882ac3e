"""The checks of the exercises: each says "not done yet", what is wrong with a hint, or what was shown."""

import functools
import time

import keras
import numpy as np
import scipy.special
from . import data, models


class _NotDoneYet(Exception):
    pass


class _Wrong(Exception):
    pass


def _exercise(shown):
    """Turn a function that raises _Wrong(hint) on a wrong answer into a check that prints the state of the exercise."""

    def decorate(find_mistakes):
        @functools.wraps(find_mistakes)
        def check(answer):
            try:
                if answer is ... or (
                    isinstance(answer, tuple) and any(part is ... for part in answer)
                ):
                    raise _NotDoneYet
                find_mistakes(answer)
            except _NotDoneYet:
                print("Not done yet: replace the ... in this cell, then run it again.")
            except _Wrong as wrong:
                print(f"Not right yet: {wrong}")
            except Exception as error:
                print(f"Not right yet: your code stopped with {type(error).__name__}: {error}")
            else:
                print(f"Right. {shown}")

        return check

    return decorate


def _call(function, *arguments):
    """function(*arguments), on copies, so that an answer cannot spoil what it is checked against."""
    result = function(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments))
    if result is ... or result is None:
        raise _NotDoneYet
    return result


@_exercise(
    "0 goes to -1, 255 to 1, and a straight line lies between: a change of scale moves and stretches, no more."
)
def check_to_symmetric(to_symmetric):
    """00: a function from uint8 pixels to floats in [-1, 1]."""
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    scaled = np.asarray(_call(to_symmetric, pixels))
    if scaled.shape != pixels.shape:
        raise _Wrong(
            f"16 x 16 pixels went in and shape {scaled.shape} came out. Scale every pixel, keep the shape."
        )
    low, high = float(scaled.min()), float(scaled.max())
    if (low, high) == (0, 1):
        raise _Wrong(
            "black gives 0 and white 1. That is the scale 'unit': stretch it to twice as wide, then move it."
        )
    if abs(low + 1) > 1e-6 or abs(high - 1) > 1e-6:
        raise _Wrong(
            f"the values go from {low:.3g} to {high:.3g}. What must happen to 0, and what to 255?"
        )
    if not np.allclose(scaled, pixels / 127.5 - 1.0, atol=1e-6):
        raise _Wrong(
            "the ends are right but not what lies between. Is your rule a straight line, computed in floats?"
        )


@_exercise(
    "An accuracy means something only beside this baseline: 0.1 for ten equal classes, more for unequal ones."
)
def check_majority_accuracy(majority_accuracy):
    """00: a function from labels to the accuracy of always answering the most frequent one."""
    balanced, skewed = np.repeat(np.arange(10), 7), np.array([3, 3, 3, 1, 0, 3, 2, 3])
    for labels, expected in ((balanced, 0.1), (skewed, 5 / 8)):
        found = float(_call(majority_accuracy, labels))
        if abs(found - expected) > 1e-9:
            kind = (
                "ten equally frequent classes"
                if expected == 0.1
                else f"the labels {labels.tolist()}"
            )
            raise _Wrong(
                f"for {kind} it gives {found:.3g}. Count the most frequent class; what share of all is that?"
            )


@_exercise(
    "Validation chooses the epoch, the test set judges it once: 0.87, where the buggy function published 0.90."
)
def check_honest_accuracy(honest_accuracy):
    """00, find the bug: from accuracies by epoch on validation and test data to the one number to publish."""
    validation, test = np.array([0.80, 0.88, 0.90, 0.89]), np.array([0.79, 0.89, 0.87, 0.88])
    found = round(float(_call(honest_accuracy, validation, test)), 4)
    hints = {
        0.90: "that is the best validation accuracy, the bug itself: the epoch was chosen for being good on it",
        0.89: "that is the best test accuracy: now the test set chose the epoch, and no longer judges it",
        0.88: "that is the test accuracy after the last epoch; nobody had chosen that epoch",
    }
    if found != 0.87:
        raise _Wrong(
            f"{hints.get(found, f'it gives {found:.3g}')}. Which set chooses, and which one judges the choice?"
        )


@_exercise(
    "1,720,330 parameters are six hidden layers of 512; the five in the post's table would have 1,457,674."
)
def check_count_parameters(count_parameters):
    """01: a function from the layer sizes, inputs first, to the number of weights and biases."""
    for sizes, expected in (
        ((2, 3), 9),
        ((784, 512, 10), 407_050),
        ((784, *[512] * 6, 10), 1_720_330),
    ):
        found = _call(count_parameters, sizes)
        if found == expected - sum(sizes[1:]):
            raise _Wrong(
                f"{sizes} gives {found:,}: all weights are counted. What else does a unit learn?"
            )
        if found == expected + sizes[0]:
            raise _Wrong(
                f"{sizes} gives {found:,}: inputs are given, not learned, so they have no bias."
            )
        if found != expected:
            raise _Wrong(
                f"{sizes} gives {found:,} instead of {expected:,}. Draw a small one and count."
            )


@_exercise("Two ReLU units bend the plane along one line each, and that is enough for XOR.")
def check_xor_weights(weights):
    """01: (hidden_kernel 2 x 2, hidden_bias 2, output_kernel 2, output_bias) of a ReLU network that computes XOR."""
    shapes = [np.shape(part) for part in weights]
    if shapes != [(2, 2), (2,), (2,), ()]:
        raise _Wrong(
            f"the four parts have shapes {shapes}; they must be (2, 2), (2,), (2,) and ()."
        )
    kernel, bias, output_kernel, output_bias = (np.asarray(part, dtype=float) for part in weights)
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    outputs = np.maximum(points @ kernel + bias, 0) @ output_kernel + output_bias
    for point, output, expected in zip(points.tolist(), outputs, (0, 1, 1, 0), strict=True):
        if abs(output - expected) > 1e-6:
            hint = "Let one hidden unit count the ones, and the other be above 0 only where both inputs are 1."
            raise _Wrong(
                f"for the input {point} the network gives {output:.3g} instead of {expected}. {hint}"
            )


@_exercise(
    "It tells a network without activation from one with an activation by its answers alone, weights unseen."
)
def check_is_affine(is_affine):
    """01, find the bug: a test that tells functions x -> x W + b from all others, by calling them."""
    generator = np.random.default_rng(0)
    kernel, bias = generator.normal(size=(4, 3)), generator.normal(size=3)
    cases = {
        "x @ W": (lambda x: x @ kernel, True),
        "x @ W + b (a bias is allowed)": (lambda x: x @ kernel + bias, True),
        "relu(x @ W + b)": (lambda x: np.maximum(x @ kernel + bias, 0), False),
        "tanh(x @ W)": (lambda x: np.tanh(x @ kernel), False),
        "(x @ W) ** 2": (lambda x: (x @ kernel) ** 2, False),
    }
    for name, (function, expected) in cases.items():
        found = _call(is_affine, function)
        if bool(found) != expected:
            hint = "How often does b stand on each side of your equation? How does the equation for XOR avoid that?"
            raise _Wrong(f"it calls {name} {'affine' if found else 'not affine'}. {hint}")


@_exercise(
    "The slope is 1 where ReLU let a number through and 0 elsewhere; it agrees with finite differences."
)
def check_relu_kernel_gradient(kernel_gradient):
    """04, find the bug: the gradient of a ReLU layer's kernel (inputs, units) from that of its output."""
    generator = np.random.default_rng(0)
    shapes = (6, 4), (4, 3), (3,), (6, 3)
    x, kernel, bias, output_gradient = (generator.normal(size=shape) for shape in shapes)
    found = np.asarray(_call(kernel_gradient, x, kernel, bias, output_gradient))
    if found.shape != kernel.shape:
        raise _Wrong(
            f"the kernel has shape {kernel.shape} and your gradient {found.shape}. They must be alike."
        )
    if np.allclose(found, x.T @ output_gradient):
        raise _Wrong(
            "that is the gradient of a layer without activation. For which values is your slope ever 0?"
        )
    expected = np.zeros_like(kernel)
    for place in np.ndindex(kernel.shape):  # central differences of sum(output * output_gradient)
        step = np.zeros_like(kernel)
        step[place] = 1e-6
        up, down = (
            np.sum(np.maximum(x @ k + bias, 0) * output_gradient)
            for k in (kernel + step, kernel - step)
        )
        expected[place] = (up - down) / 2e-6
    if not np.allclose(found, expected, atol=1e-5):
        hint = "What is the derivative of ReLU where it let a number through, and where it did not?"
        raise _Wrong(
            f"it disagrees with finite differences (a weight moved a little, up and down). {hint}"
        )


@_exercise(
    "Each unit has its kink where its weighted sum changes sign, if that place lies in sight."
)
def check_kinks(kinks):
    """04: from kernel (1, units), bias (units,), low and high to the sorted kinks between low and high."""
    kernel, bias = np.array([[2.0, -1.0, 0.5, 0.0, 4.0]]), np.array([1.0, 2.0, -4.0, 1.0, -1.0])
    with np.errstate(divide="ignore"):
        found = np.asarray(_call(kinks, kernel, bias, -3.0, 3.0), dtype=float)
    expected = np.array([-0.5, 0.25, 2.0])
    given = "For weights (2, -1, 0.5, 0, 4) and biases (1, 2, -4, 1, -1), between -3 and 3,"
    if found.shape == expected.shape and np.allclose(np.sort(found), np.sort(-expected)):
        raise _Wrong(f"{given} the places have the wrong sign: solve w x + b = 0 for x.")
    if found.shape != expected.shape:
        raise _Wrong(
            f"{given} there are 3 kinks; yours has shape {found.shape}. Which lie outside, which unit has none?"
        )
    if not np.allclose(found, expected):
        raise _Wrong(
            f"{given} it gives {found.round(2).tolist()}. Solve w x + b = 0 for each unit, then sort."
        )


@_exercise(
    "Fan-in counts the numbers in one weighted sum: 784 for a layer on an image, 9 for a 3 x 3 filter on grey."
)
def check_he_standard_deviation(he_standard_deviation):
    """04: from a kernel's shape, Dense or convolution, to the standard deviation by He's rule."""
    for shape in ((784, 256), (256, 10), (3, 3, 1, 32), (3, 3, 32, 64)):
        found, fan_in = float(_call(he_standard_deviation, shape)), int(np.prod(shape[:-1]))
        hints = {
            "that is the variance; the standard deviation is its square root": 2 / fan_in,
            "that counts the outputs; how many numbers go into one sum?": (2 / shape[-1]) ** 0.5,
            "that is Glorot's rule, which also counts the outputs": (2 / (fan_in + shape[-1]))
            ** 0.5,
            "a factor is missing: ReLU drops half of the mean square": (1 / fan_in) ** 0.5,
            "a filter sums over height, width and inputs, not over the inputs alone": (
                2 / shape[-2]
            )
            ** 0.5,
        }
        if abs(found - (2 / fan_in) ** 0.5) > 1e-6:
            hint = next(
                (hint for hint, value in hints.items() if abs(found - value) < 1e-6),
                "see He's rule above",
            )
            raise _Wrong(f"for the shape {shape} it gives {found:.4f}: {hint}.")


@_exercise(
    "One curve, two names: whatever a layer of tanh computes, a layer of sigmoid with other weights computes too."
)
def check_tanh_from_sigmoid(tanh_from_sigmoid):
    """03: a function from a sigmoid and an array to tanh of the array."""
    calls = []

    def sigmoid(values):
        calls.append(values)
        return scipy.special.expit(np.asarray(values, dtype=float))

    x = np.linspace(-4, 4, 17)
    found = np.asarray(_call(tanh_from_sigmoid, sigmoid, x))
    if not calls:
        raise _Wrong(
            "the sigmoid that was handed over is never called. Build tanh from it, without np.tanh or np.exp."
        )
    if found.shape != x.shape:
        raise _Wrong(
            f"17 numbers went in and shape {found.shape} came out. Treat every number, keep the shape."
        )
    middle, ends, slope = found[8], found[[0, -1]], (found[9] - found[7]) / (x[9] - x[7])
    if abs(middle) > 1e-6:
        raise _Wrong(
            f"at 0 it gives {middle:.3g}, and tanh(0) is 0. Which of the three steps moves the curve?"
        )
    if not np.allclose(ends, np.tanh(x[[0, -1]]), atol=0.05):
        raise _Wrong(
            f"the ends are {ends[0]:.3g} and {ends[1]:.3g} instead of nearly -1 and 1. How high is the curve?"
        )
    if not np.allclose(found, np.tanh(x), atol=1e-6):
        raise _Wrong(
            f"around 0 it rises by {slope:.2f} per unit, tanh by {np.tanh(0.5) / 0.5:.2f}. How steep is it?"
        )


@_exercise(
    "1 - output squared: 1 where the output is 0, nearly 0 where the unit is saturated. No input is needed."
)
def check_slope_of_tanh(slope_of_tanh):
    """03, find the bug: a function from outputs of tanh to tanh's slope there."""
    x = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
    outputs, expected = np.tanh(x), 1 / np.cosh(x) ** 2
    found = np.asarray(_call(slope_of_tanh, outputs))
    if found.shape != outputs.shape:
        raise _Wrong(
            f"five outputs went in and shape {found.shape} came out. Give one slope an output."
        )
    if np.allclose(found, 1 - np.tanh(outputs) ** 2):
        raise _Wrong(
            "tanh is taken of something that is tanh(x) already. That is the bug: what is `output`?"
        )
    if np.allclose(found, outputs * (1 - outputs)):
        raise _Wrong(
            "that is the slope of sigmoid from its output, and negative here. What is the formula for tanh?"
        )
    if not np.allclose(found, expected, atol=1e-9):
        wrong = np.flatnonzero(~np.isclose(found, expected, atol=1e-9))[0]
        raise _Wrong(
            f"for the output {outputs[wrong]:.3f} it gives {found[wrong]:.3f} instead of {expected[wrong]:.3f}. "
            "Which term of the formula is tanh(x) squared, when tanh(x) is given?"
        )


@_exercise(
    "-1 becomes the lowest training target, 0 the middle, 1 the highest: the way back undoes the way there."
)
def check_in_points(in_points):
    """03, find the bug: from outputs in [-1, 1] and the training targets to predictions in the targets' unit."""
    targets = np.array([40.0, 300.0, 60.0, 100.0, 80.0])
    cases = {(-1.0, 0.0, 1.0): (40, 170, 300), (-0.5, 0.25): (105, 202.5), (0.5,): (235,)}
    for outputs, expected in cases.items():
        found = np.asarray(_call(in_points, np.array(outputs), targets))
        if found.shape != (len(outputs),):
            raise _Wrong(
                f"{len(outputs)} outputs went in and shape {found.shape} came out. Give one number an output."
            )
        for output, value, right in zip(outputs, found, expected, strict=True):
            if abs(value - right) > 1e-6:
                hint = "Where do the lowest and the highest output, -1 and 1, have to land, and where the middle?"
                raise _Wrong(
                    f"for targets from 40 to 300, the output {output:g} becomes {value:.4g}. {hint}"
                )


@_exercise(
    "Backpropagation gets a unit's slope from its output for the price of one product: at most 1/4, at 1/2."
)
def check_slope_from_output(slope_from_output):
    """02: a function from outputs of sigmoid to its slopes at these places."""
    outputs = np.array([[0.5, 0.1, 0.9], [0.01, 0.7, 0.999]])
    slopes = np.asarray(_call(slope_from_output, outputs))
    if slopes.shape != outputs.shape:
        raise _Wrong(
            f"2 x 3 outputs went in and shape {slopes.shape} came out. Each output has its own slope."
        )
    if np.allclose(slopes, 1 - outputs**2):
        raise _Wrong(
            "that is the slope of tanh in terms of its output. At an output of 0.5 sigmoid has slope 1/4."
        )
    if np.allclose(slopes, _slope(outputs)):
        raise _Wrong(
            "you put the output through the sigmoid a second time. It has been through: use it as it is."
        )
    if not np.allclose(slopes, outputs * (1 - outputs), rtol=1e-6):
        raise _Wrong(
            f"at an output of 0.5 it gives {slopes[0, 0]:.3g}, and at 0.1 {slopes[0, 1]:.3g}; it is 0.25 at 0.5, "
            "and the same at 0.1 as at 0.9. Split the derivative into two fractions: what is each of them?"
        )


@_exercise("The same curve, with exp of numbers up to 0 only: no overflow however far out you ask.")
def check_stable_sigmoid(stable_sigmoid):
    """02: a function from an array of any size of numbers to their sigmoid, without an overflow on the way."""
    x = np.array([-1000.0, -30.0, -15.0, -1.0, 0.0, 1.0, 15.0, 1000.0])
    expected = scipy.special.expit(x)
    try:
        with np.errstate(over="raise", invalid="raise"):
            found = np.asarray(_call(stable_sigmoid, x))
    except FloatingPointError:
        raise _Wrong(
            "exp of a large positive number is still taken somewhere (np.where computes both of its branches). "
            "Which sign can you give to the exponent so that it never is?"
        ) from None
    if found.shape != x.shape:
        raise _Wrong(f"8 numbers went in and shape {found.shape} came out. Keep the shape.")
    wrong = ~np.isclose(found, expected, rtol=0, atol=1e-9)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise _Wrong(
            f"sigmoid({x[k]:g}) is {found[k]:.6g} instead of {expected[k]:.6g}. No overflow, but another curve."
        )


@_exercise(
    "It agrees with the slope of the loss itself: move a weight a little each way, and see what the loss does."
)
def check_sigmoid_kernel_gradient(kernel_gradient):
    """02, find the bug: the gradient for the kernel of a sigmoid layer, from inputs, kernel and upstream gradient."""
    generator = np.random.default_rng(0)
    x, kernel, upstream = (generator.normal(size=size) for size in ((5, 4), (4, 3), (5, 3)))
    found = np.asarray(_call(kernel_gradient, x, kernel, upstream))
    if found.shape != kernel.shape:
        raise _Wrong(
            f"the kernel has shape {kernel.shape}, and shape {found.shape} came out: one number a weight."
        )
    z = x @ kernel
    a = scipy.special.expit(z)
    hints = (
        (
            upstream * z * (1 - z),
            "that is the bug itself: a * (1 - a) is right for outputs a. What is z?",
        ),
        (
            upstream,
            "the slope of the curve is missing: what does the chain rule put between upstream and x?",
        ),
        (upstream * a, "upstream is multiplied by the output. The chain rule asks for the slope."),
        (
            upstream * _slope(a),
            "the slope is taken at the output of the sigmoid. At which place does the unit sit?",
        ),
    )
    for wrong, hint in hints:
        if np.allclose(found, x.T @ wrong):
            raise _Wrong(hint)
    if not np.allclose(found, x.T @ (upstream * _slope(z)), rtol=1e-6):
        raise _Wrong(
            "moving each weight a little and watching the loss gives other numbers. Go through the chain rule."
        )


def _slope(z):
    """The derivative of sigmoid."""
    return scipy.special.expit(z) * scipy.special.expit(-z)


@_exercise("The steepest direction sets the limit for all: 2 / largest curvature.")
def check_learning_rate_limit(learning_rate_limit):
    """05: a function from a Hessian to the largest learning rate with which gradient descent does not climb."""
    for hessian, largest in (
        ([[4, 0], [0, 1]], 4),
        ([[2, 1], [1, 2]], 3),
        ([[3, 2, 0], [2, 3, 0], [0, 0, 1]], 5),
    ):
        found = float(_call(learning_rate_limit, np.array(hessian, dtype=float)))
        if abs(found - 1 / largest) < 1e-9:
            raise _Wrong(
                f"for {hessian} it gives {found:.3g}: there w jumps to 0 at once. How far until it climbs?"
            )
        if abs(found - 2 / largest) > 1e-9:
            hint = "Which of the curvatures (eigenvalues, not entries) makes |1 - learning rate x curvature| reach 1?"
            raise _Wrong(f"for {hessian} it gives {found:.3g} instead of {2 / largest:.3g}. {hint}")


@_exercise(
    "A kernel that is c times smaller needs steps c times smaller, from a gradient c times larger: c squared."
)
def check_in_other_units(in_other_units):
    """05: from (kernel, learning rate, factor) to the kernel and its rate that train alike on inputs times factor."""
    generator = np.random.default_rng(0)
    inputs, targets, kernel = (
        generator.random((8, 3)),
        generator.random((8, 2)),
        generator.random((3, 2)),
    )
    for factor in (10.0, 0.5):
        answer = _call(in_other_units, kernel, 0.1, factor)
        if len(answer) != 2 or np.shape(answer[0]) != kernel.shape or np.shape(answer[1]) != ():
            raise _Wrong(
                "return two things: a kernel of the same shape, and a learning rate (one number)."
            )
        other, rate = np.array(answer[0], dtype=float), float(answer[1])
        if not np.allclose(factor * inputs @ other, inputs @ kernel):
            raise _Wrong(
                f"inputs times {factor:g} give other outputs before training. What must the kernel become?"
            )
        step = (
            0.1 * inputs.T @ (inputs @ kernel - targets)
        )  # of the mean squared error, up to a factor
        other_step = rate * (factor * inputs).T @ (factor * inputs @ other - targets)
        if not np.allclose(factor * other_step, step):
            hint = "The gradient has the inputs as a factor; and how large must a step of the new kernel be?"
            raise _Wrong(
                f"inputs times {factor:g}: the outputs differ after one step of SGD. {hint}"
            )


@_exercise(
    "Mean and deviation come from the training images and belong to the network; test images are only measured."
)
def check_standardize(standardize):
    """05, find the bug: training and test pixels brought to the scale of the training pixels."""
    train, test = (
        np.array([[10, 20], [30, 60]], dtype=np.uint8),
        np.array([[0, 10], [20, 30]], dtype=np.uint8),
    )
    answer = _call(standardize, train, test)
    if len(answer) != 2 or [np.shape(part) for part in answer] != [train.shape, test.shape]:
        raise _Wrong(
            "return two arrays of the shapes of train and test: every pixel is scaled, none is dropped."
        )
    train_scaled, test_scaled = (np.asarray(part, dtype=float) for part in answer)
    if not np.allclose(train_scaled, (train - train.mean()) / train.std()):
        raise _Wrong(
            "the training pixels do not have mean 0 and deviation 1. Subtract, then divide; whose mean is it?"
        )
    if np.allclose(test_scaled, (test - test.mean()) / test.std()):
        raise _Wrong(
            "the test pixels have mean 0 on their own: that they are darker is hidden. Which set may choose?"
        )
    if not np.allclose(test_scaled, (test - train.mean()) / train.std()):
        raise _Wrong(
            "the same stored pixel becomes one number in train and another one in test. Use one rule for both."
        )


@_exercise(
    "The slope learns from examples on the negative side only, and can leave 0: PReLU revives its own dead units."
)
def check_prelu_gradients(prelu_gradients):
    """06: a function of (x, slope, arriving gradient) that returns the gradients for x and for the slope."""
    x, arriving = np.array([-2.0, -0.5, 0.0, 1.0, 3.0]), np.array([1.0, -3.0, 2.0, 5.0, -1.0])
    for slope in (0.0, 0.25):
        found = _call(prelu_gradients, x, slope, arriving)
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise _Wrong(
                "return two things: the gradient for x, an array like x, and the gradient for the slope."
            )
        for_x, for_slope = found
        if np.shape(for_x) != x.shape or np.shape(for_slope) != ():
            shapes = f"{np.shape(for_x)} and {np.shape(for_slope)}"
            raise _Wrong(
                f"5 numbers went in and shapes {shapes} came out. Each x has a gradient; the slope, one for all."
            )
        if not np.allclose(for_x, arriving * np.where(x > 0, 1.0, slope)):
            raise _Wrong(
                f"slope {slope}: the gradient for x is not right. By what is `arriving` multiplied on each side?"
            )
        if not np.isclose(for_slope, -0.5):
            hint = "On which side does the slope change the output, and by how much? Then sum over the examples."
            raise _Wrong(
                f"slope {slope}: the gradient for the slope is {float(for_slope):.3g}. {hint}"
            )


@_exercise("A unit is dead only if no example wakes it, and NaN is not a sign of life.")
def check_count_dead(count_dead):
    """06: a function from pre-activations (examples, units) to the number of units at or below 0 for all examples."""
    z = np.array([[-1.0, 2.0, 0.0, -3.0], [-2.0, -9.0, -1.0, -3.0], [-0.5, -9.0, 0.0, 0.1]])
    for name, values, expected in (
        ("three examples and four units, of which the first and third are dead", z, 2),
        ("a network without dead units", np.abs(z) + 1, 0),
        ("a network of which all units are dead", -np.abs(z), 4),
    ):
        found = float(_call(count_dead, values))
        if found != expected:
            raise _Wrong(
                f"for {name} it gives {found:g}. Look down each column; is 0 above 0, and is one enough?"
            )
    if not np.isnan(float(_call(count_dead, np.where(z > 1, np.nan, z)))):
        raise _Wrong(
            "a diverged network, with NaN in z, gets a number. What does NaN <= 0 give, and what NaN > 0?"
        )


@_exercise("All batches have a say: a unit that reacts to one image in 10,000 is alive.")
def check_dead_over_batches(dead_over_batches):
    """06, find the bug: a function from a list of arrays (examples, units) to the number of units dead in all."""
    one, two, three = (
        np.array([[-1.0, 1.0, -2.0]]),
        np.array([[-1.0, -1.0, 3.0], [-2, -3, -1]]),
        np.full((1, 3), -1.0),
    )
    for batches, expected in (
        ([one, two, three], 1),
        ([two, three], 2),
        ([three, one], 2),
        ([three], 3),
    ):
        found = float(_call(dead_over_batches, batches))
        if found != expected:
            hint = "With how many silent batches does the buggy counter call a unit dead, and how many should it take?"
            raise _Wrong(
                f"for {len(batches)} batches with {expected} dead units in all it gives {found:g}. {hint}"
            )


@_exercise(
    "Subtracting each row's highest logit changes no probability, and no power can overflow any more."
)
def check_stable_softmax(stable_softmax):
    """07: a function from logits (examples, classes) of any size to probabilities, row by row."""
    logits = np.array([[2.0, 1, -1], [1000, 999, 0], [-1000, -999, 0], [-1000, -1001, -1001]])
    with np.errstate(all="ignore"):  # an overflow is a wrong answer here, not a warning
        found = np.asarray(_call(stable_softmax, logits))
    if found.shape != logits.shape:
        raise _Wrong(
            f"logits of shape (4, 3) went in and shape {found.shape} came out. Give a probability for each."
        )
    if not np.isfinite(found).all():
        row = logits[~np.isfinite(found).all(axis=1)][0].tolist()
        raise _Wrong(
            f"the row {row} gives NaN or infinity. Which number, subtracted from this row, makes its top 0?"
        )
    if not np.allclose(found.sum(axis=1), 1):
        raise _Wrong(
            f"the rows have the sums {found.sum(axis=1).round(3)}. Over which axis must the sum go? keepdims?"
        )
    if not np.allclose(found, scipy.special.softmax(logits, axis=1)):
        raise _Wrong(
            "every row has the sum 1, but the probabilities are not those of softmax. Compare with e^z / sum."
        )


@_exercise(
    "The loss of a logit that is 2,000 too low is 2,000: no probability was formed, so nothing underflowed."
)
def check_cross_entropy(cross_entropy):
    """07: a function from logits (examples, classes) and labels (examples,) to the mean cross-entropy."""
    cases = {
        "ordinary logits": (np.array([[2.0, 1, -1], [0, 3, 1]]), np.array([0, 2])),
        "logits of 1000": (np.array([[1000.0, 999, 0], [0, 1000, 1000]]), np.array([1, 1])),
        "a true class whose probability underflows": (
            np.array([[2000.0, 0, 0], [0, 0, 5]]),
            np.array([1, 2]),
        ),
    }
    for name, (logits, labels) in cases.items():
        expected = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(2), labels]
        with np.errstate(all="ignore"):  # an overflow is a wrong answer here, not a warning
            found = np.asarray(_call(cross_entropy, logits, labels))
        if found.shape != ():
            raise _Wrong(
                f"for {name} it gives shape {found.shape}. The mean over images is a single number."
            )
        if not np.isfinite(found):
            raise _Wrong(
                f"for {name} it gives {found}. Take the highest logit of each row out of the sum first."
            )
        if np.isclose(found, expected.sum()):
            raise _Wrong(
                f"for {name} it gives the sum over images. The mean does not depend on how many there are."
            )
        if not np.isclose(found, expected.mean()):
            raise _Wrong(
                f"for {name} it gives {found:.3g} instead of {expected.mean():.3g}. Check -z_t + ln(sum) by hand."
            )


@_exercise(
    "One softmax: probability minus truth, divided by the batch; 0 for an image that is right beyond doubt."
)
def check_mean_gradient(mean_gradient):
    """07, find the bug: the gradient of the mean cross-entropy with respect to logits (examples, classes)."""
    logits, labels = np.array([[2.0, 1, -1, 0], [0, 3, 1, -2], [30, 0, 0, 0]]), np.array([0, 2, 0])
    difference = scipy.special.softmax(logits, axis=1) - np.eye(4)[labels]
    found = np.asarray(_call(mean_gradient, logits, labels))
    if found.shape != logits.shape:
        raise _Wrong(
            f"3 x 4 logits went in and shape {found.shape} came out. Every logit has its own derivative."
        )
    if np.abs(found[2]).max() > 1e-6:
        raise _Wrong(
            f"an image that is right beyond doubt gets {found[2].round(2)}, and should get 0. Count the softmaxes."
        )
    for factor, hint in (
        (-1, "the sign is turned round"),
        (3, "that is the sum over images, not the mean"),
    ):
        if np.allclose(found, factor * difference / 3):
            raise _Wrong(
                f"{hint}. Check one image by hand: probability minus truth, divided by the size of the batch."
            )
    if not np.allclose(found, difference / 3):
        raise _Wrong(
            "an image that is right beyond doubt gets 0, as it should, but the others differ from (p - y) / batch."
        )


@_exercise(
    "Five sigmoid layers leave less than a thousandth of a gradient even at the steepest point of every one."
)
def check_layers_until(layers_until):
    """09: a function from the factor of a layer and a bound to the number of layers that bring 1 below the bound."""
    for slope, bound, expected in (
        (1 / 4, 1e-3, 5),
        (1 / 4, 1e-6, 10),
        (0.5, 0.25, 3),
        (0.9, 0.5, 7),
    ):
        found = float(_call(layers_until, slope, bound))
        if found != expected:
            before = f"{slope:g} ** {expected - 1} is {slope ** (expected - 1):.3g}, not below"
            after = f"{slope:g} ** {expected} is {slope**expected:.3g}, below"
            raise _Wrong(
                f"for slope {slope:g} and bound {bound:g} it gives {found:g}; but {before}, and {after}."
            )


@_exercise("That is the whole of backpropagation; a deeper network repeats it, once a layer.")
def check_one_layer_back(one_layer_back):
    """09: a function from delta (n, k), kernel (j, k) and tanh activations (n, j) to the delta of the tanh layer."""
    generator = np.random.default_rng(0)
    delta, kernel, z = (generator.normal(size=shape) for shape in ((5, 3), (3, 3), (5, 3)))
    found = np.asarray(_call(one_layer_back, delta, kernel, np.tanh(z)), dtype=float)
    if found.shape != (5, 3):
        raise _Wrong(
            f"the result has shape {found.shape}: one number an image and unit of the tanh layer, (5, 3)."
        )
    hints = (
        (
            delta @ kernel.T,
            "the way through the kernel is right. What does the slope of tanh do to it?",
        ),
        (
            (delta @ kernel) * (1 - np.tanh(z) ** 2),
            "forward it is x @ kernel. On the way back the kernel is turned.",
        ),
        (
            (delta @ kernel.T) * (1 - np.tanh(np.tanh(z)) ** 2),
            "tanh was applied twice: the activations are outputs of tanh already.",
        ),
    )
    for wrong, hint in hints:
        if np.allclose(found, wrong):
            raise _Wrong(hint)
    if not np.allclose(found, (delta @ kernel.T) * (1 - np.tanh(z) ** 2)):
        raise _Wrong(
            "the numbers differ from the formula: delta through the kernel, turned, times the slope of tanh."
        )


@_exercise(
    "Norms grow with the number of weights; the root mean square does not, so layers of any size compare."
)
def check_typical_sizes(typical_sizes):
    """09, find the bug: a function from a list of gradient arrays to the root mean square of each."""
    signs = np.where(np.indices((784, 256)).sum(axis=0) % 2, 0.01, -0.01)
    found = np.asarray(_call(typical_sizes, [signs, signs[:128, :10], 2 * signs[0]]), dtype=float)
    if found.shape != (3,):
        raise _Wrong(
            f"three arrays went in and shape {found.shape} came out: return one number for each array."
        )
    if np.allclose(found, 0):
        raise _Wrong(
            "all sizes are 0, though no gradient is: positive and negative ones must not cancel."
        )
    if not np.allclose(found, [0.01, 0.01, 0.02]):
        sizes = ", ".join(f"{size:.3g}" for size in found)
        raise _Wrong(
            f"all entries are ±0.01, ±0.01 and ±0.02, and it gives {sizes}. How does a norm grow with size?"
        )


@_exercise(
    "Speed is a number of epochs only when a target is named; another target can name another winner."
)
def check_first_epoch(first_epoch):
    """08: a function from a curve (one accuracy an epoch) and a target to the first epoch, from 1, that reaches it."""
    curve = np.array([0.70, 0.82, 0.85, 0.84, 0.86])
    for target, expected in ((0.82, 2), (0.845, 3), (0.5, 1), (0.86, 5), (0.9, np.inf)):
        found = float(_call(first_epoch, curve, target))
        if expected == np.inf and found != np.inf:
            raise _Wrong(
                f"the curve never reaches 0.9, and it gives {found:.3g}. Say np.inf there: not in this run."
            )
        if np.isfinite(expected) and found == expected - 1:
            raise _Wrong(
                f"for the target {target} it gives {found:.3g}. Epochs are counted from 1, indices from 0."
            )
        if found != expected:
            hint = f"The curve is {curve.tolist()}; reaching the target exactly counts, and only the first time."
            raise _Wrong(
                f"for the target {target} it gives {found:.3g} instead of {expected}. {hint}"
            )


@_exercise(
    "That is all that stands behind the verdicts of this series: five differences, their mean and their spread."
)
def check_interval_by_hand(interval_by_hand):
    """08: a function from two arrays, one number a seed, to the 95 % paired t interval (low, high) for five seeds."""
    a, b = np.array([88.3, 88.4, 86.9, 88.5, 88.2]), np.array([88.0, 88.2, 86.4, 88.3, 88.1])
    found = _call(interval_by_hand, a, b)
    if np.shape(found) != (2,):
        raise _Wrong(f"it gives {found!r}. Return two numbers, the low end and the high end.")
    low, high = (float(end) for end in found)
    difference = a - b
    if abs((low + high) / 2 - difference.mean()) > 1e-6:
        raise _Wrong(
            f"its middle is {(low + high) / 2:.3g}. The middle is the mean of a - b, {difference.mean():.3g}."
        )
    half, root = (high - low) / 2, np.sqrt(len(a))
    expected = 2.776 * difference.std(ddof=1) / root
    hints = {
        2.776
        * difference.std(
            ddof=1
        ): "that is t times s. The mean of five varies less than one: divide by what?",
        2.776
        * difference.std()
        / root: "s is divided by n here. Around their own mean use n - 1: ddof=1",
        1.96 * difference.std(ddof=1) / root: "1.96 is for many seeds. For five it is 2.776",
        2.776
        * np.sqrt(a.var(ddof=1) + b.var(ddof=1))
        / root: "that forgets the pairs. Subtract first, seed by seed",
    }
    if abs(half - expected) > 0.002 * expected:
        near = [hint for value, hint in hints.items() if abs(half - value) < 0.002 * value]
        raise _Wrong(
            f"it reaches {half:.3g} to each side; {near[0] if near else 'which formula did you use?'}."
        )


@_exercise(
    "Two arms may differ in one thing only: each needs a network of its own, and both the same seed."
)
def check_fair_differences(fair_differences):
    """08, find the bug: paired differences between two learning rates, from functions new_network and train."""

    def new_network(seed):
        return {"luck": np.random.default_rng(int(seed)).normal(), "trainings": 0}

    def train(network, learning_rate):
        network["trainings"] += 1
        return 80 + network["luck"] + 2 * network["trainings"] + (learning_rate == 0.003) / 2

    for seeds in (range(5), (7, 3, 11, 20, 6)):
        found = np.asarray(_call(fair_differences, new_network, train, seeds), dtype=float)
        if found.shape != (5,):
            raise _Wrong(
                f"five seeds went in and shape {found.shape} came out. Return one difference a seed."
            )
        if np.allclose(found, 2.5):
            raise _Wrong(
                "the second rate wins by 2.5 points: it is worth 0.5, and a second training 2. Look at `network`."
            )
        if np.allclose(found, -0.5):
            raise _Wrong(
                "the size is right, the sign is not: return the second rate's accuracy minus the first one's."
            )
        if np.ptp(found) > 1e-6:
            raise _Wrong(
                "the differences vary from seed to seed: do both arms start from the same seed?"
            )
        if not np.allclose(found, 0.5):
            raise _Wrong(
                f"it gives {found.mean():.3g} where 0.5 is right. How often is each network trained?"
            )


@_exercise(
    "The mean keeps the learning rate's meaning, whatever the size of the batch, a smaller last one included."
)
def check_one_epoch(one_epoch):
    """10: from (w, gradient_of_one, order, size, rate) to the weights after an epoch of mini-batch descent."""
    centres, order = (
        np.array([[0.0, 1.0], [2.0, 1.0], [4.0, -3.0], [1.0, 5.0], [-2.0, 0.5]]),
        [3, 0, 4, 2, 1],
    )

    def after(batches, combine=np.mean):
        w = np.zeros(2)
        for batch in batches:
            w = w - 0.1 * combine([w - centres[k] for k in batch], axis=0)
        return w

    found = np.asarray(
        _call(one_epoch, np.zeros(2), lambda w, example: w - centres[example], order, 2, 0.1)
    )
    if found.shape != (2,):
        raise _Wrong(
            f"two weights went in and shape {found.shape} came out. Return the weights after the last step."
        )
    hints = (
        (
            after([[3, 0], [4, 2]]),
            "the last batch, which has only one example, got no step. Where must it end?",
        ),
        (
            after([[3, 0], [4, 2], [1]], np.sum),
            "that is the sum over the batch. What would 1,024 examples do to w?",
        ),
        (
            after([[0, 1], [2, 3], [4]]),
            "it takes the examples as they are numbered. What is `order` for?",
        ),
        (
            after([order]),
            "that is one step with all examples. How many batches of 2 are 5 examples?",
        ),
        (
            after([[k] for k in order]),
            "that is a step for every single example. What is `size` for?",
        ),
        (after([[3, 0]]), "only the first batch got its step. When does the function return?"),
    )
    for wrong, hint in hints:
        if np.allclose(found, wrong):
            raise _Wrong(f"five examples in batches of 2: {hint}")
    if not np.allclose(found, after([[3, 0], [4, 2], [1]])):
        raise _Wrong(
            "five examples in batches of 2 give other weights. Does each step use the weights of the last?"
        )


@_exercise("A copy of each array survives steps in place; a new list of the same arrays does not.")
def check_restoring_range_test(restoring_range_test):
    """10, find the bug: from (weights, take_step, rates) to the losses; the weights stay as they were."""
    weights, rates = [np.array([1.0, -2.0]), np.array([[0.5]])], [0.1, 0.2, 0.4]
    before, arrays = [part.copy() for part in weights], list(weights)

    def take_step(weights, rate):
        loss = sum(np.sum(part**2) for part in weights)
        for part in weights:
            part -= 2 * rate * part
        return loss

    copies = [part.copy() for part in before]
    expected = [take_step(copies, rate) for rate in rates]
    losses = np.asarray(_call(restoring_range_test, weights, take_step, rates), dtype=float)
    if len(weights) != 2 or any(part is not old for part, old in zip(weights, arrays, strict=True)):
        raise _Wrong(
            "the list holds other arrays now, and a network would not see them. Write into the old arrays."
        )
    if not all(np.array_equal(part, old) for part, old in zip(weights, before, strict=True)):
        raise _Wrong(
            "the weights are not what they were. Which arrays does `saved` hold while steps are made in place?"
        )
    if losses.shape != (3,):
        raise _Wrong(
            f"three rates went in and losses of shape {losses.shape} came out. Give one loss a rate."
        )
    if np.allclose(losses, expected[0]):
        raise _Wrong(
            "all losses are that of the first weights. Each step starts where the one before it ended."
        )
    if not np.allclose(losses, expected):
        raise _Wrong(
            "the losses are not those that take_step returned, one after the other, from small rates on."
        )


@_exercise(
    "Variance over squared length: below this batch size a gradient is more noise than direction."
)
def check_noise_scale(noise_scale):
    """10: from gradients of single examples (examples, weights) to the noise scale."""
    gradients = np.array([[1.0, 2.0], [3.0, -2.0], [5.0, 3.0], [-1.0, 1.0]])
    found, mean = np.asarray(_call(noise_scale, gradients)), gradients.mean(axis=0)
    variance, length = gradients.var(axis=0).sum(), np.sum(mean**2)
    if found.shape != ():
        raise _Wrong(
            f"shape {found.shape} came out: sum over the columns, above and below, and return one number."
        )
    hints = {
        "it is upside down: more noise asks for a larger batch": length / variance,
        "the length is not squared, the variance is a square": variance / np.sqrt(length),
        "that is the mean of the squares: take the mean gradient first": variance
        / np.sum(gradients**2, axis=1).mean(),
        "the spread must be squared: the variance, not the standard deviation": gradients.std(
            axis=0
        ).sum()
        / length,
        "that is the variance of all entries mixed: take it within each column": gradients.var()
        / length,
        "that divides by one example too few: here the four examples are all there are": variance
        * 4
        / 3
        / length,
        "only the variance is there. What is it compared with?": variance,
    }
    for hint, wrong in hints.items():
        if abs(found - wrong) < 1e-9:
            raise _Wrong(f"for four gradients it gives {found:.3g}: {hint}.")
    if abs(found - variance / length) > 1e-9:
        raise _Wrong(
            f"for four gradients it gives {found:.3g}. Solve variance / B = squared length of the mean for B."
        )


@_exercise(
    "The velocity lives as long as the training: an epoch is our way to count, the descent knows nothing of it."
)
def check_train_with_momentum(train_with_momentum):
    """11, find the bug: from (w, gradients of the batches, epochs, rate, beta) to the weight after all epochs."""
    gradients = [lambda w: w - 1.0, lambda w: 2 * w, lambda w: 0.5 * w + 1]
    for epochs, batches in ((1, 3), (4, 1), (3, 3)):
        given = gradients[:batches]
        found = float(_call(train_with_momentum, 5.0, given, epochs, 0.1, 0.9))
        which = f"{epochs} epoch{'s' * (epochs > 1)} of {batches} batch{'es' * (batches > 1)}"
        hints = {
            _descend(
                given, epochs, 0.1, 0.0
            ): "that is plain descent: nothing of the velocity is left. Where is it lost?",
            _descend(
                given, epochs, 0.1, 0.9, fresh=True
            ): "the velocity still starts anew in each epoch. Why?",
        }
        if abs(found - _descend(given, epochs, 0.1, 0.9)) > 1e-9:
            hint = [hint for wrong, hint in hints.items() if abs(found - wrong) < 1e-9]
            other = f"the weight ends at {found:.4g}. Each batch makes one step: v = beta v - rate g, then w = w + v."
            raise _Wrong(f"{which}: {(hint or [other])[0]}")


def _descend(gradients, epochs, rate, beta, fresh=False):
    """Momentum from 5 over `epochs` of these gradients; `fresh` sets the velocity to 0 in each epoch."""
    w, v = 5.0, 0.0
    for _ in range(epochs):
        v = 0.0 if fresh else v
        for gradient in gradients:
            v = beta * v - rate * gradient(w)
            w = w + v
    return w


@_exercise(
    "2 (1 + beta) / largest curvature: nearly twice plain descent's limit, as beta comes near 1."
)
def check_momentum_limit(momentum_limit):
    """11: a function from a Hessian and beta to the largest learning rate at which momentum is stable."""
    for hessian, largest in (([[20, 0], [0, 1]], 20), ([[2, 1], [1, 2]], 3)):
        for beta in (0.0, 0.5, 0.9):
            found = float(_call(momentum_limit, np.array(hessian, dtype=float), beta))
            what = f"for {hessian} and beta {beta} it gives {found:.3g}"
            if np.isclose(found, 2 / largest) and beta:
                raise _Wrong(
                    f"{what}, the limit of plain descent. How does the limit move with beta?"
                )
            if np.isclose(found, 2 * (1 + beta) / (1 + 2 * beta) / largest) and beta:
                raise _Wrong(
                    f"{what}: that is the limit of Nesterov's rule. The exercise asks for momentum."
                )
            if not np.isclose(found, 2 * (1 + beta) / largest):
                hint = "Which of the curvatures (eigenvalues, not entries) sets the limit, and where is it?"
                raise _Wrong(f"{what} instead of {2 * (1 + beta) / largest:.3g}. {hint}")


@_exercise(
    "The same path under another name: in the book's form the effective rate is eta itself, whatever beta is."
)
def check_keras_rate(keras_rate):
    """11: a function from the rate and beta of v = beta v + (1 - beta) g, w = w - rate v to Keras' learning rate."""
    for rate, beta in ((0.1, 0.9), (1.0, 0.5), (0.03, 0.0)):
        found = float(_call(keras_rate, rate, beta))
        w = [5.0, 5.0]  # the book's weight and Keras', and their velocities
        v = [0.0, 0.0]
        for _ in range(10):
            v = [beta * v[0] + (1 - beta) * w[0], beta * v[1] - found * w[1]]
            w = [w[0] - rate * v[0], w[1] + v[1]]
        if abs(w[0] - w[1]) > 1e-6:
            hint = "How long is the very first step in the book's form, and how long in Keras'?"
            raise _Wrong(
                f"rate {rate}, beta {beta}: with {found:.3g} Keras is at {w[1]:.3g} after 10 steps on w**2 / 2, "
                f"and the book at {w[0]:.3g}. {hint}"
            )


@_exercise(
    "Two dictionaries, and what is written into the one stays out of the other: SGD is SGD again."
)
def check_both_settings(both_settings):
    """13, find the bug: from a learning rate to {"SGD": settings, "momentum": settings}, each a dictionary."""
    for rate in (0.01, 0.3):
        found = _call(both_settings, rate)
        if not isinstance(found, dict) or set(found) != {"SGD", "momentum"}:
            raise _Wrong(
                'return a dictionary with two names, "SGD" and "momentum", and a dictionary for each.'
            )
        used = {name: settings.get("momentum", 0.0) for name, settings in found.items()}
        if used["SGD"] == used["momentum"]:
            hint = "How many dictionaries are there, and how many names for each?"
            raise _Wrong(
                f"both have momentum {used['SGD']}: the two curves would lie on each other. {hint}"
            )
        if used["SGD"] != 0 or used["momentum"] != 0.9:
            raise _Wrong(
                f"SGD has momentum {used['SGD']} and momentum {used['momentum']}. Which should have 0.9?"
            )
        if any(settings.get("learning_rate") != rate for settings in found.values()):
            raise _Wrong(
                f"for a rate of {rate} not both have learning_rate {rate}. The bug was in momentum only."
            )


@_exercise(
    "A rate at which runs diverge counts as what it is: on some seeds no better than guessing."
)
def check_choose_rate(choose_rate):
    """13: from validation accuracies (seeds, rates), NaN where a run diverged, and the rates to the rate to use."""
    nan, rates = np.nan, np.array([0.001, 0.01, 0.1, 1.0])
    cases = (
        (
            [[0.6, 0.8, 0.7, 0.2], [0.6, 0.7, 0.9, 0.2]],
            0.1,
            "No run diverged here. Mean over seeds, then the highest.",
        ),
        (
            [[0.6, 0.8, 0.7, nan], [0.6, 0.8, 0.7, nan]],
            0.01,
            "At a rate of 1 every run diverged. What is NaN's place?",
        ),
        (
            [[0.6, 0.8, 0.9, nan], [0.6, 0.8, nan, nan]],
            0.01,
            "At 0.1 one run of two diverged: count it as guessing.",
        ),
        (
            [[0.2, 0.35, nan, nan], [0.2, 0.35, 0.65, nan]],
            0.1,
            "A diverged run counts as 0.1, the accuracy of guessing.",
        ),
        (
            [[0.2, 0.3, nan, nan], [0.2, 0.3, 0.46, nan]],
            0.01,
            "A diverged run counts as 0.1, the accuracy of guessing.",
        ),
    )
    for accuracy, expected, hint in cases:
        found = float(_call(choose_rate, np.array(accuracy), rates))
        if found not in rates:
            raise _Wrong(
                f"it returns {found:.3g}, which is none of the rates 0.001, 0.01, 0.1 and 1. Return a rate."
            )
        if found != expected:
            raise _Wrong(
                f"for accuracies {accuracy} it chooses {found:g} instead of {expected:g}. {hint}"
            )


@_exercise(
    "Straight up in the first tenth, half a cosine down in the rest: no step begins with a jolt."
)
def check_warm_up_cosine(warm_up_cosine):
    """13: from step, number of steps and peak to the learning rate of warm-up and cosine."""
    for steps, peak in ((100, 1.0), (400, 0.02)):
        places = (0, 0.05, 0.1, 0.32, 0.55, 0.77, 1)
        cosine = [(1 + np.cos(np.pi * (place - 0.1) / 0.9)) / 2 for place in places]
        for place, down in zip(places, cosine, strict=True):
            expected = peak * (place / 0.1 if place < 0.1 else down)
            found = float(_call(warm_up_cosine, round(place * steps), steps, peak))
            if abs(found - expected) > 1e-9 * peak:
                part = (
                    "in the warm-up"
                    if place < 0.1
                    else "at the peak"
                    if place == 0.1
                    else "on the way down"
                )
                raise _Wrong(
                    f"at step {round(place * steps)} of {steps} ({part}) with peak {peak:g} it gives {found:.4g} "
                    f"instead of {expected:.4g}. How far through its own part is this step, from 0 to 1?"
                )


@_exercise(
    "With a constant gradient every update is 1, from the first step on: the correction follows the counter."
)
def check_adam_updates(adam_updates):
    """12, find the bug: a function from the gradients of one weight, one a step, to Adam's updates."""
    for name, gradients in (
        ("a constant gradient", [0.5] * 40),
        ("changing gradients", [1.0, -2.0, 0.5, 3.0] * 10),
    ):
        found = np.asarray(_call(adam_updates, list(gradients)), dtype=float)
        if found.shape != (40,):
            raise _Wrong(
                f"40 gradients went in and shape {found.shape} came out. Return one update a gradient."
            )
        expected = _adam_updates(gradients, range(1, 41))
        if np.allclose(found, expected, rtol=1e-4):
            continue
        if np.allclose(found, _adam_updates(gradients, [1] * 40), rtol=1e-4):
            raise _Wrong(
                "that is the bug itself: every step is corrected as if it were the first. Which number stays?"
            )
        if np.allclose(found, _adam_updates(gradients, [10**6] * 40), rtol=1e-4):
            raise _Wrong(
                "these updates are not corrected at all: with a constant gradient the first should be 1."
            )
        if not np.isfinite(found).all():
            raise _Wrong(
                "an update is not a finite number. Counted from 0, the first factor 1 - 0.9^t would be 0."
            )
        k = int(np.argmax(~np.isclose(found, expected, rtol=1e-4)))
        raise _Wrong(
            f"for {name}, update {k + 1} is {found[k]:.3f} instead of {expected[k]:.3f}. What is t in that step?"
        )


def _adam_updates(gradients, counts):
    """Adam's updates, step k corrected with counts[k]."""
    m, v, found = 0.0, 0.0, []
    for t, g in zip(counts, gradients, strict=True):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        found.append(m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7))
    return np.array(found)


@_exercise("Epsilon protects the division and nothing else: no gradient, no update.")
def check_adam_direction(adam_direction):
    """12, find the bug: from corrected means (weights,) and epsilon to Adam's updates with the paper's epsilon."""
    m_hat, v_hat = np.array([0.0, 1e-3, -1e-3, 2.0]), np.array([0.0, 1e-6, 4e-6, 4.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(_call(adam_direction, m_hat, v_hat, 1e-3), dtype=float)
    if found.shape != m_hat.shape:
        raise _Wrong(
            f"four weights went in and shape {found.shape} came out. Return one update a weight."
        )
    if not np.isfinite(found).all():
        raise _Wrong(
            "a weight without any gradient (both means 0) becomes NaN: 0 / 0. What should epsilon prevent?"
        )
    if found[0] != 0:
        raise _Wrong(
            f"a weight without any gradient moves by {found[0]:.3g}. To what is epsilon added?"
        )
    if np.allclose(found, m_hat / np.sqrt(v_hat + 1e-3)):
        raise _Wrong(
            "epsilon stands under the root: that is its place in RMSprop, where it weighs far more."
        )
    if not np.allclose(found, m_hat / (np.sqrt(v_hat) + 1e-3)):
        raise _Wrong(
            f"for means 0.001 and 0.000001 and an epsilon of 0.001 it gives {found[1]:.3g} instead of 0.5. "
            "Divide by the root of the second mean plus epsilon."
        )


@_exercise("Each weight loses the same share of itself, rate x decay, whatever its gradients are.")
def check_adamw_step(adamw_step):
    """12: from weights, Adam's update for them, learning rate and decay to the weights after a step of AdamW."""
    weights, update, rate, decay = np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.5, 0.0]), 0.1, 0.2
    found = np.asarray(_call(adamw_step, weights, update, rate, decay), dtype=float)
    if found.shape != weights.shape:
        raise _Wrong(
            f"three weights went in and shape {found.shape} came out. Return all weights after the step."
        )
    hints = {
        "the weights do not decay at all; one of the four arguments is not used": weights
        - rate * update,
        "the decay is not multiplied by the learning rate": weights
        - rate * update
        - decay * weights,
        "the decay is added: it should pull the weights towards 0": weights
        - rate * (update - decay * weights),
        "that is the change; return the weights after it": rate * (update + decay * weights),
        "every weight loses the same amount; it should lose the same share": weights
        - rate * (update + decay),
    }
    for hint, wrong in hints.items():
        if np.allclose(found, wrong):
            raise _Wrong(f"{hint}.")
    if not np.allclose(found, weights - rate * update - rate * decay * weights):
        raise _Wrong(
            f"a weight of 0.5 with update 0, rate 0.1 and decay 0.2 becomes {found[2]:.4g} instead of 0.49. "
            "Subtract two things: rate times update, and rate times decay times weight."
        )


@_exercise(
    "A column of the matrix gives precision, a row gives recall: two answers to two questions."
)
def check_precision_and_recall(precision_and_recall):
    """14: from a confusion matrix (true, predicted) and a class to (precision, recall)."""
    matrix = np.array([[8, 0, 2], [1, 0, 4], [3, 0, 12]])
    for digit, precision, recall in ((0, 8 / 12, 0.8), (2, 12 / 18, 0.8), (1, 0.0, 0.0)):
        with np.errstate(invalid="ignore"):
            found = _call(precision_and_recall, matrix, digit)
        if np.shape(found) != (2,):
            raise _Wrong("return two numbers: precision first, then recall.")
        found = tuple(map(float, found))
        what = f"for {matrix.tolist()} and digit {digit} it gives ({found[0]:.2f}, {found[1]:.2f})"
        if np.isnan(found[0]):
            raise _Wrong(
                f"{what}: nothing was called {digit}, and 0 was divided by 0. Then precision is 0."
            )
        if np.allclose(found, (recall, precision)) and precision != recall:
            raise _Wrong(
                f"{what}. Which is a column (all that were called so), which a row (all that are so)?"
            )
        if not np.allclose(found, (precision, recall)):
            raise _Wrong(
                f"{what}. Divide the right ones by the sum of their column, and by the sum of their row."
            )


@_exercise(
    "Both directions together name the two classes; the matrix itself says which is taken for which."
)
def check_most_confused(most_confused):
    """14: from a confusion matrix to the two classes, smaller first, with the most mistakes in both directions."""
    cases = (
        (
            [[90, 1, 2, 3], [1, 80, 9, 1], [2, 0, 70, 6], [7, 0, 6, 95]],
            (2, 3),
            "Add both directions.",
        ),
        (
            [[9, 0, 0], [5, 9, 0], [1, 1, 9]],
            (0, 1),
            "Mistakes below the diagonal count as much as those above.",
        ),
        (
            [[90, 4, 0], [2, 5, 0], [0, 5, 90]],
            (0, 1),
            "The right answers, on the diagonal, are no mistakes.",
        ),
    )
    for matrix, expected, hint in cases:
        found = _call(most_confused, np.array(matrix))
        if np.shape(found) != (2,):
            raise _Wrong("return two classes, the smaller number first, such as (0, 1).")
        if tuple(map(int, found)) != expected:
            given = tuple(map(int, found))
            order = "Name the smaller number first." if given[::-1] == expected else hint
            raise _Wrong(f"for {matrix} it names {given} instead of {expected}. {order}")


@_exercise("One thing changed at a time: what is left belongs to the activation.")
def check_gain_of_relu(gain_of_relu):
    """14, find the bug: from {(activation, optimizer): accuracy} to what relu gains over sigmoid on average."""
    accuracy = {("relu", "Adam"): 96.0, ("relu", "momentum"): 94.0, ("relu", "SGD"): 92.0}
    accuracy |= {("sigmoid", "Adam"): 90.0, ("sigmoid", "momentum"): 85.0, ("sigmoid", "SGD"): 77.0}
    accuracy |= {("tanh", name): 93.0 for name in ("Adam", "momentum", "SGD")}
    found = float(_call(gain_of_relu, dict(accuracy)))
    hints = {
        19.0: "that is the bug itself: from sigmoid+SGD to relu+Adam the optimizer changes, too.",
        6.0: "that is the gain with Adam alone. What is it with the others?",
        15.0: "that is the gain with SGD alone. What is it with the others?",
        30.0: "that is the sum over the optimizers, and the mean is asked for.",
        -10.0: "the sign: a gain is ReLU's accuracy minus sigmoid's.",
    }
    for wrong, hint in hints.items():
        if abs(found - wrong) < 1e-9:
            raise _Wrong(f"it gives {found:g}: {hint}")
    if abs(found - 10) > 1e-9:
        raise _Wrong(
            f"it gives {found:g}. Subtract within each optimizer, then take the mean of the three."
        )


@_exercise(
    "5,408 values without padding, 6,272 with it: a size that is written down twice can disagree with itself."
)
def check_flatten_size(flatten_size):
    """15, find the bug: from side, filters and padding to the values behind a 3 x 3 convolution and 2 x 2 pooling."""
    for side, filters, padding in (
        (28, 32, "valid"),
        (28, 32, "same"),
        (15, 8, "same"),
        (15, 8, "valid"),
        (9, 1, "same"),
    ):
        places = side if padding == "same" else side - 2
        expected, found = (places // 2) ** 2 * filters, _call(flatten_size, side, filters, padding)
        if found == expected:
            continue
        case = f'for {side} x {side} pixels, {filters} filters and padding "{padding}" it gives {found}'
        if found == places**2 * filters:
            raise _Wrong(f"{case}: that is before the pooling.")
        if found * filters == expected:
            raise _Wrong(f"{case}: that is one filter's share.")
        if padding == "same" and found == ((side - 2) // 2) ** 2 * filters:
            raise _Wrong(
                f"{case}, as without padding. In how many places does the padded filter fit?"
            )
        raise _Wrong(
            f"{case}. In how many places does the filter fit in a row, and what does pooling leave of these?"
        )


@_exercise(
    "A perfect answer costs 0, a blind guess ln 10, and the worst answer 16.1, where Keras clips."
)
def check_loss_of_probabilities(loss_of_probabilities):
    """15, find the bug: from probabilities (images, classes) and labels to the mean cross-entropy, clipped at 1e-7."""
    certain, mixed = (
        np.eye(10)[[3, 8]],
        np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]]),
    )
    cases = (
        ("two perfect answers", certain, np.array([3, 8]), 0.0),
        (
            "two blind guesses among ten classes",
            np.full((2, 10), 0.1),
            np.array([0, 7]),
            np.log(10),
        ),
        (
            "three answers that give the truth 0.3, 0.8 and 0.25",
            mixed,
            np.array([1, 1, 0]),
            -np.log(0.06) / 3,
        ),
        (
            "a perfect answer and one that gives the truth 0",
            certain,
            np.array([3, 0]),
            -np.log(1e-7) / 2,
        ),
    )
    for name, outputs, labels, expected in cases:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.asarray(_call(loss_of_probabilities, outputs, labels), dtype=float)
        if found.shape != ():
            raise _Wrong(
                f"it returns shape {found.shape}. Return one number, the mean over the images."
            )
        if abs(found - expected) < 1e-5:
            continue
        twice = -np.log(
            scipy.special.softmax(outputs, axis=1)[np.arange(len(labels)), labels]
        ).mean()
        if abs(found - twice) < 1e-5:
            raise _Wrong(
                f"for {name} it gives {found:.2f}: that is the bug itself. Which lines are a second softmax?"
            )
        if abs(found - expected * len(labels)) < 1e-5:
            raise _Wrong(
                f"for {name} it gives {found:.2f}: the sum over the images. Return their mean."
            )
        if not np.isfinite(found):
            raise _Wrong(
                f"for {name} it gives {found}. What is the logarithm of 0, and how does Keras avoid it?"
            )
        raise _Wrong(
            f"for {name} it gives {found:.4g} instead of {expected:.4g}. Minus the logarithm of which number?"
        )


@_exercise(
    "The largest of four gets the whole slope, the others nothing: pooling switches paths, and weighs none."
)
def check_pool_gradient(pool_gradient):
    """15: from values (height, width) and slopes at the pooled values to the slopes at the values."""
    generator = np.random.default_rng(15)
    for height, width in ((2, 2), (4, 6)):
        values, upstream = (
            generator.normal(size=(height, width)),
            generator.normal(size=(height // 2, width // 2)),
        )
        found = np.asarray(_call(pool_gradient, values, upstream), dtype=float)
        if found.shape != values.shape:
            raise _Wrong(
                f"values of shape {values.shape} have slopes of shape {found.shape}. Give each value a slope."
            )
        wide = np.kron(upstream, np.ones((2, 2)))
        largest = values == np.kron(
            values.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3)), np.ones((2, 2))
        )
        if np.allclose(found, wide * largest):
            continue
        hints = {
            "all four values of a block get the slope. Which of them changes the pooled value if it moves?": wide,
            "the slope is shared among four: that is the way back through a mean. Through a maximum?": wide
            / 4,
            "the right values, but the slope that arrives from above is missing": largest.astype(
                float
            ),
            "all that is positive gets the slope: that is ReLU. What decides in pooling?": wide
            * (values > 0),
        }
        for hint, wrong in hints.items():
            if np.allclose(found, wrong):
                raise _Wrong(f"{hint}.".replace("?.", "?"))
        row, column = np.argwhere(~np.isclose(found, wide * largest))[0]
        raise _Wrong(
            f"in values of shape {values.shape} the one in row {row}, column {column} has the slope "
            f"{found[row, column]:.3g} instead of {wide[row, column] * largest[row, column]:.3g}. "
            "Is it the largest of its four?"
        )


@_exercise(
    "Every fold is a small copy of the whole: as many of each class as can be, and no example twice."
)
def check_stratified_folds(stratified_folds):
    """16: from labels and a number of folds to the number of the fold, from 0, that holds out each example."""
    uneven = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [40, 25, 10]))
    for labels, k in ((uneven, 5), (np.repeat(np.arange(10), 30), 5), (np.tile([0, 1, 2], 40), 3)):
        folds = np.asarray(_call(stratified_folds, labels, k))
        if folds.shape != labels.shape:
            raise _Wrong(
                f"{len(labels)} labels went in and shape {folds.shape} came out. Return one fold an example."
            )
        if set(np.unique(folds)) != set(range(k)):
            raise _Wrong(
                f"the folds are called {np.unique(folds).tolist()}: with {k} of them use 0 to {k - 1}, and all."
            )
        counts = np.array(
            [[np.sum((labels == c) & (folds == f)) for f in range(k)] for c in np.unique(labels)]
        )
        worst = int(np.argmax(np.ptp(counts, axis=1)))
        if np.ptp(counts[worst]) > 1:
            raise _Wrong(
                f"the {counts[worst].sum()} examples of class {worst} are spread over {k} folds as "
                f"{counts[worst].tolist()}. Deal out the examples of each class one by one, as one deals cards."
            )


@_exercise(
    "Only what rests on an interval can miss by chance: an identity is true or false with every seed."
)
def check_expected_misses(expected_misses):
    """16: from a list of verdicts to the number of 95 % intervals among them that miss the truth, on average."""
    cases = (
        (["supported"] * 20, 1.0),
        (["supported", "refuted"] * 10 + ["undecided"] * 20 + ["exact", "false"] * 5, 2.0),
    )
    for verdicts, expected in cases:
        found = float(_call(expected_misses, list(verdicts)))
        if abs(found - expected) > 1e-9:
            hint = "Which of the five words rest on an interval, and in how many of 100 does an interval miss?"
            counts = ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(verdicts))
            raise _Wrong(f"for {counts} it gives {found:.3g} instead of {expected:g}. {hint}")


@_exercise(
    "More right than the baseline, in no more time, on images that had no part in the training."
)
def check_beat_the_baseline(train):
    """16: a function from training images and labels to a trained network that ends in logits.

    Too slow is what takes longer than the baseline by the clock on the wall and by the processor's: the first one also
    counts what other programs do, the second what other cores do at the same time.
    """
    fashion = data.load_fashion_mnist()
    network, seconds = _timed(train, fashion)
    if network is ... or network is None:
        raise _NotDoneYet
    if not callable(network):
        raise _Wrong(
            f"your function returns {type(network).__name__}. Return the network, trained."
        )
    logits = np.asarray(network(fashion.x_test))
    if logits.shape != (len(fashion.x_test), 10):
        raise _Wrong(
            f"for 10,000 images your network answers with shape {logits.shape}; it should be (10000, 10)."
        )
    if logits.min() >= 0 and np.allclose(logits.sum(axis=1), 1, atol=1e-3):
        raise _Wrong(
            "your network ends in softmax: the ten numbers sum to 1. Let it end in logits (notebook 07)."
        )
    accuracy = 100 * np.mean(logits.argmax(axis=1) == fashion.y_test)
    allowed, to_beat = _baseline()
    if (seconds > allowed).all():
        hint = (
            "What costs time is above all the number of steps. How many images may one step hold?"
        )
        raise _Wrong(
            f"it took {seconds[0]:.1f} seconds, and the baseline {allowed[0]:.1f} on this machine. {hint}"
        )
    if not accuracy > to_beat:
        hint = "Choose rate, batch size and schedule on validation images (notebook 13), then come back."
        raise _Wrong(
            f"it gets {accuracy:.1f} % of the test images right, the baseline {to_beat:.1f} %. {hint}"
        )


def _timed(train, fashion):
    """What train returns, and its seconds: by the clock on the wall, and by the processor's."""
    started = np.array([time.perf_counter(), time.process_time()])
    network = train(fashion.x_train, fashion.y_train)
    return network, np.array([time.perf_counter(), time.process_time()]) - started


@functools.cache
def _baseline():
    """S0's network as posted, for two epochs in plain Keras: its seconds, two clocks, and its test accuracy in %."""

    def train(x, y):
        network = models.build_mlp((128, 64), seed=0)
        network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        network.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0)
        return network

    fashion = data.load_fashion_mnist()
    network, seconds = _timed(train, fashion)
    return seconds, 100 * np.mean(network(fashion.x_test).numpy().argmax(axis=1) == fashion.y_test)
