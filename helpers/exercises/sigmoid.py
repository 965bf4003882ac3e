"""Notebook 02: a backward pass with a bug, and initial weights with which six sigmoid layers learn."""

import keras
import numpy as np
import scipy.special
from .. import data, diagnostics
from .checking import TRAINING, Wrong, array, call, describe, exercise, hint_for, training_images

LEARNED = 1.0  # mean loss of the third epoch; guessing is 2.3
VANISHED = 0.2  # of layer 6's gradient, in layer 2


@exercise(
    "It agrees with the slope of the loss itself: move a weight a little each way, and see what the loss does."
)
def check_sigmoid_kernel_gradient(kernel_gradient):
    """Find the bug: the gradient for the kernel of a sigmoid layer, from inputs, kernel and upstream gradient."""
    generator = np.random.default_rng(0)
    x, kernel, upstream = (generator.normal(size=size) for size in ((5, 4), (4, 3), (5, 3)))
    found = call(kernel_gradient, x, kernel, upstream)
    found = array(found, kernel.shape, f"one number per weight: an array of shape {kernel.shape}")
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


@exercise(
    "The weights make up for the slopes, the gradient reaches the first layer, and RMSprop as it comes trains all six."
)
def check_initial_weights(build_six):
    """A function of a seed that builds six sigmoid layers of 64 which RMSprop trains with its default epsilon."""
    network = call(build_six, 0, seconds=TRAINING)
    _require_six_sigmoid_layers(network)
    images, labels = training_images(data.load_mnist, 6_000)
    gradients = diagnostics.kernel_gradients(_with_logits(network), images[:1_000], labels[:1_000])
    sizes = [np.sqrt(np.mean(gradient**2)) for gradient in gradients.values()]
    passed = sizes[1] / sizes[5]
    network.compile(
        keras.optimizers.RMSprop(),
        "sparse_categorical_crossentropy",
        steps_per_execution=47,
        jit_compile=False,
    )
    history = network.fit(images, labels, batch_size=32, epochs=3, verbose=0)
    loss = history.history["loss"][-1]
    if not loss < LEARNED:
        if passed < VANISHED:
            why = f"only {passed:.2g} of layer 6's gradient arrives in layer 2: it still shrinks"
        else:
            why = "the gradient no longer shrinks, but such weights send the units far out on the curve"
        raise Wrong(
            f"the loss of the third epoch is {loss:.2f} (guessing: 2.30). Before training, {why}."
        )


def _require_six_sigmoid_layers(network):
    """Raise Wrong unless the network is Flatten, six Dense of 64 with sigmoid, and ten outputs with softmax."""
    if not isinstance(network, keras.Sequential):
        raise Wrong(
            f"build_six returns {describe(network)}. End it with return network, a keras.Sequential."
        )
    found = []
    for layer in network.layers:
        units = getattr(layer, "units", "")
        activation = getattr(getattr(layer, "activation", None), "__name__", "")
        found.append(f"{type(layer).__name__} {units} {activation}".strip())
    expected = ["Flatten", *["Dense 64 sigmoid"] * 6, "Dense 10 softmax"]
    if found != expected:
        raise Wrong(
            f"the layers are {', '.join(found)}. Keep the network as it is, six sigmoid layers of 64 units, "
            "and change its initial weights only."
        )


def _with_logits(network):
    """A copy of the network whose last layer has no softmax."""
    copy = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
    for _ in range(6):
        copy.add(keras.layers.Dense(64, activation="sigmoid"))
    copy.add(keras.layers.Dense(10))
    copy.set_weights(network.get_weights())
    return copy


def _slope(z):
    """The derivative of sigmoid."""
    return scipy.special.expit(z) * scipy.special.expit(-z)
