"""Kinds "steps", "valley", "sparse" and "regression": S1's small set-ups B and C.

Each copy draws from generators of its own seed alone, so that a seed gives the same run whichever
seeds are trained beside it.
"""

from helpers import models, stack, training

import keras
import numpy as np
import pandas as pd
import sklearn.datasets
import tensorflow as tf
from . import images, networks

# Drawn with default_rng([seed, this]), so that they differ from what default_rng(seed) draws.
GRADIENT_NOISE, LABELS, OUTLIERS = 3, 5, 6  # 1, 2 and 4: networks, records and looks
OUTLIER = -100
LAST_STEPS = 60  # of so many steps before a row each loss and norm is kept
FIRST_LOOK = 10  # full batches: the row after as many steps as the others take passes
TEST_CHUNK = 2_000


def steps(settings, seeds, rates, progress):
    """Kind "steps": set-up B, step by step. `batch` divides `images`.

    An epoch is a pass; with all images in a batch it is a step, and few of them get a row.
    """
    x, y = images.first(settings)
    copies = pd.DataFrame(
        [(seed, rate) for seed in seeds for rate in rates], columns=["seed", "learning_rate"]
    )
    y = np.stack([labels(y, seed, settings["random_labels"]) for seed in copies.seed])
    network = Steps(settings, copies, x, y)
    disturbance = Disturbance(settings, copies.seed, network.weights)
    orders = [np.random.default_rng(seed) for seed in copies.seed]
    also, total, batch = settings["also"], settings["steps"], settings["batch"]
    a_pass = len(x) // batch
    losses, norms = [], []
    columns = network.look()
    if "full loss" in also:
        columns[f"full_loss_{LAST_STEPS}"] = columns["training_loss"]
    tables = [copies.assign(epoch=0).join(pd.DataFrame(columns))]
    for number in range(1, total + 1):
        if a_pass == 1:
            examples = None
            kept = number in (FIRST_LOOK, total) or number % LAST_STEPS == 0
        else:
            place = (number - 1) % a_pass
            if place == 0:
                order = np.stack([generator.permutation(len(x)) for generator in orders])
            examples = order[:, place * batch : (place + 1) * batch]
            kept = number % a_pass == 0
        norm = network.step(examples, *disturbance.draw())
        if "gradient norm" in also:
            norms.append(norm)
        if "full loss" in also:
            losses.append(network.scores()[0])
        if kept:
            columns = network.look()
            if number % LAST_STEPS == 0:
                columns |= numbered("full_loss", losses[-LAST_STEPS:])
                columns |= numbered("gradient_norm", norms[-LAST_STEPS:])
            tables.append(copies.assign(epoch=number // a_pass).join(pd.DataFrame(columns)))
        progress(1 / total)
    return pd.concat(tables, ignore_index=True)


def numbered(name, values):
    return {f"{name}_{number}": value for number, value in enumerate(values, start=1)}


def labels(y, seed, share):
    """The labels y (examples,), this share of them drawn anew from all ten classes."""
    generator = np.random.default_rng([seed, LABELS])
    drawn = generator.permutation(len(y))[: round(share * len(y))]
    y = y.copy()
    y[drawn] = generator.integers(0, models.CLASSES, len(drawn))
    return y


class Disturbance:
    """The noise of each step's gradients, drawn for each copy from its seed.

    weights: how many a network has.
    """

    def __init__(self, settings, seeds, weights):
        self.size, self.share = settings["gradient_noise"], settings["gradient_outliers"]
        self.weights = weights
        self.noise = [np.random.default_rng([seed, GRADIENT_NOISE]) for seed in seeds]
        self.outliers = [np.random.default_rng([seed, OUTLIERS]) for seed in seeds]

    def draw(self):
        """The next step's noise (copies, weights), in units of a gradient's rms, and factors (copies,).

        None for what the settings do not ask for.
        """
        noise = factors = None
        if self.size:
            noise = np.empty((len(self.noise), self.weights), np.float32)
            for generator, row in zip(self.noise, noise, strict=True):
                generator.standard_normal(out=row, dtype=np.float32)
            noise *= np.float32(self.size)
        if self.share:
            hit = np.array([generator.random() for generator in self.outliers]) < self.share
            factors = np.where(hit, OUTLIER, 1).astype(np.float32)
        return noise, factors


class Steps:
    """All copies of set-up B's network: a step of each, and their scores, as compiled programs.

    copies: a table with the seed and learning_rate of each; x: training images (examples, 28, 28);
    y: each copy's labels of them (copies, examples).
    """

    def __init__(self, settings, copies, x, y):
        built = [networks.build(settings, seed) for seed in copies.seed]
        self.loss = networks.LOSSES[settings["loss"]]
        self.stack = stack.Stack(
            built, networks.optimizer(settings), copies.learning_rate.tolist(), self.loss
        )
        self.weights = built[0].count_params()
        self.x, self.y = tf.Variable(x), tf.Variable(y)
        part = images.dataset(settings)
        self.x_test, self.y_test = part.x_test, part.y_test
        options = {"jit_compile": stack.xla_works(), "autograph": False}
        self._compiled_step = tf.function(self._step, **options)
        self._compiled_sums = tf.function(self._sums, **options)

    def step(self, examples, noise, factors):
        """One step of each copy; returns the norms of their gradients before any noise, (copies,).

        examples: their numbers (copies, batch), or None for all; the others: see `Disturbance.draw`.
        """
        given = [None if one is None else tf.constant(one) for one in (examples, noise, factors)]
        return self._compiled_step(*given).numpy()

    def look(self):
        """Columns with each copy's scores on the training and the test images."""
        columns = dict(zip(("training_loss", "training_accuracy"), self.scores(), strict=True))
        sums = np.zeros((2, self.y.shape[0]))
        for start in range(0, len(self.x_test), TEST_CHUNK):
            chunk = slice(start, start + TEST_CHUNK)
            x, y = tf.constant(self.x_test[chunk]), tf.constant(self.y_test[None, chunk])
            sums += self._compiled_sums(x, y).numpy()
        columns["test_loss"], columns["test_accuracy"] = sums / len(self.x_test)
        return columns

    def scores(self):
        """Each copy's mean loss and accuracy on all its training images, (2, copies)."""
        return self._compiled_sums(self.x, self.y).numpy() / self.x.shape[0]

    def _step(self, examples, noise, factors):
        if examples is None:
            x, y = self.x[None], tf.identity(self.y)
        else:
            x, y = tf.gather(self.x, examples), tf.gather(self.y, examples, batch_dims=1)
        gradients = self.stack.gradients(x, y, tf.ones(y.shape, tf.bool))
        squares = [tf.reduce_sum(gradient**2, axis=(1, 2)) for gradient in gradients]
        if noise is not None:
            sizes = [np.prod(gradient.shape[1:]) for gradient in gradients]
            noise = tf.split(noise, sizes, axis=1)
            gradients = [
                gradient + root_mean_square(gradient) * tf.reshape(one, gradient.shape)
                for gradient, one in zip(gradients, noise, strict=True)
            ]
        if factors is not None:
            gradients = [factors[:, None, None] * gradient for gradient in gradients]
        self.stack.apply(gradients)
        return tf.sqrt(tf.add_n(squares))

    def _sums(self, x, y):
        """Sums over the examples of losses and of right answers, (2, copies)."""
        outputs = self.stack.outputs(x[None])
        y = tf.broadcast_to(y, outputs.shape[:2])
        right = tf.argmax(outputs, axis=-1, output_type=y.dtype) == y
        # In float32 a sum of thousands of losses would be off by more than a small step changes it.
        values = [tf.cast(one, tf.float64) for one in (self.loss(y, outputs), right)]
        return tf.reduce_sum(values, axis=2)


def root_mean_square(gradient):
    """(copies, ...) -> (copies, 1, 1)"""
    return tf.sqrt(tf.reduce_mean(gradient**2, axis=(1, 2), keepdims=True))


def valley(settings, seeds, rates, progress):
    """Kind "valley": descents in (x**2 - 1)**2 + d x from many starts at once, d > 0.

    The deep valley is on the left. Starts that diverge end in neither.
    """
    rows = []
    for seed in seeds:
        for rate in rates:
            rows.append({"seed": seed, "learning_rate": rate, "epoch": 1})
            rows[-1] |= descend(settings, np.random.default_rng(seed), rate)
        progress(1 / len(seeds))
    return pd.DataFrame(rows)


def descend(settings, generator, rate):
    """{"leaves": share, "ends": share, "starts": number}; see study/README.md."""
    tilt = generator.uniform(*settings["tilt"])
    slopes = np.zeros(1)
    if settings["noisy"]:
        slopes = generator.normal(0, settings["slope_sd"], settings["examples"])
        slopes -= slopes.mean()
    starts = np.linspace(*settings["starts"])
    x, velocity = starts, np.zeros(len(starts))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(settings["steps"]):
            example = generator.integers(0, len(slopes), len(x))
            gradient = 4 * x * (x**2 - 1) + tilt + slopes[example]
            velocity = settings["momentum"] * velocity - rate * gradient
            x = x + velocity
    summit = np.sort(np.roots([4, 0, -4, tilt]).real)[1]  # the middle one of the three flat places
    deep, shallow = np.isfinite(x) & (x < summit), starts > summit
    return {"leaves": deep[shallow].mean(), "ends": deep.mean(), "starts": shallow.sum()}


def sparse(settings, seeds, rates, progress):
    """Kind "sparse": softmax regression on rare features, scored on all its training examples."""
    classes, epochs = settings["classes"], settings["epochs"]
    features = len(settings["on_in_own_class"])
    y = np.repeat(np.arange(classes, dtype=np.int32), settings["examples_of_a_class"])
    drawn = {seed: sparse_examples(settings, seed, y) for seed in seeds}
    place = {seed: number * len(y) for number, seed in enumerate(seeds)}
    x_test = np.eye(classes * features, dtype=np.float32)[features - 1 :: features]
    copies = pd.DataFrame(
        [(seed, rate) for seed in seeds for rate in rates], columns=["seed", "learning_rate"]
    )
    tables = []

    def look(epoch, trained):
        rows = []
        for seed, network in zip(copies.seed, trained, strict=True):
            kernel, bias = network.get_weights()
            training_scores = scores(drawn[seed] @ kernel + bias, y)
            rows.append([*training_scores, *scores(x_test @ kernel + bias, np.arange(classes))])
        names = ["training_loss", "training_accuracy", "test_loss", "test_accuracy"]
        scored = pd.DataFrame(rows, columns=names)
        tables.append(pd.concat([copies.assign(epoch=epoch), scored], axis=1))
        progress(1 / epochs if epoch else 0)

    training.fit_seeds(
        lambda seed: softmax_regression(classes * features, classes),
        np.concatenate(list(drawn.values())),
        np.tile(y, len(seeds)),
        seeds=seeds,
        optimizer=networks.optimizer(settings),
        learning_rate=rates,
        epochs=epochs,
        batch_size=settings["batch"],
        subset=lambda seed: place[seed] + np.arange(len(y)),
        after_epoch=look,
    )
    return pd.concat(tables, ignore_index=True)


def sparse_examples(settings, seed, y):
    """Features of 0 and 1, float32 (examples, classes * features of a class), for the classes y."""
    own = np.array(settings["on_in_own_class"])
    others = settings["elsewhere"] * own
    diagonal = np.eye(settings["classes"])
    probabilities = np.kron(diagonal, own) + np.kron(1 - diagonal, others)
    draws = np.random.default_rng(seed).random((len(y), probabilities.shape[1]))
    return (draws < probabilities[y]).astype(np.float32)


def softmax_regression(inputs, classes):
    dense = keras.layers.Dense(classes, kernel_initializer="zeros")
    return keras.Sequential([keras.Input((inputs,)), dense])


def scores(logits, y):
    """Mean loss and accuracy."""
    losses = training.cross_entropy(y, logits).numpy()
    return losses.mean(dtype=np.float64), (logits.argmax(axis=1) == y).mean()


def regression(settings, seeds, rates, progress):
    """Kind "regression": Friedman's first problem, drawn from each seed; the error at the end only."""
    epochs, (count, _) = settings["epochs"], settings["examples"]
    drawn = [friedman(settings, seed) for seed in seeds]
    place = {seed: number * count for number, seed in enumerate(seeds)}
    runs = training.fit_seeds(
        lambda seed: regressor(settings, seed),
        np.concatenate([x[:count] for x, _ in drawn]),
        np.concatenate([y[:count] for _, y in drawn]),
        seeds=seeds,
        optimizer=networks.optimizer(settings),
        learning_rate=rates,
        loss=keras.losses.mean_squared_error,
        epochs=epochs,
        batch_size=settings["batch"],
        subset=lambda seed: place[seed] + np.arange(count),
        after_steps=lambda *_: progress(1 / epochs),  # once an epoch: it has less than 50 steps
    )
    table = runs.table.loc[runs.table.epoch == epochs, ["copy", "seed", "learning_rate", "epoch"]]
    of_seed = dict(zip(seeds, drawn, strict=True))
    errors = []
    for seed, model in zip(table.seed, runs.models, strict=True):
        x, y = (values[count:] for values in of_seed[seed])
        errors.append(np.sqrt(np.mean((model(x).numpy() - y) ** 2)))
    return table.assign(test_error=errors).drop(columns="copy").reset_index(drop=True)


def friedman(settings, seed):
    """x (examples, 10) and scaled targets y (examples, 1), float32: first those to train, then to test."""
    count, test_count = settings["examples"]
    x, y = sklearn.datasets.make_friedman1(count + test_count, noise=1.0, random_state=seed)
    known = y[:count]
    if settings["targets"] == "range":
        y = 2 * (y - known.min()) / (known.max() - known.min()) - 1
    else:
        y = (y - known.mean()) / known.std()
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def regressor(settings, seed):
    hidden = networks.activation(settings["activation"])
    model = models.build_mlp(settings["hidden"], hidden, input_shape=(10,), outputs=1, seed=seed)
    if settings["output"] != "none":
        model.layers[-1].activation = networks.activation(settings["output"])
    return model
