"""What a check prints whatever the exercise is; and that the package holds every exercise, in reading order."""

from helpers import exercises

import pathlib
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from exercise_tests import NOTEBOOKS, find_exercises


def majority_accuracy(labels):
    return np.bincount(labels).max() / len(labels)


def spoils_its_input(labels):
    share = majority_accuracy(labels)
    labels[:] = 0
    return share


def prints(labels):
    print(majority_accuracy(labels))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (majority_accuracy, "Right. An accuracy means something only beside this baseline"),
        (spoils_its_input, "Right."),
        (..., "Not done yet: replace the ... in this cell, then run it again."),
        (lambda labels: ..., "Not done yet: replace the ... in this cell, then run it again."),
        (lambda labels: 0.2, "Not right yet: for ten equally frequent classes it gives 0.2."),
        (lambda labels: None, "Not right yet: your function returns nothing (None)."),
        (prints, "0.1\nNot right yet: your function returns nothing (None). End it with return"),
        (
            0.1,
            "Not right yet: give the check your function itself, its name without brackets behind",
        ),
    ],
)
def test_what_a_check_prints(answer, message, capsys):
    exercises.check_majority_accuracy(answer)
    assert capsys.readouterr().out.startswith(message)


@pytest.mark.parametrize(
    "fails",
    [
        "1 / (len(labels) - len(labels))",
        "no_such_name",
        "np.linalg.inv(labels)  # stops inside NumPy",
    ],
)
def test_an_error_names_the_line_of_the_learners_cell(fails, capsys):
    names = {"np": np, "exercises": exercises}
    exec(
        f"\ndef answer(labels):\n    return {fails}\nexercises.check_majority_accuracy(answer)",
        names,
    )
    assert capsys.readouterr().out.startswith("Not right yet: your code stopped in line 3 with ")


def test_every_exercise_has_its_check_in_reading_order():
    checks = [check for notebook in NOTEBOOKS for check in find_exercises(notebook)]
    assert checks == [check for listed in exercises.CHECKS.values() for check in listed]
    assert sorted(checks) == dir(exercises)
    modules = [f"helpers.exercises.{notebook[3:]}" for notebook in NOTEBOOKS]
    assert list(dict.fromkeys(getattr(exercises, check).__module__ for check in checks)) == modules


def test_an_unknown_check_says_where_to_find_the_known_ones():
    with pytest.raises(AttributeError, match=r"no 'check_nothing': dir\(exercises\)"):
        exercises.check_nothing  # noqa: B018 (asking is the test)


def test_the_first_notebook_starts_without_tensorflow():
    cell = next(
        c for c in nbformat.read(NOTEBOOKS["00_meet_the_data"], 4).cells if c.cell_type == "code"
    )
    ask = "\nexercises.check_majority_accuracy\nimport sys\nprint('tensorflow' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", cell.source + ask], capture_output=True, text=True)
    assert run.stdout.split() == ["False"], run.stderr


def test_every_notebook_has_a_file_of_wrong_answers():
    files = {path.stem for path in pathlib.Path(__file__).parent.glob("test_*.py")}
    of_all_checks = {"test_exercises", "test_nonsense", "test_time_limit"}
    assert files == of_all_checks | {f"test_{notebook[3:]}" for notebook in NOTEBOOKS}
