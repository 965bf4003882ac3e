"""Kinds "operations" and "wall time": seconds, which depend on the machine and on what else it does.

A row is a round, and its seed draws the order in which the round takes its measurements.
"""

from helpers import stack

import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from . import images, networks
from .experiments import B_KINDS, A, B

BATCH = 32
FILTERS = (BATCH, 26, 26, 32)  # what set-up A's filters give, and its last layer takes:
NEXT_LAYER = (5_408, 10)
ZEROS = 0.5  # the share of zeros behind ReLU and pooling: a round number, not read from A-relu-adam
STAND_INS = (0.05, 0.15)  # numbers in place of the zeros
WARM_UP = 3  # calls of each operation that are not counted; the first compiles
RATE = 0.01  # seconds do not depend on it


def operations(settings, seeds, rates, progress):
    """Kind "operations": mean seconds of a call, over `repeats` calls in a row."""
    calls = {**values(), **forward_passes(), **steps()}
    for call in calls.values():
        for _ in range(WARM_UP):
            call()
    rows = []
    for seed in seeds:
        rows.append({"seed": seed, "learning_rate": np.nan, "epoch": 1})
        for name in np.random.default_rng(seed).permutation(list(calls)):
            started = time.perf_counter()
            for _ in range(settings["repeats"]):
                calls[name]()
            seconds = (time.perf_counter() - started) / settings["repeats"]
            rows[-1][str(name)] = seconds
        progress(1 / len(seeds))
    return pd.DataFrame(rows)


def values():
    """{column: a function without parameters}: activations forward and back; the next layer's product."""
    generator = np.random.default_rng(0)
    sums, arriving = (tf.constant(generator.normal(size=FILTERS), tf.float32) for _ in range(2))
    calls = {name: both_ways(name, sums, arriving) for name in ("relu", "sigmoid", "tanh")}
    kernel = tf.constant(generator.normal(size=NEXT_LAYER), tf.float32)
    inputs = generator.uniform(0, 1, (BATCH, NEXT_LAYER[0]))
    off = generator.random(inputs.shape) < ZEROS
    stand_ins = generator.uniform(*STAND_INS, inputs.shape)
    for name, others in (("zeros", 0), ("dense", stand_ins)):
        outputs = tf.constant(np.where(off, others, inputs), tf.float32)
        calls[f"next_layer_{name}"] = compiled(tf.matmul, outputs, kernel)
    return calls


def both_ways(name, sums, arriving):
    """An activation of the sums and the gradient that leaves it, if `arriving` reaches it."""
    activation = networks.activation(name)

    def forward_and_back(sums, arriving):
        with tf.GradientTape() as tape:
            tape.watch(sums)
            outputs = activation(sums)
        return outputs, tape.gradient(outputs, sums, arriving)

    return compiled(forward_and_back, sums, arriving)


def compiled(function, *given, xla=False):
    """A function without parameters that calls this one, as a TensorFlow graph, on what is given."""
    graph = tf.function(function, autograph=False, jit_compile=xla)
    return lambda: graph(*given)


def forward_passes():
    """Of set-up A: a batch's whole forward pass, softmax included, and its softmax alone."""
    generator = np.random.default_rng(0)
    network = networks.build({**A, "activation": "relu"}, 0)
    x = tf.constant(generator.uniform(0, 1, (BATCH, 28, 28)), tf.float32)
    return {
        "softmax_forward": compiled(tf.nn.softmax, network(x)),
        "conv_forward": compiled(lambda x: tf.nn.softmax(network(x)), x),
    }


def steps():
    """One step of set-up B's network alone with each of its optimizers."""
    calls = {}
    for name, changes in B_KINDS.items():
        settings = {**B, **changes}
        x, y = (tf.constant(part[: settings["batch"]]) for part in images.first(settings))
        # With XLA where it works, as Keras' fit trains.
        calls[f"step_{name}"] = compiled(one_step(settings), x, y, xla=stack.xla_works())
    return calls


def one_step(settings):
    """A function of images and classes that changes a network once and returns the loss."""
    network, optimizer = networks.build(settings, 0), networks.optimizer(settings)
    optimizer.learning_rate = RATE
    optimizer.build(network.trainable_variables)
    loss = networks.LOSSES[settings["loss"]]

    def step(x, y):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(y, network(x)))
        gradients = tape.gradient(value, [one.value for one in network.trainable_variables])
        optimizer.apply(gradients, network.trainable_variables)
        return value

    return step


def wall_time(settings, seeds, rates, progress):
    """Kind "wall time": Keras' own fit of each pair in turn, mean seconds of the epochs after the first."""
    x, y = images.first(settings)
    pairs = settings["pairs"]
    rows = []
    for seed in seeds:
        rows.append({"seed": seed, "learning_rate": np.nan, "epoch": 1})
        for activation, optimizer in np.random.default_rng(seed).permutation(pairs).tolist():
            seconds = epoch_seconds(settings, activation, optimizer, seed, x, y)
            rows[-1][f"seconds_{activation}_{optimizer}"] = np.mean(seconds[1:])
            progress(1 / len(seeds) / len(pairs))
    return pd.DataFrame(rows)


def epoch_seconds(settings, activation, optimizer, seed, x, y):
    """Wall seconds of each epoch of a fresh network, (epochs,)."""
    network = networks.build({**settings, "activation": activation}, seed)
    optimizer = networks.optimizer({"optimizer": {"name": optimizer}})
    optimizer.learning_rate = RATE
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer, loss, metrics=["accuracy"])
    watch = Stopwatch()
    options = {"epochs": settings["epochs"], "batch_size": settings["batch"], "verbose": 0}
    network.fit(x, y, callbacks=[watch], **options)
    return watch.seconds


class Stopwatch(keras.callbacks.Callback):
    """Keeps the seconds of each epoch of a fit."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.started)
