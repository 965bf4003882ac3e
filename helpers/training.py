"""Train many seeds or learning rates of one model at once; a live bar for Keras' own fit."""

import collections.abc
import dataclasses
import functools
import gc
import numbers
import signal
import sys
import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
import tqdm.std
from . import models, stack
from .stopping import Stopped

EVALUATION_BATCH = 1000
CONVOLUTIONAL_EVALUATION_BATCH = 50  # of every copy: a convolution's values take 300 kB an image
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


@dataclasses.dataclass
class Runs:
    """What `fit_seeds` recorded of several copies of a model.

    table: a tidy pandas.DataFrame, one row per copy and epoch: copy, seed, learning_rate (at the
        epoch's first step), epoch (from 1), loss, accuracy (means over the epoch while it trained,
        as Keras reports them), val_loss, val_accuracy (NaN without validation data), seconds (wall
        time of the epoch divided by the number of copies; the first epoch's hold the compilation).
    models: the trained Keras models, one per copy: seeds first, learning rates within a seed.
    """

    table: pd.DataFrame
    models: list

    def curves(self, metric):
        """The values of `metric`, a column of the table, as an array (copies, epochs)."""
        if metric not in self.table:
            columns = ", ".join(self.table.columns)
            raise ValueError(f"unknown metric {metric!r}: choose one of {columns}.")
        return self.table.pivot(index="copy", columns="epoch", values=metric).to_numpy()

    def final(self, metric):
        """Each copy's value of `metric` after the last epoch, an array (copies,)."""
        return self.curves(metric)[:, -1]

    def by_rate(self, rate):
        """The Runs of the copies with this learning rate (of a schedule: in the first epoch)."""
        first = self.table[self.table.epoch == 1].set_index("copy").learning_rate
        return self._select(rate, first, np.isclose(first, rate, rtol=1e-6, atol=0))

    def by_seed(self, seed):
        """The Runs of the copies with this seed."""
        first = self.table[self.table.epoch == 1].set_index("copy").seed
        return self._select(seed, first, first == seed)

    def _select(self, value, column, chosen):
        numbers_chosen = column.index[chosen].tolist()
        if not numbers_chosen:
            there = ", ".join(f"{one:g}" for one in column.unique())
            raise ValueError(f"no copy has {column.name} {value!r}: choose one of {there}.")
        table = self.table[self.table["copy"].isin(numbers_chosen)].reset_index(drop=True)
        table["copy"] = table["copy"].map(numbers_chosen.index)
        return Runs(table, [self.models[k] for k in numbers_chosen] if self.models else [])


class LiveBar(keras.callbacks.Callback):
    """A live bar for Keras' own fit, which leaves a clean cell; a stop says so in one sentence.

    model.fit(x, y, epochs=5, verbose=0, callbacks=[training.LiveBar()])
    """

    def on_train_begin(self, logs=None):
        self.epoch = 0
        self.bar = _bar(self.params["epochs"] * self.params["steps"])
        # In place of KeyboardInterrupt, whose traceback has 140 lines; Jupyter resets it per cell.
        self.before = signal.signal(signal.SIGINT, self._stop)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        steps = self.params["steps"]  # steps_per_execution makes `batch` jump, beyond the end too
        self.bar.update(self.epoch * steps + min(batch + 1, steps) - self.bar.n)

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix(loss=f"{logs['loss']:.4f}")

    def on_train_end(self, logs=None):
        signal.signal(signal.SIGINT, self.before)
        self.bar.close()

    def _stop(self, *_):
        self.on_train_end()
        raise Stopped(
            f"Stopped by you after {self.epoch} of {self.params['epochs']} epochs. The model keeps "
            "what it has learned; the rest of this cell did not run."
        )


def fit_seeds(
    build_model,
    x,
    y,
    *,
    validation_data=None,
    seeds=range(5),
    optimizer="adam",
    learning_rate=None,
    loss=None,
    epochs=5,
    batch_size=32,
    subset=None,
    after_epoch=None,
    after_steps=None,
    programs=None,
):
    """Train one model from several seeds, all at once and each as if alone; returns `Runs`.

    build_model: a function of a seed that returns a fresh Keras model, such as
        lambda seed: models.build_mlp((512,), "tanh", seed=seed): a Sequential of Flatten, Reshape,
        Dense, Conv2D (strides 1, no padding) with MaxPooling2D after it, and activations of any kind.
    x: array of numbers (examples, ...), as the model takes it; y: whole-number classes (examples,),
        or float targets (examples, outputs), for which accuracy is NaN; validation_data: (x, y) or
        None.
    seeds: whole numbers; copy k has its weights from build_model(seeds[k]) and its order of the
        examples, new in each epoch, from seeds[k].
    optimizer: a Keras optimizer whose step treats each weight alone (a fresh copy of it is used), or
        its name.
    learning_rate: None for the optimizer's own; a number; or a sequence: every seed is trained with
        every rate.
    loss: a function of y_true (copies, batch) or (copies, batch, outputs) and y_pred (copies, batch,
        outputs) that gives one number per example, such as keras.losses.mean_squared_error, or its
        name; None is cross-entropy of a model that ends in logits.
    subset: None, or a function of a seed that returns the numbers of the examples which its copy
        trains on, equally many for each seed.
    after_epoch: None, or a function (epoch, networks), called with 0 before the training and after
        each epoch, with the copies' Keras models as they are then; changing them changes nothing.
    after_steps: None, or a function (epoch, step, losses), called after every 50 steps and at an
        epoch's end: the last step and each copy's mean loss, (copies,), over the steps since the last call.
    programs: None, or a dictionary in which the compiled programs stay for a next call, which may differ
        in seeds, learning rates, data and numbers of epochs alone.

    A loss of NaN or infinity is reported, and the other copies go on. The stop button ends the cell.
    Raises ValueError for arrays that do not fit together or to the model, and for models and
    optimizers that cannot be trained together: train those with Keras' own fit.
    """
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} is {value!r}: give a whole number from 1 on.")
    x, y = _arrays("training", x, y)
    if validation_data is not None:
        validation_data = _validation_arrays(validation_data)
    optimizer = models.get_optimizer(optimizer)
    stack.check_optimizer(optimizer)
    copies = _copies(seeds, learning_rate)
    networks = _build(build_model, copies)
    for data in filter(None, ((x, y), validation_data)):
        _check_fit(networks[0], *data, loss)
    chosen = _subsets(subset, copies, len(x))
    rates = None if learning_rate is None else [rate for _, rate in copies]
    loss = keras.losses.get(loss) or cross_entropy
    programs = {} if programs is None else programs
    settings = {**optimizer.get_config(), "name": None}  # Keras numbers the optimizers
    key = (len(networks), type(optimizer), repr(settings), rates is None, loss)
    if key in programs:
        programs[key][0].load(networks, optimizer, rates)
    else:
        together = stack.Stack(networks, optimizer, rates, loss)
        steps = (together.train_step, together.test_step)
        programs[key] = (together, *map(stack.steps_program, steps))
    together = programs[key][0]
    stack.check_outputs(together, networks, x[:8])
    tables = []
    try:
        with _bar(epochs * -(-chosen.shape[1] // batch_size)) as bar:
            options = {"epochs": epochs, "batch_size": batch_size, "bar": bar}
            if after_epoch:
                after_epoch(0, networks)
            for table in _epochs(
                programs[key], chosen, copies, (x, y), validation_data, after_steps, **options
            ):
                tables.append(table)
                if after_epoch:
                    together.write_back(networks)
                    after_epoch(len(tables), networks)
    except KeyboardInterrupt:
        raise Stopped(
            f"Stopped by you after {len(tables)} of {epochs} epochs. What this call has trained is "
            "gone; the rest of this cell did not run."
        ) from None
    together.write_back(networks)
    columns = ["copy", "seed", "learning_rate", "epoch", *METRICS, "seconds"]
    runs = Runs(pd.concat(tables, ignore_index=True).reindex(columns=columns), networks)
    # The graphs of a training are cycles: six trainings of five copies of 784-512-512-512-10 take
    # 1.8 GB without these lines, 1.3 GB with them.
    del together, programs
    gc.collect()
    _report(runs, copies)
    return runs


def cross_entropy(y_true, y_pred):
    """Cross-entropy of classes (copies, batch) and logits (copies, batch, classes), per example.

    Not Keras' function: for a model that ends in a softmax that one would look beneath it.
    """
    return tf.nn.sparse_softmax_cross_entropy_with_logits(y_true, y_pred)


def _epochs(
    programs, chosen, copies, data, validation_data, after_steps, *, epochs, batch_size, bar
):
    """Train the stack for one epoch after the other; yields a table each, one row per copy."""
    together, train, evaluate = programs
    train = functools.partial(train, *map(tf.Variable, data))
    if validation_data:
        evaluate = functools.partial(evaluate, *map(tf.Variable, validation_data))
    convolutional = any(isinstance(layer, keras.layers.Conv2D) for layer in together.layers)
    evaluation_batch = CONVOLUTIONAL_EVALUATION_BATCH if convolutional else EVALUATION_BATCH
    generators = [np.random.default_rng(seed) for seed, _ in copies]
    for epoch in range(1, epochs + 1):
        started, own_rate = time.perf_counter(), float(together.optimizer.learning_rate)
        order = []
        for examples, generator in zip(chosen, generators, strict=True):
            order.append(examples[generator.permutation(len(examples))])
        after_execution = bar.update
        if after_steps:
            watch = functools.partial(after_steps, epoch)
            after_execution = _Watch(together, chosen.shape[1], batch_size, watch, bar)
        stack.run_epoch(train, np.stack(order), batch_size, after_execution)
        loss, accuracy = together.take_means(chosen.shape[1])
        table = pd.DataFrame({"loss": loss, "accuracy": accuracy})
        if validation_data:
            examples = np.arange(len(validation_data[0]))
            stack.run_epoch(evaluate, examples[None], evaluation_batch)
            table["val_loss"], table["val_accuracy"] = together.take_means(len(examples))
        table["epoch"] = epoch
        table["copy"], table["seed"] = range(len(copies)), [seed for seed, _ in copies]
        table["learning_rate"] = [own_rate if rate is None else rate for _, rate in copies]
        table["seconds"] = (time.perf_counter() - started) / len(copies)
        bar.set_postfix(loss=f"{loss.min():.4f} to {loss.max():.4f}")
        yield table


class _Watch:
    """Calls `watch(step, losses)` after each execution of a program, and moves the bar."""

    def __init__(self, together, examples, batch_size, watch, bar):
        self.together, self.watch, self.bar = together, watch, bar
        self.examples, self.batch_size = examples, batch_size
        self.step, self.seen, self.sums = 0, 0, 0.0

    def __call__(self, steps):
        self.bar.update(steps)
        self.step += steps
        before, self.seen = self.seen, min(self.step * self.batch_size, self.examples)
        before_sums, self.sums = self.sums, self.together.sums.numpy()[0]
        self.watch(self.step, (self.sums - before_sums) / (self.seen - before))


def _arrays(name, x, y):
    """x as float32, y as int32 or float32; ValueError if they do not fit together."""
    if x is None or y is None or not 0 < len(x) == len(y):
        sizes = ["none" if array is None else len(array) for array in (x, y)]
        raise ValueError(
            f"{name} data: x and y must have the same length, at least 1, and have {sizes}."
        )
    y = np.asarray(y)
    classes = np.issubdtype(y.dtype, np.integer) and y.ndim == 1
    targets = np.issubdtype(y.dtype, np.floating) and y.ndim == 2
    if not classes and not targets:
        raise ValueError(
            f"{name} data: y has shape {y.shape} and type {y.dtype}: give one whole-number class "
            "per example, or, for a regression, floats of shape (examples, outputs)."
        )
    return np.asarray(x, np.float32), y.astype(np.int32 if classes else np.float32)


def _validation_arrays(validation_data):
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        raise ValueError("validation_data must be a pair (x, y), or None.")
    return _arrays("validation", *validation_data)


def _check_fit(network, x, y, loss):
    """ValueError for data that do not fit the model; under XLA they would only make the loss NaN."""
    outputs, shape = network.output_shape[-1], network.input_shape[1:]
    if x.shape[1:] != shape:
        raise ValueError(f"x has shape {x.shape}, and the model takes examples of shape {shape}.")
    if y.ndim == 2 and (loss is None or y.shape[1] != outputs):
        raise ValueError(
            f"y holds floats of shape {y.shape} and the model has {outputs} outputs: give one target "
            "for each output, and a loss such as loss=keras.losses.mean_squared_error."
        )
    if y.ndim == 1 and (y.min() < 0 or y.max() >= outputs):
        raise ValueError(
            f"y holds classes {y.min()} to {y.max()}, and the model's {outputs} outputs start at "
            "class 0."
        )


def _copies(seeds, learning_rate):
    """[(seed, learning rate or None)] for every copy."""
    whole = isinstance(seeds, collections.abc.Sequence) and all(
        isinstance(seed, numbers.Integral) for seed in seeds
    )
    if not whole or not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds is {seeds!r}: give a range, tuple or list of different whole numbers from 0 on."
        )
    rates = [None] if learning_rate is None else np.atleast_1d(learning_rate).tolist()
    positive = [type(rate) in (int, float) and 0 < rate < np.inf for rate in rates]
    if learning_rate is not None and not (rates and all(positive)):
        raise ValueError(
            f"learning_rate is {learning_rate!r}: give a positive number or a sequence of them."
        )
    return [(int(seed), rate) for seed in seeds for rate in rates]


def _build(build_model, copies):
    if not callable(build_model) or isinstance(build_model, keras.Model):
        raise ValueError(
            f"build_model is a {type(build_model).__name__}: give a function of a seed that returns "
            "a fresh model, such as lambda seed: models.build_mlp((512,), seed=seed)."
        )
    networks = [build_model(seed) for seed, _ in copies]
    for network in networks:
        stack.check_network(network)
        if [weight.shape for weight in network.weights] != [w.shape for w in networks[0].weights]:
            raise ValueError("build_model returns networks of different sizes: give all one size.")
    if len({id(network) for network in networks}) < len(networks):
        raise ValueError("build_model returns the same model again: let it make a fresh one.")
    return networks


def _subsets(subset, copies, examples):
    """The numbers of the examples of each copy, an array (copies, examples of a copy)."""
    if subset is None:
        return np.broadcast_to(np.arange(examples), (len(copies), examples))
    chosen = [np.asarray(subset(seed)) for seed, _ in copies]
    shapes = {numbers_of_one.shape for numbers_of_one in chosen}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1:
        raise ValueError(f"subset gives arrays of shapes {sorted(shapes)}: give one shape (n,).")
    chosen = np.stack(chosen)
    if not np.issubdtype(chosen.dtype, np.integer) or not chosen.size:
        raise ValueError("subset must give the numbers of examples, whole and at least one.")
    if chosen.min() < 0 or chosen.max() >= examples:
        raise ValueError(
            f"subset names examples {chosen.min()} to {chosen.max()}: there are 0 to {examples - 1}."
        )
    return chosen


def _bar(steps):
    return tqdm.std.tqdm(total=steps, leave=False, file=sys.stdout, unit="step")


def _report(runs, copies):
    """Print the last epoch's metrics as ranges over the copies, and which copies diverged.

    Printed after a bar, it leaves the cell clean.
    """
    diverged = np.flatnonzero(~np.isfinite(runs.final("loss")))
    if len(diverged):
        named = []
        for seed, rate in (copies[number] for number in diverged):
            named.append(f"seed {seed}" + (f" at {rate:g}" if rate else ""))
        print(
            f"Diverged (loss no longer a finite number): {len(diverged)} of {len(copies)} copies: "
            f"{', '.join(named)}."
        )
    parts = []
    for metric in METRICS:
        values = runs.final(metric)
        values = values[np.isfinite(values)]
        if len(values):
            ends = [f"{value:.3f}" if value < 1000 else f"{value:.0e}" for value in np.sort(values)]
            parts.append(f"{metric} {ends[0]}" + (f" to {ends[-1]}" * (ends[-1] != ends[0])))
    title = f"{len(copies)} x {runs.models[0].name}, epoch {runs.table.epoch.max()}"
    print(f"{title}: {', '.join(parts)}")
