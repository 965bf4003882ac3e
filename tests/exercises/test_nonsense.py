"""Every check takes whatever a learner may give it: it says what came, and never what should have come."""

from helpers import exercises
from helpers.exercises import checking, time_limit

import contextlib
import functools
import io
import itertools
import math
import re

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from exercise_tests import NOTEBOOKS, find_exercises, imported_by, run

CHECKS = [check for checks in exercises.CHECKS.values() for check in checks]
LONGEST = 400  # characters

# Answers themselves, and what functions return. "yield" and the like stand for functions.
THINGS = {
    "a text": "0.1",
    "no text": "",
    "a complex number": 1 + 2j,
    "a huge number": 10**400,
    "an empty list": [],
    "a list of texts": ["a", "b", "c"],
    "a ragged list": [[1, 2], [3]],
    "a tuple of 7": (1, 2, 3, 4, 5, 6, 7),
    "a dictionary": {"k": 1},
    "a set": {1, 2},
    "an empty array": np.zeros(0),
    "an array of another shape": np.ones((2, 1, 7)),
    "an array of texts": np.array(["a", "b"]),
    "an array of objects": np.array([None, "a"]),
    "10^10 numbers": np.broadcast_to(0.0, (10**5, 10**5)),
    "10^9 numbers of a range": range(10**9),
    "a tensor": tf.ones((2, 1, 7)),
    "a symbolic tensor": keras.Input((3,)),
    "a table": pd.DataFrame({"loss": [1.0, 2.0]}),
    "a column": pd.Series(["a", "b"]),
    "a module": np,
    "a class": dict,
    "an object": object(),
    "a layer": keras.layers.Dense(1),
    "an unbuilt network": keras.Sequential([keras.layers.Dense(10)]),
    "another network": keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]),
}
NUMBERS = {
    "True": True,
    "a number": 1234.5,
    "a whole number": 77,
    "nan": math.nan,
    "infinity": -math.inf,
}


def prints(*_):
    print("0.1")


def yields(*_):
    yield 0.1


def endless_recursion(*arguments):
    return endless_recursion(*arguments)


def empties_its_lists(*arguments):
    for argument in arguments:
        if isinstance(argument, list | dict):
            argument.clear()
    return 1234.5


FUNCTIONS = {
    "prints": prints,
    "yields": yields,
    "takes nothing": lambda: 1234.5,
    "takes nine": lambda a, b, c, d, e, f, g, h, i: 1234.5,
    "returns a function": lambda *_: prints,
    "returns an error": lambda *_: ValueError("no"),
    "raises": lambda *_: 1 / 0,
    "raises a long text": lambda *_: [].index("long " * 1000),
    "leaves": lambda *_: exit_by_exception(),
    "calls itself without end": endless_recursion,
    "empties its lists": empties_its_lists,
    "of NumPy": np.sum,
    "a class of its own": type("Answer", (), {"__init__": lambda self, *_: None}),
}
# In tuples: one answer that is right in its length only, and one with the functions that it should hold.
TUPLES = {
    "a tuple of 2": (prints, 1.0),
    "a tuple of 3": (1, 2, 3),
    "a tuple of 4": ("Tanh beats ReLU.", 0.1, prints, prints),
    "a tuple of 4 texts": ("a", "b", "c", "d"),
}


def exit_by_exception():
    raise SystemExit(3)


def said(check, answer):
    """What a check prints of an answer."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        getattr(exercises, check)(answer)
    return printed.getvalue()


def returning(thing):
    return lambda *_: thing


def faults(message, came=""):
    """What is wrong with a message of a check that got nonsense; `came`: words that tell what it got."""
    hint = message.removeprefix("0.1\n")
    found = []
    if not hint.startswith("Not right yet: "):
        found.append("it does not say that the answer is not right")
    if "cannot use" in hint:
        found.append("no check foresees it")
    if len(hint) > LONGEST + 1:
        found.append(f"it has {len(hint)} characters")
    if came not in hint:
        found.append(f"it does not say {came!r}")
    return [f"{fault}: {message}" for fault in found]


NO_FUNCTION = {"check_xor_weights", "check_tent", "check_clipped_training", "check_own_claim"}
RESULT_UNUSED = {"check_fixed_step"}  # the network that it was given is looked at


@pytest.mark.parametrize("check", CHECKS)
def test_answer_that_is_nonsense(check):
    found = []
    for name, thing in (THINGS | NUMBERS).items():
        if not (check == "check_tent" and isinstance(thing, keras.Model)):
            came = checking.describe(thing) if name not in ("a tuple of 7", "an empty list") else ""
            found += [f"{name}: {fault}" for fault in faults(said(check, thing), came)]
    for name, answer in (TUPLES | FUNCTIONS).items():
        found += [f"{name}: {fault}" for fault in faults(said(check, answer))]
    assert found == []


@pytest.mark.parametrize("check", [check for check in CHECKS if check not in NO_FUNCTION])
def test_function_that_returns_nonsense(check):
    found = []
    for name, thing in (THINGS | NUMBERS).items():
        came = ""
        if name in THINGS and not isinstance(thing, keras.Model) and check not in RESULT_UNUSED:
            came = checking.describe(thing)
        if checking._size(thing) > checking.MOST_NUMBERS:
            came = "So many cannot be right"
        found += [f"{name}: {fault}" for fault in faults(said(check, returning(thing)), came)]
    assert found == []


# Exercises whose solution returns numbers within a second: the numbers, and what is left of them in nonsense.
WITH_NUMBERS = [
    *("check_majority_accuracy", "check_honest_accuracy", "check_sigmoid_kernel_gradient"),
    *(
        "check_to_sigmoid",
        "check_relu_kernel_gradient",
        "check_standardize",
        "check_batch_gradient",
    ),
    *("check_dead_over_batches", "check_fair_differences", "check_residual_backward"),
    *("check_restoring_range_test", "check_train_with_momentum", "check_adam_updates"),
    *("check_gain_of_optimizer", "check_choose_and_judge"),
]
SPOILED = {
    "texts": lambda numbers: numbers.astype(str),
    "objects": lambda numbers: np.full(numbers.shape, None),
    "one more axis": lambda numbers: numbers[None],
    "flat, and one more": lambda numbers: np.append(numbers, 1234.5),
    "in a list of a list": lambda numbers: [numbers.tolist()],
    "nan": lambda numbers: np.full(numbers.shape, math.nan),
    "nan at first": lambda numbers: np.where(
        np.arange(numbers.size).reshape(numbers.shape), numbers, math.nan
    ),
    "zeros": lambda numbers: 0 * numbers,
    "reversed and doubled": lambda numbers: (
        2 * numbers[..., ::-1] + 1 if numbers.ndim else 2 * numbers + 1
    ),
    "all far too large": lambda numbers: 1e9 * numbers + 1e12,
    "a tensor of them doubled": lambda numbers: tf.constant(2 * numbers + 1),
    "a column of them doubled": lambda numbers: pd.Series(np.ravel(2 * numbers + 1)),
}


@functools.cache
def solution(check):
    """The hidden solution of an exercise: what its cell gives to the check."""
    (notebook,) = [name for name in NOTEBOOKS if check in find_exercises(name)]
    stub, cell = find_exercises(notebook)[check]
    names, given = dict(imported_by(notebook)), []

    class Exercises:
        def __getattr__(self, name):
            return given.append

    names["exercises"] = Exercises()
    run(stub, names)
    run(cell, names)
    return given[-1]


def spoiled(check, spoil):
    """The solution with its result spoiled: all numbers if it returns several arrays, the last of an unequal pair."""

    def answer(*arguments):
        result = solution(check)(*arguments)
        if check == "check_choose_and_judge":
            return result[0], spoil(np.asarray(result[1]))
        return tuple(map(spoil, result)) if isinstance(result, tuple) else spoil(np.asarray(result))

    return answer


def numbers_in(message):
    return [float(word) for word in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[+-]?\d+)?", message)]


@pytest.mark.parametrize("check", WITH_NUMBERS)
def test_hint_never_holds_the_expected_numbers(check):
    expected = []

    def watched(*arguments):
        result = solution(check)(*arguments)
        expected.extend(
            np.ravel(part) for part in (result if isinstance(result, tuple) else [result])
        )
        return result

    assert said(check, watched).startswith("Right.")
    expected = np.abs(np.concatenate(expected).astype(float))
    found = []
    for name, spoil in SPOILED.items():
        message = said(check, spoiled(check, spoil))
        found += [f"{name}: {fault}" for fault in faults(message)]
        for number in map(abs, numbers_in(message)):
            if np.isclose(expected, number, rtol=2e-3).any():
                found.append(f"{name}: it holds {number}, which is expected: {message}")
    assert found == []


@pytest.mark.parametrize(
    "form", [np.asarray, list, tuple, tf.constant, pd.Series, lambda updates: np.float32(updates)]
)
def test_right_numbers_are_right_in_any_form(form):
    answer = solution("check_adam_updates")
    assert said("check_adam_updates", lambda g: form(answer(g))).startswith("Right.")


def test_an_answer_may_spoil_its_arguments_and_change_what_is_global():
    names = {"np": np, "exercises": exercises, "calls": 0}
    cell = """
def answer(batches):
    global calls
    calls = calls + 1
    dead = np.sum(np.all(np.concatenate(batches) <= 0, axis=0))
    for z in batches:
        z[:] = 1
    batches.clear()
    return dead
exercises.check_dead_over_batches(answer)
"""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run(cell, names)
    assert printed.getvalue().startswith("Right.")
    assert names["calls"] > 1


def test_more_or_less_than_one_answer():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exercises.check_majority_accuracy()
        exercises.check_own_claim("a", 1, 2, 3)
    assert printed.getvalue() == 2 * (
        "Not right yet: give the check one thing, as the last line of the cell had it at first.\n"
    )


def endless(*_):
    for _ in itertools.count():
        pass


LOOPS = {check: endless for check in CHECKS if check not in NO_FUNCTION} | {
    "check_clipped_training": (endless, 1.0),
    "check_own_claim": ("One is higher than two.", 0.1, endless, endless),
}


@pytest.mark.parametrize("check", LOOPS)
def test_every_check_ends_an_endless_loop(check, monkeypatch):
    run_within = time_limit.run
    monkeypatch.setattr(time_limit, "run", lambda f, arguments, _: run_within(f, arguments, 0.05))
    hint = said(check, LOOPS[check])
    assert hint.startswith("Not right yet: your code ran for more than 0.05 seconds in line ")
    assert hint.endswith("Does a loop never end?\n")
