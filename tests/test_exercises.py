"""Every exercise: its stub is "not done yet", its hidden solution is right, and plausible wrong answers are not."""

from helpers import exercises, models

import itertools
import pathlib
import re

import keras
import nbformat
import numpy as np
import pytest

NOTEBOOKS = sorted(pathlib.Path(__file__).parents[1].glob("notebooks/*.ipynb"))


def find_exercises():
    """(notebook, check call, stub, solution) of every exercise in every notebook."""
    found = []
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        for cell, after in zip(cells, [*cells[1:], None], strict=True):
            if cell.cell_type == "code" and "exercises.check_" in cell.source:
                (call,) = re.findall(r"^exercises\.check_.*$", cell.source, flags=re.MULTILINE)
                assert after is not None, f"{path.name}: no solution after {call}"
                assert after.source.startswith("<details>"), (
                    f"{path.name}: no solution after {call}"
                )
                (solution,) = re.findall(r"```python\n(.*?)```", after.source, flags=re.DOTALL)
                found.append(
                    pytest.param(
                        call, cell.source, solution, id=f"{path.stem}-{call[16:].split('(')[0]}"
                    )
                )
    return found


def run(source):
    exec(source, {"np": np, "keras": keras, "models": models, "exercises": exercises})


@pytest.mark.parametrize(("call", "stub", "solution"), find_exercises())
def test_stub_runs_and_is_not_done_yet(call, stub, solution, capsys):
    run(stub)
    assert capsys.readouterr().out.startswith("Not done yet")


@pytest.mark.parametrize(("call", "stub", "solution"), find_exercises())
def test_hidden_solution_is_right(call, stub, solution, capsys):
    run(solution + "\n" + call)
    assert capsys.readouterr().out.startswith("Right.")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope(x):
    return sigmoid(x) * (1 - sigmoid(x))


def softmax_rows(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def _epoch(w, gradient_of_one, order, size, rate, combine=np.mean):
    for first in range(0, len(order), size):
        w = w - rate * combine(
            [gradient_of_one(w, example) for example in order[first : first + size]], axis=0
        )
    return w


def _range_test(weights, take_step, rates, saved):
    losses = [take_step(weights, rate) for rate in rates]
    for part, old in zip(weights, saved, strict=True):
        part[...] = old
    return losses


def _range_test_into_list(weights, take_step, rates):
    saved = [part.copy() for part in weights]
    losses = [take_step(weights, rate) for rate in rates]
    weights[:] = saved
    return losses


def descend(w, gradients, epochs, rate, beta, forgets):
    """Momentum that sets its velocity to 0 "never", in "each epoch" or in "each step"."""
    v = 0.0
    for _ in range(epochs):
        v = 0.0 if forgets == "each epoch" else v
        for gradient in gradients:
            v = (0.0 if forgets == "each step" else beta * v) - rate * gradient(w)
            w = w + v
    return w


def counted_adam(gradients, counts):
    m, v, found = 0.0, 0.0, []
    for t, g in zip(counts, gradients, strict=False):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        with np.errstate(divide="ignore", invalid="ignore"):
            m_hat, v_hat = np.divide([m, v], [1 - 0.9**t, 1 - 0.999**t])
            found.append(m_hat / (np.sqrt(v_hat) + 1e-7))
    return found


def trained_for(epochs, batch_size):
    """A function that trains S0's network with Adam, as an answer to the last exercise."""

    def train(x, y):
        network = models.build_mlp((128, 64))
        network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        network.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0)
        return network

    return train


def with_softmax(x, y):
    return keras.Sequential([models.build_mlp((8,)), keras.layers.Softmax()])


WRONG_ANSWERS = {
    "check_to_symmetric": {
        "unit scale": lambda pixels: pixels / 255,
        "not moved": lambda pixels: pixels / 127.5,
        "whole numbers overflow": lambda pixels: (pixels - np.uint8(128)) / 127.5,
        "moved by one level too many": lambda pixels: (pixels - 128.0) / 127,
        "bent": lambda pixels: 2 * (pixels / 255) ** 2 - 1,
        "one number": lambda pixels: np.float64(1.0),
        "stops": lambda pixels: pixels.no_such_method(),
    },
    "check_majority_accuracy": {
        "always a tenth": lambda labels: 0.1,
        "the class, not its share": lambda labels: np.bincount(labels).argmax(),
        "the count, not the share": lambda labels: np.bincount(labels).max(),
        "first class": lambda labels: np.mean(labels == 0),
    },
    "check_honest_accuracy": {
        "the bug": lambda validation, test: np.max(validation),
        "the test set chooses": lambda validation, test: np.max(test),
        "the last epoch": lambda validation, test: test[-1],
        "validation at the best test epoch": lambda validation, test: validation[np.argmax(test)],
    },
    "check_count_parameters": {
        "no biases": lambda sizes: sum(a * b for a, b in itertools.pairwise(sizes)),
        "a bias for inputs": lambda sizes: (
            sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes)
        ),
        "layers only": lambda sizes: sum(sizes),
        "as in the table of the post": lambda sizes: 1_457_674,
    },
    "check_xor_weights": {
        "or": ([[1, 1], [1, 1]], [0, -1], [1, -1], 0),
        "no bias": ([[1, 1], [1, 1]], [0, 0], [1, -2], 0),
        "one row too few": ([1, 1], [0, -1], [1, -2], 0),
        "only constant": (np.zeros((2, 2)), [0, 0], [0, 0], 0.5),
    },
    "check_is_affine": {
        "the bug": lambda f: np.allclose(f(np.ones((1, 4)) * 2), 2 * f(np.ones((1, 4)))),
        "always": lambda f: True,
        "never": lambda f: False,
        "zero goes to zero": lambda f: np.allclose(f(np.zeros((1, 4))), 0),
    },
    "check_relu_kernel_gradient": {
        "the bug": lambda x, k, b, g: x.T @ (g * (np.maximum(x @ k + b, 0) >= 0)),
        "no slope": lambda x, k, b, g: x.T @ g,
        "value instead of slope": lambda x, k, b, g: x.T @ (g * np.maximum(x @ k + b, 0)),
        "slope from the wrong side": lambda x, k, b, g: x.T @ (g * (x @ k + b < 0)),
        "bias forgotten": lambda x, k, b, g: x.T @ (g * (x @ k > 0)),
        "gradient of the bias": lambda x, k, b, g: (g * (x @ k + b > 0)).sum(axis=0),
    },
    "check_kinks": {
        "wrong sign": lambda k, b, low, high: np.sort(
            [b for b in b[k[0] != 0] / k[0][k[0] != 0] if low < b < high]
        ),
        "all units": lambda k, b, low, high: np.sort(-b / k[0]),
        "upside down": lambda k, b, low, high: np.sort(-k[0] / b)[:3],
        "not sorted": lambda k, b, low, high: np.array([-0.5, 2.0, 0.25]),
    },
    "check_he_standard_deviation": {
        "variance": lambda shape: 2 / np.prod(shape[:-1]),
        "fan-out": lambda shape: np.sqrt(2 / shape[-1]),
        "Glorot": lambda shape: np.sqrt(2 / (np.prod(shape[:-1]) + shape[-1])),
        "one instead of two": lambda shape: np.sqrt(1 / np.prod(shape[:-1])),
        "inputs only": lambda shape: np.sqrt(2 / shape[-2]),
        "something else": lambda shape: 0.05,
    },
    "check_tanh_from_sigmoid": {
        "not steeper": lambda sigmoid, x: 2 * sigmoid(x) - 1,
        "not moved": lambda sigmoid, x: 2 * sigmoid(2 * x),
        "not higher": lambda sigmoid, x: sigmoid(2 * x) - 0.5,
        "without sigmoid": lambda sigmoid, x: np.tanh(x),
        "one number": lambda sigmoid, x: 2 * sigmoid(2 * x[0]) - 1,
    },
    "check_slope_of_tanh": {
        "the bug": lambda output: 1 - np.tanh(output) ** 2,
        "sigmoid's": lambda output: output * (1 - output),
        "not squared": lambda output: 1 - np.abs(output),
        "one number": lambda output: 1 - output[0] ** 2,
    },
    "check_in_points": {
        "the bug": lambda outputs, targets: (
            targets.min() + outputs * (targets.max() - targets.min())
        ),
        "mean and spread": lambda outputs, targets: targets.mean() + outputs * targets.std(),
        "lowest forgotten": lambda outputs, targets: (
            (outputs + 1) / 2 * (targets.max() - targets.min())
        ),
        "its own outputs": lambda outputs, targets: np.interp(
            outputs, [outputs.min(), outputs.max()], [targets.min(), targets.max()]
        ),
        "one number": lambda outputs, targets: targets.mean(),
    },
    "check_slope_from_output": {
        "of tanh": lambda outputs: 1 - outputs**2,
        "sigmoid twice": slope,
        "the output": lambda outputs: outputs,
        "wrong sign": lambda outputs: outputs * (1 + outputs),
        "one number": lambda outputs: 0.25,
    },
    "check_stable_sigmoid": {
        "as in the notebook": sigmoid,
        "both branches are computed": lambda x: np.where(
            x >= 0, sigmoid(x), np.exp(x) / (1 + np.exp(x))
        ),
        "cut off at 10": lambda x: sigmoid(np.clip(x, -10, 10)),
        "only for one number": lambda x: sigmoid(x) if x >= 0 else np.exp(x) / (1 + np.exp(x)),
        "mirrored": lambda x: 1 / (1 + np.exp(-np.abs(x))),
        "one number": lambda x: 0.5,
    },
    "check_sigmoid_kernel_gradient": {
        "the bug": lambda x, w, upstream: x.T @ (upstream * (x @ w) * (1 - x @ w)),
        "no slope": lambda x, w, upstream: x.T @ upstream,
        "output instead of slope": lambda x, w, upstream: x.T @ (upstream * sigmoid(x @ w)),
        "slope at the output": lambda x, w, upstream: x.T @ (upstream * slope(sigmoid(x @ w))),
        "gradient for the inputs": lambda x, w, upstream: (upstream * slope(x @ w)) @ w.T,
        "mean over examples": lambda x, w, upstream: x.T @ (upstream * slope(x @ w)) / len(x),
    },
    "check_learning_rate_limit": {
        "jumps to the bottom": lambda hessian: 1 / np.linalg.eigvalsh(hessian).max(),
        "smallest curvature": lambda hessian: 2 / np.linalg.eigvalsh(hessian).min(),
        "largest entry": lambda hessian: 2 / hessian.max(),
        "sum of the curvatures": lambda hessian: 2 / np.trace(hessian),
    },
    "check_in_other_units": {
        "rate not squared": lambda kernel, rate, factor: (kernel / factor, rate / factor),
        "rate kept": lambda kernel, rate, factor: (kernel / factor, rate),
        "kernel kept": lambda kernel, rate, factor: (kernel, rate / factor**2),
        "the wrong way round": lambda kernel, rate, factor: (kernel * factor, rate * factor**2),
        "one thing": lambda kernel, rate, factor: kernel / factor,
    },
    "check_standardize": {
        "the bug": lambda train, test: (
            (train - train.mean()) / train.std(),
            (test - test.mean()) / test.std(),
        ),
        "both together": lambda train, test: tuple(
            (part - np.append(train, test).mean()) / np.append(train, test).std()
            for part in (train, test)
        ),
        "test left as it is": lambda train, test: ((train - train.mean()) / train.std(), test),
        "only one": lambda train, test: (train - train.mean()) / train.std(),
        "own mean, common deviation": lambda train, test: tuple(
            (p - p.mean()) / train.std() for p in (train, test)
        ),
    },
    "check_prelu_gradients": {
        "arriving forgotten": lambda x, a, g: (np.where(x > 0, 1.0, a), np.sum(np.minimum(x, 0))),
        "no sum": lambda x, a, g: (g * np.where(x > 0, 1.0, a), g * np.minimum(x, 0)),
        "slope learns from both sides": lambda x, a, g: (
            g * np.where(x > 0, 1.0, a),
            np.sum(g * x),
        ),
        "sides swapped": lambda x, a, g: (
            g * np.where(x > 0, a, 1.0),
            np.sum(g * np.minimum(x, 0)),
        ),
        "one thing only": lambda x, a, g: g * np.where(x > 0, 1.0, a),
    },
    "check_count_dead": {
        "rows instead of columns": lambda z: np.sum(np.all(z <= 0, axis=1)),
        "below 0 only": lambda z: np.sum(np.all(z < 0, axis=0)),
        "silent once": lambda z: np.sum(np.any(z <= 0, axis=0)),
        "NaN is no death": lambda z: np.sum(np.all(z <= 0, axis=0)),
        "NaN is death": lambda z: np.sum(~np.any(z > 0, axis=0)),
    },
    "check_dead_over_batches": {
        "the bug": lambda batches: np.sum(
            np.any([np.all(z <= 0, axis=0) for z in batches], axis=0)
        ),
        "first batch": lambda batches: np.sum(np.all(batches[0] <= 0, axis=0)),
        "last batch": lambda batches: np.sum(np.all(batches[-1] <= 0, axis=0)),
        "sum over batches": lambda batches: sum(np.sum(np.all(z <= 0, axis=0)) for z in batches),
    },
    "check_stable_softmax": {
        "overflows": softmax_rows,
        "highest of the whole array": lambda z: (
            np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1, keepdims=True)
        ),
        "wrong axis": lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0),
        "hard maximum": lambda z: np.eye(3)[z.argmax(axis=1)],
        "one row": lambda z: np.exp(z[0]) / np.exp(z[0]).sum(),
    },
    "check_cross_entropy": {
        "log of a softmax that overflows": lambda z, t: np.mean(
            -np.log(np.exp(z)[range(2), t] / np.exp(z).sum(axis=1))
        ),
        "sum of powers overflows": lambda z, t: np.mean(
            np.log(np.exp(z).sum(axis=1)) - z[range(2), t]
        ),
        "sum over images": lambda z, t: np.sum(np.logaddexp.reduce(z, axis=1) - z[range(2), t]),
        "not averaged": lambda z, t: np.logaddexp.reduce(z, axis=1) - z[range(2), t],
        "sign": lambda z, t: np.mean(z[range(2), t] - np.logaddexp.reduce(z, axis=1)),
    },
    "check_mean_gradient": {
        "the bug": lambda z, t: (softmax_rows(softmax_rows(z)) - np.eye(4)[t]) / len(t),
        "sum over images": lambda z, t: softmax_rows(z) - np.eye(4)[t],
        "sign": lambda z, t: (np.eye(4)[t] - softmax_rows(z)) / len(t),
        "mean over classes, too": lambda z, t: (softmax_rows(z) - np.eye(4)[t]) / z.size,
        "averaged away": lambda z, t: np.mean(softmax_rows(z) - np.eye(4)[t], axis=0),
    },
    "check_layers_until": {
        "one too few": lambda slope, bound: np.floor(np.log(bound) / np.log(slope)),
        "not rounded": lambda slope, bound: np.log(bound) / np.log(slope),
        "rounded up, wrong where it meets the bound": lambda slope, bound: np.ceil(
            np.log(bound) / np.log(slope)
        ),
        "proportion in place of power": lambda slope, bound: np.ceil(slope / bound),
    },
    "check_one_layer_back": {
        "no slope": lambda delta, kernel, activations: delta @ kernel.T,
        "kernel not turned": lambda delta, kernel, activations: (
            (delta @ kernel) * (1 - activations**2)
        ),
        "tanh twice": lambda delta, kernel, activations: (
            (delta @ kernel.T) * (1 - np.tanh(activations) ** 2)
        ),
        "slope of sigmoid": lambda delta, kernel, activations: (
            (delta @ kernel.T) * activations * (1 - activations)
        ),
        "summed over the images": lambda delta, kernel, activations: delta.sum(axis=0) @ kernel.T,
    },
    "check_typical_sizes": {
        "the bug": lambda gradients: [np.linalg.norm(gradient) for gradient in gradients],
        "divided by the number": lambda gradients: [
            np.linalg.norm(g) / np.size(g) for g in gradients
        ],
        "the mean": lambda gradients: [np.mean(gradient) for gradient in gradients],
        "one number for all": lambda gradients: np.sqrt(np.mean(np.square(gradients[0]))),
    },
    "check_first_epoch": {
        "counted from 0": lambda curve, target: np.argmax(curve >= target),
        "never reached is epoch 1": lambda curve, target: np.argmax(curve >= target) + 1,
        "above, not at": lambda curve, target: np.argmax(curve > target) + 1,
        "the best epoch": lambda curve, target: np.argmax(curve) + 1,
    },
    "check_interval_by_hand": {
        "not divided by the root of n": lambda a, b: (
            np.mean(a - b) + np.array([-1, 1]) * 2.776 * np.std(a - b, ddof=1)
        ),
        "ddof 0": lambda a, b: (
            np.mean(a - b) + np.array([-1, 1]) * 2.776 * np.std(a - b) / np.sqrt(5)
        ),
        "1.96": lambda a, b: (
            np.mean(a - b) + np.array([-1, 1]) * 1.96 * np.std(a - b, ddof=1) / np.sqrt(5)
        ),
        "not paired": lambda a, b: (
            np.mean(a - b)
            + np.array([-1, 1]) * 2.776 * np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / 5)
        ),
        "b - a": lambda a, b: (
            np.mean(b - a) + np.array([-1, 1]) * 2.776 * np.std(a - b, ddof=1) / np.sqrt(5)
        ),
        "only the mean": lambda a, b: np.mean(a - b),
    },
    "check_fair_differences": {
        "the bug": lambda new_network, train, seeds: [
            -train(network, 0.001) + train(network, 0.003) for network in map(new_network, seeds)
        ],
        "other seeds": lambda new_network, train, seeds: [
            train(new_network(seed + 1), 0.003) - train(new_network(seed), 0.001) for seed in seeds
        ],
        "wrong sign": lambda new_network, train, seeds: [
            train(new_network(seed), 0.001) - train(new_network(seed), 0.003) for seed in seeds
        ],
        "only the mean": lambda new_network, train, seeds: 0.5,
        "one rate twice": lambda new_network, train, seeds: [
            train(new_network(seed), 0.001) - train(new_network(seed), 0.001) for seed in seeds
        ],
    },
    "check_one_epoch": {
        "the sum": lambda w, g, order, size, rate: _epoch(w, g, order, size, rate, combine=np.sum),
        "last batch forgotten": lambda w, g, order, size, rate: _epoch(w, g, order[:4], size, rate),
        "not in order": lambda w, g, order, size, rate: _epoch(w, g, sorted(order), size, rate),
        "one step": lambda w, g, order, size, rate: _epoch(w, g, order, len(order), rate),
        "single examples": lambda w, g, order, size, rate: _epoch(w, g, order, 1, rate),
        "first batch only": lambda w, g, order, size, rate: _epoch(w, g, order[:size], size, rate),
        "uphill": lambda w, g, order, size, rate: _epoch(w, g, order, size, -rate),
        "always at the first weights": lambda w, g, order, size, rate: (
            w + _epoch(0 * w, lambda _, k: g(w, k), order, 2, 0.3)
        ),
        "one number": lambda w, g, order, size, rate: _epoch(w, g, order, size, rate)[0],
    },
    "check_restoring_range_test": {
        "the bug": lambda weights, take_step, rates: _range_test(
            weights, take_step, rates, list(weights)
        ),
        "not put back": lambda weights, take_step, rates: [
            take_step(weights, rate) for rate in rates
        ],
        "put back after each step": lambda weights, take_step, rates: [
            _range_test(weights, take_step, [rate], [part.copy() for part in weights])[0]
            for rate in rates
        ],
        "put zeros back": lambda weights, take_step, rates: _range_test(
            weights, take_step, rates, [0, 0]
        ),
        "other arrays in the list": lambda weights, take_step, rates: _range_test_into_list(
            weights, take_step, rates
        ),
        "large rates first": lambda weights, take_step, rates: _range_test(
            weights, take_step, rates[::-1], [part.copy() for part in weights]
        ),
        "last loss only": lambda weights, take_step, rates: _range_test(
            weights, take_step, rates, [part.copy() for part in weights]
        )[-1],
    },
    "check_noise_scale": {
        "upside down": lambda gradients: (
            np.sum(gradients.mean(axis=0) ** 2) / gradients.var(axis=0).sum()
        ),
        "length not squared": lambda gradients: (
            gradients.var(axis=0).sum() / np.linalg.norm(gradients.mean(axis=0))
        ),
        "mean of squares": lambda gradients: (
            gradients.var(axis=0).sum() / np.mean(np.sum(gradients**2, axis=1))
        ),
        "deviation": lambda gradients: (
            gradients.std(axis=0).sum() / np.sum(gradients.mean(axis=0) ** 2)
        ),
        "all mixed": lambda gradients: gradients.var() / np.sum(gradients.mean(axis=0) ** 2),
        "one too few": lambda gradients: (
            gradients.var(axis=0, ddof=1).sum() / np.sum(gradients.mean(axis=0) ** 2)
        ),
        "variance only": lambda gradients: gradients.var(axis=0).sum(),
        "by column": lambda gradients: gradients.var(axis=0) / gradients.mean(axis=0) ** 2,
        "a guess": lambda gradients: 32.0,
    },
    "check_train_with_momentum": {
        "the bug": lambda w, g, epochs, rate, beta: descend(w, g, epochs, rate, beta, "each epoch"),
        "anew in each step": lambda w, g, epochs, rate, beta: descend(
            w, g, epochs, rate, beta, "each step"
        ),
        "one epoch only": lambda w, g, epochs, rate, beta: descend(w, g, 1, rate, beta, "never"),
        "rate applied twice": lambda w, g, epochs, rate, beta: descend(
            w, g, epochs, rate**2, beta, "never"
        ),
        "uphill": lambda w, g, epochs, rate, beta: descend(w, g, epochs, -rate, beta, "never"),
    },
    "check_momentum_limit": {
        "plain descent's": lambda hessian, beta: 2 / np.linalg.eigvalsh(hessian).max(),
        "Nesterov's": lambda hessian, beta: (
            2 * (1 + beta) / (1 + 2 * beta) / np.linalg.eigvalsh(hessian).max()
        ),
        "effective step below the limit": lambda hessian, beta: (
            2 * (1 - beta) / np.linalg.eigvalsh(hessian).max()
        ),
        "smallest curvature": lambda hessian, beta: (
            2 * (1 + beta) / np.linalg.eigvalsh(hessian).min()
        ),
        "largest entry": lambda hessian, beta: 2 * (1 + beta) / hessian.max(),
    },
    "check_keras_rate": {
        "the same": lambda rate, beta: rate,
        "the wrong way round": lambda rate, beta: rate / (1 - beta),
        "times beta": lambda rate, beta: rate * beta,
        "sign": lambda rate, beta: -rate * (1 - beta),
    },
    "check_both_settings": {
        "the bug": lambda rate: (lambda settings: {"SGD": settings, "momentum": settings})(
            {"learning_rate": rate, "momentum": 0.9}
        ),
        "a loop that keeps the bug": lambda rate: {
            name: {"learning_rate": rate, "momentum": 0.9} for name in ("SGD", "momentum")
        },
        "neither has any": lambda rate: {
            name: {"learning_rate": rate, "momentum": 0.0} for name in ("SGD", "momentum")
        },
        "the wrong one": lambda rate: {
            "SGD": {"learning_rate": rate, "momentum": 0.9},
            "momentum": {"learning_rate": rate, "momentum": 0.0},
        },
        "another rate": lambda rate: {
            "SGD": {"learning_rate": rate, "momentum": 0.0},
            "momentum": {"learning_rate": rate / 10, "momentum": 0.9},
        },
        "one dictionary": lambda rate: {"learning_rate": rate, "momentum": 0.9},
    },
    "check_choose_rate": {
        "NaN is the largest": lambda accuracy, rates: rates[accuracy.mean(axis=0).argmax()],
        "only the lucky seeds": lambda accuracy, rates: rates[
            (
                np.nansum(accuracy, axis=0) / np.maximum(np.isfinite(accuracy).sum(axis=0), 1)
            ).argmax()
        ],
        "best single run": lambda accuracy, rates: rates[
            np.nan_to_num(accuracy).max(axis=0).argmax()
        ],
        "zero instead of guessing": lambda accuracy, rates: rates[
            np.nan_to_num(accuracy).mean(axis=0).argmax()
        ],
        "without any rate that diverged": lambda accuracy, rates: rates[
            np.nan_to_num(accuracy).min(axis=0).argmax()
        ],
        "its place, not the rate": lambda accuracy, rates: (
            np.nan_to_num(accuracy, nan=0.1).mean(axis=0).argmax()
        ),
    },
    "check_warm_up_cosine": {
        "no warm-up": lambda step, steps, peak: peak * (1 + np.cos(np.pi * step / steps)) / 2,
        "cosine from the start": lambda step, steps, peak: (
            peak * min(10 * step / steps, (1 + np.cos(np.pi * step / steps)) / 2)
        ),
        "a straight line down": lambda step, steps, peak: (
            peak * min(10 * step / steps, (1 - step / steps) / 0.9)
        ),
        "a quarter of the wave": lambda step, steps, peak: (
            peak * min(10 * step / steps, np.cos(np.pi / 2 * max(step / steps - 0.1, 0) / 0.9))
        ),
        "not times the peak": lambda step, steps, peak: min(
            10 * step / steps, (1 + np.cos(np.pi * max(step / steps - 0.1, 0) / 0.9)) / 2
        ),
        "a tenth of the peak at first": lambda step, steps, peak: (
            peak
            * min(
                0.1 + 9 * step / steps, (1 + np.cos(np.pi * max(step / steps - 0.1, 0) / 0.9)) / 2
            )
        ),
    },
    "check_adam_updates": {
        "the bug": lambda gradients: counted_adam(gradients, itertools.repeat(1)),
        "counted from 0": lambda gradients: counted_adam(gradients, itertools.count(0)),
        "counted from 2": lambda gradients: counted_adam(gradients, itertools.count(2)),
        "no correction": lambda gradients: counted_adam(gradients, itertools.repeat(10**6)),
        "only the last": lambda gradients: counted_adam(gradients, itertools.count(1))[-1],
    },
    "check_adam_direction": {
        "the bug": lambda m, v, epsilon: m / np.sqrt(v) + epsilon,
        "no epsilon": lambda m, v, epsilon: m / np.sqrt(v),
        "as in RMSprop": lambda m, v, epsilon: m / np.sqrt(v + epsilon),
        "no root": lambda m, v, epsilon: m / (v + epsilon),
        "added above": lambda m, v, epsilon: (m + epsilon) / (np.sqrt(v) + epsilon),
    },
    "check_adamw_step": {
        "no decay": lambda weights, update, rate, decay: weights - rate * update,
        "without the rate": lambda weights, update, rate, decay: (
            weights - rate * update - decay * weights
        ),
        "wrong sign": lambda weights, update, rate, decay: (
            weights - rate * update + rate * decay * weights
        ),
        "change only": lambda weights, update, rate, decay: rate * update + rate * decay * weights,
        "decays the update": lambda weights, update, rate, decay: (
            weights - rate * (1 - decay) * update
        ),
        "same amount": lambda weights, update, rate, decay: weights - rate * (update + decay),
    },
    "check_precision_and_recall": {
        "swapped": lambda matrix, digit: (
            matrix[digit, digit] / matrix[digit].sum(),
            matrix[digit, digit] / max(matrix[:, digit].sum(), 1),
        ),
        "divides by 0": lambda matrix, digit: (
            np.divide(matrix[digit, digit], matrix[:, digit].sum()),
            matrix[digit, digit] / matrix[digit].sum(),
        ),
        "share of all": lambda matrix, digit: (matrix[digit, digit] / matrix.sum(),) * 2,
        "recall only": lambda matrix, digit: matrix[digit, digit] / matrix[digit].sum(),
        "without the right ones": lambda matrix, digit: tuple(
            matrix[digit, digit] / max(part.sum() - matrix[digit, digit], 1)
            for part in (matrix[:, digit], matrix[digit])
        ),
    },
    "check_most_confused": {
        "largest cell": lambda matrix: np.unravel_index(matrix.argmax(), matrix.shape),
        "one direction": lambda matrix: np.unravel_index(
            np.triu(matrix, k=1).argmax(), matrix.shape
        ),
        "larger first": lambda matrix: np.unravel_index(
            np.tril(matrix + matrix.T, k=-1).argmax(), matrix.shape
        ),
        "classes with most mistakes": lambda matrix: tuple(
            np.sort(np.argsort(matrix.sum(axis=1) - np.diag(matrix), kind="stable")[-2:])
        ),
        "one class": lambda matrix: 0,
    },
    "check_gain_of_relu": {
        "the bug": lambda accuracy: accuracy["relu", "Adam"] - accuracy["sigmoid", "SGD"],
        "one optimizer": lambda accuracy: accuracy["relu", "Adam"] - accuracy["sigmoid", "Adam"],
        "sum": lambda accuracy: sum(
            v if a == "relu" else -v for (a, _), v in accuracy.items() if a != "tanh"
        ),
        "against all others": lambda accuracy: (
            np.mean([v for (a, _), v in accuracy.items() if a == "relu"])
            - np.mean([v for (a, _), v in accuracy.items() if a != "relu"])
        ),
    },
    "check_flatten_size": {
        "the bug": lambda side, filters, padding: ((side - 2) // 2) ** 2 * filters,
        "padding only": lambda side, filters, padding: (side // 2) ** 2 * filters,
        "no pooling": lambda side, filters, padding: (
            (side if padding == "same" else side - 2) ** 2 * filters
        ),
        "one filter": lambda side, filters, padding: (
            ((side if padding == "same" else side - 2) // 2) ** 2
        ),
        "left-over column kept": lambda side, filters, padding: (
            -((-(side if padding == "same" else side - 2) // 2) ** 2) * filters
        ),
        "the post's number": lambda side, filters, padding: 5408,
    },
    "check_loss_of_probabilities": {
        "the bug": lambda p, labels: (
            -np.log(softmax_rows(p)[np.arange(len(labels)), labels]).mean()
        ),
        "not clipped": lambda p, labels: -np.log(p[np.arange(len(labels)), labels]).mean(),
        "clipped too high": lambda p, labels: (
            -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-3)).mean()
        ),
        "the sum": lambda p, labels: (
            -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-7)).sum()
        ),
        "one a row": lambda p, labels: -np.log(np.maximum(p[np.arange(len(labels)), labels], 1e-7)),
        "no logarithm": lambda p, labels: 1 - p[np.arange(len(labels)), labels].mean(),
        "the answer, not the truth": lambda p, labels: -np.log(p.max(axis=1)).mean(),
    },
    "check_pool_gradient": {
        "everyone": lambda values, upstream: upstream.repeat(2, axis=0).repeat(2, axis=1),
        "shared": lambda values, upstream: upstream.repeat(2, axis=0).repeat(2, axis=1) / 4,
        "as ReLU": lambda values, upstream: (
            upstream.repeat(2, axis=0).repeat(2, axis=1) * (values > 0)
        ),
        "largest of all": lambda values, upstream: (
            upstream.repeat(2, axis=0).repeat(2, axis=1)
            * (values >= np.sort(values, axis=None)[-upstream.size])
        ),
        "always the first": lambda values, upstream: np.kron(upstream, [[1, 0], [0, 0]]),
        "too small": lambda values, upstream: upstream,
    },
    "check_stratified_folds": {
        "blocks": lambda labels, k: np.arange(len(labels)) * k // len(labels),
        "dealt out without a look at the class": lambda labels, k: np.arange(len(labels)) % k,
        "at random": lambda labels, k: np.random.default_rng(0).integers(0, k, len(labels)),
        "sorted, then blocks": lambda labels, k: np.argsort(np.argsort(labels)) * k // len(labels),
        "counted from 1": lambda labels, k: np.argsort(np.argsort(labels, kind="stable")) % k + 1,
        "a list of indices": lambda labels, k: np.array_split(np.arange(len(labels)), k)[0],
    },
    "check_expected_misses": {
        "all claims": lambda verdicts: 0.05 * len(verdicts),
        "95 of 100": lambda verdicts: (
            0.95 * sum(verdict not in ("exact", "false") for verdict in verdicts)
        ),
        "undecided left out": lambda verdicts: (
            0.05 * sum(v in ("supported", "refuted") for v in verdicts)
        ),
        "one side only": lambda verdicts: (
            0.025 * sum(v not in ("exact", "false") for v in verdicts)
        ),
    },
    "check_beat_the_baseline": {
        "not trained": lambda x, y: models.build_mlp((128, 64)),
        "too few steps": trained_for(epochs=1, batch_size=2000),
        "too slow": trained_for(epochs=2, batch_size=12),
        "ends in softmax": with_softmax,
        "two answers": lambda x, y: models.build_mlp((8,), outputs=2),
        "the accuracy, not the network": lambda x, y: 0.9,
    },
}


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        pytest.param(check, answer, id=f"{check}-{name}")
        for check, wrong in WRONG_ANSWERS.items()
        for name, answer in wrong.items()
    ],
)
def test_wrong_answer_is_rejected_with_a_hint(check, answer, capsys):
    getattr(exercises, check)(answer)
    message = capsys.readouterr().out
    assert message.startswith("Not right yet: ")
    assert len(message) > 60


def test_every_check_has_an_exercise_and_wrong_answers():
    checks = {name for name in dir(exercises) if name.startswith("check_")}
    used = {
        parameters.values[0].split("(")[0].removeprefix("exercises.")
        for parameters in find_exercises()
    }
    assert used == checks == set(WRONG_ANSWERS)
    assert all(len(answers) >= 2 for answers in WRONG_ANSWERS.values())


def test_an_answer_cannot_spoil_what_it_is_checked_against(capsys):
    def spoils_its_input(labels):
        share = np.bincount(labels).max() / len(labels)
        labels[:] = 0
        return share

    exercises.check_majority_accuracy(spoils_its_input)
    assert capsys.readouterr().out.startswith("Right.")
