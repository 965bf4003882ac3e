"""Kinds "folds", "untrained" and "dead units": what is seen in networks before, between, after trainings."""

from helpers import diagnostics, models, results, training

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from . import images, networks, records

CHUNK = 500  # images at a time, of a convolution
DRAWN = 4  # images are drawn with default_rng([seed, 4])


def folds(settings, seeds, rates, progress):
    """Kind "folds": cross-validation on the images that a seed draws, and the truth from all others."""
    x, y = images.first(settings)
    drawn = {seed: draw(settings, seed, len(x)) for seed in seeds}
    parts = {seed: np.array_split(numbers, settings["folds"]) for seed, numbers in drawn.items()}
    looks = settings["epochs"] * (settings["folds"] + 1)

    def train(subset):
        """Runs of all seeds, each on the examples that `subset` gives for it."""
        return training.fit_seeds(
            lambda seed: networks.build(settings, seed),
            x,
            y,
            seeds=seeds,
            learning_rate=rates,
            **networks.fit_options(settings),
            subset=subset,
            after_epoch=lambda epoch, copies: progress(1 / looks if epoch else 0),
        )

    def accuracies(runs, numbers):
        """Of the copy of each seed on the examples with these numbers, {seed: numbers} -> (seeds,)."""
        return np.array(
            [
                models.accuracy(model, x[numbers[seed]], y[numbers[seed]])
                for seed, model in zip(seeds, runs.models, strict=True)
            ]
        )

    held_out = []
    for fold in range(settings["folds"]):
        runs = train(lambda seed, fold=fold: np.concatenate(without(parts[seed], fold)))
        held_out.append(accuracies(runs, {seed: parts[seed][fold] for seed in seeds}))
    runs = train(drawn.get)
    others = {seed: np.setdiff1d(np.arange(len(x)), drawn[seed]) for seed in seeds}
    table = runs.table[runs.table.epoch == settings["epochs"]]
    return table[["seed", "learning_rate", "epoch"]].assign(
        folds_accuracy=np.mean(held_out, axis=0),
        fold_1_accuracy=held_out[0],
        truth_accuracy=accuracies(runs, others),
    )


def draw(settings, seed, examples):
    """The numbers of a seed's images, (images_drawn,), in the order in which they are drawn."""
    generator = np.random.default_rng([seed, DRAWN])
    return generator.permutation(examples)[: settings["images_drawn"]]


def without(parts, number):
    return [part for place, part in enumerate(parts) if place != number]


def untrained(settings, seeds, rates, progress):
    """Kind "untrained": gradients of the mean loss before any training."""
    x, y = images.first(settings)
    copies = [networks.build(settings, seed) for seed in seeds]
    loss = networks.LOSSES[settings["loss"]]
    if settings["hidden"] == "convolution":
        columns = {"gradient_1": [], "gradient_norm": []}
        for network in copies:
            gradient = first_kernel_gradient(network, x, y, loss)
            columns["gradient_1"].append(np.sqrt(np.mean(gradient**2)))
            columns["gradient_norm"].append(np.linalg.norm(gradient))
            progress(1 / len(copies))
    else:
        looks = records.Dense(copies, loss)
        looks.take(copies)
        columns = looks.gradients(x.reshape(len(x), -1), y)
        progress(1)
    return pd.DataFrame({"seed": seeds, "learning_rate": np.nan, "epoch": 0, **columns})


def first_kernel_gradient(network, x, y, loss):
    """The gradient of the mean loss for the convolution's kernel, float64 (3, 3, 1, filters)."""
    kernel = next(one for one in network.layers if isinstance(one, keras.layers.Conv2D)).kernel
    total = np.zeros(kernel.shape)
    for images_of_chunk, classes in records.chunks(x, y, CHUNK):
        with tf.GradientTape() as tape:
            losses = loss(classes[None], network(images_of_chunk)[None])
            value = tf.reduce_sum(losses) / len(x)
        total += tape.gradient(value, kernel.value).numpy()
    return total


def dead_units(settings, seeds, rates, progress):
    """Kind "dead units": ReLU at a high rate first, then the same weights with a slope, or ReLU again.

    The learning rate is NaN: it changes within a run, and is one number in each run's rows.
    """
    part, (x, y) = images.dataset(settings), images.first(settings)
    first, then = settings["first"], settings["then"]
    epochs = first["epochs"] + then["epochs"]

    def train(build, phase):
        return training.fit_seeds(
            build,
            x,
            y,
            validation_data=(part.x_test, part.y_test),
            seeds=seeds,
            optimizer=networks.optimizer(settings),
            learning_rate=phase["rate"],
            epochs=phase["epochs"],
            batch_size=settings["batch"],
            after_epoch=lambda epoch, copies: progress(1 / epochs if epoch else 0),
        )

    before = train(
        lambda seed: networks.build({**settings, "activation": first["activation"]}, seed), first
    )
    of_seed = dict(zip(seeds, before.models, strict=True))

    def with_slope(seed):
        network = networks.build({**settings, "activation": settings["slope"] or "relu"}, seed)
        network.set_weights(of_seed[seed].get_weights())
        return network

    after = train(with_slope, then)
    pairs = zip(before.models, after.models, strict=True)
    counts = pd.DataFrame([dead_and_back(*pair, x, y) for pair in pairs])
    tables = [last_rows(before, first["epochs"]), last_rows(after, epochs).join(counts)]
    return pd.concat(tables, ignore_index=True)


def last_rows(runs, epoch):
    """The last row of each copy, with this as its epoch."""
    table = runs.table[runs.table.epoch == runs.table.epoch.max()].rename(columns=results.COLUMNS)
    table = table.assign(epoch=epoch, learning_rate=np.nan).reset_index(drop=True)
    return table[["seed", "learning_rate", "epoch", *results.COLUMNS.values()]]


def dead_and_back(before, after, x, y):
    """Counts of first-layer units: dead, of them without any gradient, and of them back afterwards."""
    name = before.layers[1].name
    dead = diagnostics.dead_units(before, x)[name]
    still = np.all(diagnostics.kernel_gradients(before, x, y)[name] == 0, axis=0)
    on = diagnostics.highest_pre_activations(after, x)[name] > 0
    return {
        "first_dead": dead.sum(),
        "first_still": (dead & still).sum(),
        "back": (dead & on).sum(),
    }
