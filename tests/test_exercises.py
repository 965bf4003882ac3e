"""Every exercise: its stub is "not done yet", its hidden solution is right, and plausible wrong answers are not."""

from helpers import exercises

import itertools
import pathlib
import re

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
                assert after.source.startswith("<details>"), f"{path.name}: no solution after {call}"
                (solution,) = re.findall(r"```python\n(.*?)```", after.source, flags=re.DOTALL)
                found.append(pytest.param(call, cell.source, solution, id=f"{path.stem}-{call[16:].split('(')[0]}"))
    return found


def run(source):
    exec(source, {"np": np, "exercises": exercises})


@pytest.mark.parametrize(("call", "stub", "solution"), find_exercises())
def test_stub_runs_and_is_not_done_yet(call, stub, solution, capsys):
    run(stub)
    assert capsys.readouterr().out.startswith("Not done yet")


@pytest.mark.parametrize(("call", "stub", "solution"), find_exercises())
def test_hidden_solution_is_right(call, stub, solution, capsys):
    run(solution + "\n" + call)
    assert capsys.readouterr().out.startswith("Right.")


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
        "a bias for inputs": lambda sizes: sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes),
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
        "wrong sign": lambda k, b, low, high: np.sort([b for b in b[k[0] != 0] / k[0][k[0] != 0] if low < b < high]),
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
    used = {parameters.values[0].split("(")[0].removeprefix("exercises.") for parameters in find_exercises()}
    assert used == checks == set(WRONG_ANSWERS)
    assert all(len(answers) >= 2 for answers in WRONG_ANSWERS.values())


def test_an_answer_cannot_spoil_what_it_is_checked_against(capsys):
    def spoils_its_input(labels):
        share = np.bincount(labels).max() / len(labels)
        labels[:] = 0
        return share

    exercises.check_majority_accuracy(spoils_its_input)
    assert capsys.readouterr().out.startswith("Right.")
