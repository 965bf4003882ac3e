"""Train one model with a live bar, or many seeds of one model at once."""

import collections.abc
import contextlib
import ctypes
import dataclasses
import functools
import gc
import math
import numbers
import re
import sys
import time

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
import tqdm.std
from . import models

STEPS_PER_EXECUTION = (
    50  # so many steps run as one program, which makes an epoch up to twice as short
)
EVALUATION_BATCH = 1000
CONVOLUTIONAL_EVALUATION_BATCH = (
    50  # of every copy: the values of a convolution take 300 kB an image
)
ALIGNMENT = 64  # bytes: a tensor that begins elsewhere would be copied for every program
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
# What trains with one more axis: layers without weights that treat each number alone, and element-wise update rules.
# A convolution does where pooling follows: see `_Stack`.
ELEMENTWISE_LAYERS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
)
INCREASING = tuple(
    map(keras.activations.get, ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh"))
)
ELEMENTWISE_OPTIMIZERS = (
    keras.optimizers.SGD,
    keras.optimizers.RMSprop,
    keras.optimizers.Adam,
    keras.optimizers.AdamW,
)

gc.collect()
gc.freeze()  # what the imports made stays for good: not to look through it each time saves 0.1 s a training


class DivergenceError(RuntimeError):
    """The training loss became NaN or infinite."""


@dataclasses.dataclass
class History:
    """What `fit` recorded.

    history: {name: one number an epoch}, as in a Keras History: "loss" and "accuracy" (means over the epoch while the
        model trained), "val_loss" and "val_accuracy" with validation data, "learning_rate", and "seconds" (wall time of
        the epoch with its validation; the first holds the compilation).
    diverged: whether the loss became NaN or infinite.
    """

    history: dict = dataclasses.field(default_factory=dict)
    diverged: bool = False

    @property
    def epoch(self):
        """The numbers of the epochs recorded, from 0, as Keras counts them."""
        return list(range(len(self.history.get("loss", []))))

    @property
    def best_val_accuracy(self):
        """None without validation data, as `best_epoch`."""
        return max(self.history.get("val_accuracy", []), default=None)

    @property
    def best_epoch(self):
        """The epoch with the best validation accuracy, counted from 1; the first of them if there are several."""
        values = self.history.get("val_accuracy", [])
        return 1 + int(np.argmax(values)) if values else None


@dataclasses.dataclass
class SeedHistory:
    """What `fit_seeds` recorded.

    table: a tidy pandas.DataFrame, a row a copy and epoch: copy, seed, learning_rate, epoch (from 1), loss, accuracy
        (means over the epoch while it trained, as Keras reports them), val_loss, val_accuracy (NaN without validation
        data), seconds (wall time of the epoch divided by the number of copies trained at once; the first epoch's hold
        the compilation).
    models: the trained Keras models, in the order of the copies: seeds first, learning rates within a seed.
    """

    table: pd.DataFrame
    models: list

    def final(self, metric):
        """Each copy's last value of `metric`, an array in the order of `models`; NaN for a copy without an epoch."""
        if metric not in self.table:
            raise ValueError(
                f"unknown metric {metric!r}: choose one of {', '.join(self.table.columns)}."
            )
        last = self.table.drop_duplicates("copy", keep="last").set_index("copy")[
            metric
        ]  # .last() would skip a NaN
        return last.reindex(range(len(self.models))).to_numpy()


def fit(
    model,
    x,
    y,
    *,
    validation_data=None,
    optimizer="adam",
    epochs=5,
    batch_size=32,
    seed=0,
    raise_on_divergence=False,
):
    """Train `model` as model.fit would, several times faster and with a live bar; returns a `History`.

    x: float array (examples, ...); y: whole-number labels (examples,); validation_data: (x, y) or None.
    optimizer: a Keras optimizer (a fresh copy of it is used) or its name; None goes on with the compiled one.
    seed: of the order of the examples, new in each epoch (the weights have their own seed, see `models`).
    A loss of NaN or infinity ends the training with a sentence, or with DivergenceError if `raise_on_divergence`.
    The stop button ends it with a sentence. Either way model and history so far stay usable.
    Raises ValueError for arrays that do not fit together, epochs or batch_size below 1, an unknown optimizer.
    """
    _check_data(x, y, validation_data, epochs, batch_size)
    _check_classes(model, y, validation_data)
    _compile(model, optimizer)
    history = History()
    with _bar(epochs * _steps(len(x), batch_size)) as bar, contextlib.suppress(KeyboardInterrupt):
        _fit_alone(model, history, x, y, validation_data, epochs, batch_size, seed, bar)
    release_memory()
    finished = len(history.epoch)
    if history.diverged:
        sentence = (
            f"Diverged in epoch {finished} of {epochs}: the loss is no longer a finite number."
        )
        if raise_on_divergence:
            raise DivergenceError(sentence)
        print(f"{sentence} Training ended there; a smaller learning rate usually helps.")
    elif finished < epochs:
        print(_stopped_sentence(finished))
    else:
        print(
            _result_line(
                model.name,
                epochs,
                {metric: values[-1:] for metric, values in history.history.items()},
            )
        )
    return history


def fit_seeds(
    build_model,
    x,
    y,
    *,
    validation_data=None,
    seeds=range(5),
    optimizer="adam",
    learning_rate=None,
    epochs=5,
    batch_size=32,
):
    """Train one model from several seeds, all at once where it is an MLP or build_cnn's; returns a `SeedHistory`.

    build_model: a function of a seed that returns a fresh Keras model, such as
        lambda seed: models.build_mlp((512,), "tanh", seed=seed).
    seeds: whole numbers; copy k has its weights from build_model(seeds[k]) and its order of the examples from seeds[k],
        the order that `fit` gives with that seed. Each copy learns as if alone.
    learning_rate: None for the optimizer's own; a number; or a sequence: every seed is trained with every rate.
    Other parameters as in `fit`. Networks with other layers than Flatten, Dense, activations and plain convolutions
    with pooling, or optimizers other than SGD (with or without momentum), RMSprop, Adam and AdamW, are trained one copy
    after the other.
    The stop button keeps the weights as they are, and the table up to the last whole epoch.
    Raises ValueError as `fit` does, for optimizer None, and for seeds or rates that are no such sequence.
    """
    _check_data(x, y, validation_data, epochs, batch_size)
    if optimizer is None:
        raise ValueError(
            "fit_seeds trains fresh models: name an optimizer, such as optimizer='adam'."
        )
    optimizer = models.get_optimizer(optimizer)
    copies = _copies(seeds, learning_rate)
    networks = [build_model(seed) for seed, _ in copies]
    _check_classes(networks[0], y, validation_data)
    together = _is_elementwise(optimizer) and all(map(_can_stack, networks))
    train = _fit_together if together else _fit_one_by_one
    table = train(networks, copies, x, y, validation_data, optimizer, epochs, batch_size)
    release_memory()
    table = table.reindex(columns=["copy", "seed", "learning_rate", "epoch", *METRICS, "seconds"])
    _report_diverged(table, copies)
    finished = table[table.epoch == epochs]
    if len(finished):
        print(_result_line(f"{len(finished)} x {networks[0].name}", epochs, finished))
    return SeedHistory(table, networks)


def _fit_alone(model, history, x, y, validation_data, epochs, batch_size, seed, bar):
    """Train `model` with its own train_step and fill `history`, an epoch at a time."""
    train = _steps_function(
        lambda images, labels, _: model.train_step((images, labels)), x, y, model.jit_compile
    )
    orders, whole = _orders(len(x), seed), len(x) - len(x) % batch_size

    def diverged():
        return not math.isfinite(model.get_metrics_result()["loss"])

    while len(history.epoch) < epochs and not history.diverged:
        started, order = time.perf_counter(), next(orders)
        model.reset_metrics()
        # A last batch with fewer examples runs apart: Keras takes the mean over a batch as it comes.
        for part, size in ((order[:whole], batch_size), (order[whole:], len(x) - whole)):
            if len(part) and not history.diverged:
                _run_epoch(train, part, size, bar, diverged)
                history.diverged = diverged()
        values = {name: float(value) for name, value in model.get_metrics_result().items()}
        if validation_data:
            scores = model.evaluate(
                *validation_data, batch_size=EVALUATION_BATCH, verbose=0, return_dict=True
            )
            values |= {f"val_{name}": value for name, value in scores.items()}
        values["learning_rate"] = float(model.optimizer.learning_rate)
        values["seconds"] = time.perf_counter() - started
        for name, value in values.items():
            history.history.setdefault(name, []).append(value)
        bar.set_postfix(loss=f"{values['loss']:.4f}")


def _fit_one_by_one(networks, copies, x, y, validation_data, optimizer, epochs, batch_size):
    rows = []
    for number, (network, (seed, rate)) in enumerate(zip(networks, copies, strict=True)):
        options = {
            "epochs": epochs,
            "batch_size": batch_size,
            "seed": seed,
            "optimizer": _fresh(optimizer, rate),
        }
        history = fit(network, x, y, validation_data=validation_data, **options)
        for epoch in history.epoch:
            values = {name: column[epoch] for name, column in history.history.items()}
            values |= (
                {} if rate is None else {"learning_rate": rate}
            )  # as it was asked for, not rounded to float32
            rows.append({"copy": number, "seed": seed, "epoch": epoch + 1, **values})
        if len(history.epoch) < epochs and not history.diverged:
            print(f"{number} of {len(copies)} copies were trained to the end.")
            break  # the stop button ends the training of all copies
    return pd.DataFrame(rows)


def _fit_together(networks, copies, x, y, validation_data, optimizer, epochs, batch_size):
    stack = _Stack(networks, optimizer, [rate for _, rate in copies])
    train = _steps_function(stack.train_step, x, y)
    evaluate = _steps_function(stack.test_step, *validation_data) if validation_data else None
    evaluation_batch = (
        CONVOLUTIONAL_EVALUATION_BATCH if _is_convolutional(networks[0]) else EVALUATION_BATCH
    )
    orders = [_orders(len(x), seed) for seed, _ in copies]
    tables = []
    with _bar(epochs * _steps(len(x), batch_size)) as bar, contextlib.suppress(KeyboardInterrupt):
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            _run_epoch(train, np.stack([next(order) for order in orders]), batch_size, bar)
            loss, accuracy = stack.take_means(len(x))
            columns = {"loss": loss, "accuracy": accuracy}
            if evaluate:
                _run_epoch(evaluate, np.arange(len(validation_data[0]))[None], evaluation_batch)
                columns["val_loss"], columns["val_accuracy"] = stack.take_means(
                    len(validation_data[0])
                )
            columns |= {"epoch": epoch, "seconds": (time.perf_counter() - started) / len(copies)}
            columns |= {
                "seed": [seed for seed, _ in copies],
                "learning_rate": stack.learning_rates(),
            }
            tables.append(pd.DataFrame(columns).rename_axis("copy").reset_index())
            bar.set_postfix(loss=f"{loss.min():.4f} to {loss.max():.4f}")
    stack.write_back(networks)
    if len(tables) < epochs:
        print(_stopped_sentence(len(tables)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


class _Stack:
    """The copies of a network as one network whose weights have one more axis in front: (copies, inputs, outputs).

    A convolution and the pooling after it are computed together, as one matrix product: see `_convolve_and_pool`.
    """

    def __init__(self, networks, optimizer, rates):
        self.layers, self.rates = networks[0].layers, rates
        weights = zip(*(network.get_weights() for network in networks), strict=True)
        # A bias (outputs,) becomes (1, outputs), so that it is added to every example of its copy, and a convolution's
        # kernel (rows * columns * channels, outputs): one learning rate a copy fits to all of them.
        self.variables = [
            keras.Variable(np.stack([copy.reshape(-1, copy.shape[-1]) for copy in copies]))
            for copies in weights
        ]
        self.optimizer = _with_rates(optimizer, rates)
        self.optimizer.build(self.variables)
        self.sums = tf.Variable(
            tf.zeros((2, len(networks)))
        )  # of the losses and of the right answers of each copy

    def logits(self, values):
        """(copies or 1, batch, ...) -> (copies, batch, classes)."""
        variables = iter(self.variables)
        for number, layer in enumerate(self.layers):
            if isinstance(layer, (keras.layers.Dense, keras.layers.Conv2D)):
                kernel, bias = (
                    next(variables).value,
                    next(variables).value if layer.use_bias else 0.0,
                )
                if isinstance(layer, keras.layers.Conv2D):
                    sizes = layer.kernel_size, _pool_size(self.layers[number:])
                    values = _convolve_and_pool(values, kernel, bias, *sizes)
                else:
                    values = tf.matmul(values, kernel) + bias
                values = layer.activation(values)
            elif isinstance(layer, (keras.layers.Flatten, keras.layers.Reshape)):
                values = tf.reshape(values, (*values.shape[:2], *layer.output.shape[1:]))
            elif not isinstance(
                layer, keras.layers.MaxPooling2D
            ):  # which the convolution before it has done
                values = layer(values)
        return values

    def test_step(self, images, labels, present):
        """Add to the sums and return each copy's mean loss, (copies,).

        images: (copies or 1, batch, ...); labels and present (False for padding): (copies or 1, batch).
        """
        logits = self.logits(images)
        labels = tf.broadcast_to(labels, logits.shape[:2])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        right = tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == labels, tf.float32)
        weights = tf.cast(present, tf.float32)
        self.sums.assign_add(
            [tf.reduce_sum(values * weights, axis=1) for values in (losses, right)]
        )
        return tf.reduce_sum(losses * weights, axis=1) / tf.reduce_sum(weights, axis=1)

    def train_step(self, images, labels, present):
        with tf.GradientTape() as tape:
            # The sum over copies of each one's mean loss: no copy's gradient holds anything of another's.
            loss = tf.reduce_sum(self.test_step(images, labels, present))
        self.optimizer.apply(
            tape.gradient(loss, [variable.value for variable in self.variables]), self.variables
        )

    def take_means(self, examples):
        """Mean loss and accuracy of each copy since the last call, (copies,) each."""
        means = self.sums.numpy() / examples
        self.sums.assign(tf.zeros_like(self.sums))
        return means

    def learning_rates(self):
        own = None in self.rates
        return np.full(len(self.rates), float(self.optimizer.learning_rate)) if own else self.rates

    def write_back(self, networks):
        for number, network in enumerate(networks):
            shapes = [weight.shape for weight in network.get_weights()]
            values = [variable.numpy()[number] for variable in self.variables]
            network.set_weights(
                [value.reshape(shape) for value, shape in zip(values, shapes, strict=True)]
            )


def _pool_size(layers):
    """The window of the first pooling among the layers."""
    return next(layer.pool_size for layer in layers if isinstance(layer, keras.layers.MaxPooling2D))


def _convolve_and_pool(images, kernel, bias, kernel_size, pool_size):
    """A convolution and the pooling after it, for each copy; the activation, which must rise, comes after both.

    All windows, as large as what the kernel sees from one pooling window, times a matrix that holds the kernel once for
    each place in the pooling window, with zeros around it; then the largest of these places. XLA makes that two to
    three times as fast as the layers one by one.
    images: (copies or 1, batch, height, width, channels); kernel: (copies, rows * columns * channels, outputs); bias:
    (copies, 1, outputs) or 0; kernel_size and pool_size: (rows, columns).
    Returns (copies, batch, windows down, windows across, outputs).
    """
    copies, _, outputs = kernel.shape
    filters = tf.reshape(kernel, (copies, *kernel_size, -1, outputs))
    placed = []
    for place in np.ndindex(pool_size):
        margins = [(start, pool - 1 - start) for start, pool in zip(place, pool_size, strict=True)]
        placed.append(tf.pad(filters, [(0, 0), *margins, (0, 0), (0, 0)]))
    placed = tf.stack(placed, axis=-2)
    sizes = zip(images.shape[2:4], kernel_size, pool_size, strict=True)
    ends = [
        ((size - seen + 1) // pool - 1) * pool + 1 for size, seen, pool in sizes
    ]  # behind the last window's start
    pixels = [
        images[:, :, row : row + ends[0] : pool_size[0], column : column + ends[1] : pool_size[1]]
        for row, column in np.ndindex(*placed.shape[1:3])
    ]
    windows = tf.concat(pixels, axis=-1)
    rows = tf.reshape(windows, (windows.shape[0], -1, windows.shape[-1]))
    products = tf.matmul(rows, tf.reshape(placed, (copies, windows.shape[-1], -1)))
    largest = _largest(tf.reshape(products, (*products.shape[:2], -1, outputs))) + bias
    return tf.reshape(largest, (copies, *windows.shape[1:-1], outputs))


@tf.custom_gradient
def _largest(values):
    """The largest along the last axis but one. TensorFlow's own gradient, the same, makes a step a fifth longer."""
    largest = tf.reduce_max(values, axis=-2)

    def gradient(arriving):
        winners = values == largest[..., None, :]
        shared = arriving / tf.reduce_sum(tf.cast(winners, arriving.dtype), axis=-2)
        return tf.where(winners, shared[..., None, :], 0.0)

    return largest, gradient


def _steps_function(step, x, y, compiled=None):
    """A function of (indices (steps, ..., batch), number of steps) that runs `step` on these examples, as one program.

    One program, loop and all, since a program for each step takes up to twice the time. An index of -1 is padding.
    """
    x, y = _tensor(x, np.float32), _tensor(y, np.int32)

    @tf.function(jit_compile=xla_works() if compiled is None else compiled, autograph=False)
    def run(x, y, batches, steps):
        def run_step(number):
            chosen = tf.maximum(batches[number], 0)
            step(tf.gather(x, chosen), tf.gather(y, chosen), batches[number] >= 0)
            return number + 1

        tf.while_loop(lambda number: number < steps, run_step, [0])

    return functools.partial(
        run, x, y
    )  # as arguments: a graph would hold on to the arrays when training is over


def _run_epoch(run, order, batch_size, bar=None, stop=lambda: False):
    """One pass over the examples in `order`, indices (..., examples), with a look at the bar in between."""
    *copies, examples = order.shape
    steps = _steps(examples, batch_size)
    executions = _steps(steps, STEPS_PER_EXECUTION)
    padded = np.full((*copies, executions * STEPS_PER_EXECUTION * batch_size), -1, np.int32)
    padded[..., :examples] = order  # filled up, so that all executions have one shape
    batches = padded.reshape(*copies, executions, STEPS_PER_EXECUTION, batch_size)
    for number, chunk in enumerate(np.moveaxis(batches, (-3, -2), (0, 1))):
        chunk_steps = min(STEPS_PER_EXECUTION, steps - number * STEPS_PER_EXECUTION)
        run(tf.constant(chunk), tf.constant(chunk_steps))
        if bar is not None:
            bar.update(chunk_steps)
        if stop():
            break


@functools.cache
def xla_works():
    """Whether TensorFlow's compiler XLA can be used here; some Windows and Apple builds come without it."""
    try:
        tf.function(lambda x: x @ x, jit_compile=True)(tf.ones((2, 2)))
    except (tf.errors.OpError, ValueError, NotImplementedError):
        return False
    return True


def _compile(model, optimizer):
    if optimizer is None:
        if (
            getattr(model, "optimizer", None) is None
        ):  # Keras has no such attribute before it compiles a model
            raise ValueError(
                "the model has no optimizer to go on with: name one, such as optimizer='adam'."
            )
        return
    model.compile(
        optimizer=_fresh(models.get_optimizer(optimizer)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=xla_works() and not _is_convolutional(model),  # XLA makes these slower
    )


def _fresh(optimizer, learning_rate=None):
    """A new optimizer with the settings of `optimizer`: one that has trained a model cannot train another."""
    config = optimizer.get_config()
    if learning_rate is not None:
        config["learning_rate"] = learning_rate
    return _forgetting(type(optimizer).from_config(config))


def _with_rates(optimizer, rates):
    """A copy of `optimizer` that steps each copy of the weights with its own learning rate."""
    if None in rates:
        return _fresh(optimizer)

    class WithRates(type(optimizer)):
        learning_rate = tf.reshape(
            tf.constant(rates, tf.float32), (-1, 1, 1)
        )  # weight decay asks for it, too

    return _forgetting(WithRates.from_config(optimizer.get_config()))


def _forgetting(optimizer):
    """Make `optimizer` skip the sum of the gradients over devices, of which there is one.

    TensorFlow keeps that sum's gradient for ever, and through it every network that was ever trained.
    """
    optimizer._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
    return optimizer


def _is_elementwise(optimizer):
    extras = (
        optimizer.clipnorm,
        optimizer.global_clipnorm,
        optimizer.use_ema,
        optimizer.loss_scale_factor,
    )
    return type(optimizer) in ELEMENTWISE_OPTIMIZERS and not any(extras)


def _can_stack(network):
    """Whether `_Stack` trains the network as Keras would: plain Dense layers on vectors, and nothing else to learn."""
    if not isinstance(network, keras.Sequential) or not network.built:
        return False
    letters = "".join(map(_letter, network.layers))
    learning = [layer for layer in network.layers if _letter(layer) in "DC"]
    weights = sum(
        1 + layer.use_bias for layer in learning
    )  # more: an activation learns too; fewer: a layer is frozen
    start = "" if len(network.input_shape) == 2 else r"(R?(CI*P)+)?F"
    return (
        re.fullmatch(start + "[ADFI]*", letters) is not None
        and len(network.weights) == len(network.trainable_weights) == weights
        and not any(map(_is_regularized, network.layers))
    )


def _letter(layer):
    """A letter for each kind of layer that `_Stack` knows, "?" for all others; "I" for an increasing activation."""
    kind = type(layer)
    if kind in ELEMENTWISE_LAYERS:
        increasing = kind is not keras.layers.Activation or layer.activation in INCREASING
        return "I" if increasing else "A"
    if kind is keras.layers.Conv2D:
        settings = (
            layer.strides,
            layer.dilation_rate,
            layer.groups,
            layer.padding,
            layer.data_format,
        )
        plain = settings == ((1, 1), (1, 1), 1, "valid", "channels_last")
        return "C" if plain and layer.activation in INCREASING else "?"
    if kind is keras.layers.MaxPooling2D:
        settings = (layer.strides, layer.padding, layer.data_format)
        return "P" if settings == (layer.pool_size, "valid", "channels_last") else "?"
    return {keras.layers.Dense: "D", keras.layers.Flatten: "F", keras.layers.Reshape: "R"}.get(
        kind, "?"
    )


def _is_convolutional(model):
    return any("Conv" in type(layer).__name__ for layer in model.layers)


def _is_regularized(layer):
    """Whether a setting of the layer adds to the loss or binds the weights."""
    names = [
        f"{part}_{kind}"
        for part in ("kernel", "bias", "activity")
        for kind in ("regularizer", "constraint")
    ]
    return any(getattr(layer, name, None) for name in names)


def _copies(seeds, learning_rate):
    """[(seed, learning rate or None)] for every copy."""
    whole = isinstance(seeds, collections.abc.Sequence) and all(
        isinstance(seed, numbers.Integral) for seed in seeds
    )
    if not whole or not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds is {seeds!r}: give different whole numbers from 0 on, such as range(5) or (3, 4)."
        )
    rates = [None] if learning_rate is None else np.atleast_1d(learning_rate).tolist()
    positive = [
        isinstance(rate, numbers.Real) and not isinstance(rate, bool) and rate > 0 for rate in rates
    ]
    if learning_rate is not None and not (positive and all(positive)):
        raise ValueError(
            f"learning_rate is {learning_rate!r}: give a positive number or a sequence of them."
        )
    return [(int(seed), rate) for seed in seeds for rate in rates]


def _check_data(x, y, validation_data, epochs, batch_size):
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, numbers.Integral) or value < 1:
            raise ValueError(f"{name} is {value!r}: give a whole number from 1 on.")
    if validation_data is not None and (
        not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2
    ):
        raise ValueError("validation_data must be a pair (x, y), or None.")
    for name, (images, labels) in (("training", (x, y)), ("validation", validation_data or (x, y))):
        if images is None or labels is None or not 0 < len(images) == len(labels):
            sizes = ["none" if array is None else len(array) for array in (images, labels)]
            raise ValueError(
                f"{name} data: x and y must have the same length, at least 1, and have {sizes}."
            )
        if not np.issubdtype(np.asarray(labels).dtype, np.integer) or np.ndim(labels) != 1:
            raise ValueError(
                f"{name} data: y must hold one whole-number class an example, not one-hot rows or floats."
            )


def _check_classes(model, y, validation_data):
    """Raise ValueError for a label without an output; under XLA it would only make the loss NaN."""
    outputs = getattr(model, "output_shape", (None,))[-1] if model.built else None
    if outputs is None:
        return
    for labels in (y, *(validation_data or ())[1:]):
        low, high = np.min(labels), np.max(labels)
        if low < 0 or high >= outputs:
            raise ValueError(
                f"y holds classes {low} to {high}, and the model's {outputs} outputs start at class 0."
            )


def _orders(examples, seed):
    """The order of the examples in the first epoch, the second, and so on without end; arrays (examples,)."""
    generator = np.random.default_rng(seed)
    while True:
        yield generator.permutation(examples)


def _tensor(array, dtype):
    """A tensor with the values of `array`, copied once; tf.constant would hold two copies for a while."""
    array = np.asarray(array)
    buffer = np.empty(array.size + ALIGNMENT, dtype)
    start = -buffer.ctypes.data % ALIGNMENT // buffer.itemsize
    values = buffer[start : start + array.size].reshape(array.shape)
    values[...] = array
    return tf.experimental.dlpack.from_dlpack(values.__dlpack__())


def release_memory():
    """Give back what a training used: TensorFlow's graphs are cycles, and glibc keeps what was freed."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library has no such function
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def _steps(examples, batch_size):
    return math.ceil(examples / batch_size)


def _bar(steps):
    return tqdm.std.tqdm(total=steps, leave=False, file=sys.stdout, unit="step")


def _stopped_sentence(epochs):
    return f"Stopped by you after {epochs} whole epochs; model and history so far can be used."


def _result_line(title, epoch, values):
    """The metrics of an epoch, as ranges over the copies. Printed after a bar, it leaves the cell clean."""
    parts = []
    for metric in METRICS:
        finite = [value for value in values.get(metric, []) if math.isfinite(value)]
        if finite:
            low, high = (
                f"{value:.3f}" if value < 1000 else f"{value:.0e}"
                for value in (min(finite), max(finite))
            )
            parts.append(f"{metric} {low}" + (f" to {high}" if high != low else ""))
    return f"{title}, epoch {epoch}: {', '.join(parts)}"


def _report_diverged(table, copies):
    """Say which copies diverged, if any did."""
    numbers_of_diverged = table.loc[~np.isfinite(table.loss.astype(float)), "copy"].unique()
    diverged = [copies[number] for number in numbers_of_diverged]
    if diverged:
        named = ", ".join(
            f"seed {seed}" + (f" at {rate:g}" if rate else "") for seed, rate in diverged
        )
        print(
            f"Diverged (loss no longer a finite number): {len(diverged)} of {len(copies)} copies: {named}."
        )
