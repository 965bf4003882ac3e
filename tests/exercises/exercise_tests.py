"""The tests that the exercises of every notebook pass; one test file per notebook has the wrong answers."""

from helpers import exercises

import functools
import importlib
import itertools
import pathlib
import re

import nbformat
import numpy as np
import pytest

NOTEBOOKS = {
    path.stem: path for path in sorted(pathlib.Path(__file__).parents[2].glob("notebooks/*.ipynb"))
}


@functools.cache
def find_exercises(notebook):
    """{name of the check: (stub, hidden solution)} of every exercise in a notebook, each with the call of the check."""
    found = {}
    cells = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells
    for cell, after in itertools.pairwise(cells):
        if cell.cell_type == "code" and "exercises.check_" in cell.source:
            (call,) = re.findall(r"^exercises\.check_.*$", cell.source, flags=re.MULTILINE)
            assert after.source.startswith("<details>"), f"no solution after {call}"
            (solution,) = re.findall(r"```python\n(.*?)```", after.source, flags=re.DOTALL)
            check = call.removeprefix("exercises.").split("(")[0]
            found[check] = cell.source, f"{solution}\n{call}"
    return found


@functools.cache
def imported_by(notebook):
    """The names that the import cell of a notebook makes."""
    cells = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells
    names = {}
    exec(next(cell.source for cell in cells if cell.cell_type == "code"), names)
    return names


def run(source, names):
    exec(source, names)


class ExerciseTests:
    """The tests of one notebook's exercises.

    notebook: its name, such as "02_sigmoid".
    wrong_answers: {name of the check: {what is wrong: answer}}, in reading order, two or more for each check.
    """

    def pytest_generate_tests(self, metafunc):
        if "wrong_answer" in metafunc.fixturenames:
            cases = [
                pytest.param(check, answer, id=f"{check}-{name}")
                for check, answers in self.wrong_answers.items()
                for name, answer in answers.items()
            ]
            metafunc.parametrize(("check", "wrong_answer"), cases)
        elif "check" in metafunc.fixturenames:
            metafunc.parametrize("check", find_exercises(self.notebook))

    def test_stub_is_not_done_yet(self, check, capsys):
        stub, _ = find_exercises(self.notebook)[check]
        run(stub, dict(imported_by(self.notebook)))
        assert capsys.readouterr().out.startswith("Not done yet")

    def test_hidden_solution_is_right(self, check, capsys):
        stub, solution = find_exercises(self.notebook)[check]
        names = dict(imported_by(self.notebook))
        run(stub, names)  # the solution replaces a part of this cell
        capsys.readouterr()
        run(solution, names)
        assert capsys.readouterr().out.startswith("Right.")

    def test_wrong_answer_gets_a_hint(self, check, wrong_answer, capsys):
        getattr(exercises, check)(wrong_answer)
        message = capsys.readouterr().out
        assert message.startswith("Not right yet: ")
        assert len(message) > 60
        assert "cannot use" not in message  # that is for what no check foresees

    def test_answer_of_no_use_gets_a_hint(self, check, capsys):
        for answer in (lambda *_: None, lambda *_: np.nan, lambda *_: "text", lambda *_: []):
            getattr(exercises, check)(answer)
            assert capsys.readouterr().out.startswith("Not right yet: ")

    def test_checks_and_wrong_answers_are_in_reading_order(self):
        module = importlib.import_module(f"helpers.exercises.{self.notebook[3:]}")
        checks = [name for name in vars(module) if name.startswith("check_")]
        assert checks == list(find_exercises(self.notebook)) == list(self.wrong_answers)
        assert all(len(answers) >= 2 for answers in self.wrong_answers.values())
