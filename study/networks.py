"""The networks, losses and optimizers of the study that Keras does not have under a name."""

from helpers import models, training

import functools

import keras
import numpy as np
import tensorflow as tf


def shift(x):
    """Sigmoid minus 1/2: the same slopes, centred at zero."""
    return tf.sigmoid(x) - 0.5


def straight(x):
    """Sigmoid from -2 to 2, and beyond them straight lines of slope 0.1 (sigmoid's there: 0.105)."""
    inside = tf.clip_by_value(x, -2.0, 2.0)
    return tf.sigmoid(inside) + 0.1 * (x - inside)


@tf.custom_gradient
def boost(x):
    """Sigmoid; on the way back each slope counts four times, so that the largest is 1."""
    y = tf.sigmoid(x)
    return y, lambda arriving: 4 * y * (1 - y) * arriving


def log(x):
    """log(1 + ReLU): as ReLU for small sums, but its slope falls as they grow."""
    return tf.math.log1p(tf.nn.relu(x))


ACTIVATIONS = {"shift": shift, "straight": straight, "boost": boost, "log": log}
KERAS_NAMES = {"leaky": "leaky_relu"}  # of slope 0.2


def activation(name):
    """A function on tensors for a name in experiments.py, or for the slope of a leaky ReLU."""
    if isinstance(name, float):
        return functools.partial(keras.activations.leaky_relu, negative_slope=name)
    return ACTIVATIONS.get(name) or keras.activations.get(KERAS_NAMES.get(name, name))


def build(settings, seed):
    """A fresh Keras model for the settings of an experiment."""
    if settings["hidden"] == "convolution":
        return models.build_cnn(activation=activation(settings["activation"]), seed=seed)
    model = models.build_mlp(settings["hidden"], activation(settings["activation"]), seed=seed)
    if settings["initial_weights"] == "pytorch":
        draw_as_pytorch(model, seed)
    divisor = settings.get("first_kernel_divided_by", 1)
    if divisor != 1:
        kernel, *others = model.get_weights()
        model.set_weights([kernel / divisor, *others])
    return model


def draw_as_pytorch(model, seed):
    """Draw kernels and biases of dense layers anew, uniform in plus or minus 1 / root of the inputs.

    torch.nn.Linear's `reset_parameters` does so.
    """
    generator = np.random.default_rng([seed, 1])
    weights = []
    for kernel, bias in zip(model.get_weights()[::2], model.get_weights()[1::2], strict=True):
        limit = len(kernel) ** -0.5
        weights += [generator.uniform(-limit, limit, array.shape) for array in (kernel, bias)]
    model.set_weights(weights)


class RMSprop2017(keras.optimizers.RMSprop):
    """RMSprop as Keras 2.0 computed it: epsilon stands beside the root, not under it."""

    def update_step(self, gradient, variable, learning_rate):
        velocity = self._velocities[self._get_variable_index(variable)]
        velocity.assign(self.rho * velocity + (1 - self.rho) * gradient**2)
        variable.assign(variable - learning_rate * gradient / (tf.sqrt(velocity) + self.epsilon))


class AdamOneV(keras.optimizers.Adam):
    """Adam whose second moment is one number per layer and copy: the mean of v over its weights."""

    def update_step(self, gradient, variable, learning_rate):
        step = tf.cast(self.iterations + 1, tf.float32)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        m.assign(self.beta_1 * m + (1 - self.beta_1) * gradient)
        # Kept in the shape of the weights, all of a layer equal.
        mean = tf.reduce_mean(gradient**2, axis=(1, 2), keepdims=True)
        v.assign(self.beta_2 * v + (1 - self.beta_2) * mean)
        corrected = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        variable.assign(variable - corrected * m / (tf.sqrt(v) + self.epsilon))


def optimizer(settings):
    """A Keras optimizer for the settings of an experiment."""
    options = dict(settings["optimizer"])
    name = options.pop("name")
    if name == "rmsprop of keras 2":
        return RMSprop2017(epsilon=1e-8, **options)
    if name == "adam, one v a layer":
        return AdamOneV(**options)
    kind = {
        "sgd": keras.optimizers.SGD,
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return kind[name](**options)


def clipped_output(logits):
    return tf.clip_by_value(tf.nn.softmax(logits), 1e-10, 0.999999)


def from_probabilities(y_true, probabilities):
    chosen = tf.one_hot(y_true, probabilities.shape[-1]) * probabilities
    return -tf.math.log(tf.reduce_sum(chosen, axis=-1))


def keras_2(probabilities):
    """What Keras 2.0's categorical_crossentropy made of a network's output first."""
    shares = probabilities / tf.reduce_sum(probabilities, axis=-1, keepdims=True)
    return tf.clip_by_value(shares, 1e-7, 1 - 1e-7)


# Functions of classes (copies, batch) and logits (copies, batch, 10): one number per example.
LOSSES = {
    "logits": training.cross_entropy,
    "keras 2": lambda y, logits: from_probabilities(y, keras_2(tf.nn.softmax(logits))),
    "keras 2, output clipped": lambda y, logits: from_probabilities(
        y, keras_2(clipped_output(logits))
    ),
    "clipped": lambda y, logits: from_probabilities(y, clipped_output(logits)),
}


def fit_options(settings):
    """What fit_seeds is told by the settings of an experiment, but for seeds and rates."""
    return {
        "optimizer": optimizer(settings),
        "loss": LOSSES[settings["loss"]],
        "epochs": settings["epochs"],
        "batch_size": settings["batch"],
    }
