"""What a check prints whatever the exercise is; and that the package holds every exercise, in reading order."""

from helpers import exercises

import pathlib

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
        (0.1, "Not right yet: your code stopped with TypeError: 'float' object is not callable"),
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
    cell = f"import numpy as np\ndef answer(labels):\n    return {fails}\nanswer"
    names = {}
    exec(cell, names)
    exercises.check_majority_accuracy(names["answer"])
    assert capsys.readouterr().out.startswith("Not right yet: your code stopped in line 3 with ")


def test_every_exercise_has_its_check_in_reading_order():
    checks = [name for name in vars(exercises) if name.startswith("check_")]
    assert checks == [check for notebook in NOTEBOOKS for check in find_exercises(notebook)]


def test_every_notebook_has_a_file_of_wrong_answers():
    files = {path.stem for path in pathlib.Path(__file__).parent.glob("test_*.py")}
    assert files == {"test_exercises"} | {f"test_{notebook[3:]}" for notebook in NOTEBOOKS}
