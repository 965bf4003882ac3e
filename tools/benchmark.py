"""How fast training is: python tests/benchmark.py (some minutes; run by hand, on a machine that does nothing else).

Network, data and batch size of a widely read tutorial (S0): Fashion-MNIST, 784-128-64-10, ReLU, Adam, batches of 32.
Reference: its own code as published, with pixels in double precision and the defaults of fit. All are timed in turn,
REPEATS times after a warm-up; the table has medians of the seconds for one epoch of one seed, compilation left out.
"""

from helpers import data, models, training

import contextlib
import io
import statistics
import time

import keras
import tensorflow as tf

REPEATS = 3
TARGETS = {
    "fit": 3,
    "fit_seeds, 5 seeds": 8,
    "fit_seeds, 10 seeds": 10,
}  # times faster than the reference
WEIGHTS = 784 * 128 + 128 * 64 + 64 * 10


class Seconds(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.last = time.perf_counter() - self.started


def run_reference(raw):
    """The tutorial's code; returns (seconds of the second epoch, validation accuracies after it)."""
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    seconds = Seconds()
    x_train, x_test = raw.x_train.astype("uint8") / 255.0, raw.x_test.astype("uint8") / 255.0
    with contextlib.redirect_stdout(io.StringIO()):
        history = model.fit(
            x_train,
            raw.y_train,
            epochs=2,
            validation_data=(x_test, raw.y_test),
            callbacks=[seconds],
        )
    return seconds.last, history.history["val_accuracy"][-1:]


def run_fit(dataset):
    run = training.fit(
        build(0), dataset.x_train, dataset.y_train, validation_data=held_out(dataset), epochs=2
    )
    return run.history["seconds"][-1], run.history["val_accuracy"][-1:]


def build(seed, width=128):
    return models.build_mlp((width, 64), "relu", seed=seed)


def run_seeds(dataset, count, batch_size=32, build_model=build):
    options = {
        "validation_data": held_out(dataset),
        "seeds": range(count),
        "epochs": 2,
        "batch_size": batch_size,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        run = training.fit_seeds(build_model, dataset.x_train, dataset.y_train, **options)
    return run.final("seconds")[0], run.final("val_accuracy")


def held_out(dataset):
    return dataset.x_test, dataset.y_test


def matmul_rate():
    """Floating-point operations a second of a large float32 product."""
    matrix = tf.ones((2048, 2048))
    tf.matmul(matrix, matrix)
    started = time.perf_counter()
    for _ in range(20):
        product = tf.matmul(matrix, matrix)
    product.numpy()
    return 20 * 2 * 2048**3 / (time.perf_counter() - started)


def compare(dataset):
    """Time all contenders in turn; returns {name: (median seconds, validation accuracies)}."""
    raw = data.load_fashion_mnist(scale="raw", split="none")
    contenders = {"reference": lambda: run_reference(raw), "fit": lambda: run_fit(dataset)}
    for count in (1, 5, 10):
        contenders[f"fit_seeds, {count} seed{'s' * (count > 1)}"] = lambda count=count: run_seeds(
            dataset, count
        )
    seconds, accuracies, rates = {name: [] for name in contenders}, {}, []
    for repeat in range(REPEATS + 1):
        rates.append(matmul_rate())
        for name, contender in contenders.items():
            taken, accuracies[name] = contender()
            if repeat:  # the first is the warm-up
                seconds[name].append(taken)
    operations = (
        6 * WEIGHTS - 2 * 784 * 128
    )  # forward, and twice that backward; no gradient goes to the pixels
    floor = operations * len(dataset.x_train) / statistics.median(rates)
    results = {
        name: (statistics.median(values), accuracies[name]) for name, values in seconds.items()
    }
    return {**results, "floor: matrix products alone": (floor, None)}


def print_comparison(results):
    reference = results["reference"][0]
    print(
        f"\n{'':30} {'seconds':>8} {'times faster':>13} {'to reach':>9}  validation accuracy after epoch 2"
    )
    for name, (seconds, accuracies) in results.items():
        target = f"{TARGETS[name]:9d}" if name in TARGETS else " " * 9
        shown = "" if accuracies is None else f"{min(accuracies):.3f} to {max(accuracies):.3f}"
        print(f"{name:30} {seconds:8.2f} {reference / seconds:13.1f} {target}  {shown}")


def print_growth(dataset):
    print("\nHow the seconds an epoch and seed grow (fit_seeds; from 5 seeds, batch 32, width 128)")
    for label, cases in {
        "seeds": {count: {"count": count} for count in (1, 2, 5, 10, 20)},
        "batch size": {size: {"count": 5, "batch_size": size} for size in (8, 32, 128, 512)},
        "width": {
            width: {"count": 5, "build_model": lambda seed, width=width: build(seed, width)}
            for width in (32, 128, 512)
        },
    }.items():
        for value, options in cases.items():
            print(f"{label:10} {value:4d}: {run_seeds(dataset, **options)[0]:6.2f}")


if __name__ == "__main__":
    fashion = data.load_fashion_mnist(split="none")
    with contextlib.redirect_stdout(io.StringIO()):
        compared = compare(fashion)
    print_comparison(compared)
    print_growth(fashion)
