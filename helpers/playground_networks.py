"""What learns in the playground: data, a network with its optimizer, and two of them side by side.

What can be chosen, and the prepared scenes, are listed in playground.toml.
"""

import functools
import pathlib
import tomllib

import keras
import numpy as np
import sklearn.datasets
import tensorflow as tf
from . import models

LISTED = pathlib.Path(__file__).with_name("playground.toml").read_text(encoding="utf-8")
OPTIONS, USUAL, SCENES = tomllib.loads(LISTED).values()
KERAS_ACTIVATIONS = {"none": None, "ReLU": "relu", "leaky ReLU": "leaky_relu"}
INITIAL_WEIGHTS = {"Glorot": "glorot_uniform", "He": "he_normal", "zeros": "zeros"}
INITIAL_WEIGHTS["wide"] = keras.initializers.RandomNormal(stddev=1.0)
OPTIMIZERS = {"SGD": keras.optimizers.SGD, "Adam": keras.optimizers.Adam}
OPTIMIZERS["momentum 0.9"] = functools.partial(keras.optimizers.SGD, momentum=0.9)
OPTIMIZERS["momentum 0.99"] = functools.partial(keras.optimizers.SGD, momentum=0.99)
HALF = 1.5  # all points lie between -HALF and HALF
PLANE = np.linspace(-HALF, HALF, 50, dtype=np.float32)
GRID = np.stack(np.meshgrid(PLANE, PLANE), axis=-1).reshape(-1, 2)  # where answers are drawn


def make_points(kind, seed):
    """400 points (400, 2), float32, and their classes (400,), int32, 0 or 1; kind: one of OPTIONS["data"]."""
    generator, options = np.random.default_rng(seed), {"random_state": seed}
    if kind == "moons":
        points, classes = sklearn.datasets.make_moons(400, noise=0.15, **options)
        points = (points - [0.5, 0.25]) * [0.75, 0.95]
    elif kind == "circles":
        points, classes = sklearn.datasets.make_circles(400, noise=0.1, factor=0.4, **options)
    elif kind == "spirals":
        radius, classes = generator.uniform(0.1, 1, 400), np.arange(400) // 2 % 2
        angle = np.pi * (3 * radius + classes)
        points = np.transpose(1.3 * radius * [np.cos(angle), np.sin(angle)])
        points += generator.normal(0, 0.03, (400, 2))
    else:
        points = generator.uniform(0.15, 1.2, (400, 2)) * generator.choice((-1, 1), (400, 2))
        classes = points.prod(axis=1) > 0
    return points.astype(np.float32), classes.astype(np.int32)


def batches(examples, batch_size, seed):
    """Yields the indices of one batch after another, in a new order each epoch; batch_size: as in OPTIONS."""
    generator = np.random.default_rng(seed)
    size = examples if batch_size == "all" else min(batch_size, examples)
    while True:
        order = generator.permutation(examples).astype(np.int32)
        yield from order[: examples // size * size].reshape(-1, size)


class Network:
    """A Keras model and a Keras optimizer; settings: a value for each of OPTIONS."""

    def __init__(self, settings, seed):
        self.model = self.build(settings, seed)
        self.dense = [layer for layer in self.model.layers if hasattr(layer, "kernel")]
        self.optimizer = OPTIMIZERS[settings["optimizer"]]()
        self.optimizer.build(self.model.trainable_variables)
        data = [tf.TensorSpec((None, 2)), tf.TensorSpec((None,), tf.int32)]
        order = tf.TensorSpec((None, None), tf.int32)
        # Compiled here, once, and not at the first step: that would hold up whoever clicks then.
        self.train = tf.function(self._train).get_concrete_function(*data, order)
        self.look = tf.function(self._look).get_concrete_function(*data, *data)

    @staticmethod
    def build(settings, seed):
        """The Keras model, with its initial weights."""
        units, activation = (settings["width"],) * settings["depth"], settings["activation"]
        options = {"kernel_initializer": INITIAL_WEIGHTS[settings["initial weights"]], "seed": seed}
        activation = KERAS_ACTIVATIONS.get(activation, activation)
        return models.build_mlp(units, activation, input_shape=(2,), outputs=2, **options)

    def reset(self, settings, seed):
        """Back to step 0; what does not need a new compilation comes from the settings."""
        self.model.set_weights(self.build(settings, seed).get_weights())
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        self.optimizer.learning_rate = settings["learning rate"]

    def scores(self, x, y):
        """The mean cross-entropy, and the share of right answers, 0 to 1."""
        logits = self.model(x)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        answers = tf.argmax(logits, axis=1, output_type=tf.int32)
        return tf.reduce_mean(losses), tf.reduce_mean(tf.cast(answers == y, tf.float32))

    def _train(self, x, y, order):
        """One step of the optimizer for each row of `order`, the indices of a batch."""
        weights = self.model.trainable_variables
        for batch in order:
            with tf.GradientTape() as tape:
                loss, _ = self.scores(tf.gather(x, batch), tf.gather(y, batch))
            self.optimizer.apply(tape.gradient(loss, weights), weights)

    def _look(self, x, y, test_x, test_y):
        """What the playground shows of a network, by names; see helpers.diagnostics for dead and saturated."""
        with tf.GradientTape() as tape:
            loss, right = self.scores(x, y)
        gradients = tape.gradient(loss, [layer.kernel.value for layer in self.dense])
        test_loss, test_right = self.scores(test_x, test_y)
        values, dead, saturated = x, [], []
        for layer in self.dense[:-1]:
            with tf.GradientTape() as tape:
                z = values @ layer.kernel + layer.bias
                tape.watch(z)
                values = layer.activation(z)
            slopes = tf.abs(tape.gradient(values, z))
            largest = 0.25 if layer.activation is keras.activations.sigmoid else 1.0
            dead.append(tf.reduce_all(slopes == 0, axis=0))
            saturated.append(slopes < 0.1 * largest)
        return {
            "loss": loss,
            "test loss": test_loss,
            "right": right,
            "test right": test_right,
            "gradients": [tf.norm(gradient) for gradient in gradients],
            "dead": [tf.reduce_mean(tf.cast(units, tf.float32)) for units in dead],
            "saturated": [tf.reduce_mean(tf.cast(pairs, tf.float32)) for pairs in saturated],
            "plane": tf.reshape(tf.nn.softmax(self.model(GRID))[:, 1], (len(PLANE), len(PLANE))),
        }


class Pair:
    """Networks A and B on the same data, half of it for training, and with the same seed.

    settings: a value for each of OPTIONS, for A; different: [setting, value], what B has instead.
    points: the learner's own, [(x, y, class)], used if settings["data"] is "own points", all for training.
    cache: a dictionary that keeps compiled networks, for the next pair.

    `found` = {"A": what `Network.look` finds, as numbers, "B": ...}; `history`: per look (step, A's training and test
    loss, B's); `problem`: why nothing can be trained, in a sentence, or "".
    """

    def __init__(self, settings, different, seed=0, points=(), cache=None):
        cache = {} if cache is None else cache
        self.settings = {"A": settings, "B": settings | dict([different])}
        self.different, self.step, self.history, self.problem = different[0], 0, [], ""
        self.networks, self.orders, self.found = {}, {}, {}
        own = np.array(points, np.float32).reshape(-1, 3)
        x, y = own[:, :2], own[:, 2].astype(np.int32)
        self.data = [x, y, x[:0], y[:0]]
        if settings["data"] != "own points":
            x, y = make_points(settings["data"], seed)
            self.data = [x[::2], y[::2], x[1::2], y[1::2]]
        elif len(set(y)) < 2:
            what = f"All your points are of class {y[0]}" if len(y) else "There are no points yet"
            self.problem = (
                f"{what}.\nClick into this square to draw\npoints of class 0 and of class 1."
            )
            return
        for name, one in self.settings.items():
            key = (name, *(one[part] for part in ("activation", "depth", "width", "optimizer")))
            if key not in cache:
                cache[key] = Network(one, seed)
            self.networks[name] = cache[key]
            self.networks[name].reset(one, seed)
            self.orders[name] = batches(len(self.data[1]), one["batch size"], seed)
        self.advance(0)

    def advance(self, steps):
        """Train both by so many steps, then look; a network whose loss is not finite stays as it is."""
        if self.problem:
            return
        for name, network in self.networks.items():
            order = [next(self.orders[name]) for _ in range(steps)]
            if steps and not self.diverged(name):
                network.train(*self.data[:2], np.stack(order))
            self.found[name] = tf.nest.map_structure(
                lambda one: one.numpy(), network.look(*self.data)
            )
        self.step += steps
        losses = [
            self.found[name][which] for name in self.networks for which in ("loss", "test loss")
        ]
        self.history.append((self.step, *losses))

    def diverged(self, name):
        """Whether the training loss of network "A" or "B" is no longer a finite number."""
        return name in self.found and not np.isfinite(self.found[name]["loss"])

    def label(self, name):
        """Such as "A (activation ReLU)"."""
        return f"{name} ({self.different} {self.settings[name][self.different]})"

    def describe(self):
        """The state of both networks in a sentence."""
        if self.problem:
            return self.problem.replace("\n", " ")
        parts = []
        for name, found in self.found.items():
            state = f"training loss {found['loss']:.2g}, {found['right']:.0%} right"
            if not np.isnan(found["test right"]):
                state += f" (test {found['test loss']:.2g}, {found['test right']:.0%})"
            parts.append(f"{self.label(name)}: {'diverged' if self.diverged(name) else state}")
        return f"Step {self.step}. {'; '.join(parts)}."


def run(scene, seed=0, cache=None):
    """(pair, frames) of a scene played to its end; frames: [(step, `found`)] at the steps of its strip."""
    chosen = SCENES[scene]
    pair = Pair(settings_of(scene), chosen["different"], seed, cache=cache)
    frames = []
    while pair.step < chosen["steps"]:
        if pair.step in chosen["frames"]:
            frames.append((pair.step, dict(pair.found)))
        pair.advance(1 if pair.step < 10 else 5)
    return pair, [*frames, (pair.step, pair.found)]


def settings_of(scene):
    """The settings of a scene's network A: a value for each of OPTIONS."""
    return {name: SCENES[scene].get(name, usual) for name, usual in USUAL.items()}
