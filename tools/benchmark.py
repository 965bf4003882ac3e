"""How fast training is: python tools/benchmark.py [--before FOLDER] (by hand, on a machine that does nothing else).

Prints the seconds of one epoch of one copy, compilation left out: medians of REPEATS, everything in turn, each in a
process of its own. --before names another checkout of the project, whose fit_seeds is timed in the same run.

S0: Fashion-MNIST, 784-128-64-10, ReLU, Adam, batches of 32, as a widely read tutorial has it. Its own code, with the
defaults of fit, is timed beside Keras' fit with two options that a lesson can afford to show.
The study: its 300 runs of that network, beside 25 runs of the tutorial's code, ten epochs each.
S1: MNIST, a convolution of 32 filters with pooling, Adam, batches of 32, on a sixth of the images.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

REPEATS = 5
FIT_SEEDS = [("S0", 1), ("S0", 5), ("S0", 10), ("S0", 20), ("S1", 5)]
CASES = [*FIT_SEEDS, ("study", 10), ("tutorial", 1), ("options", 1)]
EPOCHS, STUDY_RUNS, TUTORIAL_RUNS = 10, 300, 25
NAMES = {
    "S0": "S0, fit_seeds, copies:",
    "S1": "S1, fit_seeds, copies:",
    "study": "S0, the study, copies:",
    "tutorial": "S0, Keras as posted:",
    "options": "S0, Keras, two options:",
}


def with_fit_seeds(network, copies):
    """Seconds of the second epoch, of one copy."""
    from helpers import data, models, training

    if network == "S0":
        dataset, examples = data.load_fashion_mnist(split="none"), 60_000
        build = lambda seed: models.build_mlp((128, 64), seed=seed)  # noqa: E731
    else:
        dataset, examples = data.load_mnist(split="none"), 10_000
        build = lambda seed: models.build_cnn(seed=seed)  # noqa: E731
    options = {
        "validation_data": (dataset.x_test, dataset.y_test),
        "seeds": range(copies),
        "epochs": 2,
    }
    x, y = dataset.x_train[:examples], dataset.y_train[:examples]
    table = training.fit_seeds(build, x, y, **options).table
    return float(table[table.epoch == 2].seconds.mean())


def in_the_study(copies):
    """Seconds of an epoch of one copy as the study runs and records it, on average over an experiment:
    its first batch of copies is compiled, the others use what is."""
    sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
    from study import kinds
    from study.experiments import EXPERIMENTS

    experiment = EXPERIMENTS["S0-relu"]
    kinds.dataset(experiment.settings)  # loaded once for all batches
    seconds = []
    for start in (30_000, 30_000 + copies):
        started = time.perf_counter()
        kinds.run(experiment, range(start, start + copies), None)
        seconds.append((time.perf_counter() - started) / copies / experiment.settings["epochs"])
    first, later = seconds
    return later + (first - later) * copies / experiment.runs


def with_keras(kind):
    """Seconds of the second epoch of Keras' own fit."""
    from helpers import data

    import keras

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self.started

    dense = keras.layers.Dense
    layers = [keras.layers.Flatten(), dense(128, "relu"), dense(64, "relu"), dense(10, "softmax")]
    model, clock = keras.Sequential([keras.Input((28, 28)), *layers]), Clock()
    faster = {"steps_per_execution": 50, "jit_compile": True} if kind == "options" else {}
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **faster)
    raw = data.load_fashion_mnist("raw", split="none")
    x, x_test = raw.x_train.astype("uint8") / 255.0, raw.x_test.astype("uint8") / 255.0
    if kind == "options":
        x, x_test = x.astype("float32"), x_test.astype("float32")
    options = {"validation_batch_size": 1000} if kind == "options" else {}
    held_out = (x_test, raw.y_test)
    model.fit(x, raw.y_train, epochs=2, validation_data=held_out, callbacks=[clock], **options)
    return clock.seconds


def in_a_process(case, folder):
    """Time a case with the helpers of a checkout."""
    command = [sys.executable, __file__, "--case", *map(str, case)]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description="Time the training of many copies.")
    parser.add_argument(
        "--before", type=pathlib.Path, help="another checkout, timed in the same run"
    )
    parser.add_argument("--case", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        kind, copies = options.case
        with contextlib.redirect_stdout(io.StringIO()):
            if kind == "study":
                seconds = in_the_study(int(copies))
            else:
                fit_seeds = kind in ("S0", "S1")
                seconds = with_fit_seeds(kind, int(copies)) if fit_seeds else with_keras(kind)
        print(json.dumps(seconds))
        return
    checkouts = {"now": pathlib.Path(__file__).parents[1]}
    if options.before:
        checkouts["before"] = options.before.resolve()
    seconds = {}
    for _ in range(REPEATS):
        for case in CASES:
            folders = checkouts if case in FIT_SEEDS else {"now": checkouts["now"]}
            for name, folder in folders.items():
                seconds.setdefault((case, name), []).append(in_a_process(case, folder))
    for (case, name), values in seconds.items():
        middle = statistics.median(values)
        print(
            f"{NAMES[case[0]]:26} {case[1]:2}  {name:6} {middle:6.2f} s  ({min(values):.2f} to {max(values):.2f})"
        )
    study, tutorial = (
        statistics.median(seconds[case, "now"]) for case in (("study", 10), ("tutorial", 1))
    )
    print(
        f"{STUDY_RUNS} runs of the study take {STUDY_RUNS * EPOCHS * study / 60:.0f} minutes, "
        f"{TUTORIAL_RUNS} of the tutorial {TUTORIAL_RUNS * EPOCHS * tutorial / 60:.0f}"
    )


if __name__ == "__main__":
    main()
